"""What sbatch's options mean in the keys of a job file.

    {"ntasks": ("4", "job.sh:3"), "mem": …} ──job_of──▶ Reading(doc, sources, notices)

Tasks, in Slurm's sense, are processes that srun starts inside one job: they become cores.
"""

from __future__ import annotations

from rota.core.indexes import parse_indexes
from rota.formats import mail
from rota.formats.reading import Reading
from rota.formats.sbatch import values
from rota.formats.sbatch.options import WITHOUT_EFFECT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Options = Mapping[str, tuple[str, str]]

NAME_DEFAULT = "sbatch"


class Wrong(ValueError):
    """An option has a value that makes no sense.

    Shapes:
        option: its long name;  where: where it was said;  text: its value
    """

    def __init__(self, option: str, text: str, *, where: str, problem: str) -> None:
        super().__init__(problem)
        self.option, self.text, self.where, self.problem = option, text, where, problem


class Submitter:
    """What a job file cannot know of who hands it in.

    Shapes:
        widest: how many cores the largest node has, 0 when that is not known
        moment: Slurm's time ("16:00", "now+1hour") → ours
    """

    __slots__ = ("environ", "folder", "host", "moment", "user", "widest")

    def __init__(
        self, *, folder: str = "here", host: str = "", user: str = "",
        environ: Mapping[str, str] | None = None,
        widest: Callable[[], int] = int, moment: Callable[[str], str] = str,
    ) -> None:  # fmt: skip
        self.folder, self.host, self.user = folder, host, user
        self.environ: Mapping[str, str] = environ or {}
        self.widest, self.moment = widest, moment


class _Meaning:
    """The options on their way into a Reading; one method for each group of keys."""

    def __init__(self, options: Options, submitter: Submitter) -> None:
        self.options, self.submitter = options, submitter
        self.reading = Reading()
        self.origin = {"system": "slurm"}
        self.env: dict[str, str] = {}

    def get(self, option: str) -> str | None:
        found = self.options.get(option)
        return None if found is None else found[0]

    def where(self, option: str) -> str:
        return self.options[option][1]

    def read(self, option: str, by: Callable[[str], object]) -> object:
        text, where = self.options[option]
        try:
            return by(text)
        except ValueError as error:
            raise Wrong(option, text, where=where, problem=str(error)) from None

    def number(self, option: str) -> int:
        """Return the number that *option* says, 0 when it is not there."""
        if option not in self.options:
            return 0
        by = values.nodes if option == "nodes" else values.count
        return int(str(self.read(option, by)))

    def say(self, key: str, value: object, option: str) -> None:
        self.reading.say(key, value, self.where(option))


def job_of(
    options: Options, submitter: Submitter, *, script: str, args: Sequence[str] = (),
    command: str = "",
) -> Reading:  # fmt: skip
    """Return the job of a batch script and the *options* it is handed in with.

    Args:
        command: where the script came from, "" when it has no file of its own

    Raises:
        Wrong: a value makes no sense.
    """
    meaning = _Meaning(options, submitter)
    reading = meaning.reading
    reading.say("script", script, command)
    if args:
        reading.say("args", list(args), command)
    name = meaning.get("job-name") or command.rpartition("/")[2] or NAME_DEFAULT
    reading.say("name", name, meaning.where("job-name") if "job-name" in options else "")
    _words(meaning)
    _many(meaning)
    _size(meaning)
    _time(meaning)
    _where(meaning)
    _when(meaning)
    _files(meaning, name)
    _mail(meaning)
    _environment(meaning, name)
    for option, instead in WITHOUT_EFFECT.items():
        if option in options and instead:
            reading.note(meaning.where(option), f"--{option}", instead)
    meaning.origin.update(command=command or "(null)")
    reading.doc["origin"] = {name: held for name, held in meaning.origin.items() if held}
    return reading


