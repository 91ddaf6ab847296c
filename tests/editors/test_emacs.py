"""A real Emacs with Eglot, configured as fumehood's page says."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from emacs import PAGE, Emacs, emacs
from shop import NO_SERVER, SERVER, WRONG_SERVER, copy_shop, fixed
from texts import (
    BEHIND,
    EFFECT,
    EMPTY,
    INDEX,
    KEY,
    OFFERED,
    RULE,
    TITLE,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="Emacs is run in a terminal"),
]


def test_what_and_where(tmp_path: Path) -> None:
    path = copy_shop(tmp_path, BEHIND)
    with emacs(path) as editor:
        [[text, kind, start, end]] = editor.findings(1)
        assert RULE in text
        assert "ix_orders_note on orders" in text
        assert EFFECT in text
        assert "error" in kind
        assert editor.text[start - 1 : end - 1] == "op.create_index"


def test_hover(tmp_path: Path) -> None:
    with emacs(copy_shop(tmp_path, INDEX)) as editor:
        editor.findings(1)
        editor.go_to("op.create_index", 4)
        buffer = '(seq-find (lambda (b) (string-match-p "eldoc" (buffer-name b))) (buffer-list))'
        # There is none to show before ElDoc has asked for it; a key at that moment ends that.
        page = f"(with-current-buffer {buffer} (buffer-string))"
        text = editor.wait("the page", lambda: TITLE in (said := editor.ask(page) or "") and said)
        assert EFFECT in text
        editor.command("eldoc-doc-buffer")
        editor.wait("its window", lambda: editor.ask(f"(and (get-buffer-window {buffer}) t)"))


def test_actions_in_order(tmp_path: Path) -> None:
    """Actions that create files, or need a window of the client's, come with what can do that."""
    with emacs(copy_shop(tmp_path, INDEX)) as editor:
        editor.findings(1)
        can = capabilities(editor)
        expected = OFFERED[:4]
        if "create" in can["workspace"]["workspaceEdit"].get("resourceOperations", ()):
            expected.append(OFFERED[4])
        if can.get("window", {}).get("showDocument"):
            expected.append(OFFERED[5])
        editor.go_to("op.create_index", 4)
        assert editor.actions() == expected


def test_a_follow_up_revision_where_files_can_be_created(tmp_path: Path) -> None:
    with emacs(copy_shop(tmp_path, KEY)) as editor:
        editor.findings(1)
        creates = capabilities(editor)["workspace"]["workspaceEdit"].get("resourceOperations", ())
        editor.go_to("op.create_foreign_key", 4)
        offered = any("follow-up revision" in title for title in editor.actions())
        assert offered == ("create" in creates)


def capabilities(editor: Emacs) -> Any:
    """What Eglot tells the server that it can do."""
    return editor.ask("(eglot-client-capabilities (eglot-current-server))")


@pytest.mark.parametrize("server", [SERVER, WRONG_SERVER], ids=["right", "wrong"])
def test_fix_on_save(server: list[str], tmp_path: Path) -> None:
    [path] = copy_shop(tmp_path, EMPTY).parent.glob("5d1e8a30b6c2_*.py")
    expected = fixed(path) + "\n"
    with emacs(path, "on-save", server=server) as editor:
        editor.findings(2)
        before = path.read_text(encoding="utf-8")
        editor.type("\x1b>\n\x18\x13")
        editor.wait("the file", lambda: path.read_text(encoding="utf-8") != before)
        editor.wait("the end of it", lambda: editor.ask("(buffer-modified-p)") is None)
        assert (path.read_text(encoding="utf-8") == expected) == (server is SERVER)
        assert editor.text == path.read_text(encoding="utf-8")


def test_fix_on_save_beside_another_fixer(tmp_path: Path) -> None:
    [path] = copy_shop(tmp_path, EMPTY).parent.glob("5d1e8a30b6c2_*.py")
    other = '(save-excursion (goto-char (point-min)) (insert "# other\\n"))'
    expected = f"# other\n{fixed(path)}"
    with emacs(path, "on-save") as editor:
        editor.findings(2)
        editor.ask(f"(add-hook 'before-save-hook (lambda () {other}) nil t)")
        editor.type("\x18\x13 \x7f\x18\x13")
        editor.wait("the file", lambda: path.read_text(encoding="utf-8") == expected)
        assert editor.text == expected


def test_save_of_a_file_without_findings_or_server(tmp_path: Path) -> None:
    path = copy_shop(tmp_path, EMPTY)
    with emacs(path, "on-save", server=NO_SERVER) as editor:
        editor.type("\x1b>\n\x18\x13")
        editor.wait("the file", lambda: path.read_text(encoding="utf-8").endswith("\n\n"))


def test_configuration_of_the_editor_changes(tmp_path: Path) -> None:
    with emacs(copy_shop(tmp_path, INDEX)) as editor:
        editor.findings(1)
        started = editor.server()
        for count, ignored in ((0, f'["{RULE}"]'), (1, "[]")):
            value = f"'(:fumehood (:ignore {ignored}))"
            editor.ask(f"(setq-default eglot-workspace-configuration {value})")
            editor.command("eglot-signal-didChangeConfiguration")
            editor.findings(count)
        assert editor.server() == started


def test_a_killed_server_comes_back(tmp_path: Path) -> None:
    with emacs(copy_shop(tmp_path, INDEX)) as editor:
        editor.findings(1)
        killed = editor.server()
        # Eglot leaves alone what ends within moments of its start.
        inhibited = "(and (eglot--inhibit-autoreconnect (eglot-current-server)) t)"
        editor.wait("the first moments to be over", lambda: editor.ask(inhibited) is None)
        os.kill(killed, signal.SIGKILL)
        editor.wait("another server", lambda: editor.server() not in (0, killed))
        editor.findings(1)
        editor.comment_out("op.create_index")
        editor.findings(0)


def test_no_server(tmp_path: Path) -> None:
    messages = '(with-current-buffer "*Messages*" (buffer-string))'
    with emacs(copy_shop(tmp_path, INDEX), server=NO_SERVER) as editor:
        words = "Searching for program.*No such file or directory.*fumehood"
        assert "Searching for program … No such file" in PAGE.read_text(encoding="utf-8")
        editor.wait("the message", lambda: re.search(words, editor.ask(messages) or ""))
