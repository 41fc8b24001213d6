"""The options of sbatch, srun and salloc, and where else they may come from.

option of the command line  >  SBATCH_… variable  >  #SBATCH line
"""

from __future__ import annotations

from rota.core.getopt import MAYBE, NONE, VALUE, Table

_COMMON = {
    "account": ("A", VALUE), "begin": ("b", VALUE), "chdir": ("D", VALUE),
    "clusters": ("M", VALUE), "comment": ("", VALUE), "constraint": ("C", VALUE),
    "core-spec": ("S", VALUE), "cpus-per-gpu": ("", VALUE), "cpus-per-task": ("c", VALUE),
    "deadline": ("", VALUE), "dependency": ("d", VALUE), "error": ("e", VALUE),
    "exclude": ("x", VALUE), "exclusive": ("", MAYBE), "extra": ("", VALUE),
    "gpus": ("G", VALUE), "gpus-per-node": ("", VALUE), "gpus-per-task": ("", VALUE),
    "gres": ("", VALUE), "help": ("h", NONE), "hint": ("", VALUE), "hold": ("H", NONE),
    "immediate": ("I", MAYBE), "input": ("i", VALUE), "job-name": ("J", VALUE),
    "licenses": ("L", VALUE), "mail-type": ("", VALUE), "mail-user": ("", VALUE),
    "mem": ("", VALUE), "mem-per-cpu": ("", VALUE), "mem-per-gpu": ("", VALUE),
    "mincpus": ("", VALUE), "nice": ("", MAYBE), "no-kill": ("k", MAYBE),
    "nodelist": ("w", VALUE), "nodes": ("N", VALUE), "ntasks": ("n", VALUE),
    "ntasks-per-core": ("", VALUE), "ntasks-per-gpu": ("", VALUE),
    "ntasks-per-node": ("", VALUE), "ntasks-per-socket": ("", VALUE),
    "open-mode": ("", VALUE), "output": ("o", VALUE), "oversubscribe": ("s", NONE),
    "partition": ("p", VALUE), "power": ("", VALUE), "priority": ("", VALUE),
    "profile": ("", VALUE), "qos": ("q", VALUE), "quiet": ("Q", NONE),
    "reservation": ("", VALUE), "signal": ("", VALUE), "spread-job": ("", NONE),
    "threads-per-core": ("", VALUE), "time": ("t", VALUE), "time-min": ("", VALUE),
    "tmp": ("", VALUE), "use-min-nodes": ("", NONE), "usage": ("", NONE),
    "verbose": ("v", NONE), "version": ("V", NONE), "wait-all-nodes": ("", VALUE),
    "wckey": ("", VALUE), "export": ("", VALUE), "cpu-freq": ("", VALUE),
    "distribution": ("m", VALUE), "sockets-per-node": ("", VALUE),
    "cores-per-socket": ("", VALUE), "switches": ("", VALUE), "gid": ("", VALUE),
    "uid": ("", VALUE), "contiguous": ("", NONE), "delay-boot": ("", VALUE),
}  # fmt: skip

SBATCH = Table(
    {
        **_COMMON,
        "array": ("a", VALUE), "batch": ("", VALUE), "export-file": ("", VALUE),
        "get-user-env": ("", MAYBE), "ignore-pbs": ("", NONE),
        "kill-on-invalid-dep": ("", VALUE), "no-requeue": ("", NONE),
        "parsable": ("", NONE), "propagate": ("", MAYBE), "requeue": ("", NONE),
        "test-only": ("", NONE), "wait": ("W", NONE), "wrap": ("", VALUE),
    }
)  # fmt: skip

