"""The calls in a model's lines: what makes a column, and what makes an index."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import libcst as cst

from .arguments import argument_index
from .cut import Piece
from .identifiers import python_string, quoted
from .keyword_edits import item_insertion, item_removal
from .parts import IndexKey
from .read import reading as r
from .read.nodes import Name
from .spans import spans
from .statement import EXPRESSION, RefusedError, UnreadableError
from .syntax import Parsed, Path, node_at, parse
from .text import Edit

_COLUMNS = frozenset(["Column", "mapped_column", "Field"])
_AROUND = frozenset(["deferred", "column_property"])
# Functions that PostgreSQL knows to be immutable whatever they are given, as an index demands.
_IMMUTABLE = re.compile(r"(?:lower|upper|md5|length|abs|btrim|coalesce)\([^()]*\)")


def parsed(piece: Piece) -> Parsed:
    """The tree of a line that is one simple statement; refused where it is more."""
    found = parse(piece.text, piece.word, piece.opens)
    if found is None:
        raise UnreadableError(piece.text)
    if not isinstance(found.statement, cst.SimpleStatementLine) or len(found.statement.body) != 1:
        raise RefusedError("the line holds several statements")
    if "\f" in piece.text:
        raise RefusedError("a form feed sets the line's column")
    return found


def value_of(piece: Piece) -> cst.BaseExpression | None:
    """What a line gives, returns or is; None where it only declares."""
    statement = parsed(piece).statement
    assert isinstance(statement, cst.SimpleStatementLine)
    value = getattr(statement.body[0], "value", None)
    return value if isinstance(value, cst.BaseExpression) else None


def column_call(piece: Piece) -> Path | None:
    """The path to the call that makes a line's column; None where it is given no call."""
    value, path = value_of(piece), EXPRESSION
    while isinstance(value, cst.Call):
        name = _last_name(value.func)
        if name in _AROUND and value.args and value.args[0].keyword is None:
            value, path = value.args[0].value, (*path, "args", 0, "value")
            continue
        if name not in _COLUMNS:
            break
        inner = [
            n
            for n, arg in enumerate(value.args)
            if arg.keyword and arg.keyword.value == "sa_column"
        ]
        if not inner:
            return path
        value, path = value.args[inner[0]].value, (*path, "args", inner[0], "value")
    if isinstance(value, cst.Call) or path != EXPRESSION:
        raise RefusedError("the column is not written out here")
    return None


def table_column(piece: Piece, column: str) -> Path:
    """The path to the column of a name in the line of a Table()."""
    value = value_of(piece)
    if isinstance(value, cst.Call):
        for number, arg in enumerate(value.args):
            call = arg.value
            if (
                isinstance(call, cst.Call)
                and _last_name(call.func) == "Column"
                and _text(call, 0, "name") == column
            ):
                return (*EXPRESSION, "args", number, "value")
    raise RefusedError(f"the column {column} is not written out here")


def is_named(piece: Piece) -> bool:
    """Whether a line gives what it makes a name."""
    statement = parsed(piece).statement
    assert isinstance(statement, cst.SimpleStatementLine)
    return not isinstance(statement.body[0], cst.Expr)


def without_item(piece: Piece, path: Path) -> tuple[Path, Any]:
    """How to take out an item of a table's arguments, as `Statement.edit` wants it."""
    holder, position = path[:-3], path[-2]
    assert isinstance(position, int)
    node = node_at(parsed(piece), holder)
    in_table = isinstance(node, cst.Call) and _last_name(node.func) == "Table"
    if not in_table and not (isinstance(node, cst.Tuple) and node.lpar):
        raise RefusedError("the index is no item of a tuple")
    if isinstance(node, cst.Tuple) and len(node.elements) == 2:
        other = node.elements[1 - position].value
        if isinstance(other, cst.Dict):  # which may stand alone
            source = cst.Module([]).code_for_node(other)
            return holder, lambda root, each: [Edit(*spans(root, [each])[each], source)]
    return holder, lambda root, each: item_removal(root, each, position)


def is_only_item(piece: Piece, path: Path) -> bool:
    """Whether a tuple holds nothing else."""
    node = node_at(parsed(piece), path[:-3])
    return isinstance(node, cst.Tuple) and len(node.elements) == 1


