"""Who may do what and see what, as ``config.yaml`` says it.

roles:   {ann: admin, bob: operator, "*": viewer}      "*": everybody else
visible: {jobs: own, output: own}                      to those who own them not
"""

from __future__ import annotations

from rota.core.account import ROLES
from rota.core.fields import forms
from rota.core.fields.groups import MapOf, Record
from rota.core.fields.kinds import Choice

ROLES_OF = MapOf(forms.PERSON, Choice(*ROLES), most=10_000)
VISIBLE = Record((), jobs=Choice("all", "own"), output=Choice("all", "own"))
