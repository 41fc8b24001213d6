"""What jobs say, once: a thousand jobs that say the same refer to one ``JobSpec``.

    submit ×1 000     argv (true), 4 cores …      the same words each time
    memory            one spec, one request       whoever was the first to say it

Looked for among what was said lately only; who is not found is simply kept as it came.
"""

from __future__ import annotations

from rota.core.account import User
from rota.core.job import JobSpec

MOST = 1024
"""So many different specs are remembered; then it begins anew."""


class Twins:
    """See the head of the file."""

    def __init__(self) -> None:
        self._specs: dict[object, JobSpec] = {}
        self._users: dict[User, User] = {}

    def spec(self, spec: JobSpec) -> JobSpec:
        """Return one that says the same as *spec*: what was here before, if there was."""
        if spec.array is not None:
            return spec  # An array stands for many already.
        key = (spec.name, spec.argv, spec.command, spec.request)
        known = self._specs.get(key)
        if known is not None and (known is spec or known == spec):
            return known
        if len(self._specs) >= MOST:
            self._specs.clear()
        self._specs[key] = spec
        return spec

    def user(self, user: User) -> User:
        """Return one who is the same as *user*."""
        if len(self._users) >= MOST:
            self._users.clear()
        return self._users.setdefault(user, user)
