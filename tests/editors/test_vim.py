"""A real Vim with ALE, configured as fumehood's page says."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest
from shop import NO_SERVER, ROOT, SERVER, WRONG_SERVER, add_queries, copy_shop
from texts import (
    BEHIND,
    EMPTY,
    FIX,
    FIXED,
    FOOTER,
    HEADER,
    IGNORE,
    IGNORED,
    INDEX,
    OF_NAME,
    OF_PRICE,
    OFFERED,
    QUERY_RULE,
    RULE,
    TITLE,
)
from vim_editor import Vim

PAGE = ROOT / "editors" / "vim" / "README.md"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="Vim is run in a terminal"),
]


def vim(path: Path, server: list[str] = SERVER, shows: Path | None = None) -> Vim:
    """Vim with the page's configuration; it shows the migration, or a file beside it."""
    page = PAGE.read_text(encoding="utf-8")
    [linter] = re.findall(r"```vim linter\n(.*?)```", page, re.DOTALL)
    return Vim(shows or path, path.parents[3], linter, server)


def test_what_and_where(tmp_path: Path) -> None:
    with vim(copy_shop(tmp_path, BEHIND)) as editor:
        [found] = editor.findings(1)
        assert found["code"] == RULE
        assert "ix_orders_note on orders" in found["text"]
        assert found["type"] == "E"
        line = editor.text.splitlines()[found["lnum"] - 1]
        assert "op.create_index" in line
        column = BEHIND.index("op.create_index")
        assert found["col"] in (column + 1, len(BEHIND[:column].encode()) + 1)


def journey(folder: Path, server: list[str]) -> None:
    """Type an operation, see the finding, look, fix it, take that back."""
    with vim(copy_shop(folder, EMPTY), server) as editor:
        editor.type("/    pass\r" + "cc" + INDEX.rstrip() + "\x1b")
        editor.findings(1)
        assert editor.text == HEADER + INDEX + FOOTER
        editor.type("0wll:ALECodeAction\r")
        editor.wait("the list of actions", lambda: OFFERED[0] in editor.screen())
        shown = editor.screen()
        places = [shown.rindex(title) for title in OFFERED[:4]]
        assert places == sorted(places)
        assert OFFERED[4] not in shown
        editor.type("1\r")
        editor.wait(FIX, lambda: editor.text != HEADER + INDEX + FOOTER)
        assert editor.text == HEADER + FIXED + FOOTER, "after the fix"
        editor.findings(0)
        editor.type("u")
        editor.wait("the undo", lambda: editor.text == HEADER + INDEX + FOOTER)
        editor.findings(1)


def test_type_see_fix_undo(tmp_path: Path) -> None:
    journey(tmp_path, SERVER)


def test_a_wrong_fix_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="after the fix"):
        journey(tmp_path, WRONG_SERVER)


def test_ignore_comment(tmp_path: Path) -> None:
    with vim(copy_shop(tmp_path, INDEX)) as editor:
        editor.findings(1)
        editor.type("/op.create\rll:ALECodeAction\r")
        editor.wait("the list of actions", lambda: IGNORE in editor.screen())
        editor.type(f"{OFFERED.index(IGNORE) + 1}\r")
        editor.wait(IGNORE, lambda: editor.text == HEADER + IGNORED + INDEX + FOOTER)
        editor.findings(0)


def test_a_query_follows_its_model(tmp_path: Path) -> None:
    path = copy_shop(tmp_path, EMPTY)
    with vim(path, shows=add_queries(path)) as editor:
        [found] = editor.findings(1)
        assert found["code"] == QUERY_RULE
        editor.type(f":tabedit %:h/models.py\r:%s/{OF_PRICE}/{OF_NAME}/\r")
        editor.findings(0)
        editor.type("u")
        editor.findings(1)


def test_hover(tmp_path: Path) -> None:
    with vim(copy_shop(tmp_path, INDEX)) as editor:
        editor.findings(1)
        editor.type("/op.create\rll:ALEHover\r")
        editor.wait("the rule's page", lambda: TITLE in editor.said("shown"))


def test_findings_follow_the_text_and_configuration(tmp_path: Path) -> None:
    path = copy_shop(tmp_path, INDEX)
    project = tmp_path / "shop" / "fumehood.toml"
    with vim(path) as editor:
        editor.findings(1)
        started = editor.server()
        editor.type("/op.create\ri# \x1b")
        editor.findings(0)
        editor.type("u")
        editor.findings(1)
        project.write_text(f'ignore = ["{RULE}"]\n')
        editor.findings(0)
        project.unlink()
        editor.findings(1)
        assert editor.server() == started


def test_a_killed_server_comes_back(tmp_path: Path) -> None:
    with vim(copy_shop(tmp_path, INDEX)) as editor:
        editor.findings(1)
        killed = editor.server()
        os.kill(killed, signal.SIGKILL)
        editor.type("/op.create\ri# \x1b")
        editor.wait("another server", lambda: editor.server() != killed)
        editor.findings(0)


def test_no_server(tmp_path: Path) -> None:
    with vim(copy_shop(tmp_path, INDEX), NO_SERVER) as editor:
        editor.type(":ALEInfo\r")
        editor.wait(
            "what is enabled",
            lambda: (
                "(executable check - failure) fumehood" in (editor.said("shown") + editor.screen())
            ),
        )
