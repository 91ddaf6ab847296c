"""The same migration on tables that lie in a schema."""

from __future__ import annotations

import ast

from fumehood.read.sql import postgresql, statements

# Operations and batches: which keywords name the schemas of their tables, outside and in a batch.
_SCHEMA = {"create_foreign_key": (("source_schema", "referent_schema"), ("referent_schema",))}
_OUTSIDE = frozenset(
    {
        "add_column",
        "alter_column",
        "batch_alter_table",
        "create_check_constraint",
        "create_index",
        "create_primary_key",
        "create_table",
        "create_unique_constraint",
        "drop_column",
        "drop_constraint",
        "drop_index",
        "drop_table",
        "rename_table",
    }
)


class NoSchemaError(Exception):
    """The example cannot be moved into a schema by its text alone."""


def in_schema(text: str, schema: str) -> str:
    """A migration's text with all its tables in a schema. Raises NoSchemaError."""
    if "schema" in text:
        raise NoSchemaError("it says something of schemas itself")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise NoSchemaError("it does not parse as a whole") from error
    return ast.unparse(ast.fix_missing_locations(_Move(schema).visit(tree))) + "\n"


class _Move(ast.NodeTransformer):
    def __init__(self, schema: str) -> None:
        self.schema = schema

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        in_batch = getattr(getattr(function, "value", None), "id", "op") != "op"
        keywords: tuple[str, ...] = ()
        if name in _SCHEMA:
            keywords = _SCHEMA[name][in_batch]
        elif name in _OUTSIDE and not in_batch:
            keywords = ("schema",)
        elif name == "ForeignKey":
            node.args[:1] = [self._target(each) for each in node.args[:1]]
        elif name == "ForeignKeyConstraint":
            targets = node.args[1].elts if isinstance(node.args[1], ast.List) else ()
            node.args[1] = ast.List([self._target(each) for each in targets], ast.Load())
        elif name in ("execute", "exec_driver_sql", "text"):
            node.args = [self._sql(arg) for arg in node.args]
        node.keywords += [ast.keyword(key, ast.Constant(self.schema)) for key in keywords]
        return node

    def _target(self, node: ast.expr) -> ast.expr:
        if not isinstance(node, ast.Constant):
            raise NoSchemaError("a foreign key's target is no literal")
        return ast.Constant(f"{self.schema}.{node.value}")

    def _sql(self, node: ast.expr) -> ast.expr:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            if isinstance(node, ast.Call):
                return node  # its own argument has been seen
            raise NoSchemaError("SQL that is no literal")
        sql, grammar = node.value, postgresql()
        parsed = [] if grammar is None else statements(grammar, sql)
        if not parsed and grammar is not None:  # the SQL of a default, say
            expression = statements(grammar, f"SELECT {sql}")
            if expression and not any(map(_places, expression)):
                return node
        if not parsed or "DROP" in sql.upper():
            raise NoSchemaError("SQL that names tables otherwise, or none")
        data = sql.encode()
        for place in sorted({place for each in parsed for place in _places(each)}, reverse=True):
            data = data[:place] + f"{self.schema}.".encode() + data[place:]
        return ast.Constant(data.decode())


def _places(message: object) -> list[int]:
    """Where tables are named, in bytes."""
    found: list[int] = []
    if message.DESCRIPTOR.name == "RangeVar":  # type: ignore[attr-defined]
        return [message.location]  # type: ignore[attr-defined]
    for field, value in message.ListFields():  # type: ignore[attr-defined]
        if field.message_type is not None:
            for item in (value,) if hasattr(value, "DESCRIPTOR") else value:
                found += _places(item)
    return found
