"""Shepherds of many users: to the agent, one herd.

    HOME/shepherds/…            the agent's own, as without all this
    HOME/users/UID/             a folder of that user: shepherds/ out/ work/ tmp/
    HOME/owners                 "JOB UID" a line, root's: whose job it is

A user's shepherd runs as that user, who may replace it by anything.  So what it says is
heard only of jobs that the server has handed in for that very user: an end of somebody
else's job, or an answer to a question it was not asked, is left out and noted (G30).
"""

from __future__ import annotations

import os
from functools import partial
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Set, Tuple

from rota.agent.accounts import OWN, Account, NoAccount
from rota.agent.clock import note
from rota.agent.herd import Herd, Holds
from rota.agent.reactor import Reactor
from rota.core.errors import Malformed
from rota.wire import agent as wire

OWNERS_MAX = 100_000
"""Jobs whose owner is remembered; the outputs of older ones are read no more."""

ANSWER_MS_MAX = 30_000

Ref = Tuple[int, int, int]
MakeHerd = Callable[[str, Account, Callable[[bytes], None], Callable[[Any], None]], Herd]

_OF_ATTEMPT = ("started", "suspended", "finished", "declined", "phase")
_ANSWERS = ("staged", "fed")
_ASKING = ("put", "snap", "input", "feed")


class Herds:
    """See the head of the file; it is used as a ``Herd`` is."""

    def __init__(
        self,
        home: str,
        *,
        reactor: Reactor,
        make: MakeHerd,
        uid_min: Optional[int],
        on_frame: Callable[[bytes], None],
        on_word: Callable[[Mapping[str, Any]], None],
    ) -> None:
        """Have the agent's own herd alone.

        Shapes:
            uid_min: users from this id on are switched to; None: nobody is
        """
        self._home = os.path.abspath(home)
        self._reactor = reactor
        self._make = make
        self._uid_min = uid_min
        self._on_frame = on_frame
        self._on_word = on_word
        self._own = make(self._home, OWN, on_frame, on_word)
        self._users: Dict[int, Herd] = {}
        self._accounts: Dict[int, Account] = {}
        self._owners: Dict[int, int] = {}
        self._asked: Dict[int, Set[int]] = {}
        self._gathered: Dict[Optional[int], Holds] = {}
        self._held: Dict[Optional[int], Holds] = {}
        self._lease: Optional[wire.Message] = None
        self.gpus: List[int] = []
        self._server: List[Optional[str]] = []

    @property
    def server(self) -> List[Optional[str]]:
        """Where files come from: [URL, file of the token], or nothing yet."""
        return self._server

    @server.setter
    def server(self, server: List[Optional[str]]) -> None:
        self._server = self._own.server = server
        for herd in self._users.values():
            herd.server = self._without_token

    @property
    def _without_token(self) -> List[Optional[str]]:
        # The agent's token is not for users to read.
        return [self._server[0], None] if self._server else []

    @property
    def trouble(self) -> Optional[str]:
        """What is wrong with one of the agent's own shepherds."""
        return self._own.trouble

    def open(self) -> None:
        """Attach to all who live here."""
        self._open(self._own, self._server)
        if self._uid_min is None:
            return
        self._owners = _read_owners(self._path)
        os.makedirs(os.path.join(self._home, "users"), 0o711, exist_ok=True)
        for _, account in homes_of(self._home):
            if account is not OWN:
                self._of(account)

    def gather(self, on_holds: Callable[[Holds], None]) -> None:
        """Have *on_holds* called once with what all shepherds hold now.

        A shepherd of a user that does not answer holds up nobody for more than
        ANSWER_MS_MAX: then what it held last is told.
        """
        if not self._users:
            self._own.gather(on_holds)
            return
        herds: List[Tuple[Optional[int], Herd]] = [(None, self._own)]
        herds.extend(self._users.items())
        gathered: Dict[Optional[int], Holds] = {}
        self._gathered = gathered

        def end() -> None:
            if self._gathered is gathered and None in gathered:
                self._gathered = {}
                self._held.update(gathered)
                rows = (self._held.get(uid, []) for uid, _ in herds)
                on_holds([row for some in rows for row in some])

        def take(uid: Optional[int], holds: Holds) -> None:
            gathered[uid] = [row for row in holds if self._is_of(row[0], uid)]
            if len(gathered) == len(herds):
                end()

        for uid, herd in herds:
            herd.gather(partial(take, uid))
        self._reactor.after(ANSWER_MS_MAX, end)

    def run(self, message: wire.Message) -> Optional[str]:
        """Have *message* run under the account it belongs to; or say why not."""
        spec = message["spec"]
        uid = spec.get("uid")
        if self._uid_min is None:
            self._own.run(message)
            return None
        if uid is None:
            return "its user has no user id at the server, and this agent serves many users"
        if uid < self._uid_min:
            return f"user id {uid} is below {self._uid_min}, from which on users are served"
        if spec.get("tree") is not None or spec.get("outputs"):
            return "an agent that serves many users brings no files along (inputs, outputs)"
        try:
            herd = self._of(Account.of(uid, str(spec.get("user") or "")))
        except (NoAccount, OSError) as error:
            return str(error)
        self._own_up(message["job"], uid)
        herd.run(message)
        return None

    def tell(self, ref: Ref, message: Mapping[str, Any]) -> None:
        """Tell the shepherd that *ref* is with, or would be with."""
        uid = self._owners.get(ref[0])
        herd = self._own if uid is None else self._users.get(uid)
        if uid is not None and message["t"] in _ASKING:
            self._asked.setdefault(uid, set()).add(message["id"])
        if herd is not None:
            herd.tell(ref, message)

    def tell_all(self, message: Mapping[str, Any]) -> None:
        """Tell every shepherd: whoever is meant will know."""
        if message["t"] == "lease":
            self._lease = dict(message)
        for herd in (self._own, *self._users.values()):
            herd.tell_all(message)

    def close(self) -> None:
        """Leave them alone."""
        for herd in (self._own, *self._users.values()):
            herd.close()

    def place(self, ref: Ref) -> Tuple[str, Account]:
        """Return the folder that outputs of *ref* are in, and as whom to read there."""
        uid = self._owners.get(ref[0])
        account = OWN if uid is None else self._accounts.get(uid, OWN)
        home = self._home if account is OWN else _home_of(self._home, account)
        return os.path.join(home, "out"), account

    # ── users ─────────────────────────────────────────────────────────────────────────

    @property
    def _path(self) -> str:
        return os.path.join(self._home, "owners")

    def _of(self, account: Account) -> Herd:
        """Return the herd of *account*, started if there is none.

        Raises:
            OSError: it has no folder, and none can be made.
        """
        uid = account.uid
        assert uid is not None
        self._accounts[uid] = account
        herd = self._users.get(uid)
        if herd is None:
            home = _home_of(self._home, account)
            _make_home(home, account)
            herd = self._users[uid] = self._make(
                home, account,
                lambda frame: self._frame_of(uid, frame),
                lambda word: self._word_of(uid, word),
            )  # fmt: skip
            self._open(herd, self._without_token)
            # The others were told at the welcome.
            for word in ({"t": "resend"}, self._lease):
                if word is not None:
                    herd.order(word)
        return herd

    def _open(self, herd: Herd, server: List[Optional[str]]) -> None:
        herd.gpus, herd.server = self.gpus, server
        herd.open()

    def _own_up(self, job: int, uid: int) -> None:
        """Remember on disk, where only we write, that *job* is of *uid*."""
        if self._owners.get(job) == uid:
            return
        self._owners[job] = uid
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(self._path, flags, 0o600), "w", encoding="ascii") as file:
            file.write(f"{job} {uid}\n")

    def _is_of(self, job: int, uid: Optional[int]) -> bool:
        return self._owners.get(job) == uid

    def _frame_of(self, uid: int, frame: bytes) -> None:
        """Pass on what of *frame*, from a shepherd of *uid*, is theirs to say."""
        try:
            messages, bad = wire.checked(wire.decode(frame), wire.FROM_AGENT)
        except Malformed as error:
            note(f"a shepherd of user id {uid} said what makes no sense: {error}")
            return
        said = [ours for message in messages for ours in self._said(uid, message)]
        if bad or len(said) < len(messages):
            note(f"a shepherd of user id {uid} said what is not its to say")
        if said:
            self._on_frame(wire.encode(said).encode("utf-8", "surrogatepass"))

    def _said(self, uid: int, message: wire.Message) -> Iterator[wire.Message]:
        kind = message["t"]
        if kind in _OF_ATTEMPT and self._is_of(message["a"][0], uid):
            yield message
        elif kind == "samples":
            rows = [row for row in message["rows"] if self._is_of(row[0], uid)]
            if rows:
                yield {**message, "rows": rows}
        elif kind in _ANSWERS and message["id"] in self._asked.get(uid, ()):
            self._asked[uid].discard(message["id"])
            yield message

    def _word_of(self, uid: int, word: Mapping[str, Any]) -> None:
        if self._is_of(word["a"][0], uid):
            self._on_word(word)


