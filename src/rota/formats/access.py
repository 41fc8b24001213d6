"""Who may do what and see what, as ``config.yaml`` says it.

roles:   {ann: admin, bob: operator, "*": viewer}      "*": everybody else
visible: {jobs: own, output: own}                      to those who own them not
quotas:  {"*": {requests_per_minute: 600}, ann: {stored: 2TB}}
oidc:    {issuer: https://login.example.org, client_id: rota, groups: [hpc]}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rota.core.account import ROLES
from rota.core.fields import forms
from rota.core.fields.groups import ListOf, MapOf, Record
from rota.core.fields.kinds import Choice, Note, Size, Whole, Word
from rota.core.login import is_safe

ROLES_OF = MapOf(forms.PERSON, Choice(*ROLES), most=10_000)
VISIBLE = Record((), jobs=Choice("all", "own"), output=Choice("all", "own"))
QUOTAS = MapOf(
    forms.PERSON,
    Record(
        (), requests_per_minute=Whole(1, 10**6), connections=Whole(1, 10**6), stored=Size(),
        request_size=Size(), output=Size(),
    ),
    most=10_000,
)  # fmt: skip
_ISSUER = Word(
    r"https?://[A-Za-z0-9.:\[\]-]{1,260}(?:/[!-~]{0,1000})?",
    says="a URL such as https://login.example.org", shape="a URL",
)  # fmt: skip
_CLAIM = Word(r"[!-~]{1,200}", says="the name of a claim, such as email", shape="a claim")
OIDC = Record(
    ("issuer", "client_id"), issuer=_ISSUER, client_id=forms.LINE, user=_CLAIM,
    client_secret_file=forms.PATH, scopes=ListOf(_CLAIM, most=50),
    groups=ListOf(forms.LINE, most=1000), groups_claim=_CLAIM, name=forms.LINE,
)  # fmt: skip


def judge_oidc(said: Mapping[str, Any], note: Note) -> None:
    """Complain about a provider that everybody on the way could speak for."""
    if not is_safe(said.get("issuer", "https://")):
        note("must be https, as it is not this machine", "write https://…", ".issuer")
