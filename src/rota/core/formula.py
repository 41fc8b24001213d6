"""Amounts that follow from others: ``int(5*n**0.422)`` tokens for n cores and gpus.

    text ──→ a tree of numbers, names, + - * / // % **, and a few functions ──→ a number

Nothing else is understood: no attribute, no call of anything but those functions, no text.
Numbers are those of a pocket calculator (floats), so no formula takes long.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

LENGTH_MAX = 200
"""Characters of a formula."""

NAMES = ("cores", "gpus", "n")
"""What a formula may ask for: cores, gpus, and both together (the n of Abaqus' rule)."""

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "int": int, "floor": math.floor, "ceil": math.ceil, "round": round,
    "min": min, "max": max, "sqrt": math.sqrt, "log": math.log, "log2": math.log2,
}  # fmt: skip

_TWO: Mapping[type[ast.operator], Callable[[float, float], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}  # fmt: skip


def amount(text: str, values: Mapping[str, int]) -> int:
    """Return what formula *text* comes to with *values* for its names; at least 1.

    Raises:
        ValueError: it is no formula, or comes to no whole number ≥ 1; says which.
    """
    if len(text) > LENGTH_MAX:
        raise ValueError(f"has more than {LENGTH_MAX} characters")
    try:
        found = _worked_out(ast.parse(text.strip(), mode="eval").body, values)
    except SyntaxError as error:
        raise ValueError(f"{text!r} is no formula: {error.msg}") from None
    except (ArithmeticError, TypeError, RecursionError, MemoryError) as error:
        raise ValueError(f"{text!r} cannot be worked out: {error}") from None
    if isinstance(found, complex) or not math.isfinite(found) or found != int(found):
        raise ValueError(f"{text!r} is {found}, no whole number; write int({text})")
    if found < 1:
        raise ValueError(f"{text!r} is {found:g}, it must be at least 1")
    return int(found)


def _worked_out(tree: ast.expr, values: Mapping[str, int]) -> Any:
    match tree:
        case ast.Constant(value=int() | float() as number) if number is not True:
            return float(number)
        case ast.Name(id=name) if name in values:
            return float(values[name])
        case ast.UnaryOp(op=ast.USub(), operand=one):
            return -_worked_out(one, values)
        case ast.BinOp(op=sign, left=left, right=right) if type(sign) in _TWO:
            return _TWO[type(sign)](_worked_out(left, values), _worked_out(right, values))
        case ast.Call(func=ast.Name(id=name), args=given, keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](*(_worked_out(one, values) for one in given))
        case ast.Name(id=name):
            raise ValueError(f"does not know {name}; names are {', '.join(values)}")
    allowed = f"numbers, {', '.join(values)}, + - * / // % ** and {', '.join(FUNCTIONS)}"
    raise ValueError(f"has something in it that is none of {allowed}")
