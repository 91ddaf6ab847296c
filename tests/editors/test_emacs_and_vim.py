"""What a person does in a real Emacs and in a real Vim alike."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from emacs import Emacs, emacs
from shop import SERVER, WRONG_SERVER, add_queries, copy_shop
from texts import (
    COLUMN,
    EMPTY,
    FIX,
    FIXED,
    FOOTER,
    HEADER,
    IGNORE,
    IGNORED,
    IN_MODEL,
    INDEX,
    INDEXED,
    OF_NAME,
    OF_PRICE,
    QUERIES,
    RULE,
)
from vim_editor import Vim, vim

Start = Callable[..., Emacs | Vim]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="both are run in a terminal"),
    pytest.mark.parametrize("start", [emacs, vim]),
]


def journey(start: Start, folder: Path, server: list[str]) -> None:
    """Type an operation, see the finding, fix it, take that back."""
    with start(copy_shop(folder, EMPTY), server=server) as editor:
        editor.findings(0)
        editor.type_line("pass", INDEX.strip())
        editor.findings(1)
        assert editor.text == HEADER + INDEX + FOOTER
        editor.go_to("op.create_index", 4)
        editor.apply(FIX)
        assert editor.text == HEADER + FIXED + FOOTER, "after the fix"
        editor.findings(0)
        editor.undo()
        editor.wait("the undo", lambda: editor.text == HEADER + INDEX + FOOTER)
        editor.findings(1)


def test_type_see_fix_undo(start: Start, tmp_path: Path) -> None:
    journey(start, tmp_path, SERVER)


def test_a_wrong_fix_is_noticed(start: Start, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="after the fix"):
        journey(start, tmp_path, WRONG_SERVER)


def test_ignore_comment(start: Start, tmp_path: Path) -> None:
    with start(copy_shop(tmp_path, INDEX)) as editor:
        editor.findings(1)
        editor.go_to("op.create_index", 4)
        editor.apply(IGNORE)
        assert editor.text == HEADER + IGNORED + INDEX + FOOTER
        editor.findings(0)


def test_a_query_follows_its_model(start: Start, tmp_path: Path) -> None:
    path = copy_shop(tmp_path, EMPTY)
    with start(path, shows=add_queries(path)) as editor:
        editor.findings(1)
        editor.replace_in("models.py", OF_PRICE, OF_NAME)
        editor.findings(0)
        editor.undo()
        editor.findings(1)


@pytest.mark.parametrize("server", [SERVER, WRONG_SERVER], ids=["right", "wrong"])
def test_a_fix_in_the_file_of_the_model(start: Start, server: list[str], tmp_path: Path) -> None:
    path = copy_shop(tmp_path, EMPTY)
    queries = add_queries(path)
    models = queries.with_name("models.py").read_text(encoding="utf-8")
    expected = models.replace(COLUMN, INDEXED)
    assert expected != models
    with start(path, server=server, shows=queries) as editor:
        editor.findings(1)
        editor.go_to("select(Product)", 4)
        changed = editor.apply_in("models.py", IN_MODEL)
        assert (changed == expected) == (server is SERVER)
        assert editor.text == QUERIES
        if server is SERVER:
            if start is vim:  # ALE says nothing of the buffer that it leaves
                editor.type(":wall\r")
            editor.findings(0)


def test_findings_follow_the_text_and_the_project(start: Start, tmp_path: Path) -> None:
    path = copy_shop(tmp_path, INDEX)
    project = tmp_path / "shop" / "fumehood.toml"
    with start(path) as editor:
        editor.findings(1)
        started = editor.server()
        editor.comment_out("op.create_index")
        editor.findings(0)
        editor.undo()
        editor.findings(1)
        project.write_text(f'ignore = ["{RULE}"]\n')
        editor.findings(0)
        project.unlink()
        editor.findings(1)
        assert editor.server() == started
