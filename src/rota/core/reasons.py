"""Why a job waits, was refused, or ended: a name and a sentence each.

    Reason(code, text, evidence)      code is one row of REASONS, frozen as JSON
                                      text is that row's sentence, filled in
                                      evidence is what was measured, as a flat dict

``why``, the web page, the API and other systems' commands print the same one.  To add a
reason, add a row; docs/reference/reasons.md is made from the table.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, NamedTuple


class Meaning(NamedTuple):
    """One row of the table: when the reason is given, and the sentence it speaks."""

    kind: str
    sentence: str


WAITS, ENDED, NODE = "waits", "ended", "node"

REASONS: Dict[str, Meaning] = {
    # Why a task waits.
    "resources": Meaning(WAITS, "waits for {what}"),
    "priority": Meaning(WAITS, "waits behind {ahead}"),
    "dependency": Meaning(WAITS, "waits for {what}"),
    "begin": Meaning(WAITS, "not before {when}"),
    "deadline": Meaning(WAITS, "cannot be over by its deadline any more: {what}"),
    "every": Meaning(WAITS, "a template: makes a job every {every}"),
    "held": Meaning(WAITS, "held by {who}"),
    "throttle": Meaning(WAITS, "its array runs at most {limit} at a time"),
    "retry_delay": Meaning(WAITS, "tried again {when} after: {cause}"),
    "no_node": Meaning(WAITS, "no node is connected"),
    "nodes_away": Meaning(WAITS, "the nodes that could run it are {what}"),
    "trouble": Meaning(
        WAITS, "held after {count} infrastructure failures, the last: {cause}"
    ),
    "poison": Meaning(WAITS, "held: it ran on {count} nodes when they were lost: {nodes}"),
    "limit": Meaning(WAITS, "waits because of the limit {limit}"),
    "licence": Meaning(WAITS, "waits for {what}"),
    "reservation": Meaning(WAITS, "{what}"),
    "suspended": Meaning(WAITS, "suspended by {who}"),
    "resuming": Meaning(WAITS, "told by {who} to go on"),
    "pool_starting": Meaning(WAITS, "pool {pool} is starting {count}"),
    "pool_backoff": Meaning(WAITS, "pool {pool} backs off: {what}"),
    "impossible_now": Meaning(WAITS, "no node known today could run it: {what}"),
    # Why an attempt or a task ended.
    "ok": Meaning(ENDED, "ended with exit code {code}"),
    "exit_code": Meaning(ENDED, "ended with exit code {code}"),
    "requeue": Meaning(ENDED, "asked with exit code {code} to be run again"),
    "signal": Meaning(ENDED, "killed by signal {signal}"),
    "oom": Meaning(ENDED, "out of memory: used {used} of {limit}"),
    "time_limit": Meaning(ENDED, "ran longer than its limit of {limit}"),
    "stalled": Meaning(ENDED, "told no progress for {length}, its limit is {limit}"),
    "output_limit": Meaning(ENDED, "its output takes {size}, its limit is {limit}"),
    "disk_limit": Meaning(ENDED, "its files take {size}, its disk is {limit}"),
    "pattern": Meaning(ENDED, "failed although it exited with 0: {what}"),
    "killed": Meaning(ENDED, "killed by {who}"),
    "requeued": Meaning(ENDED, "stopped by {who} to be run again"),
    "not_found": Meaning(ENDED, "command not found: {what}"),
    "not_executable": Meaning(ENDED, "not executable: {what}"),
    "cwd": Meaning(ENDED, "cannot work in {path}: {error}"),
    "output": Meaning(ENDED, "cannot write its output {path}: {error}"),
    "disk": Meaning(ENDED, "no space left on the node: {what}"),
    "stage_in": Meaning(ENDED, "its inputs could not be brought in: {error}"),
    "stage_out": Meaning(ENDED, "its outputs could not be stored: {error}"),
    "expect": Meaning(ENDED, "an expected output is missing or empty: {what}"),
    "licence_denied": Meaning(
        ENDED, "{what} denied it a licence: {how}, try {count} of {most}"
    ),
    "spawn": Meaning(ENDED, "could not be started: {error}"),
    "lost": Meaning(ENDED, "lost with its node: {evidence}"),
    "lease": Meaning(ENDED, "stopped by its node: no word from the server for {length}"),
    "preempted": Meaning(ENDED, "stopped to make room for job {job}"),
    "returned": Meaning(ENDED, "given back by the node before it started"),
    "dependency_failed": Meaning(ENDED, "a job it depends on did not end as asked: {what}"),
    "max_fails": Meaning(ENDED, "its array had {count} failures, the limit is {limit}"),
    "shutdown": Meaning(ENDED, "killed when its server was stopped with --kill-jobs"),
    # Why a node takes no work.
    "drained": Meaning(NODE, "drained by {who}: {why}"),
    "flapping": Meaning(NODE, "its agent left {count} times within {length}"),
    "unhealthy": Meaning(NODE, "its own check failed: {what}"),
    "unreachable": Meaning(NODE, "no word from it since {when}"),
}


class Reason(NamedTuple):
    """Why: a code for programs, a sentence for people, and what was measured."""

    code: str
    text: str
    evidence: Mapping[str, Any] = {}

    def to_dict(self) -> Dict[str, Any]:
        """Return the shape the API shows: {code, text[, evidence]}."""
        shown: Dict[str, Any] = {"code": self.code, "text": self.text}
        if self.evidence:
            shown["evidence"] = dict(self.evidence)
        return shown


def reason(code: str, /, **facts: Any) -> Reason:
    """Return the Reason named *code*, its sentence filled in with *facts*.

    Raises:
        KeyError: there is no such reason, or its sentence needs a fact not given.
    """
    return Reason(code, REASONS[code].sentence.format(**facts), facts)


def reason_from(shown: Mapping[str, Any]) -> Reason:
    """Return the Reason that ``to_dict`` made *shown* from."""
    return Reason(str(shown["code"]), str(shown["text"]), dict(shown.get("evidence") or {}))
