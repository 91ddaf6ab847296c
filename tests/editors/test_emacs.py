"""A real Emacs with Eglot, configured as fumehood's page says."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from emacs import Emacs
from shop import NO_SERVER, ROOT, SERVER, WRONG_SERVER, add_queries, copy_shop, fixed
from texts import (
    BEHIND,
    EFFECT,
    EMPTY,
    FIX,
    FIXED,
    FOOTER,
    HEADER,
    IGNORE,
    IGNORED,
    INDEX,
    KEY,
    OF_NAME,
    OF_PRICE,
    OFFERED,
    QUERY_RULE,
    RULE,
    TITLE,
)

PAGE = ROOT / "editors" / "emacs" / "README.md"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="Emacs is run in a terminal"),
]


def snippet(name: str) -> str:
    """A block of the page's Lisp, by the name that stands behind its language."""
    page = PAGE.read_text(encoding="utf-8")
    [found] = re.findall(rf"```elisp {name}\n(.*?)```", page, re.DOTALL)
    return str(found)


def emacs(path: Path, *more: str, server: list[str] = SERVER, shows: Path | None = None) -> Emacs:
    """Emacs with the page's configuration; it shows the migration, or a file beside it."""
    home = path.parents[3]
    # What makes a folder a project to Emacs.
    subprocess.run(["git", "init", "--quiet", str(path.parents[2])], check=True)
    init = "".join(map(snippet, ("init", *more)))
    return Emacs(shows or path, home, f"(require 'package)\n(package-initialize)\n{init}", server)


def test_what_and_where(tmp_path: Path) -> None:
    path = copy_shop(tmp_path, BEHIND)
    with emacs(path) as editor:
        [[text, kind, start, end]] = editor.findings(1)
        assert RULE in text
        assert "ix_orders_note on orders" in text
        assert EFFECT in text
        assert "error" in kind
        assert editor.text[start - 1 : end - 1] == "op.create_index"


def journey(folder: Path, server: list[str]) -> None:
    """Type an operation, see the finding, fix it, take that back, fix it again."""
    with emacs(copy_shop(folder, EMPTY), server=server) as editor:
        editor.findings(0)
        editor.go_to("    pass", 4)
        editor.type("\x0b" + INDEX.strip())
        editor.findings(1)
        assert editor.text == HEADER + INDEX + FOOTER
        editor.go_to("op.create_index", 8)
        editor.apply(FIX)
        assert editor.text == HEADER + FIXED + FOOTER, "after the fix"
        editor.findings(0)
        editor.type("\x1f")
        editor.wait("the undo", lambda: editor.text == HEADER + INDEX + FOOTER)
        editor.findings(1)


def test_type_see_fix_undo(tmp_path: Path) -> None:
    journey(tmp_path, SERVER)


def test_a_wrong_fix_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="after the fix"):
        journey(tmp_path, WRONG_SERVER)


def test_a_query_follows_its_model(tmp_path: Path) -> None:
    path = copy_shop(tmp_path, EMPTY)
    with emacs(path, shows=add_queries(path)) as editor:
        [[text, *_]] = editor.findings(1)
        assert QUERY_RULE in text
        editor.type("\x18\x06models.py\r")
        editor.command("replace-string")
        editor.type(f"{OF_PRICE}\r{OF_NAME}\r")
        editor.findings(0)
        editor.type("\x1f")
        editor.findings(1)


def test_findings_follow_the_text(tmp_path: Path) -> None:
    with emacs(copy_shop(tmp_path, INDEX)) as editor:
        editor.findings(1)
        editor.go_to("op.create_index", 4)
        editor.type("# ")
        editor.findings(0)
        editor.type("\x7f\x7f")
        editor.findings(1)


def test_hover(tmp_path: Path) -> None:
    with emacs(copy_shop(tmp_path, INDEX)) as editor:
        editor.findings(1)
        editor.go_to("op.create_index", 8)
        editor.command("eldoc-doc-buffer")
        shown = (
            "(mapconcat (lambda (buffer) (with-current-buffer buffer (buffer-string)))"
            " (seq-filter (lambda (buffer)"
            ' (string-match-p "eldoc" (buffer-name buffer))) (buffer-list)) "")'
        )
        text = editor.wait(
            "the rule's page", lambda: TITLE in (said := editor.ask(shown) or "") and said
        )
        assert EFFECT in text


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
        editor.go_to("op.create_index", 8)
        assert editor.actions() == expected


def test_a_follow_up_revision_where_files_can_be_created(tmp_path: Path) -> None:
    with emacs(copy_shop(tmp_path, KEY)) as editor:
        editor.findings(1)
        creates = capabilities(editor)["workspace"]["workspaceEdit"].get("resourceOperations", ())
        editor.go_to("op.create_foreign_key", 8)
        offered = any("follow-up revision" in title for title in editor.actions())
        assert offered == ("create" in creates)


def capabilities(editor: Emacs) -> Any:
    """What Eglot tells the server that it can do."""
    return editor.ask("(eglot-client-capabilities (eglot-current-server))")


def test_ignore_comment(tmp_path: Path) -> None:
    with emacs(copy_shop(tmp_path, INDEX)) as editor:
        editor.findings(1)
        editor.go_to("op.create_index", 8)
        editor.apply(IGNORE)
        assert editor.text == HEADER + IGNORED + INDEX + FOOTER
        editor.findings(0)


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


def test_configuration_changes(tmp_path: Path) -> None:
    path = copy_shop(tmp_path, INDEX)
    project = tmp_path / "shop" / "fumehood.toml"
    with emacs(path) as editor:
        editor.findings(1)
        started = editor.server()
        project.write_text(f'ignore = ["{RULE}"]\n')
        editor.findings(0)
        project.unlink()
        editor.findings(1)
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
        editor.wait("another server", lambda: editor.server() != killed)
        editor.go_to("op.create_index", 4)
        editor.type("# ")
        editor.findings(0)
        editor.type("\x7f\x7f")
        editor.findings(1)


def test_no_server(tmp_path: Path) -> None:
    messages = '(with-current-buffer "*Messages*" (buffer-string))'
    with emacs(copy_shop(tmp_path, INDEX), server=NO_SERVER) as editor:
        words = "Searching for program.*No such file or directory.*fumehood"
        assert "Searching for program … No such file" in PAGE.read_text(encoding="utf-8")
        editor.wait("the message", lambda: re.search(words, editor.ask(messages) or ""))
