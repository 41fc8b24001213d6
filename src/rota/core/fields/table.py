"""The one table of everything a job can say.

    a row ──→ what validates it, its JSON Schema, its `#ROTA` line and `rota submit` option,
              its line in docs/reference/job-file.md, its row in `--dry-run`

To add a key, add a row (and its attribute to JobSpec or Request, which a test checks).
"""

from __future__ import annotations

from typing import Dict, Tuple

from rota.core.fields import forms
from rota.core.fields.field import Field
from rota.core.fields.kinds import Choice, Duration, Flag, Size, Text, Whole

_COUNT = Whole(0, forms.CORES_MAX)

_RUN: Tuple[Field, ...] = (
    Field(
        "command", "run", forms.SHELL_TEXT,
        "Shell text to run. Give one of command, argv and script.",
        "command", "", "make -j4 && ./model --steps 100", "--command",
        akin=("cmd", "exec", "run", "commandline"),
    ),
    Field(
        "argv", "run", forms.ARGV,
        "The words of a command that is run without a shell.",
        "argv", "", ["python3", "model.py", "--case", "{task}"],
        akin=("args", "arguments", "executable"),
    ),
    Field(
        "script", "run", Text(longest=forms.SCRIPT_MAX),
        "A script: its whole text, which begins with #!, or the path of its file.",
        "script", "", "./simulate.sh",
        akin=("file", "program"),
    ),
    Field(
        "name", "run", forms.LINE,
        "What lists call the job. Placeholders are filled in.",
        "name", "first word of what runs", "fit-{task}", "--name",
        aliases=("job_name",), akin=("jobname", "title", "label"),
    ),
    Field(
        "cwd", "run", forms.PATH,
        "Where it runs: `here` (the folder submitted from), `fresh` (an empty folder of"
        " its own), or a path.",
        "cwd", "here", "/data/run7", "--cwd",
        akin=("chdir", "workdir", "directory", "folder", "initialdir"),
    ),
    Field(
        "env", "run", forms.VARIABLES,
        "Environment variables, on top of what env_policy passes on.",
        "env", "", {"OMP_NUM_THREADS": "4", "CASE": "base"}, "--env",
        akin=("environment", "variables", "export"),
    ),
    Field(
        "env_policy", "run", forms.POLICY,
        "Which variables of the submitting shell are passed on: none, all, or those of"
        " a list.",
        "env", "all", ["PATH", "LANG"], "--env-policy",
        akin=("getenv", "inherit_env"),
    ),
    Field(
        "setup", "run", forms.SHELL_TEXT,
        "Shell text that is run before the command, in the same shell.",
        "setup", "", "source ~/venv/bin/activate", "--setup",
        akin=("precmd", "prolog", "before"),
    ),
    Field(
        "shell", "run", forms.SHELL,
        "The shell that runs command and setup.",
        "shell", "/bin/sh", "/bin/bash", "--shell",
    ),
    Field(
        "stdin", "run", forms.PATH,
        "The file it reads its standard input from.",
        "stdin", "/dev/null", "input.dat", "--stdin",
        akin=("input",),
    ),
    Field(
        "output", "run", forms.PATH,
        "The file for its standard output; {job}, {task}, {attempt} and {name} are"
        " filled in. Two attempts never share a file.",
        "output", "kept by Rota, see rota log", "out/{name}.{job}.{task}.txt", "--output",
        akin=("stdout", "out", "logfile"),
    ),
    Field(
        "error", "run", forms.PATH,
        "The file for its standard error; like output.",
        "error", "kept by Rota, see rota log", "out/{job}.err", "--error",
        akin=("stderr", "err", "errors"),
    ),
)  # fmt: skip

_NEEDS: Tuple[Field, ...] = (
    Field(
        "cores", "needs", forms.CORES,
        "CPU cores of each task.",
        "request.cores", "1", 4, "--cores",
        akin=("cpus", "ncpus", "ntasks", "procs", "slots", "cpus_per_task"),
    ),
    Field(
        "memory", "needs", Size(),
        "Memory of each task. It is reserved, and more is not given.",
        "request.memory", "none reserved", "10GB", "--memory",
        akin=("mem", "ram", "h_vmem", "mem_per_node"),
    ),
    Field(
        "memory_per_core", "needs", Size(),
        "Memory for each core; instead of memory.",
        "request.memory", "", "2GB", "--memory-per-core",
        akin=("mem_per_cpu", "pmem"),
    ),
    Field(
        "gpus", "needs", Whole(0, 1000),
        "Whole GPUs of each task.",
        "request.gpus", "0", 1, "--gpus",
        akin=("gpu", "ngpus"),
    ),
    Field(
        "resources", "needs", forms.AMOUNTS,
        "Amounts of other things that nodes declare.",
        "request.resources", "", {"scratch_gb": 20}, "--resource",
        akin=("resource", "gres", "tres"),
    ),
    Field(
        "licences", "needs", forms.AMOUNTS,
        "Counted licences, taken when it starts and given back when it ends.",
        "request.licences", "", {"abaqus": 12}, "--licence",
        aliases=("licenses",), akin=("tokens", "license"),
    ),
    Field(
        "time", "needs", Duration(none=True),
        "The longest it may run; it is stopped when it has.",
        "request.time_ms", "none", "2h", "--time",
        akin=("walltime", "time_limit", "timeout", "runtime", "limit", "h_rt", "cputime"),
    ),
)  # fmt: skip

