"""``wq rm``, ``node``, ``refresh``, ``limit``, ``serve``: what changes something."""

from __future__ import annotations

from rota.faces.foreign import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rota.faces.foreign import Site

LIMITS = {"run": "jobs", "cores": "cores"}


def rm(words: list[str], site: Site) -> int:
    """End jobs; with ``all`` every one of one's own."""
    from rota.core.errors import Refused

    if not words:
        tell("usage: wq rm JOB… | all")
        return 2
    targets = list(words)
    if words == ["all"]:
        from rota.faces.slurm.submitter import user_name

        mine = site.client.all_jobs(live=True, user=[user_name()])
        targets = [str(job.id) for job in mine]
    code = 0
    for target in targets:
        try:
            site.client.kill(target)
        except Refused as error:
            tell(f"Cannot remove, reason= {error.sentence}")
            code = 1
    return code


def node(words: list[str], site: Site) -> int:
    """Let nodes take no new work, or take work again."""
    from rota.formats.wq import from_line

    *names, said = words or [""]
    status = from_line(said, where="status").get("status", ("", ""))[0] if said else ""
    if not names or status not in ("online", "offline"):
        tell('usage: wq node NAME… "status: offline" | "status: online"')
        return 2
    if status == "offline":
        site.client.drain(*names, why="wq node")
    else:
        site.client.undrain(*names)
    for name in names:
        tell(f"{name} is {status}")
    return 0


def refresh(words: list[str], site: Site) -> int:
    """Do nothing but see that a server is there: it looks at jobs all the time."""
    del words
    site.client.info()
    return 0


def limit(words: list[str], site: Site) -> int:
    """Set one's own limits; −1 takes one back, ``clear`` all of them."""
    from rota.faces.slurm.submitter import user_name
    from rota.formats.wq import from_line

    said = from_line(words[0], where="limit") if words and words[0] != "clear" else {}
    strange = sorted(set(said) - set(LIMITS))
    if not words or strange:
        tell('usage: wq limit "run: N; cores: M" | clear')
        return 2
    if not said:
        site.client.unlimit("user", user_name())
        return 0
    keys = {LIMITS[key]: _bound(value) for key, (value, _) in said.items()}
    site.client.limit("user", user_name(), **keys)
    return 0


def _bound(value: object) -> object:
    return "none" if str(value).strip() == "-1" else value


def serve(words: list[str], site: Site) -> int:
    """Start a server whose nodes are the machines of a description, reached by ssh."""
    from rota.faces.main import main

    files = [word for word in words if not word.startswith("-")]
    for option in ("-s", "--spool-dir", "--loglevel"):
        if option in words[:-1]:
            value = words[words.index(option) + 1]
            files = [word for word in files if word != value]
            tell(f"wq: {option} changes nothing: the queue lives in its home")
    if len(files) != 1:
        tell("usage: wq serve DESCRIPTION")
        return 2
    home = ["--home", site.home] if site.home else []
    return main(["serve", *home, "--cluster", files[0]])
