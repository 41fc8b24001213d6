"""Job keys that say which nodes and which cores of them."""

from __future__ import annotations

from typing import Tuple

from rota.core.fields import forms
from rota.core.fields.field import Field
from rota.core.fields.kinds import Choice, Flag, Size, Whole

_COUNT = Whole(0, forms.CORES_MAX)

ROWS: Tuple[Field, ...] = (
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
        "pool", "where", forms.WORD,
        "Only nodes of this pool.",
        "request.pool", "any", "big", "--pool",
        akin=("cluster", "pilot"),
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
    Field(
        "reservation", "where", forms.WORD,
        "Run inside the reservation of this name; it needs a time limit that ends in it.",
        "request.reservation", "none", "course", "--reservation",
        akin=("advance_reservation", "resv", "ar"),
    ),
)  # fmt: skip
