"""Arguments of a call in its tree."""

from __future__ import annotations

import libcst as cst


def keyword_index(call: cst.Call, name: str) -> int | None:
    """Which argument is the keyword `name`; None where there is none."""
    for index, arg in enumerate(call.args):
        if arg.keyword is not None and arg.keyword.value == name:
            return index
    return None


def argument_index(call: cst.Call, position: int, name: str) -> int | None:
    """Which argument is given by position or by name; None where that is none."""
    index = keyword_index(call, name)
    if index is None and position < len(call.args):
        given = call.args[position]
        index = position if given.keyword is None and not given.star else None
    return index


def is_bare_generator(call: cst.Call) -> bool:
    """Whether the only argument is a generator without parentheses: `f(x for x in y)`."""
    value = call.args[0].value if len(call.args) == 1 else None
    return isinstance(value, cst.GeneratorExp) and not value.lpar
