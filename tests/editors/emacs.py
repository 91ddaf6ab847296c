"""A real Emacs in a terminal, configured as fumehood's page says, and asked by emacsclient."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from shop import ROOT, SERVER, find
from terminal import PATIENCE, Terminal

PAGE = ROOT / "editors" / "emacs" / "README.md"
PACKAGES = "on Debian: apt-get install emacs-nox elpa-eglot"
# What commands do depends on the last one: this is none.
_COUNT = """
(setq handled 0)
(global-set-key "\\C-ch" (lambda () (interactive)
  (setq handled (1+ handled) this-command last-command)))
(defvar-local published nil)
(with-eval-after-load 'eglot
  (cl-defmethod eglot-handle-notification :after
    (_server (_method (eql textDocument/publishDiagnostics)) &key uri &allow-other-keys)
    (when-let ((buffer (find-buffer-visiting (eglot--uri-to-path uri))))
      (with-current-buffer buffer (setq published t)))))
"""


def emacs(path: Path, *more: str, server: list[str] = SERVER, shows: Path | None = None) -> Emacs:
    """Emacs with the page's configuration; it shows the migration, or a file beside it."""
    home = path.parents[3]
    # What makes a folder a project to Emacs.
    subprocess.run(["git", "init", "--quiet", str(path.parents[2])], check=True)
    init = "".join(map(_snippet, ("init", *more)))
    return Emacs(shows or path, home, f"(require 'package)\n(package-initialize)\n{init}", server)


def _snippet(name: str) -> str:
    """A block of the page's Lisp, by the name that stands behind its language."""
    page = PAGE.read_text(encoding="utf-8")
    [found] = re.findall(rf"```elisp {name}\n(.*?)```", page, re.DOTALL)
    return str(found)


class Emacs(Terminal):
    """An Emacs that shows one file, with `init` as its user's configuration."""

    counted = "\x03h"

    def __init__(self, path: Path, home: Path, init: str, server: list[str]) -> None:
        program = find("emacs", PACKAGES)
        self._answer, self._sockets = home / "answer", home / "sockets"
        self._client = find("emacsclient", PACKAGES)
        self._sockets.mkdir(mode=0o700)
        configuration = home / ".emacs.d" / "init.el"
        configuration.parent.mkdir()
        # A new home has nothing compiled yet: that would take longer than the test, and be shown.
        early = "(setq native-comp-deferred-compilation nil native-comp-jit-compilation nil)"
        configuration.with_name("early-init.el").write_text(early, encoding="utf-8")
        sockets = json.dumps(str(self._sockets))
        configuration.write_text(
            f"(setq inhibit-startup-screen t server-socket-dir {sockets})\n(server-start)\n"
            f"(setq eglot-connect-timeout {PATIENCE})\n"
            # Behind its definition, which is not that of an option.
            f"(with-eval-after-load 'jsonrpc (setq jsonrpc-default-request-timeout {PATIENCE}))\n"
            f"{_COUNT}{init}",
            encoding="utf-8",
        )
        self._path = path
        super().__init__([program, "-nw", str(path)], home, server)
        self.wait("Emacs", self._listens)
        self.wait("the file", lambda: self.ask("(buffer-file-name)") == str(path))
        self.type("")  # it listens to keys too

    def handled(self) -> int:
        return int(self.ask("handled"))

    def _listens(self) -> bool:
        # Its socket is there before anybody listens to it.
        command = [self._client, "--socket-name", str(self._sockets / "server"), "--eval", "t"]
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
        return done.returncode == 0

    def ask(self, lisp: str) -> Any:
        """The value of an expression in the file's buffer, by way of JSON; null if it fails."""
        self._answer.unlink(missing_ok=True)
        expression = f"""(let ((value (ignore-errors
          (with-current-buffer (get-file-buffer {json.dumps(str(self._path))}) {lisp}))))
          (require 'json)
          (let ((coding-system-for-write 'utf-8))
            (write-region (json-encode value) nil {json.dumps(str(self._answer))} nil 'quiet)))"""
        socket = str(self._sockets / "server")
        command = [self._client, "--socket-name", socket, "--eval", expression]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0, f"{lisp}: {done.stderr}\n{self.screen()}"
        return json.loads(self._answer.read_text(encoding="utf-8"))

    def command(self, name: str) -> None:
        """M-x NAME RET."""
        self.type(f"\x1bx{name}\r")

    @property
    def text(self) -> str:
        """The file's buffer."""
        return str(self.ask("(save-restriction (widen) (buffer-string))"))

    def undo(self) -> None:
        """Take the last change back."""
        self.type("\x1f")

    def type_line(self, old: str, new: str) -> None:
        """Type another line in the place of one that is indented."""
        self.go_to(old)
        self.type("\x0b" + new)

    def comment_out(self, words: str) -> None:
        """Type a hash before the words, in one step."""
        self.go_to(words)
        self.type("# ")

    def replace_in(self, name: str, old: str, new: str) -> None:
        """Open a file beside this one, and replace words in it."""
        self.type(f"\x18\x06{name}\r")
        self.command("replace-string")
        self.type(f"{old}\r{new}\r")

    def go_to(self, words: str, forward: int = 0) -> None:
        """Have the point some characters behind the beginning of these words."""
        words = json.dumps(words, ensure_ascii=False)
        self.type(
            f"\x1b:(progn (goto-char 1) (search-forward {words}) "
            f"(goto-char (+ (match-beginning 0) {forward})))\r"
        )

    def findings(self, count: int) -> list[Any]:
        """The findings, once there are so many: text, type, start and end."""
        lisp = (
            "(vconcat (mapcar (lambda (d) (vector (flymake-diagnostic-text d)"
            ' (format "%s" (flymake-diagnostic-type d))'
            " (flymake-diagnostic-beg d) (flymake-diagnostic-end d)))"
            " (flymake-diagnostics)))"
        )

        def found() -> list[Any] | None:
            # An empty vector before Flymake has begun, or was told of any, says nothing.
            if (
                self.ask("(and published (eglot-managed-p) (flymake-running-backends) t)")
                is not True
            ):
                return None
            seen = self.ask(lisp)
            return [seen] if len(seen) == count else None

        [seen] = self.wait(f"{count} findings", found)
        return list(seen)

    def actions(self) -> list[str]:
        """The titles that `eglot-code-actions` lists, which goes on waiting for a choice."""
        self.command("eglot-code-actions")
        lisp = (
            "(and (active-minibuffer-window)"
            " (with-current-buffer (window-buffer (active-minibuffer-window))"
            ' (and (string-match-p "Pick an action" (minibuffer-prompt))'
            ' (vconcat (all-completions "" minibuffer-completion-table)))))'
        )
        return list(self.wait("the list of actions", lambda: self.ask(lisp)))

    def apply_in(self, name: str, title: str) -> str:
        """Choose an action that changes the file of this name, which is not open; its text then."""
        offered = self.actions()
        assert title in offered
        self.type(title + "\r")
        self.wait("the question", lambda: "wants to edit" in self.screen())
        self.type("y")
        changed = (
            f"(let ((other (get-buffer {json.dumps(name)})))"
            " (and other (buffer-modified-p other) (with-current-buffer other (buffer-string))))"
        )
        return str(self.wait(title, lambda: self.ask(changed)))

    def apply(self, title: str) -> None:
        """Choose an action and wait until it has changed the buffer."""
        before = self.text
        offered = self.actions()
        assert title in offered
        self.type(title + "\r")
        self.wait(title, lambda: self.text != before)
