"""What a row of the table of keys is made of."""

from __future__ import annotations

from typing import Any, NamedTuple, Tuple

from rota.core.fields.kinds import Kind


class Field(NamedTuple):
    """One key of a job.

    Shapes:
        says:    what it means, for docs and help; one or two sentences
        attr:    the attribute of JobSpec it ends in ("request.cores" of its Request)
        default: what holds when it is not given, in words
        example: a value as a document has it
        option:  its spelling at ``rota submit`` and in #ROTA lines; "" where it has none
        aliases: other names that are accepted
        akin:    what other systems call it: for "did you mean", not accepted
    """

    name: str
    group: str
    kind: Kind
    says: str
    attr: str
    default: str
    example: Any
    option: str = ""
    aliases: Tuple[str, ...] = ()
    akin: Tuple[str, ...] = ()
