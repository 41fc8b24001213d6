"""Jobs in containers: which programs are here that run them, and the words to say to each.

    container: ubuntu:24.04   ─▶  apptainer exec … docker://ubuntu:24.04 COMMAND
                              ─▶  podman run … ubuntu:24.04 COMMAND

Both have no daemon: what runs in the container is below the shepherd as any job is, so
limits, samples, signals and the end of it are the same.  Docker's containers belong to its
daemon, out of reach of all of these; podman takes the same images.

The job sees its working folder, its TMPDIR and what Rota lends it under their own names,
the network of the node, and of the environment what is not about the node's own programs.
"""

from __future__ import annotations

import os
from typing import Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence

RUNTIMES = ("apptainer", "singularity", "podman")
"""In the order they are chosen."""

LABEL = "container"
"""What a node offers that has one; and ``container:NAME`` for each."""

_INITS = (
    "/usr/libexec/podman/catatonit", "/usr/lib/podman/catatonit", "/usr/bin/catatonit",
)  # fmt: skip

OF_THE_NODE = frozenset(
    ("PATH", "HOME", "SHELL", "USER", "LOGNAME", "PWD", "OLDPWD", "LD_LIBRARY_PATH",
     "LD_PRELOAD", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")
)  # fmt: skip
"""Variables that speak of programs and people of the node, not of those in an image."""


class Inside(NamedTuple):
    """What is to run where.

    Shapes:
        program: the whole path of the runtime;  args: further words for it
        binds:   folders that have the same name inside;  cwd: one of them
        init:    what passes signals on to the program
        keep:    whether the user inside is to be the one outside, who is not root
    """

    program: str
    image: str
    args: Sequence[str]
    binds: Sequence[str]
    cwd: str
    gpus: Sequence[int]
    terminal: bool
    keep: bool
    init: Optional[str] = None


def found(path: str) -> Dict[str, str]:
    """Return {runtime: its path} of those that are in the folders of *path*."""
    here: Dict[str, str] = {}
    for name in RUNTIMES:
        for folder in path.split(os.pathsep):
            candidate = os.path.join(folder, name)
            if folder and os.access(candidate, os.X_OK) and os.path.isfile(candidate):
                here[name] = candidate
                break
    return here


def labels(path: str) -> List[str]:
    """Return the labels that a node offers for what is in the folders of *path*."""
    names = list(found(path))
    return ([LABEL] if names else []) + [f"{LABEL}:{name}" for name in names]


def is_file(image: str) -> bool:
    """Say whether *image* is a file or folder of the node, and in no registry."""
    return image.startswith(("/", "./", "../")) or image.endswith(".sif")


def runtime_for(image: str, path: str) -> Optional[str]:
    """Return the path of what is to run *image*; None: there is nothing for it here."""
    here = found(path)
    names = [name for name in RUNTIMES if name != "podman" or not is_file(image)]
    return next((here[name] for name in names if name in here), None)


def init_here() -> Optional[str]:
    """Return the path of the small process that podman puts before a program, if any."""
    return next((path for path in _INITS if os.access(path, os.X_OK)), None)


def wrapped(argv: Sequence[str], env: Iterable[str], inside: Inside) -> List[str]:
    """Return the words that run *argv* as *inside* says.

    Variables go by name alone: their values are in no list of processes (G31).
    """
    if os.path.basename(inside.program) == "podman":
        return _podman(argv, env, inside)
    return _apptainer(argv, inside)


def environment(env: Mapping[str, str], program: str) -> Dict[str, str]:
    """Return *env* as the runtime itself gets it: apptainer hands on all it has."""
    if os.path.basename(program) == "podman":
        return dict(env)
    kept = {name: env[name] for name in ("PATH", "HOME", "USER") if name in env}
    return {**{k: v for k, v in env.items() if k not in OF_THE_NODE}, **kept}


def _podman(argv: Sequence[str], env: Iterable[str], inside: Inside) -> List[str]:
    # Not its own cgroup, which would be outside ours.  Process 1 hears no TERM unless it
    # asks to: another one in its place passes it on.
    words = [inside.program, "run", "--rm", "--interactive", "--network=host"]
    words += ["--cgroups=disabled", "--log-driver=none"]
    if inside.init is not None:
        words += ["--init", f"--init-path={inside.init}"]
    if inside.terminal:
        words.append("--tty")
    if inside.keep:
        words.append("--userns=keep-id")
    words += [f"--volume={path}:{path}" for path in inside.binds]
    words += [f"--workdir={inside.cwd}"]
    words += [f"--env={name}" for name in sorted(set(env) - OF_THE_NODE)]
    words += [f"--device=nvidia.com/gpu={number}" for number in inside.gpus]
    image = inside.image
    if image.startswith("docker://"):
        image = image[len("docker://") :]
    return [*words, *inside.args, image, *argv]


def _apptainer(argv: Sequence[str], inside: Inside) -> List[str]:
    words = [inside.program, "exec", "--no-home"]
    words += [f"--bind={path}" for path in inside.binds]
    words += [f"--pwd={inside.cwd}"]
    if inside.gpus:
        words.append("--nv")
    image = inside.image
    if not is_file(image) and "://" not in image:
        image = f"docker://{image}"
    return [*words, *inside.args, image, *argv]


def outermost(paths: Iterable[str]) -> List[str]:
    """Return those of *paths* that lie in none of the others, in order."""
    kept: List[str] = []
    for path in sorted(set(paths), key=len):
        if not any(path == other or path.startswith(other + "/") for other in kept):
            kept.append(path)
    return kept
