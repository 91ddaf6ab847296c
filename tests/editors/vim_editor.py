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
let g:handled = 0
noremap <C-_> <Cmd>let g:handled += 1<CR>
noremap! <C-_> <Cmd>let g:handled += 1<CR>
function! WriteState(timer) abort
  let state = {'handled': g:handled, 'found': copy(ale#engine#GetLoclist(1)), 'screen': []}
  let state.checks = getbufvar(1, 'ale_linted', 0)
  let state.lines = getbufline(1, 1, '$')
  let state.running = len(filter(job_info(), 'job_status(v:val) ==# "run"'))
  let state.others = {}
  for other in getbufinfo({'bufloaded': 1})
    let state.others[fnamemodify(other.name, ':t')] = getbufline(other.bufnr, 1, '$')
  endfor
  let state.shown = join(map(range(2, bufnr('$')), {_, b -> join(getbufline(b, 1, '$'), "\\n")}))
  if mode() ==# 'c'
    let columns = range(1, &columns)
    for row in range(1, &lines)
      call add(state.screen, join(map(copy(columns), {_, c -> screenstring(row, c)}), ''))
    endfor
  endif
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

    counted = "\x1f"

    def __init__(self, path: Path, home: Path, server: list[str]) -> None:
        program = find("vim", PACKAGES, _ALE)
        self._state = home / "state"
        super().__init__([program, str(path)], home, server)
        self.said("handled")
        self.type("")  # it listens to keys too

    def handled(self) -> int:
        return int(self.said("handled"))

    @property
    def text(self) -> str:
        """The file's buffer."""
        lines = self.said("lines")
        return "\n".join(lines) + "\n"

    def said(self, key: str) -> Any:
        """What Vim last said of itself, once it has."""
        return json.loads(self.wait("what Vim says", self._read_state))[key]

    def _read_state(self) -> str | None:
        try:
            return self._state.read_text(encoding="utf-8")
        except FileNotFoundError:  # Vim takes the old one away before it puts the new one there
            return None

    def findings(self, count: int) -> list[Any]:
        """The findings, once there are so many."""

        def found() -> list[Any] | None:
            # None before ALE was told of any says nothing.
            checked = self.said("checks") > 0
            seen = self.said("found")
            return [seen] if checked and len(seen) == count else None

        [seen] = self.wait(f"{count} findings", found)
        return list(seen)

    def actions(self) -> list[str]:
        """The titles that `:ALECodeAction` lists, which goes on waiting for a number."""
        self.type(":ALECodeAction\r")
        shown = self.wait("the list of actions", self._listed)
        return [title for line in shown if (title := line.partition(") ")[2])]

    def _listed(self) -> list[str] | None:
        """The lines between the list's title and its prompt, once Vim waits there."""
        lines = [line.strip() for line in self.said("screen")]
        if _LIST not in lines or not lines[-1].startswith("Type number"):
            return None
        return lines[lines.index(_LIST) + 1 : -1]

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
