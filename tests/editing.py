"""An editor without the protocol: what the server does with a workspace, made to settle at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from pathlib import Path

from fumehood.discovery import load_rules
from fumehood.engine import Engine, Published
from fumehood.text import Edit
from fumehood.workspace.outlines import outlined, remembered
from fumehood.workspace.workspace import Workspace

RULES = load_rules()
_MOST_STEPS = 20


class Editor:
    """A workspace with open documents. Nothing is current until it is settled."""

    def __init__(self, folders: Iterable[Path], texts: dict[Path, str] | None = None) -> None:
        self.workspace = Workspace(folders=folders, origin="editor")
        self.engine = Engine(RULES)
        self.open_paths: list[Path] = []
        self.read = 0  # files that were outlined
        for path, text in (texts or {}).items():
            self.open(path, text)
        self.settle()

    def open(self, path: Path, text: str | None = None) -> None:
        """Open a document, with the disk's text or an unsaved one."""
        self.open_paths.append(path)
        self.workspace.code.opened(path)
        text = path.read_text() if text is None else text
        self.engine.open(str(path), text, *self._around(path))

    def type(self, path: Path, edit: Edit, slices: int | None = None) -> None:
        """Change the text of a document, and analyse it, or begin to: for so many short moments."""
        self.engine.change(str(path), [edit])
        if slices is None:
            self.engine.work(str(path))
        for _ in range(slices or 0):
            self.engine.work(str(path), 0)

    def close(self, path: Path) -> None:
        """Close a document: the disk counts."""
        self.open_paths.remove(path)
        self.engine.close(str(path))
        self.workspace.set_steps(path, None)
        self.workspace.code.closed(path)

    def text(self, path: Path) -> str:
        """The text of a document."""
        return self.engine.text(str(path)).content

    def findings(self, path: Path) -> list[Published]:
        """The findings of a document."""
        return self.engine.findings(str(path))

    def settle(self) -> None:
        """Look at the disk, and go on until nothing changes any more."""
        self.workspace.refresh()
        deque(self.workspace.look_through(), maxlen=0)
        for _ in range(_MOST_STEPS):
            if not self._step():
                return
        raise AssertionError("the workspace does not settle")

    def known(self) -> dict[Path, object]:
        """The models and queries of all projects, by their files."""
        found: dict[Path, object] = {}
        for codebase in self.workspace.code.codebases:
            catalog = codebase.catalog
            for path in catalog.paths():
                found[codebase.root / path] = list(catalog.models_of(path)), catalog.queries(path)
        return found

    def _step(self) -> bool:
        wanted = dict.fromkeys(self.workspace.wanted_code())
        for path in self.open_paths:
            wanted |= dict.fromkeys(self.workspace.wanted(path))
        for path in wanted:
            self.read += 1
            self.workspace.learn(remembered(path) or outlined(path))
        again = bool(wanted)
        for path in self.open_paths:
            again = self.engine.configure(str(path), *self._around(path)) or again
            self.engine.work(str(path))
            self.engine.shown(str(path))
            self.workspace.set_steps(path, self.engine.steps(str(path)))
        return again

    def _around(self, path: Path):  # type: ignore[no-untyped-def]
        around = self.workspace.around(path)
        return *around, self.workspace.before(path), self.workspace.models(path)
