"""Whether a text is Python at all, for those who name a file that is not."""

from __future__ import annotations

import ast
import warnings

from fumehood.cli.problems import printable


def syntax_error(text: str) -> str | None:
    """What keeps a text from being Python, as this interpreter sees it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return f"syntax error in line {error.lineno or 1}: {printable(error.msg)}"
    except (RecursionError, MemoryError, ValueError) as error:
        return f"too deeply nested for Python itself ({type(error).__name__})"
    return None