def _words(meaning: _Meaning) -> None:
    """Whose and what it is called: keys that take a word as it is."""
    for option, key in (("account", "account"), ("comment", "info")):
        if meaning.get(option):
            meaning.say(key, meaning.get(option), option)
    text = meaning.get("partition")
    if text:
        first, comma, _ = text.partition(",")
        meaning.say("queue", first, "partition")
        if comma:
            fate = f"only {first} is meant"
            meaning.reading.note(meaning.where("partition"), f"--partition={text}", fate)
    meaning.origin["qos"] = meaning.get("qos") or "normal"
    if "nice" in meaning.options:
        text = meaning.get("nice") or "100"
        priority = max(
            -1000, min(999, -int(str(meaning.read("nice", lambda _: int(text)))))
        )
        meaning.say("priority", priority, "nice")


def _many(meaning: _Meaning) -> None:
    """--array."""
    text = meaning.get("array")
    if text is None:
        return
    found = meaning.read("array", lambda _: parse_indexes(text.strip("[]")))
    assert isinstance(found, tuple)
    indexes = found[0]
    meaning.say("array", text.strip("[]"), "array")
    ranges = indexes.ranges()
    first, last, tasks = ranges[0][0], ranges[-1][1], len(indexes)
    meaning.origin.update(array_last=str(last), array=text)
    step = (last - first) // (tasks - 1) if tasks > 1 else 1
    for name, number in (("COUNT", tasks), ("MIN", first), ("MAX", last), ("STEP", step)):
        meaning.env[f"SLURM_ARRAY_TASK_{name}"] = str(number)


