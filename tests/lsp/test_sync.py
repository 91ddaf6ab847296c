"""The engine's text follows the editor's, and each analysed version is published once."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from raw_client import FAKE_SERVER, Client, Json, changing, edit

ENCODINGS = ("utf-8", "utf-16", "utf-32")
# What editors write: VS Code's Windows paths, spaces, percent signs, documents without a file.
URIS = (
    "file:///home/me/my%20project/0001_a.py",
    "file:///home/me/my project/0001_a.py",
    "file:///100%25/%E6%BC%A2/x.py",
    "file:///c%3A/Users/me/x.py",
    "file:///C:/Users/me/x.py",
    "FILE:///c:/Upper.PY",
    "file://server/share/x.py",
    "untitled:Untitled-1",
    "vscode-notebook-cell:/a.ipynb#X0",
    "file:///bad%zz%00.py",
    "http://[/x.py",
    "x",
)


@pytest.fixture(scope="module", params=ENCODINGS)
def spoken(request: pytest.FixtureRequest) -> Iterator[tuple[Client, str]]:
    """A server and the encoding that it speaks."""
    with Client(FAKE_SERVER) as client:
        offered = ["utf-7", request.param, "utf-16"]
        result = client.initialize({"general": {"positionEncodings": offered}})
        assert result["capabilities"]["positionEncoding"] == request.param
        yield client, request.param


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A server that speaks utf-16, for no other was offered."""
    with Client(FAKE_SERVER) as client:
        assert client.initialize()["capabilities"]["positionEncoding"] == "utf-16"
        yield client


def units(text: str, encoding: str) -> int:
    """The length of a text in code units."""
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    return len(text.encode(f"{encoding}-le" if width > 1 else encoding)) // width


def place(text: str, offset: int, encoding: str) -> Json:
    """An offset as a position; the text's lines end with a line feed."""
    before = text[:offset].split("\n")
    return {"line": len(before) - 1, "character": units(before[-1], encoding)}


def starts(text: str, encoding: str) -> list[Json]:
    """Where the findings begin."""
    return [
        place(text, index, encoding) for index in range(len(text)) if text.startswith("BAD", index)
    ]


def test_edits_in_three_encodings(spoken: tuple[Client, str], uri: str) -> None:
    client, encoding = spoken
    chance = random.Random(encoding)
    text = "😀 BAD\n"
    client.open(uri, text)
    for version in range(2, 200):
        changes = []
        for _ in range(chance.choice((1, 1, 3))):
            start = chance.randint(0, len(text))
            end = min(len(text), start + chance.choice((0, 0, 1, 3)))
            new = chance.choice(("", "x", "é", "漢", "😀", "\n", " BAD ", "\u2028", "\f"))
            ends = {"start": place(text, start, encoding), "end": place(text, end, encoding)}
            text = text[:start] + new + text[end:]
            changes.append({"range": ends, "text": new})
        client.change(uri, version, *changes)
        found = client.diagnostics(uri, version)
        assert [one["range"]["start"] for one in found] == starts(text, encoding)


def test_whole_texts_and_ranges_mix(client: Client, uri: str) -> None:
    client.open(uri, "")
    client.change(uri, 2, {"text": "BAD\nBAD"}, edit(0, 0, 3, "good"), edit(1, 3, 3, " BAD"))
    lines = [one["range"]["start"] for one in client.diagnostics(uri, 2)]
    assert lines == [{"line": 1, "character": 0}, {"line": 1, "character": 4}]
    client.change(uri, 3, edit(0, 0, 0, "BAD"), {"text": "good"})
    assert client.diagnostics(uri, 3) == []
    client.change(uri, 4, {"text": "BAD", "range": None})
    assert len(client.diagnostics(uri, 4)) == 1


def test_a_range_may_be_given_backwards(client: Client, uri: str) -> None:
    client.open(uri, "BAD good")
    backwards = {"start": {"line": 0, "character": 4}, "end": {"line": 0, "character": 0}}
    client.change(uri, 2, {"range": backwards, "text": ""})
    assert client.diagnostics(uri, 2) == []


def test_a_version_that_is_not_newer_is_ignored(client: Client, uri: str) -> None:
    client.open(uri, "BAD", version=5)
    for stale in (5, 4):
        client.change(uri, stale, {"text": "good"})
        client.logged(f"version {stale} came after 5")
    client.change(uri, 6, edit(0, 3, 3, " BAD"))
    assert len(client.diagnostics(uri, 6)) == 2