_WHERE: Tuple[Field, ...] = (
    Field(
        "queue", "where", forms.WORD,
        "The queue it waits in.",
        "queue", "default", "long", "--queue",
        akin=("partition", "qos", "class"),
    ),
    Field(
        "mode", "where",
        Choice(
            "bycore", "bycore1", "bynode", "byhost", "bygroup",
            by_core="bycore", by_core1="bycore1", by_node="bynode", by_host="byhost",
            by_group="bygroup",
        ),
        "How cores are chosen: bycore (anywhere), bycore1 (on one node), bynode (n whole"
        " idle nodes), byhost (on the node host), bygroup (all nodes of group).",
        "request.mode", "bycore1", "bynode", "--mode",
        akin=("placement", "distribution"),
    ),
    Field(
        "n", "where", forms.CORES,
        "With bynode how many nodes; with the other modes the same as cores.",
        "request.n", "1", 5, "--n",
        aliases=("N",), akin=("nodes", "nnodes", "count"),
    ),
    Field(
        "cores_per_node", "where", forms.CORES,
        "With bynode: so many cores on each node, which others may share; without it"
        " whole idle nodes are taken.",
        "request.cores_per_node", "whole nodes", 8, "--cores-per-node",
        akin=("ppn", "tasks_per_node", "ntasks_per_node"),
    ),
    Field(
        "threads", "where", Whole(1, 10_000),
        "Cores of each MPI rank: every node gives a multiple of it.",
        "request.threads", "1", 4, "--threads",
        akin=("ranks", "cores_per_rank"),
    ),
    Field(
        "group", "where", forms.LABELS,
        "Only nodes that have at least one of these labels.",
        "request.group", "any", ["gen4", "gen5"], "--group",
        akin=("groups", "constraint"),
    ),
    Field(
        "not_group", "where", forms.LABELS,
        "Only nodes that have none of these labels.",
        "request.not_group", "none", "slow", "--not-group",
        aliases=("notgroup",), akin=("exclude", "banned"),
    ),
    Field(
        "require", "where", forms.REQUIRE,
        "Only nodes of whose labels this is true: & is and, | is or, ! is not. All of"
        " a list must be true.",
        "request.require", "none", "gpu & (gen4 | gen5) & !slow", "--require",
        akin=("requires", "requirements", "labels", "features"),
    ),
    Field(
        "host", "where", forms.WORD,
        "Only this node; the mode is then byhost.",
        "request.host", "any", "astro01", "--host",
        akin=("node", "nodelist", "hostname"),
    ),
    Field(
        "min_cores", "where", _COUNT,
        "Only nodes that have at least so many cores.",
        "request.min_cores", "0", 12, "--min-cores",
    ),
    Field(
        "min_memory", "where", Size(),
        "Only nodes that have at least so much memory; it is not reserved.",
        "request.min_memory", "0 B", "32GB", "--min-memory",
        aliases=("min_mem",),
    ),
    Field(
        "exclusive", "where", Flag(),
        "Whether nothing else may run on its node meanwhile.",
        "request.exclusive", "false", True, "--exclusive",
        akin=("whole_node", "alone"),
    ),
)  # fmt: skip

_WHEN: Tuple[Field, ...] = (
    Field(
        "priority", "when", forms.PRIORITY,
        "Larger is sooner: −1000 to 1000, or low (−500), med (0), high (500).",
        "priority", "0", "high", "--priority",
        akin=("prio", "nice", "urgency"),
    ),
    Field(
        "begin", "when", forms.BEGIN,
        "Not before this time. A time without a zone is the submitting machine's.",
        "begin_at", "at once", "2026-05-01T18:00+02:00", "--begin",
        akin=("start", "start_at", "not_before", "begin_at"),
    ),
    Field(
        "after", "when", forms.AFTER,
        "Waits for other jobs: ok:12 (ended well), notok:12 (ended otherwise), any:12"
        " (ended), start:12 (began). A number alone means ok.",
        "after", "", ["ok:12", "any:13"], "--after",
        akin=("dependency", "depend", "depends", "depends_on", "hold_jid", "needs"),
    ),
    Field(
        "on_impossible", "when", Choice("hold", "fail"),
        "What becomes of it when a job it waits for did not end as asked: it is held, for"
        " you to decide, or it fails, too.",
        "on_impossible", "hold", "fail", "--on-impossible",
        akin=("on_dependency_failure", "kill_on_invalid_dep"),
    ),
    Field(
        "held", "when", Flag(),
        "Whether it waits for `rota release`.",
        "held", "false", True, "--held",
        aliases=("hold",),
    ),
)  # fmt: skip

