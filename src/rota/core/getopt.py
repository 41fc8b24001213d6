"""Command lines as getopt_long reads them: what users of other systems' commands type.

    -n 2  -n2  --ntasks 2  --ntasks=2  --ntas 2        all the same
    -Hn2                                               flags joined, the last with a value
    --                                                 the rest are no options

The errors are the C library's own sentences, for people and programs know those.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NONE, VALUE, MAYBE = "none", "value", "maybe"
"""What an option takes: nothing; a value; a value only when joined to it."""


class BadOption(ValueError):
    """A word of the command line is no option, or one without its value.

    Shapes:
        index: which word, from 0
    """

    index = 0


class Table:
    """The options of one command.

    Shapes:
        rows: {long name: (its letter or "", what it takes)}
        letters: {letter: long name}, of options that have only a letter as well
    """

    def __init__(self, rows: Mapping[str, tuple[str, str]]) -> None:
        self.rows = rows
        self.letters = {row[0]: name for name, row in rows.items() if row[0]}


def parse(
    words: Sequence[str], table: Table, *, stops: bool = False
) -> tuple[list[tuple[str, str | None]], list[str]]:
    """Return ([(long name, value or None), …], what is no option).

    Args:
        stops: the first word that is no option ends the options (a program and its own).

    Raises:
        BadOption: with the C library's sentence.
    """
    given: list[tuple[str, str | None]] = []
    rest: list[str] = []
    for _, name, value in scan(words, table, stops=stops):
        if name:
            given.append((name, value))
        else:
            rest.append(value or "")
    return given, rest


def scan(
    words: Sequence[str], table: Table, *, stops: bool = False
) -> Iterator[tuple[int, str, str | None]]:
    """Yield (index of its word, long name, value or None); what is no option has name "".

    Raises:
        BadOption: as ``parse``; its ``index`` is that of the word.
    """
    left = list(reversed(words))
    is_over = False
    while left:
        index = len(words) - len(left)
        word = left.pop()
        if is_over:
            yield index, "", word
        elif word == "--":
            is_over = True
        elif word.startswith("-") and word != "-":
            try:
                found = (
                    [_long(word[2:], left, table)]
                    if word.startswith("--")
                    else _letters(word[1:], left, table)
                )
            except BadOption as error:
                error.index = index
                raise
            for name, value in found:
                yield index, name, value
        else:
            is_over = stops
            yield index, "", word


def _long(word: str, left: list[str], table: Table) -> tuple[str, str | None]:
    typed, equals, value = word.partition("=")
    name = _whole(typed, table)
    takes = table.rows[name][1]
    if equals:
        if takes == NONE:
            raise BadOption(f"option '--{name}' doesn't allow an argument")
        return name, value
    if takes != VALUE:
        return name, None
    if not left:
        raise BadOption(f"option '--{name}' requires an argument")
    return name, left.pop()


def _whole(typed: str, table: Table) -> str:
    if typed in table.rows:
        return typed
    near = [name for name in table.rows if name.startswith(typed)] if typed else []
    if len(near) == 1:
        return near[0]
    if near:
        told = " ".join(f"'--{name}'" for name in near)
        raise BadOption(f"option '--{typed}' is ambiguous; possibilities: {told}")
    raise BadOption(f"unrecognized option '--{typed}'")


def _letters(word: str, left: list[str], table: Table) -> list[tuple[str, str | None]]:
    given: list[tuple[str, str | None]] = []
    while word:
        letter, word = word[0], word[1:]
        name = table.letters.get(letter)
        if name is None:
            raise BadOption(f"invalid option -- '{letter}'")
        takes = table.rows[name][1]
        if takes == NONE or (takes == MAYBE and not word):
            given.append((name, None))
            continue
        if not word and not left:
            raise BadOption(f"option requires an argument -- '{letter}'")
        given.append((name, word or left.pop()))
        word = ""
    return given