def test_a_client_without_versions(client: Client, uri: str) -> None:
    client.open(uri, "BAD", version=None)
    assert len(client.diagnostics(uri, None)) == 1
    client.change(uri, None, edit(0, 0, 3, ""))
    assert client.diagnostics(uri, None) == []


def test_what_is_not_open_is_ignored(client: Client, uri: str) -> None:
    client.change(uri, 2, {"text": "BAD"})
    client.close(uri)
    client.open(uri, "BAD BAD")
    assert len(client.diagnostics(uri, 1)) == 2


def test_opened_twice_is_opened_anew(client: Client, uri: str) -> None:
    client.open(uri, "BAD")
    client.open(uri, "BAD BAD", version=1)
    client.logged("opened twice")
    # The first text's may be published before, or the two may be taken together.
    while len(client.diagnostics(uri, 1)) != 2:
        pass


def test_closing_takes_the_diagnostics_back(client: Client, uri: str) -> None:
    client.open(uri, "BAD")
    assert client.diagnostics(uri, 1)
    client.close(uri)
    assert client.diagnostics(uri, None) == []
    client.open(uri, "BAD", version=1)
    assert client.diagnostics(uri, 1)


def test_only_python_is_analysed(client: Client, uri: str) -> None:
    client.open("file:///a.sql", "BAD", language="sql")
    client.change("file:///a.sql", 2, {"text": "BAD"})
    client.open("file:///b.py", "BAD", language="plaintext")
    client.open("untitled:c", "BAD", language="python")
    assert client.diagnostics("file:///b.py", 1)
    assert client.diagnostics("untitled:c", 1)
    assert not [m for m in client.received if m.get("params", {}).get("uri") == "file:///a.sql"]


@pytest.mark.parametrize("odd", URIS)
def test_uris_go_back_as_they_came(client: Client, odd: str) -> None:
    client.open(odd, "BAD")
    assert client.diagnostics(odd, 1)
    client.change(odd, 2, edit(0, 0, 0, "BAD "))
    found = client.diagnostics(odd, 2)
    assert len(found) == 2
    client.close(odd)
    assert client.diagnostics(odd, None) == []


def test_a_symlink_keeps_its_name(client: Client, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("links")
    (folder / "real.py").write_text("BAD")
    (folder / "link.py").symlink_to("real.py")
    uris = [(folder / name).as_uri() for name in ("real.py", "link.py")]
    for uri in uris:
        client.open(uri, "BAD")
    client.change(uris[1], 2, {"text": "good"})
    assert client.diagnostics(uris[0], 1)
    assert client.diagnostics(uris[1], 2) == []


def test_changes_that_wait_together_are_published_once(client: Client, uri: str) -> None:
    client.open(uri, "BAD")
    client.diagnostics(uri, 1)
    versions = range(2, 102)
    client.send(*(changing(uri, version, edit(0, 0, 0, "x")) for version in versions))
    found = client.diagnostics(uri, versions[-1])
    assert found[0]["range"]["start"]["character"] == len(versions)
    published = [m["params"]["version"] for m in client.received if is_about(m, uri)]
    assert len(published) < len(versions) / 2
    assert published == sorted(set(published))


def is_about(message: Json, uri: str) -> bool:
    """Whether a message publishes the diagnostics of a document."""
    published = message.get("method") == "textDocument/publishDiagnostics"
    return published and message["params"]["uri"] == uri


def test_what_a_diagnostic_says(client: Client, uri: str) -> None:
    client.open(uri, "a\nx = BAD BAD")
    first, _ = client.diagnostics(uri, 1)
    assert first == {
        "range": {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 7}},
        "severity": 2,
        "code": "only-concurrent-indexes",
        "source": "fumehood",
        "message": "This is bad. It stops writes.",
    }


def test_what_a_diagnostic_says_to_a_newer_client(uri: str) -> None:
    able = {
        "relatedInformation": True,
        "dataSupport": True,
        "tagSupport": {"valueSet": [1]},
    }
    with Client(FAKE_SERVER) as client:
        client.initialize({"textDocument": {"publishDiagnostics": able}})
        client.open(uri, "BAD BAD")
        _, second = client.diagnostics(uri, 1)
    first_place = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 3}}
    assert second["tags"] == [1]
    assert second["relatedInformation"] == [
        {"location": {"uri": uri, "range": first_place}, "message": "the first is here"}
    ]
