"""The stages before and after a job's own: its files brought in, checked, and stored.

    bring_in(plan)   fetch what is not kept here ─▶ a fresh folder ─▶ lay the tree into it
    take_out(plan)   expect ─▶ gather ─▶ digest ─▶ store what is lacking ─▶ store the list

Both run in a thread and may be halted at any step.  A server that is away, or has trouble
of its own, is asked again and again: that is nobody's failure.  What a stage did stands in
the attempt's own log of stages, with times.
"""

from __future__ import annotations

import os
import time
from typing import Any, Callable, Dict, List, Mapping, Optional, Set, Tuple

from rota.agent import laying
from rota.agent.cache import Cache, is_full
from rota.agent.clock import boot_ms, note, wall_ms
from rota.agent.depot import blob_rows
from rota.agent.halt import Halt, Halted
from rota.agent.patience import Patient
from rota.agent.plans import Failed, Plan, Server, Staged, Why
from rota.agent.slots import remove_tree
from rota.core.globs import Globs, rule_of
from rota.core.reasons import reason
from rota.core.units import show_size
from rota.wire import trees

AWAY_MS_MAX = 60_000
"""So long inputs are waited for without a byte; then another node may try."""

LAG_MS_MAX = 3_000
"""So long a network file system may take to show an expected output."""

SENTENCES_MAX = 5


class Stager:
    """Does the stages; one for each node's home."""

    def __init__(self, home: str, server: Callable[[], Optional[Server]]) -> None:
        """Stage in *home*; *server* says where files are, as far as known now."""
        self._cache = Cache(home)
        self._server = server

    def bring_in(self, plan: Plan, halt: Halt) -> Staged:
        """Lay the tree of *plan* into its folder, which is made anew."""
        return self._staged("stage_in", plan, halt=halt, act=self._bring_in)

    def take_out(self, plan: Plan, halt: Halt) -> Staged:
        """Check and store what *plan* says of its folder, which goes if it was its own."""
        return self._staged("stage_out", plan, halt=halt, act=self._take_out)

    def snap(self, plan: Plan, halt: Halt) -> Staged:
        """Store what *plan* means of the folder of a job that runs; nothing is removed."""
        return self._staged("fetch", plan, halt=halt, act=self._snap)

    def lay(self, plan: Plan, halt: Halt) -> Staged:
        """Lay the tree of *plan* into its folder, where a job may be working."""
        return self._staged("put", plan, halt=halt, act=self._put)

    def _staged(
        self, name: str, plan: Plan, *, halt: Halt, act: Callable[[Plan, Halt], Staged]
    ) -> Staged:
        began = boot_ms()
        try:
            done = act(plan, halt)
        except Halted:
            done = Staged(reason("killed", who="its user").to_dict())
        except Failed as failed:
            done = Staged(failed.why, failed.again)
        except laying.Unusual as error:
            done = Staged(_why(name, str(error)))
        except OSError as error:
            done = _of_disk(name, error)
        facts = {**done.facts, "s": (boot_ms() - began) / 1000}
        write_log(plan.log, name, why=done.why, facts=facts)
        return done._replace(facts=facts)

    # ── in ────────────────────────────────────────────────────────────────────────────

    def _bring_in(self, plan: Plan, halt: Halt) -> Staged:
        if not plan.is_fresh:
            # What lies there is somebody's, and would have to go.
            why = reason("stage_in", error=f"{plan.cwd} is not a folder of its own")
            raise Failed(why.to_dict())
        if os.path.lexists(plan.cwd):
            # Of an earlier try at this very attempt.
            remove_tree(plan.cwd)
        os.mkdir(plan.cwd, 0o700)
        return self._fetched_and_laid(plan, halt, replaces=False)

    def _put(self, plan: Plan, halt: Halt) -> Staged:
        return self._fetched_and_laid(plan, halt, replaces=True)

    def _fetched_and_laid(self, plan: Plan, halt: Halt, *, replaces: bool) -> Staged:
        """Lay the tree of *plan*, of which what is not kept here is fetched before."""
        if plan.tree is None or not trees.is_digest(plan.tree):
            why = reason("stage_in", error=f"{plan.tree!r} names no tree")
            raise Failed(why.to_dict())
        depot = Patient(self._server, plan, halt=halt, give_up_ms=AWAY_MS_MAX)
        root = laying.open_folder(plan.cwd)
        came = files = 0
        try:
            self._have(depot, plan.tree, size_max=trees.LIST_MAX)
            tree = self._list(plan.tree).of(plan.ref[1])
            for digest, size in blob_rows(tree.files):
                # Nothing comes of what somebody else has fetched while we waited for it.
                moved = self._have(depot, digest, size_max=size)
                came += moved
                files += moved > 0
            stamp = laying.lay(
                tree, root, halt=halt, replaces=replaces,
                opened=lambda file: self._opened(depot, file),
            )  # fmt: skip
        finally:
            os.close(root)
            depot.close()
        if files:
            self._cache.trim()
        facts = {"files": len(tree.files), "bytes": tree.size}
        fetched = {"fetched": files, "fetched_bytes": came}
        return Staged(None, facts={**facts, **fetched}, stamp=stamp)

    def _opened(self, depot: Patient, file: trees.File) -> int:
        while True:
            try:
                return self._cache.open(file.digest, size=file.size)
            except FileNotFoundError:
                # Somebody needed room between our fetching it and now.
                self._have(depot, file.digest, size_max=file.size)

    def _have(self, depot: Patient, digest: str, *, size_max: int) -> int:
        """See that *digest* is kept here; a full disk is cleared of old files first."""
        if self._cache.has(digest):
            return 0
        try:
            return depot.fetched(self._cache, digest, size_max=size_max)
        except OSError as error:
            if not is_full(error) or not self._cache.trim(room=size_max):
                raise
        return depot.fetched(self._cache, digest, size_max=size_max)

    def _list(self, digest: str) -> trees.Tree:
        with open(self._cache.path_of(digest), "rb") as source:
            data = source.read(trees.LIST_MAX + 1)
        try:
            return trees.read(data)
        except trees.BadTree as error:
            raise Failed(reason("stage_in", error=str(error)).to_dict()) from error

    # ── out ───────────────────────────────────────────────────────────────────────────

    def _take_out(self, plan: Plan, halt: Halt) -> Staged:
        try:
            why = _expected(plan, halt).why
        except Failed as failed:
            # What there is may say why the rest is missing: it is stored all the same.
            why = failed.why
        if not plan.stores:
            return Staged(why)
        root = laying.open_folder(plan.cwd)
        try:
            stored, facts = self._stored(plan, root, halt)
        finally:
            os.close(root)
        if plan.is_fresh and plan.tree:
            remove_tree(plan.cwd)
        return Staged(why, facts={**facts, "tree": stored})

    def _snap(self, plan: Plan, halt: Halt) -> Staged:
        root = laying.open_folder(plan.cwd)
        try:
            stored, facts = self._stored(plan, root, halt)
        finally:
            os.close(root)
        return Staged(None, facts={**facts, "tree": stored})

    def _stored(
        self, plan: Plan, root: int, halt: Halt
    ) -> Tuple[Optional[str], Dict[str, Any]]:
        rules = [rule_of(text) for text in (plan.outputs or ["*"])]
        laid = None
        if plan.tree and plan.outputs is None:
            laid = self._list(plan.tree).of(plan.ref[1])
        found = laying.gather(root, Globs(rules), halt=halt, unlike=laid, stamp=plan.stamp)
        facts: Dict[str, Any] = {"files": len(found.paths), "bytes": 0}
        if found.left:
            facts["left"] = found.left[:SENTENCES_MAX]
        if not found.entries:
            return None, facts
        depot = Patient(self._server, plan, halt=halt, give_up_ms=None)
        try:
            tree = _digested(found, root, halt)
            facts["bytes"] = tree.size
            facts["sent_bytes"] = depot.send(tree, found.paths, root)
            return depot.send_list(tree), facts
        except trees.BadTree as error:
            raise Failed(reason("stage_out", error=str(error)).to_dict()) from error
        finally:
            depot.close()


