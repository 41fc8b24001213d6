"""Everything Rota refuses, cannot do, or got wrong.

    RotaError
    ├── Refused          we understood, and the answer is no         exit 2
    │   ├── Malformed    the request itself makes no sense           400
    │   ├── NotAllowed   this user may not do that                   403
    │   ├── Missing      no such job, node, queue …                  404
    │   ├── TooMany      too much at a time; ask again later         429
    │   └── Conflict     not in its present state                    409
    │       └── IllegalMove
    ├── Unreachable      nobody answers there                        exit 125   503
    ├── Full             no space left to promise anything new       exit 125   507
    └── Broken           a promise of ours is broken: a bug          exit 125   500

The edges translate by this tree and by nothing else: ``status`` is the HTTP status,
``exit_code`` the process's.  Every class can be turned into the error body of the API
(``to_dict``) and back (``from_dict``), so a refusal reads the same on every face.
"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Sequence


class Complaint(NamedTuple):
    """One thing wrong with a request: where, what, and what would be right."""

    field: str
    problem: str
    remedy: str = ""
    where: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        field = f"{self.field}: " if self.field else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{place}{field}{self.problem}{remedy}"


class RotaError(Exception):
    """What all of ours have in common: a sentence, and how it leaves the program."""

    kind = "error"
    status = 500
    exit_code = 125

    def __init__(self, sentence: str, complaints: Sequence[Complaint] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.complaints: List[Complaint] = list(complaints)

    def to_dict(self) -> Dict[str, Any]:
        """Return the error body of the API: {kind, error, complaints: [{field, …}]}."""
        return {
            "kind": self.kind,
            "error": self.sentence,
            "complaints": [complaint._asdict() for complaint in self.complaints],
        }


class Refused(RotaError):
    """We understood, and the answer is no."""

    kind = "refused"
    status = 400
    exit_code = 2


class Malformed(Refused):
    """The request makes no sense; ``complaints`` lists all that is wrong with it."""

    kind = "malformed"

    def __init__(self, sentence: str = "", complaints: Sequence[Complaint] = ()) -> None:
        super().__init__(sentence or "\n".join(str(c) for c in complaints), complaints)


class NotAllowed(Refused):
    """This user may not do that."""

    kind = "not_allowed"
    status = 403


class Missing(Refused):
    """There is no such job, node, queue …"""

    kind = "missing"
    status = 404


class TooMany(Refused):
    """One user asks for more at a time than the server gives to one."""

    kind = "too_many"
    status = 429

    def __init__(
        self, sentence: str, complaints: Sequence[Complaint] = (), *, after_s: int = 1
    ) -> None:
        super().__init__(sentence, complaints)
        self.after_s = after_s


class Conflict(Refused):
    """It cannot be done in the present state."""

    kind = "conflict"
    status = 409


class IllegalMove(Conflict):
    """A task was asked to make a move that its state does not have."""

    kind = "illegal_move"

    def __init__(self, task: str, state: str, move: str, possible: Sequence[str]) -> None:
        moves = " or ".join(possible)
        way_out = f"you can {moves} it" if moves else "nothing is left to change"
        super().__init__(f"cannot {move} job {task}: it is {state}; {way_out}")


class Unreachable(RotaError):
    """Nobody answers there; ask again later or start it."""

    kind = "unreachable"
    status = 503


class Full(RotaError):
    """There is no space left to promise anything new; reads and kills still work."""

    kind = "full"
    status = 507


class Broken(RotaError):
    """A promise of ours is broken: a bug, or a damaged disk."""

    kind = "broken"
    status = 500


def from_dict(body: Dict[str, Any], status: int) -> RotaError:
    """Return the error that *body*, an error body of the API, was made from."""
    # Only those that named themselves: other floors may refine ours without a new kind.
    named = [c for c in _tree(RotaError) if "kind" in vars(c) and c is not IllegalMove]
    kinds = {c.kind: c for c in named}
    by_status: Dict[int, Any] = {c.status: c for c in reversed(named)}
    cls = kinds.get(str(body.get("kind")), by_status.get(status, RotaError))
    rows = body.get("complaints") or []
    complaints = [
        Complaint(**{k: str(row.get(k, "")) for k in Complaint._fields}) for row in rows
    ]
    return cls(str(body.get("error", f"HTTP status {status}")), complaints)  # type: ignore[no-any-return]


def did_you_mean(word: str, known: Sequence[str]) -> Optional[str]:
    """Return the one of *known* nearest to *word*, or None when none is near."""
    import difflib

    folded = {name.replace("-", "_").lower(): name for name in known}
    near = difflib.get_close_matches(word.replace("-", "_").lower(), list(folded), 1, 0.6)
    return folded[near[0]] if near else None


def _tree(cls: Any) -> List[Any]:
    found = [cls]
    for sub in cls.__subclasses__():
        found.extend(_tree(sub))
    return found
