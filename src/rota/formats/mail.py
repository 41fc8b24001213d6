"""Mail that other systems' options ask for, as the key ``notify`` of a job file.

    --mail-user ann@example.org --mail-type BEGIN,FAIL   ┐
    -M ann@example.org -m ba                             ┴▶ {ann@example.org: [start, fail]}

As there, nobody is told anything until both an address and a moment are named.
"""

from __future__ import annotations

from rota.core.notify import ADDRESS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rota.formats.reading import Reading

    Words = Mapping[str, tuple[str, ...]]

SLURM: Words = {
    "NONE": (), "BEGIN": ("start",), "END": ("end",), "FAIL": ("fail",),
    "ALL": ("start", "end"), "TIME_LIMIT": ("fail",),
}  # fmt: skip
"""{word of --mail-type: words of ``notify``}; "end" tells of failures, too."""
SLURM_UNTOLD = frozenset(
    {"REQUEUE", "INVALID_DEPEND", "STAGE_OUT", "ARRAY_TASKS", "TIME_LIMIT_90",
     "TIME_LIMIT_80", "TIME_LIMIT_50"}
)  # fmt: skip
"""What Slurm can tell of, and we do not."""

GRIDENGINE: Words = {"n": (), "b": ("start",), "e": ("end",), "a": ("fail",)}
GRIDENGINE_UNTOLD = frozenset({"s"})


def moments(
    words: Sequence[str], known: Words, untold: frozenset[str]
) -> tuple[list[str], list[str]]:
    """Return ([words of ``notify``], [those that mean nothing here]).

    Raises:
        ValueError: one of them is no word of that system.
    """
    for word in words:
        if word not in known and word not in untold:
            raise ValueError(f"{word!r} is none of {', '.join([*known, *sorted(untold)])}")
    told = dict.fromkeys(when for word in words for when in known.get(word, ()))
    return list(told), [word for word in words if word in untold]


def say(
    reading: Reading, *, whom: tuple[str, str, str], when: tuple[str, str, str],
    words: tuple[Sequence[str], Sequence[str]],
) -> None:  # fmt: skip
    """Put ``notify`` into *reading*, and notes of what nobody is told.

    Shapes:
        whom, when: (the option's name, its text or "", where it was said)
        words:      as ``moments`` returns them for *when*
    """
    told, untold = words
    for word in untold:
        reading.note(when[2], f"{when[0]} {word}", "nothing is told of that")
    parts = [part.strip() for part in whom[1].split(",")]
    addresses = [part for part in parts if ADDRESS.fullmatch(part)]
    for part in parts:
        if part and part not in addresses:
            reading.note(whom[2], f"{whom[0]} {part[:100]}", "is no address: no mail")
    if told and addresses:
        reading.say("notify", dict.fromkeys(addresses, told), whom[2])
    elif told and not whom[1]:
        reading.note(when[2], when[0], f"no mail is sent without an address: {whom[0]}")
    elif addresses and not when[1]:
        reading.note(whom[2], whom[0], f"no mail is sent without a moment: {when[0]}")
