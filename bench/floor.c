/* The floor: what N processes cost when nothing is queued, recorded or told.
 *
 *     floor N K [DIR]      runs N times /bin/true, K at a time, and waits for each
 *                          with DIR: stdout and stderr of each go to two files of its own
 *
 * Prints one line of JSON: {"jobs", "slots", "wall_s", "cpu_s"}; cpu_s is that of this
 * loop and of all it started.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static char *const command[] = {"/bin/true", NULL};
static char *const environment[] = {"PATH=/usr/bin:/bin", NULL};

static double seconds(struct timeval t) { return t.tv_sec + t.tv_usec / 1e6; }

static double cpu(int who) {
    struct rusage used;
    getrusage(who, &used);
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void spawn(int job, const char *folder) {
    posix_spawn_file_actions_t files;
    pid_t pid;
    char out[4096], err[4096];
    int failed;

    posix_spawn_file_actions_init(&files);
    if (folder) {
        const int flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND;
        snprintf(out, sizeof out, "%s/%d.out", folder, job);
        snprintf(err, sizeof err, "%s/%d.err", folder, job);
        posix_spawn_file_actions_addopen(&files, 1, out, flags, 0600);
        posix_spawn_file_actions_addopen(&files, 2, err, flags, 0600);
    }
    failed = posix_spawn(&pid, command[0], &files, NULL, command, environment);
    posix_spawn_file_actions_destroy(&files);
    if (failed) {
        fprintf(stderr, "floor: cannot start job %d (error %d)\n", job, failed);
        exit(1);
    }
}

static void reap(void) {
    int status;
    if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status)) {
        fprintf(stderr, "floor: a job failed\n");
        exit(1);
    }
}

int main(int argc, char **argv) {
    if (argc < 3 || atoi(argv[1]) < 1 || atoi(argv[2]) < 1) {
        fprintf(stderr, "usage: floor N K [DIR]\n");
        return 2;
    }
    const int jobs = atoi(argv[1]), slots = atoi(argv[2]);
    const double began = now();
    for (int job = 0; job < jobs; job++) {
        if (job >= slots)
            reap();
        spawn(job, argc > 3 ? argv[3] : NULL);
    }
    for (int left = jobs < slots ? jobs : slots; left > 0; left--)
        reap();
    printf("{\"jobs\": %d, \"slots\": %d, \"wall_s\": %.4f, \"cpu_s\": %.4f}\n", jobs,
           slots, now() - began, cpu(RUSAGE_SELF) + cpu(RUSAGE_CHILDREN));
    return 0;
}