SRUN = Table(
    {
        **_COMMON,
        "cpu-bind": ("", VALUE), "exact": ("", NONE), "interactive": ("", NONE),
        "jobid": ("", VALUE), "kill-on-bad-exit": ("K", MAYBE), "label": ("l", NONE),
        "mem-bind": ("", VALUE), "mpi": ("", VALUE), "multi-prog": ("", NONE),
        "overlap": ("", NONE), "preserve-env": ("E", NONE), "pty": ("", MAYBE),
        "overcommit": ("O", NONE), "relative": ("r", VALUE), "task-epilog": ("", VALUE),
        "task-prolog": ("", VALUE), "unbuffered": ("u", NONE), "wait": ("W", VALUE),
        "whole": ("", NONE), "disable-status": ("X", NONE), "x11": ("", MAYBE),
        "het-group": ("", VALUE), "bcast": ("", MAYBE), "test-only": ("", NONE),
    }
)  # fmt: skip

SALLOC = Table(
    {
        **_COMMON,
        "bell": ("", NONE), "get-user-env": ("", MAYBE), "no-bell": ("", NONE),
        "kill-command": ("K", MAYBE), "no-shell": ("", NONE), "wait": ("W", VALUE),
    }
)  # fmt: skip

WITHOUT_EFFECT = {
    "qos": "shown, but nothing depends on it",
    "get-user-env": "the environment is passed on anyway",
    "time-min": "the time limit is not lowered", "deadline": "nothing ends it then",
    "profile": "nothing is profiled", "hint": "cores are bound as the node says",
    "ntasks-per-core": "a core has one task", "ntasks-per-socket": "sockets do not count",
    "threads-per-core": "cores count, not threads", "tmp": "TMPDIR is not measured",
    "oversubscribe": "cores are never shared", "spread-job": "placement is as always",
    "core-spec": "no cores are set aside", "no-kill": "a lost node ends its jobs",
    "clusters": "there is one queue", "wckey": "it is not accounted for",
    "power": "it is no setting here", "priority": "use --nice",
    "cpu-freq": "frequencies are the node's", "distribution": "one node comes first",
    "use-min-nodes": "it is so anyway", "extra": "nothing reads it",
    "ntasks-per-gpu": "give --ntasks", "mem-per-gpu": "give --mem",
    "cpus-per-gpu": "give --cpus-per-task", "switches": "there are none",
    "sockets-per-node": "sockets do not count", "cores-per-socket": "sockets do not count",
    "contiguous": "placement is as always", "delay-boot": "nodes are not booted",
    "batch": "the first node runs the script", "propagate": "limits are the node's",
    "immediate": "it waits", "wait-all-nodes": "all are there when it starts",
    "ignore-pbs": "no #PBS lines are read", "verbose": "", "quiet": "",
}  # fmt: skip
"""Options that are taken and change nothing, and what holds instead."""

VARIABLES = {
    "SBATCH_ACCOUNT": "account", "SBATCH_ARRAY_INX": "array", "SBATCH_CLUSTERS": "clusters",
    "SBATCH_CONSTRAINT": "constraint", "SBATCH_EXCLUSIVE": "exclusive",
    "SBATCH_EXPORT": "export", "SBATCH_GPUS": "gpus", "SBATCH_GRES": "gres",
    "SBATCH_GPUS_PER_NODE": "gpus-per-node", "SBATCH_GPUS_PER_TASK": "gpus-per-task",
    "SBATCH_HINT": "hint", "SBATCH_JOB_NAME": "job-name",
    "SBATCH_MEM_PER_CPU": "mem-per-cpu", "SBATCH_MEM_PER_NODE": "mem",
    "SBATCH_NO_REQUEUE": "no-requeue", "SBATCH_OPEN_MODE": "open-mode",
    "SBATCH_PARTITION": "partition", "SBATCH_QOS": "qos", "SBATCH_REQUEUE": "requeue",
    "SBATCH_RESERVATION": "reservation", "SBATCH_SIGNAL": "signal",
    "SBATCH_TIMELIMIT": "time", "SBATCH_WAIT": "wait",
}  # fmt: skip
"""{variable: option}."""
