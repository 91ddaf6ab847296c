"""Where nodes lie in the code of their root: code generation with a log of positions.

libcst's own PositionProvider needs a MetadataWrapper, which copies the whole tree and counts lines
and columns; an offset within one statement needs neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

import libcst as cst
from libcst._nodes.internal import CodegenState


def spans(
    root: cst.CSTNode,
    wanted: Iterable[cst.CSTNode],
    *,
    newline: str = "\n",
    default_indent: str = "    ",
) -> dict[cst.CSTNode, tuple[int, int]]:
    """The [start, end) of each wanted node in the code generated from `root`, in code points.

    A span holds a node's own text, without the whitespace and the comma around it; a parenthesised
    expression's span holds its parentheses. The key is the node itself, by identity. A node that is
    not below `root` is absent. `newline` and `default_indent` are those of the module that a root
    which is not a module itself was parsed in.
    """
    if isinstance(root, cst.Module):
        newline, default_indent = root.default_newline, root.default_indent
    found = _places(root, newline, default_indent)
    return {node: found[node] for node in wanted if node in found}


@lru_cache(maxsize=16)  # the places of one line are asked for one after the other
def _places(
    root: cst.CSTNode, newline: str, default_indent: str
) -> Mapping[cst.CSTNode, tuple[int, int]]:
    log = _Log(default_indent, newline)
    root._codegen(log)
    return log.found


class _Log(CodegenState):
    """Counts what is written and notes where each node begins and ends."""

    def __init__(self, default_indent: str, default_newline: str) -> None:
        super().__init__(default_indent=default_indent, default_newline=default_newline)
        self.found: dict[cst.CSTNode, tuple[int, int]] = {}
        self._length = 0
        self._open: list[int] = []

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self._length += len(value)

    def add_indent_tokens(self) -> None:
        self.tokens.extend(self.indent_tokens)
        self._length += sum(map(len, self.indent_tokens))

    def pop_trailing_newline(self) -> None:
        if self.tokens:
            self._length -= len(self.tokens.pop())

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._open.append(self._length)

    def after_codegen(self, node: cst.CSTNode) -> None:
        start = self._open.pop()
        self.found.setdefault(node, (start, self._length))

    @contextmanager
    def record_syntactic_position(
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> Iterator[None]:
        start = self._length
        yield
        # libcst's syntactic position of an expression leaves its parentheses out.
        if isinstance(node, cst.BaseExpression) and not isinstance(node, cst.BaseElement):
            return
        if start_node is not None:
            start = self.found[start_node][0]
        end = self._length if end_node is None else self.found[end_node][1]
        self.found[node] = (start, end)
