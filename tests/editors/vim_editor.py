"""A real Vim with ALE in a terminal, configured as fumehood's page says.

It writes down how it is several times a second.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from shop import ROOT, SERVER, find
from terminal import Terminal

PAGE = ROOT / "editors" / "vim" / "README.md"
PACKAGES = "on Debian: apt-get install vim vim-ale"
_LIST = "Code Fixes:"
_ALE = "/usr/share/doc/vim-ale"
_STATE = """
set nocompatible encoding=utf-8 noswapfile nomore hidden
let &packpath .= ',/usr/share/vim/vimfiles'
packadd! ale
filetype plugin on
let g:ale_linters = {'python': ['fumehood']}
let g:ale_hover_to_preview = 1
let g:states = 0
function! WriteState(timer) abort
  let g:states += 1
  let state = {'mode': mode(1), 'lines': getline(1, '$'), 'messages': execute('messages')}
  let state.number = g:states
  let state.found = copy(ale#engine#GetLoclist(1))
  let state.lines = getbufline(1, 1, '$')
  let state.running = len(filter(job_info(), 'job_status(v:val) ==# "run"'))
  let state.others = {}
  for other in getbufinfo({'bufloaded': 1})
    let state.others[fnamemodify(other.name, ':t')] = getbufline(other.bufnr, 1, '$')
  endfor
  let state.shown = join(map(range(2, bufnr('$')), {_, b -> join(getbufline(b, 1, '$'), "\\n")}))
  call writefile([json_encode(state)], $HOME . '/state.new')
  call rename($HOME . '/state.new', $HOME . '/state')
endfunction
call timer_start(100, 'WriteState', {'repeat': -1})
"""


def vim(
    path: Path, *, server: list[str] = SERVER, shows: Path | None = None, more: str = ""
) -> Vim:
    """Vim with the page's configuration; it shows the migration, or a file beside it.

    `more` stands at the end of its vimrc.
    """
    home = path.parents[3]
    folder = home / ".vim" / "ale_linters" / "python"
    folder.mkdir(parents=True)
    (folder / "fumehood.vim").write_text(on_page("linter"), encoding="utf-8")
    (home / ".vimrc").write_text(_STATE + more, encoding="utf-8")
    return Vim(shows or path, home, server)


def on_page(block: str) -> str:
    """What is pasted from the page."""
    page = PAGE.read_text(encoding="utf-8")
    [found] = re.findall(rf"```vim {block}\n(.*?)```", page, re.DOTALL)
    return str(found)


class Vim(Terminal):
    """A Vim that shows one file."""

    def __init__(self, path: Path, home: Path, server: list[str]) -> None:
        program = find("vim", PACKAGES, _ALE)
        self._state, self._after = home / "state", 0
        super().__init__([program, str(path)], home, server)
        self.wait("the file", lambda: self.text)

    def state(self, key: str) -> Any:
        """What Vim last said of itself; None before it has handled what was typed."""
        said = self._said()
        return said.get(key) if said.get("number", 0) >= self._after else None

    def _said(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self._state.read_text(encoding="utf-8")))
        except FileNotFoundError:  # Vim takes the old one away before it puts the new one there
            return {}

    def type(self, keys: str) -> None:
        """Press keys."""
        super().type(keys)
        # It may be about to write the next one, and has looked for keys when it begins another.
        self._after = self._number() + 2

    def _number(self) -> int:
        return int(self.wait("Vim's state", lambda: self._said().get("number")))

    @property
    def text(self) -> str:
        """The file's buffer."""
        lines = self.said("lines")
        return "\n".join(lines) + "\n"

    def said(self, key: str) -> Any:
        """What Vim last said of itself, once it has."""
        [value] = self.wait(
            key, lambda: [found] if (found := self.state(key)) is not None else None
        )
        return value

    def findings(self, count: int) -> list[Any]:
        """The findings, once there are so many."""
        found = self.wait(
            f"{count} findings",
            lambda: [seen] if len(seen := self.said("found")) == count else None,
        )
        return list(found[0])

    def actions(self) -> list[str]:
        """The titles that `:ALECodeAction` lists, which goes on waiting for a number."""
        self.type(":ALECodeAction\r")
        self.wait("the list of actions", lambda: "Type number" in self.screen().split(_LIST)[-1])
        return re.findall(r"\d\) (.*?)\r", self.screen().split(_LIST)[-1])

    def apply_in(self, name: str, title: str) -> str:
        """Choose an action that changes the file of this name, which is not open; its text then."""
        self.type(f"{self.actions().index(title) + 1}\r")
        return "\n".join(self.wait(title, lambda: self.said("others").get(name))) + "\n"

    def apply(self, title: str) -> None:
        """Choose an action and wait until it has changed the buffer."""
        before = self.text
        self.type(f"{self.actions().index(title) + 1}\r")
        self.wait(title, lambda: self.text != before)

    def undo(self) -> None:
        """Take the last change back."""
        self.type("u")

    def type_line(self, old: str, new: str) -> None:
        """Type another line in the place of one that is indented."""
        self.go_to(old)
        self.type(f"C{new}\x1b")

    def comment_out(self, words: str) -> None:
        """Type a hash before the words, in one step."""
        self.go_to(words)
        self.type("i# \x1b")

    def replace_in(self, name: str, old: str, new: str) -> None:
        """Open a file beside this one, and replace words in it."""
        self.type(f":tabedit %:h/{name}\r:%s/{old}/{new}/\r")

    def go_to(self, words: str, forward: int = 0) -> None:
        """Have the cursor some characters behind the beginning of these words."""
        self.type(f"gg/{words}\r{'l' * forward}")
