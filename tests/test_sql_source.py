"""Edits in SQL land where Python puts those characters, however the string is written."""

from __future__ import annotations

import ast

import libcst as cst
from hypothesis import given
from hypothesis import strategies as st

from fumehood.sql_source import sql_edits
from fumehood.text import Edit

NAMES = {"name": "a é", "other": " a'{}", "function": str.upper}
TEXT = st.text(st.sampled_from("aé ';:%-{}\"\\\n\t"), max_size=8)


def raw(text: str, quote: str) -> str:
    """Raw where that is possible."""
    impossible = text.endswith("\\") or quote[0] in text or ("\n" in text and len(quote) == 1)
    return repr(text) if impossible else f"r{quote}{text}{quote}"


def formatted(text: str) -> str:
    """An f-string with a name in its midst, or at an end."""
    doubled = repr(text).replace("{", "{{").replace("}", "}}")
    return f"f{doubled[:-1]}{{name}}{doubled[-1]}"


PARTS = st.one_of(
    TEXT.map(repr),
    st.builds(raw, TEXT, st.sampled_from(["'", '"', '"""'])),
    TEXT.map(formatted),
    TEXT.map(lambda text: '"""' + text.replace("\\", "\\\\").replace('"', '\\"') + '"""'),
    st.sampled_from(["name", "name", "other"]),
)


def value_of(source: str) -> str:
    return str(eval(compile(ast.parse(source, mode="eval"), "", "eval"), dict(NAMES)))


@given(st.lists(PARTS, min_size=1, max_size=4), st.data())
def test_an_edit_is_where_python_puts_it(parts: list[str], data: st.DataObject) -> None:
    source = " + ".join(parts)
    sql = value_of(source)
    start = data.draw(st.integers(0, len(sql)))
    end = data.draw(st.sampled_from([start, min(start + 2, len(sql))]))
    new = data.draw(st.sampled_from([" NOT VALID", 'CONSTRAINT "A" ']))
    module = cst.parse_module(source)
    value = module.body[0].body[0].value  # type: ignore[union-attr,index]
    edits = sql_edits(module, value, sql, [Edit(start, end, new)])
    if edits is not None:
        (edit,) = edits
        changed = source[: edit.start] + edit.text + source[edit.end :]
        assert value_of(changed) == sql[:start] + new + sql[end:]


def test_what_a_function_makes_of_a_string_is_not_edited() -> None:
    value = cst.parse_expression('function("a")')
    module = cst.Module([cst.SimpleStatementLine([cst.Expr(value)])])
    assert sql_edits(module, value, "A", [Edit(1, 1, " NOT VALID")]) is None


def test_a_part_between_names_is_edited_where_it_is_the_only_one_of_its_kind() -> None:
    for part, places in (("é", 0), (" b ", 4)):
        source = f"name + {part!r} + name"
        module = cst.parse_module(source)
        value = module.body[0].body[0].value  # type: ignore[union-attr,index]
        sql = value_of(source)
        made = [sql_edits(module, value, sql, [Edit(n, n, "x")]) for n in range(len(sql) + 1)]
        assert len([each for each in made if each is not None]) == places


@given(TEXT)
def test_one_plain_string_can_be_edited_everywhere(text: str) -> None:
    module = cst.parse_module(repr(text))
    value = module.body[0].body[0].value  # type: ignore[union-attr,index]
    for start in range(len(text) + 1):
        assert sql_edits(module, value, text, [Edit(start, start, " NOT VALID")]) is not None
