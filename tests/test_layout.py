"""Layout against ruff and black themselves: what they wrote must come out of it unchanged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import indent as indented

import libcst as cst
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fumehood.layout import columns, lay_out
from tests.formatter import blackened, formatted
from tests.share import examples
from tests.tree_keywords import with_keyword, without_keyword

WIDTHS = (79, 88, 100, 120)
KEYWORD = "postgresql_concurrently"
DEEPER = "    "

names = st.sampled_from(["t", "users", "email", "created_at", "a_rather_long_name_of_some_column"])
words = st.one_of(
    names,
    st.sampled_from(
        ["", "ix_orders_customer_id_created_at_status", "日本語の列", "naïve", "x" * 79]
    ),
    st.text(alphabet="abc_ é漢", min_size=1, max_size=70),
)
strings = words.map('"{}"'.format)
numbers = st.sampled_from(["1", "255", "1_000", "0.5", "True", "False", "None"])


def displays(elements: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Lists, tuples, sets and dicts, some with a trailing comma."""
    items = st.lists(elements, max_size=4)
    comma = st.sampled_from(["", "", "", "", ","])

    def written(brackets: str, items: list[str], comma: str) -> str:
        if brackets == "{}" and not items:
            return "{}"
        if (brackets == "()" and len(items) == 1) or not items:
            comma = "," if items else ""
        return brackets[0] + ", ".join(items) + comma + brackets[1]

    pairs = st.lists(st.tuples(strings, elements), max_size=3)
    return st.one_of(
        st.builds(written, st.sampled_from(["[]", "[]", "()", "{}"]), items, comma),
        pairs.map(lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"),
    )


def calls(
    functions: Sequence[str],
    elements: st.SearchStrategy[str],
    most: int = 4,
    stars: Sequence[str] = ("",),
) -> st.SearchStrategy[str]:
    """Calls with positional and keyword arguments, some with a trailing comma."""
    keywords = st.dictionaries(
        st.sampled_from(["unique", "schema", "nullable", "postgresql_where", "type_", "comment"]),
        elements,
        max_size=3,
    )
    comma = st.sampled_from(["", "", "", "", "", ","])

    def written(
        function: str, args: list[str], named: dict[str, str], star: str, comma: str
    ) -> str:
        all_args = args + [f"{name}={value}" for name, value in named.items()]
        all_args += [f"{star}kwargs"] if star else []
        return f"{function}({', '.join(all_args)}{comma if all_args else ''})"

    return st.builds(
        written,
        st.sampled_from(functions),
        st.lists(elements, max_size=most),
        keywords,
        st.sampled_from(stars),
        comma,
    )


plain = st.recursive(
    st.one_of(strings, strings, names, numbers, strings.map("op.f({})".format)),
    lambda inner: st.one_of(displays(inner), calls(["sa.Column", "sa.String", "sa.text"], inner)),
    max_leaves=6,
)
odd = st.one_of(
    plain,
    st.builds("{} {}".format, strings, strings),
    st.builds("({} {})".format, strings, strings),
    st.builds("{} == {}".format, names, numbers),
    st.builds("{} if {} else {}".format, names, names, names),
    st.builds("{} + {}".format, strings, strings),
    st.builds("[x for x in {}]".format, names),
    st.builds("lambda x: {}".format, names),
    st.builds("not {}".format, names),
    st.builds("{}[{}]".format, names, numbers),
    st.builds('sa.text("x").bindparams(x={})'.format, strings),
    st.builds("sa.Column({}).desc()".format, strings),
    st.builds('f"{{x}}_{}"'.format, words),
)
OPERATIONS = ["op.create_index", "op.drop_index", "op.add_column", "op.execute", "batch_op.f"]
plain_statements = calls(OPERATIONS, plain, most=5)
odd_statements = st.builds(
    "{}{}".format,
    st.sampled_from(["", "", "x = ", "return "]),
    calls([*OPERATIONS, "op.get_bind().execute"], odd, most=5, stars=["", "", "", "*", "**"]),
)


class Formatted:
    """Statements at one depth of a function, as a formatter wrote them."""

    def __init__(self, tool: str, statements: Sequence[str], depth: int, width: int) -> None:
        self.indent, self.width = DEEPER * depth, width
        headers = [
            DEEPER * level + ("def f():" if level == 0 else "if x:") for level in range(depth)
        ]
        lines = [*headers, *(indented(line, self.indent) for line in statements)]
        self.text = TOOLS[tool]("\n".join(lines) + "\n", width)
        self.module = cst.parse_module(self.text)

    def calls(self) -> Iterator[tuple[str, cst.Call, str]]:
        """What stands before each call, the call, and its text."""
        body = self.module.body
        while isinstance(body[0], cst.FunctionDef | cst.If):
            body = body[0].body.body  # type: ignore[assignment]
        for line in body:
            assert isinstance(line, cst.SimpleStatementLine)
            text = self.module.code_for_node(line).strip("\n").replace("\n", f"\n{self.indent}")
            call = line.body[0].value  # type: ignore[union-attr]
            assert isinstance(call, cst.Call)
            prefix = text[: text.index(self.module.code_for_node(call.func))]
            yield prefix, call, text[len(prefix) :]

    def lay_out(self, prefix: str, call: cst.Call) -> str | None:
        before = columns(self.indent + prefix)
        return lay_out(call, indent=self.indent, before=before, after=0, width=self.width)


def code_of(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


def cases(statements: st.SearchStrategy[str], size: int) -> st.SearchStrategy[list[str]]:
    return st.lists(statements, min_size=size, max_size=size)


def few(count: int) -> settings:
    """Few examples of many statements each: a formatter's start costs more than its work.

    Not shrunk: the statement that fails is shown alone, and shrinking twelve takes minutes.
    """
    return settings(examples(count), phases=(Phase.explicit, Phase.generate))


TOOLS = {"ruff": lambda text, width: formatted([text], width)[0], "black": blackened}
EACH_TOOL = pytest.mark.parametrize("tool", TOOLS)
SHAPES = {"widths": st.sampled_from(WIDTHS), "depths": st.integers(0, 3)}


@EACH_TOOL
@given(data=st.data())
@few(8)
def test_formatted_code_is_its_own_layout(tool: str, data: st.DataObject) -> None:
    width, depth = data.draw(SHAPES["widths"]), data.draw(SHAPES["depths"])
    code = Formatted(tool, data.draw(cases(odd_statements, 12)), max(depth, 1), width)
    for prefix, call, text in code.calls():
        assert code.lay_out(prefix, call) in (None, text)


@EACH_TOOL
@given(data=st.data())
@few(8)
def test_plain_shapes_are_known(tool: str, data: st.DataObject) -> None:
    width, depth = data.draw(SHAPES["widths"]), data.draw(SHAPES["depths"])
    code = Formatted(tool, data.draw(cases(plain_statements, 12)), depth, width)
    for prefix, call, text in code.calls():
        assert code.lay_out(prefix, call) == text


@EACH_TOOL
@given(data=st.data())
@few(8)
def test_a_new_keyword_one_level_deeper_stays_formatted(tool: str, data: st.DataObject) -> None:
    width, depth = data.draw(SHAPES["widths"]), data.draw(SHAPES["depths"])
    code = Formatted(tool, data.draw(cases(plain_statements, 12)), max(depth, 1), width)
    deeper = code.indent + DEEPER
    changed = [with_keyword(call, KEYWORD, "True") for _, call, _ in code.calls()]
    laid = [
        lay_out(call, indent=deeper, before=len(deeper), after=0, width=width) for call in changed
    ]
    again = Formatted(tool, list(map(code_of, changed)), max(depth, 1) + 1, width)
    assert laid == [text for _, _, text in again.calls()]


@EACH_TOOL
@given(data=st.data())
@few(5)
def test_a_removed_keyword_stays_formatted(tool: str, data: st.DataObject) -> None:
    width = data.draw(SHAPES["widths"])
    code = Formatted(tool, data.draw(cases(plain_statements, 12)), 1, width)
    changed = [without_keyword(call, "unique") for _, call, _ in code.calls()]
    laid = [code.lay_out("", call) for call in changed]
    again = Formatted(tool, list(map(code_of, changed)), 1, width)
    assert laid == [text for _, _, text in again.calls()]
