"""The command ``rota``: looks up the verb, imports that verb's module alone, runs it.

    rota submit --cores 2 -- make ──→ VERBS["submit"] ──→ rota.faces.submit
                                                           .options(parser)   what it takes
                                                           .run(args)         → exit code

Exit codes: 0 · 2 refused or wrong usage · 124 time ran out · 125 Rota's own failure or no
server · 126, 127 not executable, not found · 128 + N signal; docs/reference/exit-codes.md.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED, PIPE_GONE = 130, 141

VERBS: dict[str, tuple[str, str]] = {
    # verb: (module, what it does: completes "this will …")
    "up": ("up", "start the server with an agent on this machine"),
    "down": ("down", "stop them; running jobs live on unless --kill-jobs"),
    "serve": ("serve", "run the server alone, in the foreground"),
    "agent": ("serve", "run one agent, in the foreground"),
    "migrate-store": ("serve", "move the queue to another database; jobs run on"),
    "invite": ("token", "print the line that makes another machine a node"),
    "join": ("join", "make this machine a node of a server elsewhere"),
    "submit": ("submit", "hand in jobs and return at once"),
    "run": ("run", "hand in a job, show its output, exit as it does"),
    "shell": ("shell", "open a shell where jobs run, with what it needs"),
    "attach": ("attach", "have a job's terminal on this one again"),
    "spread": ("spread", "inside a job: start a command on all its nodes"),
    "wait": ("wait", "wait until jobs are over, exit as they did"),
    "ls": ("ls", "list jobs"),
    "show": ("show", "show all that is known of a job or task"),
    "log": ("log", "print what a job wrote, as it writes it with -f"),
    "fetch": ("fetch", "bring outputs of jobs here, also while they run"),
    "clean": ("clean", "let stored files of jobs go that are over for long"),
    "put": ("put", "lay files into the folder of a job that runs"),
    "send": ("send", "send text to a job that runs, on its standard input"),
    "grep": ("grep", "find lines in what jobs wrote"),
    "why": ("why", "say why a job waits, or how it ended"),
    "errors": ("errors", "group what failed by kind, with a first sample of each"),
    "history": ("history", "list everything that happened to a job"),
    "top": ("top", "show the queue live; keys kill, hold and rerun"),
    "stat": ("stat", "show how busy the machines and their users are"),
    "kill": ("act", "end jobs: TERM, and KILL after the grace"),
    "hold": ("act", "keep waiting jobs from starting"),
    "release": ("act", "let held jobs start"),
    "suspend": ("act", "let running jobs stand still; they keep what they hold"),
    "resume": ("act", "let suspended jobs go on"),
    "signal": ("act", "send running jobs a signal"),
    "rerun": ("act", "try ended jobs again, as a further attempt"),
    "edit": ("edit", "change waiting jobs"),
    "nodes": ("nodes", "list nodes and what runs on them"),
    "drain": ("drain", "let nodes take no new work"),
    "undrain": ("drain", "let drained nodes take work again"),
    "token": ("token", "make, list and revoke tokens for use from elsewhere"),
    "pool": ("pool", "have agents started in batch systems, as many as help"),
    "simulate": ("simulate", "replay a trace, or this queue's own, under other policies"),
    "queue": ("queue", "list queues, their rules and how many tasks they hold"),
    "user": ("people", "list users: shares, usage, fair-share factor, limits"),
    "account": ("people", "list accounts: shares, usage, fair-share factor, limits"),
    "licence": ("queue", "list licences, how many are free and who holds the rest"),
    "reservation": ("reservation", "keep nodes for a course, a deadline or a repair"),
    "config": ("config", "show what is in force, check a file, have it read again"),
    "spool": ("spool.verb", "run what is dropped into QM's four folders"),
    "convert": ("convert", "translate a job of another system, and say what was lost"),
    "shims": ("shims", "write other systems' commands: sbatch, squeue …"),
    "bench": ("bench", "measure how fast a queue on this machine is"),
    "backup": ("backup", "copy the queue and its history to a file, while it serves"),
    "doctor": ("doctor", "check this installation, and say what to do"),
    "completion": ("completion", "print a completion script for your shell"),
    "version": ("version", "print the version of Rota and of the server"),
}

GROUPS: dict[str, tuple[str, ...]] = {
    "start and stop": ("up", "down", "serve", "agent", "migrate-store"),
    "hand in": ("submit", "run", "shell", "attach", "spread", "wait"),
    "look": ("ls", "show", "log", "grep", "why", "errors", "history", "stat", "top"),
    "files": ("fetch", "put", "send", "clean"),
    "change": (
        "kill",
        "hold",
        "release",
        "suspend",
        "resume",
        "signal",
        "rerun",
        "edit",
    ),
    "machines": ("nodes", "drain", "undrain", "invite", "join", "token", "pool"),
    "ask what if": ("simulate",),
    "policy": ("queue", "user", "account", "licence", "reservation", "config"),
    "other systems": ("spool", "convert", "shims"),
    "more": ("doctor", "bench", "backup", "completion", "version"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line *argv*, the process's own when None; return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        code = dispatch(words)
        sys.stdout.flush()
        if argv is None:
            # All is said: taking the interpreter apart would cost a tenth of a submit.
            os._exit(code)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Who read our output has seen enough.  Python must not try to flush the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return PIPE_GONE
    except Exception as error:
        from rota.faces.complain import complain

        failed = complain(error, words)
        if failed is None:
            raise
        return failed
    return code


def dispatch(words: list[str]) -> int:
    """Run the verb that *words* begin with, after options that stand before it."""
    before = leading(words)
    if not words or words[0] in ("-h", "--help", "help"):
        return overview(words)
    verb = words.pop(0)
    if verb in ("-V", "--version"):
        verb = "version"
    if verb not in VERBS:
        raise unknown(verb)
    if verb == "submit":
        from rota.faces.submit import quick

        code = quick([*before, *words])
        if code is not None:
            return code
    from importlib import import_module

    module = import_module("rota.faces." + VERBS[verb][0])
    scan = getattr(module, "scan", None)
    args = scan([*before, *words]) if scan else None
    if args is None:
        from rota.faces.options import parse

        args = parse(verb, module, [*before, *words])
    return int(module.run(args))


def leading(words: list[str]) -> list[str]:
    """Take the options that all verbs have off the front of *words*; return them."""
    taken: list[str] = []
    while words:
        name, equals, _ = words[0].partition("=")
        if name == "--json":
            taken.append(words.pop(0))
        elif name in ("--home", "--server"):
            count = 1 if equals else 2
            taken.extend(words[:count])
            del words[:count]
        else:
            break
    return taken


def overview(words: list[str]) -> int:
    """Print the help of the verb that *words* ask for, or the list of all verbs."""
    if len(words) > 1 and words[1] in VERBS:
        return dispatch([words[1], "--help"])
    lines = ["rota VERB …    one queue for every machine you can reach", ""]
    for title, verbs in GROUPS.items():
        lines.append(title)
        lines.extend(f"  {verb:<13} {VERBS[verb][1]}" for verb in verbs)
        lines.append("")
    lines.append("rota VERB --help says more.  Try: rota up --detach; rota run -- date")
    print("\n".join(lines))
    return 0


def unknown(verb: str) -> Exception:
    """Return the error for a verb that does not exist, with the nearest that does."""
    from rota.core.errors import Malformed, did_you_mean
    from rota.faces.terminal import clean

    near = did_you_mean(verb, list(VERBS))
    cure = f"did you mean `rota {near}`?" if near else "`rota help` lists the verbs"
    return Malformed(f"there is no verb `{clean(verb)}`; {cure}")
