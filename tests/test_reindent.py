"""Lines move, strings do not."""

from __future__ import annotations

import ast
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumehood.reindent import reindent

CASES = {
    "one line": ("x\n", "  x\n"),
    "no line end": ("x", "  x"),
    "several": ("f(\n    a,\n)\n", "  f(\n      a,\n  )\n"),
    "blank lines": ("f(\n\n \t\n  a)\r\n", "  f(\n\n \t\n    a)\r\n"),
    "CR and CRLF": ("f(\r a,\r\n b)", "  f(\r   a,\r\n   b)"),
    "a comment": ("# it's\nf(  # \"\n# '''\n)", "  # it's\n  f(  # \"\n  # '''\n  )"),
    "triple quotes": ('f("""a\nb\n""",\nc)', '  f("""a\nb\n""",\n  c)'),
    "a quote within": ("f('''a\n'b'\n\\'''\n''',\nc)", "  f('''a\n'b'\n\\'''\n''',\n  c)"),
    "a backslash in a string": ("f('a\\\nb',\nc)", "  f('a\\\nb',\n  c)"),
    "a backslash outside": ("x = \\\n  1\n", "  x = \\\n    1\n"),
    "raw": ("f(r'''\\\n''',\nc)", "  f(r'''\\\n''',\n  c)"),
    "a string begins the line": ('f(\n"""a\nb""")', '  f(\n  """a\nb""")'),
    "f-string": ('f(f"""{a["b"]}\n{{"\n""",\nc)', '  f(f"""{a["b"]}\n{{"\n""",\n  c)'),
    "f-string, its own quote": ('f(f"{d["("]}",\nc)', '  f(f"{d["("]}",\n  c)'),
    "f-string, format": ('f(f"""{a:{w}}\n\'""",\nc)', '  f(f"""{a:{w}}\n\'""",\n  c)'),
    "f-string, named": ('f(f"\\N{DIGIT ONE}{x}\\\n",\nc)', '  f(f"\\N{DIGIT ONE}{x}\\\n",\n  c)'),
    "f-string, backslash and brace": ('f(fr"\\{a}",\nc)', '  f(fr"\\{a}",\n  c)'),
    "a form feed": ("\f  x\n", "\f    x\n"),
    "a name that ends like a prefix": ("buf'a'\n", "  buf'a'\n"),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_lines_move(before: str, after: str) -> None:
    assert reindent(before, "  ") == after


values = st.sampled_from(
    [
        '"""a\n"b\\""""',
        "'''\n  # '''",
        "'a\\\n b'",
        '"#"',
        "f'''{x!r:>{w}}\n{{'''",
        "rb'\\''",
        "f'{x}'",
        'f"""{f(\n "a")}\n"""',
        "(1)",
        "[\n]",
        "u'é'",
        'F"\\\n{x}"',
    ]
)
gaps = st.sampled_from(["", " ", "\n", "# it's\n", "\r\n  ", "\\\n", "\n\n\t", '  # """\n\n'])


def same(before: str, block: str) -> bool:
    """Whether the statement is the same within a block."""
    inner = ast.parse(block).body[0].body[0]  # type: ignore[attr-defined]
    return ast.dump(inner) == ast.dump(ast.parse(before).body[0])


@given(st.lists(st.tuples(gaps, values, gaps), max_size=6))
def test_no_string_changes(parts: list[tuple[str, str, str]]) -> None:
    text = "g(" + ",".join(map("".join, parts)) + ")\n"
    assert same(text, "if 1:\n" + reindent(text, "\t"))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="quotes nest in f-strings from 3.12 on")
def test_nested_quotes() -> None:
    text = 'g(f"""{d["""\na"""]}\n""",\n1)\n'
    assert same(text, "if 1:\n" + reindent(text, "\t"))
