"""``rota completion``: a script that teaches a shell the verbs and their options.

    eval "$(rota completion bash)"        in ~/.bashrc;  zsh and fish alike

The script is made from the verbs' own parsers, so it knows what they know.  Numbers of
jobs are asked for only when TAB is pressed where one can stand.
"""

from __future__ import annotations

from rota.faces.main import VERBS
from rota.faces.terminal import out, show_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SHELLS = ("bash", "zsh", "fish")
JOB_VERBS = frozenset(
    (
        "wait",
        "ls",
        "show",
        "log",
        "why",
        "history",
        "kill",
        "hold",
        "release",
        "rerun",
        "edit",
    )
)
_IDS = (
    "rota ls --mine --jsonl --limit 50 2>/dev/null | sed -n "
    "'s/.*\"id\":\\([0-9]*\\).*/\\1/p'"
)

_BASH = """\
_rota() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} verb=${{COMP_WORDS[1]}} words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '{verbs}' -- "$cur")); return
  fi
  case "$verb" in
{cases}
  esac
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
    *) case " {job_verbs} " in
         *" $verb "*) COMPREPLY=($(compgen -W "last all $({ids})" -- "$cur")) ;;
         *) COMPREPLY=($(compgen -f -- "$cur")) ;;
       esac ;;
  esac
}}
complete -o filenames -F _rota rota
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``completion`` takes."""
    parser.add_argument("shell", choices=SHELLS, help="which shell to write for")


def run(args: Namespace) -> int:
    """Print the script."""
    made = {"bash": bash, "zsh": zsh, "fish": fish}[args.shell]()
    if args.json:
        show_json("completion", {"shell": args.shell, "script": made})
    else:
        out(made.rstrip("\n"))
    return 0


def bash() -> str:
    """Return the script for bash."""
    cases = "\n".join(f"    {verb}) words='{' '.join(_flags(verb))}' ;;" for verb in VERBS)
    return _BASH.format(
        verbs=" ".join(VERBS), cases=cases, job_verbs=" ".join(sorted(JOB_VERBS)), ids=_IDS
    )


def zsh() -> str:
    """Return the script for zsh, which can run bash's."""
    return "autoload -U +X bashcompinit && bashcompinit\n" + bash()


def fish() -> str:
    """Return the script for fish."""
    lines = ["complete -c rota -f -n __fish_use_subcommand -a '" + " ".join(VERBS) + "'"]
    for verb in VERBS:
        seen = f"'__fish_seen_subcommand_from {verb}'"
        for flag in _flags(verb):
            kind = f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}"
            lines.append(f"complete -c rota -n {seen} {kind}")
        if verb in JOB_VERBS:
            lines.append(f'complete -c rota -f -n {seen} -a "last all ({_IDS})"')
    return "\n".join(lines) + "\n"


def _flags(verb: str) -> list[str]:
    from importlib import import_module

    from rota.faces.options import parser_of

    parser = parser_of(verb, import_module("rota.faces." + VERBS[verb][0]))
    return [flag for action in parser._actions for flag in action.option_strings]
