"""The action "Start checking after this revision" in the real server."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from raw_client import Json

sys.path.insert(0, str(Path(__file__).parents[1]))

from configured import RULE, Editor
from old_project import old_project


def _applied(action: Json, full: bool) -> dict[str, str]:
    """The texts of the files that an action leaves, by URI."""
    changes = action["edit"]
    texts: dict[str, str] = {}
    if full:
        for change in changes["documentChanges"]:
            if change.get("kind") == "create":
                texts[change["uri"]] = ""
            else:
                uri = change["textDocument"]["uri"]
                texts[uri] = _edited(texts.get(uri), uri, change["edits"])
    else:
        texts = {uri: _edited(None, uri, edits) for uri, edits in changes["changes"].items()}
    return texts


def _edited(text: str | None, uri: str, edits: list[Json]) -> str:
    if text is None:
        text = Path(uri.removeprefix("file://")).read_text()
    [change] = edits
    lines = [*text.splitlines(keepends=True), ""]

    def offset(place: Json) -> int:
        return len("".join(lines[: place["line"]])) + place["character"]

    start, end = offset(change["range"]["start"]), offset(change["range"]["end"])
    return text[:start] + change["newText"] + text[end:]


@pytest.mark.parametrize(
    "config",
    [
        "fumehood.toml",
        pytest.param("pyproject.toml", marks=pytest.mark.slow),
        pytest.param(None, marks=pytest.mark.slow),
    ],
)
def test_start_checking_after_this_revision(editor: Editor, config: str | None) -> None:
    project = old_project(editor.folder)
    if config:
        editor.write(config, "[tool.x]\na = 1\n" if config == "pyproject.toml" else "# ours\n")
    editor.start()
    calls = {each: path.read_text() for each, path in project.files.items()}
    old = [each for each, text in calls.items() if "    op.create_index(" in text]
    assert set(editor.opened(project.files[old[-1]])) == {RULE}
    uri = project.files[old[-1]].as_uri()
    line = calls[old[-1]].splitlines().index("def upgrade() -> None:") + 1
    title = f"Start checking after this revision ({old[-1]})"
    offered = editor.actions(uri, line)
    if config is None and not editor.full:
        assert title not in offered  # it cannot create a file
        return
    assert list(offered)[-1] == title
    [(written, text)] = _applied(offered[title], editor.full).items()
    assert text.count("start-after") == 1
    editor.write(Path(written.removeprefix("file://")).name, text)
    assert editor.codes(uri) == []
    assert editor.opened(project.files[old[0]]) == []
    before = project.head
    new = project.add("new", 'op.create_index("ix_new", "t1", ["state"])')
    assert editor.opened(project.files[project.head]) == [RULE]
    offered = editor.actions(new.as_uri(), line)
    [(_, text)] = _applied(
        offered[f"Start checking after this revision ({project.head})"], editor.full
    ).items()
    assert f'start-after = "{project.head}"' in text
    assert before not in text
