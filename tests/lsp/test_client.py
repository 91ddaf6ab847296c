"""What is read from a client's capabilities, and followed through its edits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumehood.lsp.client import Client
from fumehood.lsp.documents import Document, is_python
from fumehood.text import Edit, Span

KEYS = (
    *("general", "positionEncodings", "textDocument", "publishDiagnostics", "codeAction"),
    *("hover", "contentFormat", "tagSupport", "valueSet", "resolveSupport", "properties"),
    *("workspace", "workspaceEdit", "documentChanges"),
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(KEYS)
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner)
)


@given(json_values)
def test_any_capabilities_can_be_read(capabilities: object) -> None:
    client = Client.of(capabilities)
    assert client.encoding in ("utf-8", "utf-16", "utf-32")
    assert client.diagnostic_tags(("unnecessary", "deprecated", "other")) == sorted(client.tags)


def test_the_first_encoding_known_is_taken() -> None:
    def encoding(*offered: str) -> str:
        return Client.of({"general": {"positionEncodings": list(offered)}}).encoding

    assert encoding() == "utf-16"
    assert encoding("utf-7") == "utf-16"
    assert encoding("utf-32", "utf-16") == "utf-32"
    assert encoding("utf-7", "utf-8", "utf-32") == "utf-8"


def test_resolving_needs_data_to_come_back() -> None:
    resolving = {"resolveSupport": {"properties": ["edit"]}}
    assert not Client.of({"textDocument": {"codeAction": resolving}}).resolves_edits
    able = {"textDocument": {"codeAction": {**resolving, "dataSupport": True}}}
    assert Client.of(able).resolves_edits


@given(st.data())
def test_a_span_is_followed_through_edits_that_do_not_touch_it(data: st.DataObject) -> None:
    text, span = "a" * 10 + "FOUND" + "b" * 10, Span(10, 15)
    document = Document("x", 1)
    now = span
    for version in range(2, 2 + data.draw(st.integers(0, 6))):
        before = data.draw(st.booleans())
        low, high = (0, now.start) if before else (now.end, len(text))
        start = data.draw(st.integers(low, high))
        end = data.draw(st.integers(start, high))
        new = data.draw(st.sampled_from(["", "x", "yyy"]))
        text = text[:start] + new + text[end:]
        document.edited(Edit(start, end, new), version)
        document.version = version
        followed = document.follow(span, 1)
        assert followed is not None
        assert text[followed.start : followed.end] == "FOUND"
        now = followed


def test_an_edit_inside_a_span_widens_it() -> None:
    document = Document("x", 1)
    document.edited(Edit(12, 20, "---"), 2)
    assert document.follow(Span(10, 15), 1) == Span(10, 15)
    assert document.follow(Span(14, 30), 1) == Span(12, 25)
    assert document.follow(Span(14, 30), 2) == Span(14, 30)


def test_what_is_forgotten_cannot_be_followed() -> None:
    document = Document("x", 1)
    for version in range(2, 1000):
        document.edited(Edit(0, 0, "x"), version)
    assert document.follow(Span(5, 6), 1) is None
    assert document.follow(Span(5, 6), 990) == Span(14, 15)
    document.replaced(1000)
    assert document.follow(Span(5, 6), 990) is None
    assert document.follow(Span(5, 6), 1000) == Span(5, 6)


@pytest.mark.parametrize(
    ("uri", "language", "python"),
    [
        ("file:///a.py", "python", True),
        ("file:///a.py", "plaintext", True),
        ("file:///A.PY", None, True),
        ("file:///a.pyi", "", True),
        ("untitled:a", "python", True),
        ("file:///a.sql", "sql", False),
        ("file:///py", "django", False),
    ],
)
def test_what_is_python(uri: str, language: object, python: bool) -> None:
    assert is_python(uri, language) is python
