"""The same migration with a name for each constraint, as a convention may ask for."""

from __future__ import annotations

import ast
from itertools import count

_UNNAMED = frozenset({"CheckConstraint", "ForeignKey", "ForeignKeyConstraint", "UniqueConstraint"})


def named(text: str) -> str:
    """A migration's text in which no constraint but a primary key is without a name."""
    return ast.unparse(ast.fix_missing_locations(_Name().visit(ast.parse(text)))) + "\n"


class _Name(ast.NodeTransformer):
    def __init__(self) -> None:
        self._numbers = count(1)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = getattr(node.func, "attr", "")
        if name == "create_table":
            node.args += [unique for arg in node.args[1:] for unique in _made_own(arg)]
        self.generic_visit(node)
        if name in _UNNAMED and "name" not in {each.arg for each in node.keywords}:
            node.keywords.append(ast.keyword("name", ast.Constant(f"c{next(self._numbers)}")))
        return node


def _made_own(column: ast.expr) -> list[ast.expr]:
    """The unique constraint that a column brings, taken out of it; an index is none."""
    if not isinstance(column, ast.Call):
        return []
    said = {each.arg: each for each in column.keywords}
    if "unique" not in said or "index" in said:
        return []
    column.keywords.remove(said["unique"])
    return [ast.Call(ast.parse("sa.UniqueConstraint", mode="eval").body, [column.args[0]], [])]
