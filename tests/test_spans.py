"""Spans of nodes against libcst's own position provider and the nodes' own code."""

from __future__ import annotations

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from fumehood.spans import spans
from fumehood.text import Text

SOURCES = [
    "x = (f(a,\tb=[1, *c], **d) . e)[0]\n",
    "if a:\r\n\tx = '🜁🜂' + \"é\"\r\n\tif b: f ( '🜁' , # c\r\n\t\f\t (y) , )\r\n",
    "def f():\n  # c\n  with a as b, c:\n\n    return {'k' : (1), **d}\n  x = 1; y = 2 ;\n# end",
    "async def f(a, *, b: int = 1) -> None:\n    await (x\n      .y()\n    )\n",
    "z = f'{x!r:>{w}}' 'a'\ndel a[1:2, ...]\nx = a if b else c\n",
    "try:\n    pass\nexcept (A, B) as e:\n    raise\nelse:\n    1\nfinally:\n    assert x\n",
    "@d(\n 1)\nclass A(B, m=C):\n    x: int = lambda *a: (yield)\n    y = not -a and b\r\n",
]
# A position has no place for what lies behind a line's last character.
_WITH_LINE_END = cst.Newline | cst.TrailingWhitespace | cst.EmptyLine | cst.ParenthesizedWhitespace


class _All(cst.CSTVisitor):
    def __init__(self) -> None:
        self.nodes: list[cst.CSTNode] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        self.nodes.append(node)
        return True


def every_node(root: cst.CSTNode) -> list[cst.CSTNode]:
    visitor = _All()
    root.visit(visitor)
    return visitor.nodes


@pytest.mark.parametrize("source", SOURCES)
def test_spans_are_those_of_libcst(source: str) -> None:
    wrapper = MetadataWrapper(cst.parse_module(source))
    text = Text(source)
    found = spans(wrapper.module, every_node(wrapper.module))
    for node, place in wrapper.resolve(PositionProvider).items():
        if isinstance(node, _WITH_LINE_END) or getattr(node, "lpar", ()):
            continue
        start = text.offset(place.start.line - 1, place.start.column, "utf-32")
        end = text.offset(place.end.line - 1, place.end.column, "utf-32")
        assert found[node] == (start, end), node


@pytest.mark.parametrize("source", SOURCES)
def test_an_expression_has_its_parentheses(source: str) -> None:
    module = cst.parse_module(source)
    nodes = [node for node in every_node(module) if isinstance(node, cst.BaseExpression)]
    found = spans(module, nodes)
    for node in nodes:
        start, end = found[node]
        text = source[start:end]
        if isinstance(node, cst.BaseElement):
            continue
        assert text.split() == module.code_for_node(node).split()
        assert text == text.strip()
        assert text.startswith("(") or not getattr(node, "lpar", ())


def test_a_statement_as_root() -> None:
    module = cst.parse_module("if 1:\r\n\tf(a,\r\n\t  (b))\r\n")
    line = module.body[0].body.body[0]  # type: ignore[union-attr]
    call = line.body[0].value  # type: ignore[union-attr]
    code = module.code_for_node(line)
    found = spans(line, [call, call.args[1].value], newline="\r\n")
    start, end = found[call.args[1].value]
    assert code[start:end] == "(b)"
    assert spans(line, [cst.Name("elsewhere")]) == {}
