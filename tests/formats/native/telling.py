"""What a refusal says, for tests to look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rota.core.errors import Malformed


def refused(call: Callable[..., Any], *args: Any, **options: Any) -> list[str]:
    """Return the complaints of *call*, which must be refused, as people read them."""
    with pytest.raises(Malformed) as caught:
        call(*args, **options)
    assert caught.value.complaints, "a refusal says what is wrong"
    return [str(complaint) for complaint in caught.value.complaints]