def _digested(found: laying.Found, root: int, halt: Halt) -> trees.Tree:
    entries: List[trees.Entry] = []
    for entry in found.entries:
        if isinstance(entry, trees.File):
            fd = laying.open_beneath(root, found.paths[entry.path])
            try:
                digest, size = laying.digest_of(fd, halt=halt)
            finally:
                os.close(fd)
            entry = entry._replace(size=size, digest=digest)
        entries.append(entry)
    return trees.tree_of(entries)


def _expected(plan: Plan, halt: Halt) -> Staged:
    """Return when each expected output is there; it may take a while to be seen.

    Raises:
        Failed: one is missing, or empty.
    """
    until = boot_ms() + LAG_MS_MAX
    pause = 0.02
    while missing := _missing(plan, halt):
        if boot_ms() > until:
            raise Failed(reason("expect", what=", ".join(missing)).to_dict())
        halt.pause(pause)
        pause = min(pause * 2, 0.5)
    return Staged(None)


def _missing(plan: Plan, halt: Halt) -> List[str]:
    if not plan.expect:
        return []
    try:
        root = laying.open_folder(plan.cwd)
    except FileNotFoundError:
        return list(plan.expect)
    try:
        globs = Globs([rule_of(text) for text in plan.expect])
        seen: Set[int] = set()
        for path, state, target in laying.walk(root, globs, halt=halt):
            if target is None and state.st_size > 0:
                seen.update(globs.find(path))
    finally:
        os.close(root)
    return [text for at, text in enumerate(plan.expect) if at not in seen]


def _of_disk(name: str, error: OSError) -> Staged:
    if is_full(error):
        why = reason("disk", what=f"{name.replace('_', ' ')}: {error.filename or ''}")
        return Staged(why.to_dict(), again=True)
    what = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror)
    return Staged(_why(name, what), again=name == "stage_in")


def _why(name: str, error: str) -> Why:
    code = "stage_out" if name in ("stage_out", "expect") else "stage_in"
    return reason(code, error=error).to_dict()


def write_log(
    path: str, name: str, *, why: Optional[Why], facts: Mapping[str, Any]
) -> None:
    """Add a line about a stage to the log of stages at *path*."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(wall_ms() / 1000))
    told = [f"{key} {_shown(key, value)}" for key, value in facts.items() if value]
    line = f"{at} {name}: {why['text'] if why else 'ok'} ({', '.join(told)})\n"
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        fd = os.open(path, flags, 0o644)
        try:
            os.write(fd, line.encode("utf-8", "replace"))
        finally:
            os.close(fd)
    except OSError as error:
        # A log that cannot be written changes nothing of what it would have told.
        note(f"{path}: {error.strerror}")


def _shown(key: str, value: Any) -> str:
    if key.endswith("bytes"):
        return show_size(int(value))
    return f"{value:.3f}" if isinstance(value, float) else str(value)
