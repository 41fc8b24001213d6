"""Who may do what and see what, as ``config.yaml`` says it.

roles:   {ann: admin, bob: operator, "*": viewer}      "*": everybody else
visible: {jobs: own, output: own}                      to those who own them not
quotas:  {"*": {requests_per_minute: 600}, ann: {stored: 2TB}}
"""

from __future__ import annotations

from rota.core.account import ROLES
from rota.core.fields import forms
from rota.core.fields.groups import MapOf, Record
from rota.core.fields.kinds import Choice, Size, Whole

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
