"""Engine: open, change, close files -> findings and fixes. It does no I/O and knows no LSP."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from .beside import FindFile, Other, no_file
from .config import Settings
from .costs import Costs
from .document import Document
from .dotted import dotted_at
from .facts import Operation
from .file import File
from .fixes import first_fixes, fix_all, fixes_at, ignores_at, why_unfixed
from .head import FindHead, no_head
from .made import Asked
from .models.catalog import InProject, Key
from .outlining import current_steps
from .project import Project
from .published import Action, Published, Related, Rewrite
from .read.cache import Lines
from .revision_flaws import Flaw
from .revisions import Revision
from .rule import Rule
from .schema import Schema
from .steps import Json
from .stepwise import finished
from .surroundings import Surroundings
from .text import Edit, Span, Text, difference
from .uses import Uses, all_uses

_DEFAULTS, _NO_PROJECT = Settings(), Project()
_MOST_OTHERS = 4
_NO_TABLES: Schema = MappingProxyType({})
__all__ = ["Action", "Engine", "Published", "Related", "Rewrite", "Stats"]


@dataclass(frozen=True, slots=True)
class Stats:
    """Work done so far: lines parsed, checks run, files joined as a whole."""

    parsed: int
    checked: int
    joined: int


class Engine:
    """The files that are open, by path; any string that is the same each time will do as a path."""

    def __init__(self, rules: Iterable[Rule], today: Callable[[], date] = date.today) -> None:
        """`today` tells the day, for ignores that end."""
        self.rules = tuple(rules)
        self._today = today
        self.costs = Costs()
        self._lines = Lines()
        self._files: dict[str, File] = {}
        self._others: dict[str, Document] = {}  # that fixes would change, the last ones

    @property
    def stats(self) -> Stats:
        """Counters of work."""
        files = self._files.values()
        checked = sum(file.checks.run for file in files)
        return Stats(self._lines.parsed, checked, sum(file.joined for file in files))

    def open(
        self,
        path: str,
        content: str,
        settings: Settings = _DEFAULTS,
        project: Project = _NO_PROJECT,
        before: Schema | None = _NO_TABLES,
        models: InProject | None = None,
        flaws: Sequence[Flaw] = (),
    ) -> None:
        """Take a file in; one that is open already is replaced.

        `before` are the tables as a migration finds them, None while they are not known. `models`
        are those of the project that the file is in: its catalog follows the file from then on.
        `flaws` are those of the graph of revisions that stand in the file.
        """
        around = self._around(settings, project, before, models, flaws)
        self._files[path] = File(Document(path, content), around)

    def configure(
        self,
        path: str,
        settings: Settings,
        project: Project,
        before: Schema | None,
        models: InProject | None = None,
        flaws: Sequence[Flaw] = (),
    ) -> bool:
        """Take other surroundings for an open file; whether there is something to do then."""
        file = self._files[path]
        around = self._around(settings, project, before, models, flaws)
        if file.around == around:
            return file.is_behind
        file.configure(around)
        return True

    def change(self, path: str, edits: Sequence[Edit]) -> None:
        """Apply edits one after another: each one's offsets are those after the one before."""
        for edit in edits:
            self._files[path].change(edit)

    def set_content(self, path: str, content: str) -> None:
        """Replace the whole text, as one edit of what differs."""
        edit = difference(self.text(path).content, content)
        if edit is not None:
            self.change(path, [edit])

    def close(self, path: str) -> None:
        """Forget a file."""
        del self._files[path]

    def text(self, path: str) -> Text:
        """A file's text, which only the engine may change."""
        return self._files[path].document.text

    def work(self, path: str, seconds: float | None = None) -> bool:
        """Analyse for about so long (None: to the end); True when the findings are current."""
        return self._files[path].work(seconds)

    def complete(self, path: str, seconds: float) -> bool:
        """Parse what no rule needed, so that the document holds its whole tree; True when done."""
        return self._files[path].complete(seconds)

    def findings(self, path: str) -> list[Published]:
        """The findings of the text as far as `work` has come, by position, then by rule."""
        return self._files[path].published()

    def shown(self, path: str) -> None:
        """The present findings have been shown; `configure` tells when others may be due."""
        self._files[path].shown()

    def reads(self, path: str) -> frozenset[Key]:
        """The keys of the project's catalog on which the findings rest."""
        file = self._files[path]
        return frozenset() if file.written is None else file.written.keys() | file.checks.reads()

    def notes(self, path: str) -> list[Published]:
        """What is said of the file that is no rule's finding, and counts as none; by position."""
        return self._files[path].notes()

    def declared(self, path: str) -> Revision | None:
        """What a file says of its place among revisions."""
        return self._files[path].document.declared

    def actions(
        self,
        path: str,
        span: Span,
        find_head: FindHead = no_head,
        find_file: FindFile = no_file,
    ) -> list[Action]:
        """The fixes for findings that touch `span`, each one's preferred first.

        `find_head` tells behind which revision follow-ups go, `find_file` what other files are now;
        without them nothing is created, and no other file is changed.
        """
        return finished(self.finding_actions(path, span, find_head, find_file))

    def finding_actions(
        self, path: str, span: Span, find_head: FindHead, find_file: FindFile
    ) -> Generator[None, None, list[Action]]:
        """The same in small steps, to be left alone when `state` is another."""
        file = self._files[path]
        yield from file.working()
        return (yield from fixes_at(file, span, self._asked(file, find_head, find_file)))

    def state(self, path: str) -> object:
        """What the fixes of a file depend on, to be compared."""
        file = self._files[path]
        return file, file.document.text.content, file.around, file.checks.catalog_version

    def first_fixes(
        self, path: str, find_head: FindHead = no_head, find_file: FindFile = no_file
    ) -> dict[Published, Action]:
        """The first fix of each finding that has one; whom it asks as above."""
        file = self._files[path]
        file.work(None)
        return first_fixes(file, self._asked(file, find_head, find_file))

    def why_unfixed(
        self,
        path: str,
        findings: Collection[Published],
        find_head: FindHead = no_head,
        find_file: FindFile = no_file,
    ) -> dict[Published, str]:
        """Why findings have no fix, of those of which that is known; whom it asks as above."""
        file = self._files[path]
        file.work(None)
        return why_unfixed(file, findings, self._asked(file, find_head, find_file))

    def fix_all(self, path: str, unsafe: bool = False) -> Action | None:
        """All safe fixes (or all that can be made) as one action; None where there are none."""
        file = self._files[path]
        file.work(None)
        return fix_all(file, unsafe)

    def operations(self, path: str) -> list[Operation]:
        """The operations of a migration, function by function, as they run."""
        file = self._files[path]
        file.work(None)
        return sorted(file.operations(), key=lambda item: (item.context.function, item.order))

    def steps(self, path: str) -> Json | None:
        """What the upgrade() of a migration does, as its outline has it; nothing of other files.

        None until `work` has come to the end of the text as it is now.
        """
        file = self._files[path]
        if not file.is_read:
            return None
        return current_steps(file.document, list(file.operations()), self._lines)

    def span_of(self, path: str, operation: Operation) -> Span:
        """Where the operation's function stands in the text, as a finding about it covers it."""
        return self._files[path].publishing.span(operation.site)

    def ignores(self, path: str, span: Span) -> list[Action]:
        """Comments that hide the findings which touch `span`: here, or in the whole file."""
        file = self._files[path]
        file.work(None)
        return ignores_at(file, span)

    def uses_at(self, path: str, offset: int) -> Generator[None, None, list[Uses]] | None:
        """The indexes of the model or column whose name stands at an offset, and who uses them.

        To be gone through in steps. None where nothing of that kind is, or not all is known yet.
        """
        file = self._files[path]
        models = file.around.models
        if models is None or file.written is None or not models.catalog.complete:
            return None
        named = models.catalog.named_at(models.path, offset)
        if not named and (dotted := dotted_at(file.document, file.around.lines, offset)):
            named = models.catalog.spoken_of(models.path, dotted)
        return all_uses(models.catalog, file.settings, named) if named else None

    def ignored_at(self, path: str, offset: int) -> tuple[tuple[str, ...], Span] | None:
        """The rules that the ignore at an offset names, and where it stands."""
        document = self._files[path].document
        for placed in self._files[path].ignores.placed:
            start = document.pieces.start_of(placed.piece)
            span = Span(placed.ignore.span.start + start, placed.ignore.span.end + start)
            if span.start <= offset <= span.end:
                return tuple(name for name, _ in placed.ignore.names), span
        return None

    def _asked(self, file: File, find_head: FindHead, find_file: FindFile) -> Asked:
        models = file.around.models
        if models is None:
            return Asked(find_head)

        def find(path: str) -> File | None:
            other = find_file(models.catalog.path(path))
            if other is None:
                return None
            around = replace(
                file.around, settings=other.settings, models=InProject(models.catalog, path)
            )
            return File(self._document(other), around)

        def around(path: str) -> Surroundings | None:
            other = find_file(path)
            if other is None:
                return None
            found = replace(file.around, settings=other.settings, project=other.project)
            return replace(found, before=models.catalog.tables, models=None)

        return Asked(find_head, find, around)

    def _document(self, other: Other) -> Document:
        """Another file's text with what was read of it."""
        if other.path in self._files:
            return self._files[other.path].document
        known = self._others.pop(other.path, None)
        if known is None or known.text.content != other.text:
            known = Document(other.path, other.text)
        self._others[other.path] = known
        if len(self._others) > _MOST_OTHERS:
            del self._others[next(iter(self._others))]
        return known

    def _around(
        self,
        settings: Settings,
        project: Project,
        before: Schema | None,
        models: InProject | None,
        flaws: Sequence[Flaw],
    ) -> Surroundings:
        own = self.rules, self._lines, self._today, self.costs
        return Surroundings(settings, project, before, models, flaws, *own)
