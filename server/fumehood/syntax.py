"""libcst for single logical lines: a piece's tree, and the spans of its nodes.

A piece is parsed alone, under borrowed text that makes it whole: an `else` after an `if`, a header
with an empty block.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import libcst as cst

# Paths lead from a piece's statement to a node: field names and list indices.
Path = tuple[str | int, ...]

# libcst descends by recursion in native code: on a stack of 8 MiB it dies between 1,000 and 2,000
# parentheses, and code generation, in Python, between 300 and 1,000 links of a chain.
MOST_NESTING = 90
MOST_CHAINED = 250
# A literal of 5,000 lines costs libcst 2 s.
LONGEST_PIECE = 60_000

_SPOTS = re.compile(
    r"""(?P<string>'''[\s\S]*?(?:'''|\Z)|\"\"\"[\s\S]*?(?:\"\"\"|\Z)"""
    r"""|'(?:[^\\\r\n']|\\[\s\S])*'?|"(?:[^\\\r\n"]|\\[\s\S])*"?)"""
    r"""|(?P<comment>\#[^\r\n]*)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comma>,)"""
    r"""|(?P<link>[-+~*/%<>=!&|^.@]+|\b(?:not|and|or|if|else|in|is|lambda|await|for)\b)""",
)
# What a piece that cannot stand alone needs before it, on a line of the same column.
_BORROWED = {
    "else": "if 1: pass\n",
    "elif": "if 1: pass\n",
    "except": "try: pass\n",
    "finally": "try: pass\n",
}
_REFUSED = (cst.ParserSyntaxError, cst.CSTValidationError, RecursionError, ValueError)


class Parsed(NamedTuple):
    """A piece's tree: its statement, and the module it was parsed in, which has other text too.

    A place in the module's code lies `shift` behind the same place in the piece.
    """

    module: cst.Module
    statement: cst.CSTNode
    shift: int


def parse(text: str, word: str, opens: bool) -> Parsed | None:
    """Parse one piece alone; None where libcst refuses it or it is too deep or too long."""
    if len(text) > LONGEST_PIECE or (len(text) > MOST_NESTING and too_deep(text)):
        return None
    parsed = _parse_under(text, word, opens, word == "case" and opens)
    if parsed is None and word == "case" and not opens:
        parsed = _parse_under(text, word, opens, True)
    return parsed


def _parse_under(text: str, word: str, opens: bool, in_match: bool) -> Parsed | None:
    indent, code = _split_indent(text)
    before = "match 0:\n" if in_match else "if 1:\n" if indent else ""
    before += indent + _BORROWED[word] if word in _BORROWED else ""
    source = before + indent + code + _completion(word, indent, opens)
    try:
        module = cst.parse_module(source)
    except _REFUSED:
        return None
    statement = _statement(module, word, bool(indent) and not in_match, in_match)
    shift = len(before) + len(indent) + len(code) - len(text)
    return None if statement is None else Parsed(module, statement, shift)


def _split_indent(text: str) -> tuple[str, str]:
    """The indentation that counts (behind a form feed or byte order mark), and the code."""
    code = text.lstrip("\ufeff \t\f")
    return text[: len(text) - len(code)].lstrip("\ufeff").rpartition("\f")[2], code


def _completion(word: str, indent: str, opens: bool) -> str:
    """What a piece needs behind it. The line end is put there for the last line of a file."""
    block = "case _: pass" if word == "match" else "pass"
    after = f"\n{indent} {block}\n" if opens else "\n"
    return after + (f"{indent}finally: pass\n" if word == "try" else "")


def _statement(module: cst.Module, word: str, indented: bool, in_match: bool) -> cst.CSTNode | None:
    """The piece's own statement within the borrowed text."""
    body: Any = module.body
    if indented and body:
        body = body[0].body.body
    if not body:
        return None
    node: Any = body[0]
    if in_match:
        return node.cases[0] if len(body) == 1 else None
    if word in ("else", "elif"):
        node = node.orelse
    elif word == "except":
        node = node.handlers[0]
    elif word == "finally":
        node = node.finalbody
    return node if isinstance(node, cst.CSTNode) and len(body) == 1 else None


def node_at(parsed: Parsed, path: Path) -> cst.CSTNode:
    """The node that a path leads to."""
    node: Any = parsed.statement
    for step in path:
        node = node[step] if isinstance(step, int) else getattr(node, step)
    assert isinstance(node, cst.CSTNode)
    return node


def too_deep(text: str) -> bool:
    """Whether a parser that descends by recursion could run out of stack on this text."""
    levels = [0]  # links since the last comma, for each open bracket
    chained = 0
    for match in _SPOTS.finditer(text):
        kind = match.lastgroup
        if kind == "open":
            levels.append(0)
        elif kind in ("close", "comma"):
            chained -= levels[-1]
            levels[-1] = 0
            if kind == "close" and len(levels) > 1:
                levels.pop()
                levels[-1] += 1
                chained += 1
        elif kind in ("link", "string"):
            links = len(match.group()) if kind == "link" else 1
            levels[-1] += links
            chained += links
        if len(levels) > MOST_NESTING or chained > MOST_CHAINED:
            return True
    return False
