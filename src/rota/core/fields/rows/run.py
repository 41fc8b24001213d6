"""Job keys that say what to run and where its output goes."""

from __future__ import annotations

from typing import Tuple

from rota.core.fields import forms
from rota.core.fields.field import Field
from rota.core.fields.kinds import Choice, Text

ROWS: Tuple[Field, ...] = (
    Field(
        "command", "run", forms.SHELL_TEXT,
        "Shell text to run. Give one of command, argv and script.",
        "command", "", "make -j4 && ./model --steps 100", "--command",
        akin=("cmd", "exec", "run", "commandline"),
    ),
    Field(
        "argv", "run", forms.ARGV,
        "The words of a command that is run without a shell.",
        "argv", "", ["python3", "model.py", "--case", "{task}"],
        akin=("arguments", "executable"),
    ),
    Field(
        "script", "run", Text(longest=forms.SCRIPT_MAX),
        "A script: its whole text, which begins with #!, or the path of its file.",
        "script", "", "./simulate.sh",
        akin=("file", "program"),
    ),
    Field(
        "args", "run", forms.ARGV,
        "The words that the script is called with.",
        "args", "", ["--case", "7"],
        akin=("script_args", "parameters_of_script"),
    ),
    Field(
        "name", "run", forms.LINE,
        "What lists call the job. Placeholders are filled in.",
        "name", "first word of what runs", "fit-{task}", "--name",
        aliases=("job_name",), akin=("jobname", "title", "label"),
    ),
    Field(
        "cwd", "run", forms.PATH,
        "Where it runs: `here` (the folder submitted from), `fresh` (an empty folder of"
        " its own), or a path.",
        "cwd", "here", "/data/run7", "--cwd",
        akin=("chdir", "workdir", "directory", "folder", "initialdir"),
    ),
    Field(
        "env", "run", forms.VARIABLES,
        "Environment variables, on top of what env_policy passes on.",
        "env", "", {"OMP_NUM_THREADS": "4", "CASE": "base"}, "--env",
        akin=("environment", "variables", "export"),
    ),
    Field(
        "env_policy", "run", forms.POLICY,
        "Which variables of the submitting shell are passed on: none, all, or those of"
        " a list.",
        "env", "all", ["PATH", "LANG"], "--env-policy",
        akin=("getenv", "inherit_env"),
    ),
    Field(
        "setup", "run", forms.SHELL_TEXT,
        "Shell text that is run before the command, in the same shell.",
        "setup", "", "source ~/venv/bin/activate", "--setup",
        akin=("precmd", "prolog", "before"),
    ),
    Field(
        "shell", "run", forms.SHELL,
        "The shell that runs command and setup.",
        "shell", "/bin/sh", "/bin/bash", "--shell",
    ),
    Field(
        "stdin", "run", forms.PATH,
        "The file it reads its standard input from; open: what `rota send` sends it while"
        " it runs (a file of that name is ./open).",
        "stdin", "/dev/null", "input.dat", "--stdin",
        akin=("input",),
    ),
    Field(
        "terminal", "run", forms.TERMINAL,
        "Runs on a terminal of so many rows and columns, which rota attach shows and types"
        " to; its output is one stream. rota run --pty and rota shell give it.",
        "terminal", "none", "24x80", "--terminal",
        akin=("pty", "tty", "interactive"),
    ),
    Field(
        "container", "run", forms.IMAGE,
        "Runs in a container of this image, by apptainer, singularity or podman, whichever"
        " the node has: a name such as ubuntu:24.04, or the path of a .sif file.",
        "container", "none", "docker.io/library/python:3.12-slim", "--container",
        akin=("image", "docker_image", "singularity", "container_image"),
    ),
    Field(
        "container_args", "run", forms.ARGV,
        "Further words for the program that runs the container, such as more folders.",
        "container_args", "none", ["--volume=/data:/data:ro"],
        akin=("docker_args", "container_options"),
    ),
    Field(
        "output", "run", forms.PATH,
        "The file for its standard output; {job}, {task}, {attempt} and {name},"
        " {node} and {user} are filled in, {job:5} with at least five digits.",
        "output", "kept by Rota, see rota log", "out/{name}.{job}.{task}.txt", "--output",
        akin=("stdout", "out", "logfile"),
    ),
    Field(
        "monitor", "run", forms.GLOBS,
        "Files that may be followed while it runs, from anywhere: globs below its folder,"
        " for `rota log --file NAME -f`.",
        "monitor", "none", ["*.sta", "log/*.txt"], "--monitor",
        akin=("watch", "tail", "follow"),
    ),
    Field(
        "error", "run", forms.PATH,
        "The file for its standard error; like output.",
        "error", "kept by Rota, see rota log", "out/{job}.err", "--error",
        akin=("stderr", "err", "errors"),
    ),
    Field(
        "output_mode", "run", Choice("new", "append", "truncate"),
        "What is done when the file for its output is there: a new one with a number"
        " behind its name, so that two attempts never share a file; append; truncate.",
        "output_mode", "new", "append", "--output-mode",
        akin=("open_mode",),
    ),
)  # fmt: skip
