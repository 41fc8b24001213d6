"""Roles and what people see, as the operator's file says it."""

from __future__ import annotations

import pytest

from rota.core.errors import Malformed
from rota.formats.settings import read_settings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("roles: {ann: boss}", "roles.ann: 'boss' is not one of viewer, user, operator"),
        ("roles: {ann: operater}", "operator"),
        ('roles: {"a b": user}', "a b"),
        ("roles: [ann]", "must be a mapping of name to"),
        ("visible: {jobs: none}", "visible.jobs: 'none' is not one of all, own"),
        ("visible: {log: own}", "log"),
    ],
)
def test_g35_what_is_no_role_is_told_with_what_would_be(text: str, said: str) -> None:
    """The key, its value, and the words there are."""
    with pytest.raises(Malformed) as refused:
        read_settings(text, where="c.yaml")
    assert said in str(refused.value)


def test_roles_go_by_name_with_one_for_everybody_else() -> None:
    """As they stand in the file."""
    said = read_settings('roles: {ann@lab: admin, "*": viewer}', where="c.yaml").values
    assert said == {"roles": {"ann@lab": "admin", "*": "viewer"}}
