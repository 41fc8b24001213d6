"""All that tools are known to call: every option, code and field, by its exit code alone.

What each means is tested beside its module; here none of them may be refused, and what is
refused must be so with the exit code that tools look at.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.faces.slurm.conftest import Slurm

Submit = Callable[..., str]

SBATCH = """\
-J x|--job-name=x|--job-n x|-o a.out|-e a.err|-p default|-A root|-t 5|-n 1|-N 1|-c 1
--ntasks-per-node=1|--mem 100|--mem-per-cpu=50M|-D /tmp|--export=NONE|--export=A,B=1
--export=ALL,A=1|-a 0-1|-a 1|-a 1,3,7|-a 1-9:2|-a 0-9%2|-d afterok:{job}|-d afterok:999999
-d afterok:{job}:{other},afterany:{job}|-d afterok:{job},{other}|-d singleton|--comment=hi
-d after:{job}|-d afternotok:{job}|--signal=B:USR1@30|--signal USR2
--open-mode=append|--exclusive|--qos=normal|--requeue|--no-requeue|-i /dev/null|-b now+1hour
-w node1|-x node9|-Q|--get-user-env|--get-user-env=10|--mail-type=ALL|--mail-user=a@x.org
--nice|--nice=5|-M rota|--ntasks-per-core=1|--threads-per-core=1|--hint=nomultithread
--mem-per-gpu=1G|--cpus-per-gpu=1|--tmp=1G|-s|--oversubscribe|--test-only|--no-kill|-k
--kill-on-invalid-dep=yes|--profile=none|--time-min=1|--deadline=now+2days|--spread-job
--core-spec=1|-t 0:300|-t 1-2|-t 1-2:3|-t 1-2:3:4|-t 0-0:5:0|-t UNLIMITED|-t 0|--mem 1G
--mem=500MB|--mem 5kb|--gres=none|--parsable"""
SQUEUE = """\
-h|-j {job},{other}|--jobs={job}|--job {job}|-u root|--me|-t PD,r|--states=all|-n x|-r|-l|-s
--name=wrap|-p default|--start|-S i|-w node1|--json|-a|--only-job-state|-j {array}_3"""
CODES = "iAFKjutTMlLDCmbrRNBPSeVZkaqQpUEohcdfgnvxzHIJXYysw"
NAMES = """\
JobID JobArrayID StateCompact State Reason Name UserName NumNodes NumCPUs TimeUsed TimeLimit
Partition WorkDir NodeList ReasonList STDOUT exit_code ArrayJobID ArrayTaskID SubmitTime
StartTime EndTime Account QOS tres-per-node"""
SACCT = """\
-X|-n|-P|-p|-S now-2days|-S now-1hour -E now|-S 2026-11-20|-S 2026-11-20T10:00 -E now
-S 10:00|-S 1120|--name=wrap|-u root|-a|--helpformat|-e|-M all|-s F,CA|-D
--partition default|-j 999999|-P --delimiter=;|-j {job}.batch|-j {array}_3
-j {job} -j {other}"""
SCONTROL = """\
show job {job}|-o show job {job}|show job -o|show jobid {job}|-d show job {job}|ping
show job {array}_3|show hostnames n[1-3,7]|show hostlist n1,n2,n3|show config
show partition|show partition default|show node|show nodes node1|--version|show reservation
update jobid={other} name=y|update jobid={other} timelimit=10
hold {other}|release {other}"""
SINFO = (
    "-N|-a|-s|-R|-p default|-n node1|-t idle|-O NodeList,StateLong,CPUsState,Memory,Gres"
)
SCANCEL = """\
-v {job}|-s USR1 {job}|-b -s USR1 {job}|-f -s USR1 {job}|--signal=CONT {job}|{array}_3
{array}_[4-5]|{job}.0|9999999|-n nosuch|-u root -t PENDING -n nosuch
-Q {job}|{job} {other}"""


def calls(table: str, **jobs: str) -> list[list[str]]:
    """Return the words of each call of *table*."""
    lines = table.format(**jobs).replace("\n", "|").split("|")
    return [line.split(" ") for line in lines]


def test_none_is_refused(slurm: Slurm, submitted: Submit) -> None:
    """Nothing on standard error, either, but where Slurm says something there."""
    job = submitted("-H", "--wrap", "true")
    other = submitted("-H", "--wrap", "true")
    array = submitted("-H", "-a", "3-7%2", "--wrap", "true")
    jobs = {"job": job, "other": other, "array": array}
    asked = [["sbatch", "-H", *words, "--wrap", "true"] for words in calls(SBATCH, **jobs)]
    asked += [["squeue", *words] for words in calls(SQUEUE, **jobs)]
    asked += [["squeue", "-t", "all", "-o", f"%{c}|%10{c}|%.10{c}"] for c in CODES]
    asked += [["squeue", "-t", "all", "-O", f"{name}:30"] for name in NAMES.split()]
    asked += [["sacct", *words] for words in calls(SACCT, **jobs)]
    every = slurm("sacct", "-e").out.split()
    asked += [["sacct", "-P", "-o", f"{name},{name}%5,{name}%-9"] for name in every]
    asked += [["scontrol", *words] for words in calls(SCONTROL, **jobs)]
    asked += [["sinfo", *words] for words in calls(SINFO)]
    asked += [["sinfo", "-h", "-N", "-o", f"%{c}|%10{c}"] for c in "PalDtTNncCmeGfpEzOR"]
    asked += [["sacctmgr", "-n", "-s", "list", "user", "root", "format=account%256"]]
    for entity in ("cluster", "qos", "user", "account"):
        asked += [["sacctmgr", "-n", "-P", "show", entity, "format=name"]]
    asked += [["sshare", "-U", "--format", "Account%256", "--noheader"]]
    asked += [["sstat", "-a", "-n", "-P", "-o", "JobID,MaxRSS,AveCPU", "-j", job]]
    asked += [["scancel", *words] for words in calls(SCANCEL, **jobs)]

    told = [(words, said) for words in asked if (said := slurm(*words)).code]
    slurm("scancel", "--me")
    assert len(every) == 109 and not told


def test_what_is_refused_has_its_code(slurm: Slurm, submitted: Submit) -> None:
    """1 for what there is not, 255 for what is no option of sbatch's."""
    refused = {
        1: ("squeue -j 9999999", "sacct -o nosuch", "scontrol show job 9999999",
            "scancel xyz", "sbatch --wrap true script", "sbatch -a 5-1 --wrap true"),
        255: ("sbatch --nosuch --wrap true", "sbatch -t xx --wrap true",
              "sbatch --tim 5 --wrap true", "srun --nosuch true"),
    }  # fmt: skip
    for code, lines in refused.items():
        for line in lines:
            said = slurm(*line.split())
            assert (said.code, said.out) == (code, "") and said.err, line
