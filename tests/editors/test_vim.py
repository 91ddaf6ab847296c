"""A real Vim with ALE, configured as fumehood's page says."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from shop import NO_SERVER, copy_shop
from texts import BEHIND, FIXED, FOOTER, HEADER, INDEX, OFFERED, RULE, TITLE
from vim_editor import on_page, vim

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="Vim is run in a terminal"),
]


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


def test_actions_in_order(tmp_path: Path) -> None:
    """Those that create files, or need a window of the client's, ALE says that it cannot do."""
    with vim(copy_shop(tmp_path, INDEX)) as editor:
        editor.findings(1)
        editor.go_to("op.create_index")
        assert editor.actions() == OFFERED[:4]


@pytest.mark.parametrize("more", ["", "call insert(g:ale_fixers.python, 'trim_whitespace')\n"])
def test_fix_on_save_also_beside_another_fixer(tmp_path: Path, more: str) -> None:
    path = copy_shop(tmp_path, INDEX)
    path.write_text(f"{path.read_text()}# more  \n")
    after = f"{HEADER}{FIXED}{FOOTER}# more{'' if more else '  '}\n"
    with vim(path, more=on_page("fixer") + more) as editor:
        editor.findings(1)
        editor.type(":write\r")
        editor.wait("what is saved", lambda: path.read_text() == after)
        editor.findings(0)
        editor.undo()
        editor.wait("the undo", lambda: INDEX in editor.text)


def test_hover(tmp_path: Path) -> None:
    with vim(copy_shop(tmp_path, INDEX)) as editor:
        editor.findings(1)
        editor.go_to("op.create_index", 2)
        editor.type(":ALEHover\r")
        editor.wait("the rule's page", lambda: TITLE in editor.said("shown"))


def test_a_killed_server_comes_back(tmp_path: Path) -> None:
    with vim(copy_shop(tmp_path, INDEX)) as editor:
        editor.findings(1)
        killed = editor.server()
        os.kill(killed, signal.SIGKILL)
        editor.wait("Vim to notice", lambda: editor.said("running") == 0)
        editor.comment_out("op.create_index")
        editor.wait("another server", lambda: editor.server() not in (0, killed))
        editor.findings(0)


def test_no_server(tmp_path: Path) -> None:
    with vim(copy_shop(tmp_path, INDEX), server=NO_SERVER) as editor:
        report = tmp_path / "report"
        editor.type(f":ALEInfoToFile {report}\r")
        assert "(executable check - failure) fumehood" in report.read_text(encoding="utf-8")