def homes_of(home: str) -> Iterator[Tuple[str, Account]]:
    """Yield the folders below *home* that shepherds live in, and whose they are."""
    yield home, OWN
    users = os.path.join(home, "users")
    if not os.path.isdir(users):
        return
    for name in sorted(os.listdir(users)):
        try:
            if name.isdecimal():
                yield os.path.join(users, name), Account.of(int(name), "")
        except NoAccount as error:
            note(f"{users}/{name}: {error}")


def _home_of(home: str, account: Account) -> str:
    return os.path.join(home, "users", str(account.uid))


def _make_home(path: str, account: Account) -> None:
    """Have the folder *path*, in one of ours, belong to *account*."""
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return
    os.chown(path, account.uid or 0, account.gid, follow_symlinks=False)


def _read_owners(path: str) -> Dict[int, int]:
    """Return whose jobs were run here before: {job: uid}, the latest OWNERS_MAX."""
    found: Dict[int, int] = {}
    try:
        with open(path, encoding="ascii") as file:
            for line in file:
                words = line.split()
                if len(words) == 2 and line.endswith("\n"):
                    found[int(words[0])] = int(words[1])
    except FileNotFoundError:
        return found
    kept = dict(list(found.items())[-OWNERS_MAX:])
    with open(path + ".new", "w", encoding="ascii") as file:
        file.writelines(f"{job} {uid}\n" for job, uid in kept.items())
    os.rename(path + ".new", path)
    return kept
