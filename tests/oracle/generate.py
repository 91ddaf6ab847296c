"""Migrations from a grammar of statements, believable and odd."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

from tests.oracle.fragments import CONDITIONS, CONSTANTS, IMPORTS, LOOPS

T = TypeVar("T")


class Writer:
    """Writes one migration, asking `draw` at each choice."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._import, self.op = self.pick(IMPORTS)
        self._variables: list[str] = []
        self._helpers = ["rebuild", "add"]

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return self._draw(st.sampled_from(options))

    def migration(self) -> str:
        """The text of a whole migration."""
        before, after = [], []
        for name in self._helpers[:]:
            self._helpers.remove(name)
            (before if self.pick((True, False)) else after).append(self._helper(name))
        self._helpers = ["rebuild", "add"]
        entries = [self._entry("upgrade"), self._entry("downgrade")]
        head = f'"""A migration."""\n\nimport os\n\nimport sqlalchemy as sa\n{self._import}\n'
        ids = 'revision = "b2"\ndown_revision = "a1"\n'
        predicate = (
            f'def is_sqlite() -> bool:\n    return {self.op}get_bind().dialect.name == "sqlite"\n'
        )
        return "\n\n".join([head, ids, CONSTANTS, *before, predicate, *entries, *after])

    def _helper(self, name: str) -> str:
        head = {
            "rebuild": "def rebuild(column, *, concurrently=False):",
            "add": 'def add(table: str, column="email", schema=None, **options):',
        }[name]
        self._variables = ["column"] if name == "rebuild" else ["table", "column"]
        body = self._body(1, 1)
        keyword = "concurrently" if name == "rebuild" else None
        options = f"postgresql_concurrently={keyword}" if keyword else "schema=schema, **options"
        table = "TABLE" if keyword else "table"
        body.append(f'    {self.op}create_index("ix_" + column, {table}, [column], {options})')
        self._variables = []
        return "\n".join([head, *body, ""])

    def _entry(self, name: str) -> str:
        self._variables = []
        return "\n".join([f"def {name}() -> None:", *self._body(1, 3), ""])

    def _body(self, depth: int, most: int) -> list[str]:
        variables = list(self._variables)
        lines: list[str] = []
        for _ in range(self._draw(st.integers(1, most))):
            lines += self._statement(depth)
        self._variables = variables
        return lines

    def _statement(self, depth: int) -> list[str]:
        simple = [self._simple] * 5 + [self._table, self._assign, self._call]
        compound = [self._block, self._batch, self._if, self._for, self._try, self._odd]
        write = self.pick(simple + (compound if depth < 4 else []))
        return write(depth)

    def _simple(self, depth: int) -> list[str]:
        pad = "    " * depth
        text = self._index()
        comment = self.pick(("", "", "  # a comment", "  # op.drop_index('x')"))
        layout = self.pick(("plain", "plain", "lines", "semicolon", "expression"))
        if layout == "lines":
            head, _, rest = text.partition("(")
            return [f"{pad}{head}({comment}", f"{pad}    {rest[:-1]}", f"{pad}){comment}"]
        if layout == "semicolon":
            return [f"{pad}{text}; {self._index()}{comment}"]
        if layout == "expression":
            return [f"{pad}{text} if {self._condition()} else None"]
        return [pad + text + comment]

    def _index(self) -> str:
        if self.pick((True, True, False)):
            name, table, columns = self._name(), self._table_name(), f"[{self._column()}]"
            arguments = self.pick(
                (
                    f"{name}, {table}, {columns}",
                    f"{name}, {table}, columns={columns}",
                    f"columns={columns}, table_name={table}, index_name={name}",
                    f"*({name}, {table}), {columns}",
                )
            )
            return f"{self.op}create_index({arguments}{self._schema()}{self._concurrently()})"
        arguments = self.pick(
            ("{0}", "{0}, {1}", "{0}, table_name={1}", "table_name={1}, index_name={0}")
        ).format(self._name(), self._table_name())
        return f"{self.op}drop_index({arguments}{self._schema()}{self._concurrently()})"

    def _table(self, depth: int) -> list[str]:
        name, column = self._table_name(), self._column()
        text = self.pick(
            (
                f'create_table({name}, sa.Column("id", sa.Integer()){self._schema()})',
                f"create_table({name}{self._schema()})",
                f"drop_table({name}{self._schema()})",
                f"add_column({name}, sa.Column({column}, sa.Text(), index=True){self._schema()})",
                f"drop_column({name}, {column}{self._schema()})",
            )
        )
        return ["    " * depth + self.op + text]

    def _assign(self, depth: int) -> list[str]:
        name, value = self.pick(
            (
                ("table", '"teams"'),
                ("table", 'TABLE if is_sqlite() else "orders"'),
                ("column", "COLUMNS[0]"),
                ("column", "BY_TABLE[TABLE]"),
                ("column", '"email" if os.environ.get("ONLINE") else "name"'),
                ("column", 'input("column")'),
            )
        )
        self._variables.append(name)
        return [f"{'    ' * depth}{name} = {value}"]

    def _call(self, depth: int) -> list[str]:
        calls = {
            "rebuild": ("rebuild({0})", "rebuild(column={0}, concurrently=True)"),
            "add": (
                'add({1}, schema="crm")',
                "add({1}, {0}, **SAFE)",
                "add(column={0}, table={1})",
            ),
        }
        if not self._helpers:
            return ["    " * depth + "pass"]
        text = self.pick(calls[self.pick(self._helpers)])
        return ["    " * depth + text.format(self._column(), self._table_name())]

    def _block(self, depth: int) -> list[str]:
        pad = "    " * depth
        block = f"{self.op}get_context().autocommit_block()"
        head = self.pick(
            (
                [f"{pad}with {block}:"],
                [f"{pad}with open(TABLE) as file, {block}:"],
                [f"{pad}with (", f"{pad}    {block},", f"{pad}):"],
                [f"{pad}ctx = {self.op}get_context()", f"{pad}with ctx.autocommit_block():"],
            )
        )
        return [*head, *self._body(depth + 1, 2)]

    def _batch(self, depth: int) -> list[str]:
        pad = "    " * depth
        schema = self.pick(("", ", schema=None", ', schema="crm"', ', "crm"'))
        head = f"{pad}with {self.op}batch_alter_table({self._table_name()}{schema}) as batch_op:"
        inner = pad + "    batch_op."
        column, name = self._column(), self._name()
        body = self.pick(
            (
                [f"{inner}create_index({name}, [{column}]{self._concurrently()})"],
                [f"{inner}create_index(batch_op.f({name}), columns=[{column}], unique=True)"],
                [f"{inner}drop_index({name})", f"{inner}drop_column({column})"],
                [
                    f"{inner}add_column(sa.Column({column}, sa.Text()))",
                    f"{inner}create_index({name}, [{column}])",
                ],
            )
        )
        return [head, *body]

    def _if(self, depth: int) -> list[str]:
        pad = "    " * depth
        if self.pick((False, False, True)):
            return [f"{pad}if {self._condition()}:", f"{pad}    {self.pick(('return', 'raise X'))}"]
        if self.pick((False, False, True)):
            return [f"{pad}if {self._condition()}: {self._index()}"]
        lines = [f"{pad}if {self._condition()}:", *self._body(depth + 1, 2)]
        if self.pick((False, True)):
            lines += [f"{pad}elif {self._condition()}:", *self._body(depth + 1, 1)]
        if self.pick((False, True)):
            lines += [f"{pad}else:", *self._body(depth + 1, 2)]
        return lines

    def _for(self, depth: int) -> list[str]:
        target, items, names = self.pick(LOOPS)
        before = list(self._variables)
        self._variables += names
        lines = [f"{'    ' * depth}for {target} in {items}:", *self._body(depth + 1, 2)]
        self._variables = before
        return lines

    def _try(self, depth: int) -> list[str]:
        pad = "    " * depth
        lines = [f"{pad}try:", *self._body(depth + 1, 1)]
        lines += [f"{pad}except Exception:", *self._body(depth + 1, 1)]
        if self.pick((False, True)):
            lines += [f"{pad}else:", *self._body(depth + 1, 1)]
        if self.pick((False, True)):
            lines += [f"{pad}finally:", *self._body(depth + 1, 1)]
        return lines

    def _odd(self, depth: int) -> list[str]:
        pad = "    " * depth
        return self.pick(
            (
                [pad + '"""', 'op.create_index("ix", "users", ["email"])', '"""'],
                [pad + '# op.create_index("ix", "users", ["email"])', pad + "pass"],
                [f"{pad}def never():", f"{pad}    {self._index()}"],
                [f"{pad}class Never:", f"{pad}    def upgrade(self):", f"{pad}        pass"],
                [f"{pad}text = '''", "def upgrade():", "    pass", "'''"],
                [f"{pad}{self.op}execute('COMMIT')"],
                [f"{pad}client.create_index({self._name()}, {self._table_name()})"],
                [f"{pad}result = \\", f"{pad}    {self._index()}"],
            )
        )

    def _condition(self) -> str:
        return self.pick(CONDITIONS).format(op=self.op)

    def _name(self) -> str:
        column = self._column()
        return self.pick(
            (
                '"ix_users_email"',
                "'ix_' 'users'",
                "None",
                f'{self.op}f("ix_users_name")',
                f'f"ix_{{TABLE}}_{{{column}}}"' if '"' not in column else "PREFIX",
                f'"ix_%s_%s" % (TABLE, {column})',
                f'"ix_{{}}_{{0}}".replace("0", "").format(TABLE, {column})',
                'PREFIX + "_email"',
                '"_".join(["ix", *COLUMNS])',
                'input("name")',
            )
        )

    def _table_name(self) -> str:
        known = ['"users"', '"users"', '"teams"', "TABLE"]
        return self.pick(known + ["table"] * ("table" in self._variables) * 3)

    def _column(self) -> str:
        return self.pick(['"email"', '"name"'] + ["column"] * ("column" in self._variables) * 4)

    def _schema(self) -> str:
        return self.pick(("", "", "", ', schema="crm"', ", schema=SCHEMA", ", schema=None"))

    def _concurrently(self) -> str:
        return self.pick(
            (
                "",
                "",
                "",
                ", postgresql_concurrently=True",
                ", postgresql_concurrently=YES",
                ", postgresql_concurrently=NO",
                ", postgresql_concurrently=not is_sqlite()",
                ", **OPTIONS",
                ", **SAFE",
                ", **read_options()",
                ', **{**OPTIONS, "postgresql_concurrently": True}',
            )
        )


@st.composite
def migrations(draw: st.DrawFn) -> str:
    """The text of a migration that parses."""
    return Writer(draw).migration()