def with_index(root: cst.Module, node: cst.CSTNode, source: str) -> Sequence[Edit]:
    """The edits that put an index into `__table_args__`, or into a Table()."""
    if isinstance(node, cst.Dict) and not node.lpar:
        end = spans(root, [node])[node]
        return [Edit(end[0], end[0], f"({source}, "), Edit(end[1], end[1], ")")]
    if isinstance(node, cst.Call) and _last_name(node.func) == "Table":
        keywords = [arg.keyword is not None or bool(arg.star) for arg in node.args]
        position = keywords.index(True) if True in keywords else len(keywords)
        if any(not each for each in keywords[position:]):
            raise RefusedError("what is unpacked may hold the table's options")
        return item_insertion(root, node, position, source)
    if not isinstance(node, cst.Tuple) or len(node.lpar) != 1:
        raise RefusedError("the table's arguments are not written out as a tuple")
    last = node.elements[-1] if node.elements else None
    if isinstance(last, cst.StarredElement) or isinstance(last and last.value, cst.Name):
        raise RefusedError("the last of the table's arguments may be its options")
    position = len(node.elements) - isinstance(last and last.value, cst.Dict)
    return item_insertion(root, node, position, source)


def annotated(piece: Piece) -> tuple[str, str, str | None]:
    """A line `name: annotation = value`: its code up to the value, the annotation, the value."""
    found = parsed(piece)
    statement: Any = found.statement
    line = statement.body[0]
    if not isinstance(line, cst.AnnAssign):
        raise RefusedError("the column is not written out here")
    end = spans(found.module, [line.annotation.annotation])[line.annotation.annotation][1]
    code = cst.Module([]).code_for_node
    value = None if line.value is None else code(line.value)
    return piece.text[: end - found.shift], code(line.annotation.annotation), value


def binds(reading: r.Reading, name: str) -> bool:
    """Whether a line gives a name a value."""
    header = reading.header
    if isinstance(header, r.Define | r.Class) and header.name == name:
        return True
    return any(
        (isinstance(each, r.Assign) and Name(name) in each.targets)
        or (isinstance(each, r.Import) and name in dict(each.names))
        for each in reading.statements
    )


def tail(piece: Piece) -> str:
    """What stands behind a line's statement: a comment, and the line's end."""
    found = parsed(piece)
    statement: Any = found.statement
    line = statement.body[0]
    return piece.text[spans(found.module, [line])[line][1] - found.shift :]


def forwards(keys: Sequence[IndexKey]) -> Sequence[IndexKey]:
    """Keys without their direction, where it is the same for all: an index is read both ways."""
    directions = {(key.descending, key.nulls_first in (None, key.descending)) for key in keys}
    if len(directions) > 1 or not all(usual for _, usual in directions):
        return keys
    return [replace(key, descending=False, nulls_first=None) for key in keys]


def index_source(name: str, keys: Sequence[IndexKey], call: str, text: str, quote: str) -> str:
    """The call of an index; `call` and `text` are what the file calls SQLAlchemy's functions."""
    arguments = [_quoted(name, quote)]
    classes: list[str] = []
    for key in keys:
        suffix = _suffix(key)
        if key.expression is None and isinstance(key.column, str) and not suffix:
            arguments.append(_quoted(key.column, quote))
        else:
            arguments.append(f"{text}({_quoted(_sql(key) + suffix, quote)})")
        if key.operator_class is not None and key.expression is None:
            classes.append(
                f"{_quoted(str(key.column), quote)}: {_quoted(str(key.operator_class), quote)}"
            )
        elif key.operator_class is not None:
            raise RefusedError("an expression's operator class has no place here")
    if classes:
        arguments.append(f"postgresql_ops={{{', '.join(classes)}}}")
    return f"{call}({', '.join(arguments)})"


def _sql(key: IndexKey) -> str:
    if key.expression is None:
        return quoted(str(key.column))
    if not _IMMUTABLE.fullmatch(key.expression) or ":" in key.expression:
        raise RefusedError("it is not known whether PostgreSQL can index the expression")
    return key.expression


def _suffix(key: IndexKey) -> str:
    nulls = (
        ""
        if key.nulls_first is None or key.nulls_first == key.descending
        else " NULLS FIRST"
        if key.nulls_first
        else " NULLS LAST"
    )
    return (" DESC" if key.descending else "") + nulls


def _quoted(text: str, quote: str) -> str:
    literal = python_string(text)
    return literal if quote == '"' or "'" in text or "\\" in literal else f"'{text}'"


def _text(call: cst.Call, position: int, name: str) -> str | None:
    """The string literal that an argument is."""
    index = argument_index(call, position, name)
    value = None if index is None else call.args[index].value
    found = value.evaluated_value if isinstance(value, cst.SimpleString) else None
    return found if isinstance(found, str) else None


def _last_name(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""
