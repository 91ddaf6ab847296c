"""File: one open file from its text to its findings."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from time import perf_counter

from .check import Checks, Run
from .config import Settings
from .cut import GONE, Change, Piece
from .document import Document
from .facts import Operation, Site
from .ignore_findings import IgnoreFinding, Known, ignore_findings
from .join.migration import Migration
from .published import Published, Related
from .rule import Finding, Rule
from .schema import At
from .severity import Severity
from .suppress import Ignores
from .surroundings import Surroundings
from .text import Edit, Span

# How many lines are read between two looks at the clock.
_SLICE = 4


class File:
    """One file under analysis."""

    def __init__(self, document: Document, around: Surroundings) -> None:
        self.document = document
        self.around = around
        self.joined = 0
        self.isolable: dict[Hashable, bool] = {}  # what fumehood.fixes found out, until an edit
        self.checks = self._new_checks()
        self.migration: Migration | None = None
        self._pending: Change | None = None
        self._whole = True  # the next join is of the whole file
        self._current = False
        self._ignores: Ignores | None = None

    @property
    def settings(self) -> Settings:
        """What the file's project asks for."""
        return self.around.settings

    def configure(self, around: Surroundings) -> None:
        """Take other settings, or another project; text and readings stay."""
        before, self.around = self.around, around
        self._ignores = None
        self.isolable.clear()
        if self.migration is None or _joined_by(before) != _joined_by(around):
            self.migration, self.checks = None, self._new_checks()
            self._drop_join()
            self._current = False  # it may be one that is checked now
        elif before.settings != around.settings:
            self.checks = self._new_checks()
            self.checks.change((), list(self.migration))
            self._current = False  # it may be one that is no longer checked
        else:
            if before.project != around.project:
                self.checks.set_project(around.project)
            self.checks.set_before(around.before)

    def change(self, edit: Edit) -> None:
        """Apply one edit to text and pieces."""
        change = self.document.replace(edit)
        self._current = False
        self._ignores = None
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
        found = [self.publish(run) for run in self.visible()]
        found += [finding.published for finding in self.ignore_findings()]
        return sorted(found, key=_place)

    def visible(self) -> list[Run]:
        """What found something that neither the settings nor a comment hides."""
        return [run for run in self._present() if self._shows(run.rule, run.operation)]

    def findings_of(self, operation: Operation) -> list[Finding]:
        """The findings about one operation that are not hidden."""
        return self.checks.findings_of(operation, self._shows)

    @property
    def ignores(self) -> Ignores:
        """The comments that hide findings."""
        if self._ignores is None:
            self._ignores = Ignores(self.document, self.around.today())
        return self._ignores

    def ignore_findings(self) -> list[IgnoreFinding]:
        """What is wrong with those comments, where the rules have looked at the file."""
        if self.migration is None or not self.document.marked:
            return []
        ids = frozenset(rule.id for rule in self.around.rules)
        known = Known(
            rules=ids,
            ran=frozenset(filter(self.settings.selects, ids)),
            found=frozenset((run.operation.site.piece, run.rule.id) for run in self._present()),
            require_reason=self.settings.require_ignore_reason,
            start_of=self.document.pieces.start_of,
        )
        return list(ignore_findings(self.ignores, known))

    def publish(self, run: Run) -> Published:
        """The first finding of a run as the shells see it."""
        site = run.operation.site
        if run.within is None:
            run.within = self.around.lines.of(site.piece).span(site.path)
        start = self.document.pieces.start_of(site.piece)
        span = Span(start + run.within.start, start + run.within.end)
        finding = run.findings[0]
        effect = " ".join((finding.effect, *self._notes(run)))
        return Published(
            run.rule.id,
            self._severity(run),
            span,
            finding.what,
            effect,
            ("unnecessary",) if finding.unnecessary else (),
            tuple(self._related(at, message) for at, message in finding.related),
        )

    def span(self, site: Site) -> Span:
        """Where the function of a call stands in the text."""
        start = self.document.pieces.start_of(site.piece)
        within = self.around.lines.of(site.piece).span(site.path)
        return Span(start + within.start, start + within.end)

    def _related(self, at: At, message: str) -> Related:
        if isinstance(at, Site):
            return Related(self.document.path, self.span(at), message)
        return Related(at.path, Span(at.start, at.end), message)

    def scratch(self) -> File:
        """The same file, to try something on."""
        return File(self.document.copy(), self.around)

    def _new_checks(self) -> Checks:
        rules = (rule for rule in self.around.rules if self.settings.selects(rule.id))
        return Checks(rules, self.settings, self.around.project, self.around.before)

    def _concerns_rules(self) -> bool:
        settings = self.settings
        return settings.checked and settings.is_postgresql and self.document.is_migration

    def _present(self) -> Iterator[Run]:
        return (run for run in self.checks.found() if run.operation.site.piece.label != GONE)

    def _shows(self, rule: Rule, operation: Operation) -> bool:
        """Whether findings of a rule about an operation are neither switched off nor ignored."""
        if operation.context.downgrade and not self.settings.downgrade:
            return False
        if "lock" in rule.tags and self.settings.is_small(operation.schema, operation.table):
            return False
        if not self.document.marked:
            return True
        return not self.ignores.hide(operation.site.piece, rule.id)

    def _severity(self, run: Run) -> Severity:
        """How much a finding matters: in a downgrade a step less."""
        severity = self.settings.severity.get(run.rule.id, run.rule.severity)
        return severity.lowered if run.operation.context.downgrade else severity

    def _notes(self, run: Run) -> Iterator[str]:
        """What the surroundings add to a finding."""
        fails = self.around.project.block_fails
        if fails and any(fix.block for fix in run.findings[0].fixes):
            yield f"No fix is offered: {fails}"
        if self.document.marked:
            for placed in self.ignores.about(run.operation.site.piece, run.rule.id):
                if self.ignores.ended(placed.ignore):
                    yield f"It was ignored until {placed.ignore.until}."

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
            self.around.lines.of(piece)

    def _join(self) -> None:
        migration = self.migration
        if migration is None:
            migration = Migration(self.document.pieces, *_joined_by(self.around))
            self.migration = migration
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


def _joined_by(around: Surroundings) -> tuple[str, bool]:
    """What the operations of a file depend on besides its text."""
    return around.settings.dialect, around.project.autocommit


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
