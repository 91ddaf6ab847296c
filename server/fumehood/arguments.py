"""Arguments of a call in its tree."""

from __future__ import annotations

import libcst as cst


def keyword_index(call: cst.Call, name: str) -> int | None:
    """Which argument is the keyword `name`; None where there is none."""
    for index, arg in enumerate(call.args):
        if arg.keyword is not None and arg.keyword.value == name:
            return index
    return None


def is_bare_generator(call: cst.Call) -> bool:
    """Whether the only argument is a generator without parentheses: `f(x for x in y)`."""
    value = call.args[0].value if len(call.args) == 1 else None
    return isinstance(value, cst.GeneratorExp) and not value.lpar
