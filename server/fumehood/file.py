"""File: one open file from its text to its findings."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from time import perf_counter

from .check import Checks, Run
from .config import Settings
from .cut import GONE, Change, Piece
from .document import Document
from .facts import Operation, Site
from .join.migration import Migration
from .published import Published
from .read.cache import Lines
from .rule import Rule
from .text import Edit, Span

# How many lines are read between two looks at the clock.
_SLICE = 4


class File:
    """One file under analysis."""

    def __init__(
        self, path: str, content: str, settings: Settings, rules: Sequence[Rule], lines: Lines
    ) -> None:
        self.document = Document(path, content)
        self.settings = settings
        self.rules = rules
        self.lines = lines
        self.joined = 0
        self.isolable: dict[Hashable, bool] = {}  # what fumehood.fixes found out, until an edit
        self.checks = self._new_checks()
        self.migration: Migration | None = None
        self._pending: Change | None = None
        self._whole = True  # the next join is of the whole file
        self._current = False

    def change(self, edit: Edit) -> None:
        """Apply one edit to text and pieces."""
        change = self.document.replace(edit)
        self._current = False
        self.isolable.clear()
        if self._whole:
            return
        merged = change if self._pending is None else _merge(self._pending, change)
        self._pending = merged
        self._whole = merged is None or change.relabelled

    def work(self, seconds: float | None) -> bool:
        """Read, join and check for about so long; True when that is done."""
        if self._current:
            return True
        if not self._concerns_rules():
            self._drop_join()
            return True
        if not self._read_lines(seconds):
            return False
        self._join()
        self._current = True
        return True

    def complete(self, seconds: float) -> bool:
        """Read the lines that no rule needed; True when none is left."""
        return self._read_lines(seconds)

    def operations(self) -> Iterator[Operation]:
        """The operations of a migration, in no order."""
        return iter(self.migration or ())

    def published(self) -> list[Published]:
        """The findings, by position; one for each rule and place."""
        runs = (run for run in self.checks.found() if run.operation.site.piece.label != GONE)
        return sorted(map(self.publish, runs), key=_place)

    def publish(self, run: Run) -> Published:
        """The first finding of a run as the shells see it."""
        site = run.operation.site
        if run.within is None:
            run.within = self.lines.of(site.piece).span(site.path)
        start = self.document.pieces.start_of(site.piece)
        span = Span(start + run.within.start, start + run.within.end)
        finding = run.findings[0]
        return Published(run.rule.id, run.severity, span, finding.what, finding.effect)

    def span(self, site: Site) -> Span:
        """Where the function of a call stands in the text."""
        start = self.document.pieces.start_of(site.piece)
        within = self.lines.of(site.piece).span(site.path)
        return Span(start + within.start, start + within.end)

    def scratch(self) -> File:
        """The same file, to try something on."""
        content = self.document.text.content
        return File(self.document.path, content, self.settings, self.rules, self.lines)

    def _new_checks(self) -> Checks:
        return Checks(rule for rule in self.rules if self.settings.selects(rule.id))

    def _concerns_rules(self) -> bool:
        return self.document.is_migration and self.settings.dialect == "postgresql"

    def _drop_join(self) -> None:
        """Not a migration, or no longer one: nothing is known of it."""
        if self.migration is not None:
            self.migration, self.checks = None, self._new_checks()
        self._pending, self._whole, self._current = None, True, True

    def _read_lines(self, seconds: float | None) -> bool:
        unread, end = self.document.unread, None if seconds is None else perf_counter() + seconds
        while unread:
            for _ in range(min(_SLICE, len(unread))):
                self._read(unread.popleft())
            if end is not None and unread and perf_counter() > end:
                return False
        return True

    def _read(self, piece: Piece) -> None:
        if piece.reading is None and piece.label != GONE:
            self.lines.of(piece)

    def _join(self) -> None:
        migration = self.migration
        if migration is None:
            migration = self.migration = Migration(self.document.pieces, self.settings.dialect)
        elif not self._whole:
            change = self._pending
            self._pending = None
            difference = ([], []) if change is None else migration.update(change)
            if difference is not None:
                self.checks.change(*difference)
                return
        self._pending, self._whole = None, False
        self.joined += 1
        self.checks.change(*migration.join())


def _place(published: Published) -> tuple[Span, str]:
    return published.span, published.rule


def _merge(first: Change, second: Change) -> Change | None:
    """Two changes, one after the other, as one; None where they do not touch."""
    first_end = first.first + len(first.added)
    second_end = second.first + len(second.removed)
    if second.first > first_end or second_end < first.first:
        return None
    before = second.removed[: max(0, first.first - second.first)]
    behind = second.removed[len(second.removed) - max(0, second_end - first_end) :]
    head = first.added[: max(0, second.first - first.first)]
    tail = first.added[len(first.added) - max(0, first_end - second_end) :]
    return Change(
        min(first.first, second.first),
        before + first.removed + behind,
        head + second.added + tail,
        first.relabelled or second.relabelled,
    )