def _size(meaning: _Meaning) -> None:
    """Nodes, tasks, cores, memory, devices."""
    total, each = meaning.number("ntasks"), meaning.number("cpus-per-task") or 1
    on_node, nodes = meaning.number("ntasks-per-node"), meaning.number("nodes")
    if on_node and total and not nodes:
        nodes = -(-total // on_node)
    tasks = total or on_node * (nodes or 1) or nodes or 1
    gpus, resources = _devices(meaning, nodes=nodes or 1, tasks=tasks)
    doc = meaning.reading.doc
    if nodes > 1:
        doc.update(mode="bynode", n=nodes)
        if "exclusive" not in meaning.options:
            doc["cores_per_node"] = (on_node or -(-tasks // nodes)) * each
    else:
        doc["cores"] = tasks * each
        if tasks > 1 and not nodes and not (gpus or resources):
            widest = meaning.submitter.widest()
            if 0 < widest < tasks * each:
                doc.update(mode="bycore", threads=each)
    if gpus:
        doc["gpus"] = gpus
    if resources:
        doc["resources"] = resources
    _memory(meaning, cores=tasks * each, nodes=max(1, nodes))
    meaning.origin.update(ntasks=str(tasks), cpus_per_task=str(each))
    meaning.origin["nodes"] = str(nodes or 1)
    if total or on_node:
        meaning.env.update(SLURM_NTASKS=str(tasks), SLURM_NPROCS=str(tasks))
    if on_node:
        meaning.env["SLURM_NTASKS_PER_NODE"] = str(on_node)
    if "cpus-per-task" in meaning.options:
        meaning.env["SLURM_CPUS_PER_TASK"] = str(each)


def _memory(meaning: _Meaning, *, cores: int, nodes: int) -> None:
    env, doc, origin = meaning.env, meaning.reading.doc, meaning.origin
    if "mem-per-cpu" in meaning.options:
        amount = int(str(meaning.read("mem-per-cpu", values.size)))
        if amount:
            doc["memory"] = f"{amount * cores} B"
        env["SLURM_MEM_PER_CPU"] = str(amount >> 20)
        origin["mem_per_cpu"] = str(amount)
    elif "mem" in meaning.options:
        amount = int(str(meaning.read("mem", values.size)))
        if amount:
            doc["memory"] = f"{amount * nodes} B"
        else:
            meaning.reading.note(meaning.where("mem"), "--mem=0", "no memory is reserved")
        env["SLURM_MEM_PER_NODE"] = str(amount >> 20)
        origin["mem_per_node"] = str(amount)


def _devices(meaning: _Meaning, *, nodes: int, tasks: int) -> tuple[int, dict[str, int]]:
    """Return (gpus, {other resource: amount}) of the whole job."""
    gpus, resources = 0, {}
    for option, times in (("gpus", 1), ("gpus-per-node", nodes), ("gpus-per-task", tasks)):
        if option in meaning.options:
            gpus = int(str(meaning.read(option, _last_number))) * times
    for part in filter(None, (meaning.get("gres") or "").split(",")):
        if part.lower() == "none":
            continue
        name, _, rest = part.removeprefix("gres:").partition(":")
        kind, _, text = rest.rpartition(":")
        amount = int(text) if text.isdigit() else 1
        if name == "gpu":
            gpus = amount * nodes
            if kind:
                fate = "any gpu will do; --constraint chooses nodes"
                meaning.reading.note(meaning.where("gres"), f"--gres={part}", fate)
        else:
            resources[name] = amount * nodes
    if meaning.get("gres"):
        meaning.origin["gres"] = meaning.get("gres") or ""
    return gpus, resources


def _last_number(text: str) -> int:
    return values.count(text.rpartition(":")[2])


def _time(meaning: _Meaning) -> None:
    """--time, --signal, --requeue."""
    doc = meaning.reading.doc
    limit = None
    if "time" in meaning.options:
        found = meaning.read("time", values.seconds)
        limit = None if found is None else int(str(found))
        if limit is not None:
            meaning.say("time", f"{limit}s", "time")
    if "signal" in meaning.options:
        found = meaning.read("signal", values.warning)
        assert isinstance(found, tuple)
        name, before, _ = found
        if limit is None:
            fate = "comes before a time limit, and there is none"
            meaning.reading.note(meaning.where("signal"), "--signal", fate)
        else:
            warn = min(before, limit - 1)
            meaning.say("warn_signal", name, "signal")
            doc["warn"] = f"{max(0, warn)}s"
    if "no-requeue" in meaning.options:
        meaning.say("restartable", False, "no-requeue")
    elif "requeue" in meaning.options:
        meaning.say("restartable", True, "requeue")


def _where(meaning: _Meaning) -> None:
    """Which nodes."""
    from rota.core.foreign import unfold_hosts

    requires: list[str] = []
    if meaning.get("constraint"):
        text = str(meaning.get("constraint"))
        requires.append(text.replace(",", "&").translate({91: "(", 93: ")"}))
    if meaning.get("nodelist"):
        hosts = meaning.read("nodelist", unfold_hosts)
        assert isinstance(hosts, list)
        if len(hosts) == 1 and meaning.reading.doc.get("mode") is None:
            meaning.say("host", hosts[0], "nodelist")
        else:
            meaning.say("group", hosts, "nodelist")
    if meaning.get("exclude"):
        meaning.say("not_group", meaning.read("exclude", unfold_hosts), "exclude")
    if requires:
        meaning.say("require", requires, "constraint")
    if "exclusive" in meaning.options and "cores" in meaning.reading.doc:
        meaning.say("exclusive", True, "exclusive")
    if meaning.get("reservation"):
        meaning.say("reservation", meaning.get("reservation"), "reservation")
    if meaning.get("licenses"):
        pairs = [part.split("@")[0] for part in str(meaning.get("licenses")).split(",")]
        found = {
            name: int(amount or 1) if (amount or "1").isdigit() else 1
            for name, _, amount in (pair.replace("=", ":").partition(":") for pair in pairs)
        }
        meaning.say("licences", found, "licenses")


def _when(meaning: _Meaning) -> None:
    """--hold, --begin, --dependency."""
    if "hold" in meaning.options:
        meaning.say("held", True, "hold")
    if meaning.get("begin"):
        meaning.say("begin", meaning.read("begin", meaning.submitter.moment), "begin")
    if meaning.get("dependency"):
        found = meaning.read("dependency", values.dependencies)
        assert isinstance(found, tuple)
        after, single = found
        if after:
            meaning.say("after", [text for _, text in after], "dependency")
        meaning.origin["dependency"] = str(meaning.get("dependency"))
        if single:
            meaning.origin["singleton"] = "1"
    if (meaning.get("kill-on-invalid-dep") or "").lower() in ("yes", "y"):
        meaning.say("on_impossible", "fail", "kill-on-invalid-dep")


def _mail(meaning: _Meaning) -> None:
    """--mail-user, --mail-type."""
    whom = ("--mail-user", *meaning.options.get("mail-user", ("", "")))
    when = ("--mail-type", *meaning.options.get("mail-type", ("", "")))
    words = meaning.read("mail-type", values.mail_words) if when[1] else ([], [])
    assert isinstance(words, tuple)
    mail.say(meaning.reading, whom=whom, when=when, words=words)


def _files(meaning: _Meaning, name: str) -> None:
    """Folder, output, error, input."""
    reading = meaning.reading
    is_array = "array" in meaning.options
    reading.doc["cwd"] = meaning.get("chdir") or meaning.submitter.folder
    output = meaning.get("output")
    if not output or output == "none":
        output = "slurm-%A_%a.out" if is_array else "slurm-%j.out"
    error = meaning.get("error") or output
    user = meaning.submitter.user
    for key, text in (("output", output), ("error", error)):
        meaning.origin[key] = text
        reading.doc[key] = values.pattern(text, name=name, user=user, is_array=is_array)
    if meaning.get("input") not in (None, "/dev/null", "none"):
        # Just "open" means something else to us; to them it is a file.
        text = str(meaning.get("input"))
        text = "./open" if text == "open" else text
        reading.doc["stdin"] = values.pattern(text, name=name, user=user, is_array=is_array)
    is_append = (meaning.get("open-mode") or "").startswith("a")
    reading.doc["output_mode"] = "append" if is_append else "truncate"


def _environment(meaning: _Meaning, name: str) -> None:
    """--export, and the variables that are known before it runs."""
    here = meaning.submitter
    env, chosen = exported(meaning.get("export"), here.environ)
    if chosen:
        meaning.env["SLURM_EXPORT_ENV"] = chosen
    queue = str(meaning.reading.doc.get("queue", "default"))
    meaning.env.update(
        SLURM_JOB_NAME=name, SLURM_SUBMIT_HOST=here.host, SLURM_CLUSTER_NAME="rota",
        SLURM_JOB_PARTITION=queue, SLURM_JOB_USER=here.user, ENVIRONMENT="BATCH",
        SLURM_JOB_QOS=meaning.origin["qos"], SLURM_NODE_ALIASES="(null)",
    )  # fmt: skip
    if here.folder != "here":
        meaning.env["SLURM_SUBMIT_DIR"] = here.folder
    account = meaning.reading.doc.get("account") or here.user
    if account:
        meaning.env["SLURM_JOB_ACCOUNT"] = str(account)
    meaning.reading.doc["env"] = {**env, **meaning.env}


def exported(text: str | None, environ: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Return (what is passed on of *environ*, SLURM_EXPORT_ENV) for ``--export`` *text*.

    Variables of a job around this one, SLURM_…, are not its own and stay behind.
    """
    plain = {k: v for k, v in environ.items() if not k.startswith(("SLURM_", "SLURMD_"))}
    if text is None or text == "ALL":
        return plain, text or ""
    if text in ("NONE", "NIL"):
        return {}, text
    names = text.split(",")
    env = plain if "ALL" in names else {}
    for part in names:
        name, equals, value = part.partition("=")
        if equals and name:
            env[name] = value
        elif name in plain:
            env[name] = plain[name]
    return env, text