_MANY: Tuple[Field, ...] = (
    Field(
        "array", "many", forms.ARRAY,
        "One task for each index, {task} in the command; %20 runs at most 20 at a time."
        " With items, lines or vectors, %20 alone is enough.",
        "array", "", "0-999%20", "--array",
        akin=("tasks", "parameters", "indexes", "parametric"),
    ),
    Field(
        "items", "many", forms.ITEMS,
        "One task for each of these, {item} in the command.",
        "array", "", ["a.dat", "b.dat"], "--items",
        akin=("values", "foreach", "list"),
    ),
    Field(
        "lines", "many", forms.PATH,
        "One task for each line of this file, {item} in the command; empty lines do not"
        " count.",
        "array", "", "cases.txt", "--lines",
        akin=("from_file", "csv"),
    ),
    Field(
        "vectors", "many", forms.VECTORS,
        "Named values, one task for each position; {name} in the command. A list, or"
        " start, step, factor, count: v[0] = start, v[i] = v[i−1] × factor + step.",
        "array", "",
        {"size": {"start": 1, "step": 0, "factor": 2, "count": 3}, "case": ["a", "b", "c"]},
        "--vector",
        akin=("vector", "sweep", "params", "matrix"),
    ),
    Field(
        "max_fails", "many", forms.FAILS,
        "What waits of an array is cancelled when so many of its tasks have failed.",
        "max_fails", "none", 10, "--max-fails",
        akin=("max_failures", "fail_limit"),
    ),
)  # fmt: skip

_FAILURE: Tuple[Field, ...] = (
    Field(
        "retries", "failure", forms.RETRIES,
        "How often a failed task is tried again: a number, or one for each cause, with"
        " any for the rest.",
        "retries", "0", {"oom": 1, "any": 2}, "--retries",
        akin=("retry", "max_retries", "attempts", "tries"),
    ),
    Field(
        "retry_delay", "failure", Duration(zero=True),
        "The wait before the first retry; it doubles each time, up to 64-fold.",
        "retry_delay_ms", "0s", "30s", "--retry-delay",
        akin=("backoff", "delay"),
    ),
    Field(
        "restartable", "failure", Flag(),
        "Whether it may run again by itself when its node was lost while it ran.",
        "restartable", "true", False, "--restartable",
        akin=("requeue", "rerunnable", "restart"),
    ),
    Field(
        "success_codes", "failure", forms.CODES,
        "The exit codes that count as done.",
        "success_codes", "0", [0, 3], "--success-codes",
        akin=("ok_codes", "exit_codes", "success"),
    ),
    Field(
        "grace", "failure", Duration(zero=True),
        "The time between TERM and KILL when it is stopped.",
        "grace_ms", "10s", "1m", "--grace",
        akin=("kill_delay", "grace_period"),
    ),
    Field(
        "warn", "failure", Duration(none=True),
        "So long before its time limit it is sent warn_signal.",
        "warn_ms", "none", "5m", "--warn",
        akin=("warning",),
    ),
    Field(
        "warn_signal", "failure", forms.SIGNAL,
        "The signal that warns it of its time limit.",
        "warn_signal", "TERM", "USR1", "--warn-signal",
        akin=("signal",),
    ),
)  # fmt: skip

_PEOPLE: Tuple[Field, ...] = (
    Field(
        "account", "people", forms.WORD,
        "Whom its usage is charged to.",
        "account", "the user", "project7", "--account",
        akin=("project", "charge"),
    ),
    Field(
        "tags", "people", forms.WORDS,
        "Words to find it by.",
        "tags", "", ["paper", "fig3"], "--tag",
        aliases=("tag",),
    ),
    Field(
        "info", "people", Text(longest=10_000),
        "A note for people; nothing reads it.",
        "info", "", "third try, finer grid", "--info",
        akin=("comment", "note", "description"),
    ),
    Field(
        "key", "people", forms.LINE,
        "A second submit with the same key finds the first job instead of making another.",
        "key", "", "nightly-2026-05-01", "--key",
        akin=("idempotency_key", "unique"),
    ),
    Field(
        "progress", "people", Text(longest=1000, never=Text.LINE, shape="a pattern"),
        "A regular expression that finds progress in its output: one group is a"
        " percentage, two are done and total.",
        "progress", "i / n and NN%", r"step (\d+) of (\d+)", "--progress",
    ),
)  # fmt: skip

FIELDS: Dict[str, Field] = {
    row.name: row for rows in (_RUN, _NEEDS, _WHERE, _WHEN, _MANY, _FAILURE, _PEOPLE)
    for row in rows
}  # fmt: skip
"""Every key, in the order people read them."""
