"""File: one open file from its text to its findings."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from typing import Any

from .check import Checks, Run
from .config import Settings
from .cut import GONE, Change, Piece, together
from .document import Document
from .facts import Fact, Operation, Site
from .ignore_findings import IgnoreFinding, Known, ignore_findings
from .join.migration import Migration
from .notes import NOTES, RefusedSql, graph_notes
from .published import Published
from .publishing import Publishing
from .read.reading import Reading
from .rule import Finding, Rule
from .stepwise import go_on
from .suppress import Ignores
from .surroundings import Surroundings
from .text import Edit, Span
from .written import Written


class File:
    """One file under analysis."""

    def __init__(self, document: Document, around: Surroundings) -> None:
        self.document = document
        self.around = around
        self.joined = 0
        self.isolable: dict[Hashable, bool] = {}  # what fumehood.fixes found out, until an edit
        self.trial: Any = None  # what fumehood.trials remembers of the last one, until an edit
        self.checks = self._new_checks()
        self.migration: Migration | None = None
        self.written: Written | None = None
        self._pending: Change | None = None
        self._whole = True  # the next join is of the whole file
        self._current = False
        self._steps: Iterator[None] | None = None  # of an analysis that is not at its end
        self._ignores: Ignores | None = None
        self._refused = RefusedSql()
        self._shown_at = 0  # the version of the project's catalog

    @property
    def settings(self) -> Settings:
        """What the file's project asks for."""
        return self.around.settings

    def configure(self, around: Surroundings) -> None:
        """Take other settings, or another project; text and readings stay."""
        before, self.around = self.around, around
        self._ignores, self.trial = None, None
        self.isolable.clear()
        if self.migration is None or _joined_by(before) != _joined_by(around):
            self._drop_join()
            self._current = False  # it may be one that is checked now
        elif (before.settings, before.models) != (around.settings, around.models):
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
        self._current, self._steps = False, None
        self._ignores, self.trial = None, None
        self.isolable.clear()
        if self.written is not None:
            self.written.edited(change)
        if self._whole:
            return
        merged = change if self._pending is None else together(self._pending, change)
        self._pending = merged
        self._whole = merged is None or change.relabelled

    def work(self, seconds: float | None) -> bool:
        """Read, join and check for about so long; True when that is done."""
        if self._current and not (self.written is not None and self.checks.is_behind):
            return True
        steps, self._steps = self._steps or self._analysis(), None
        if not go_on(steps, seconds):
            self._steps = steps
            return False
        self._current = True
        return True

    @property
    def is_read(self) -> bool:
        """Whether `work` has come to the end of the text as it is, whatever is around it."""
        return self._current

    def working(self) -> Iterator[None]:
        """The same to the end, in small steps."""
        while not self.work(0):
            yield

    def _analysis(self) -> Iterator[None]:
        yield from self.document.cut()
        if self.around.has_models(self.document):
            yield from self._follow_models()
        elif self.around.concerns_rules(self.document):
            yield from self._read_lines()
            self._join()
        elif self.migration is not None or self.written is not None:
            self._drop_join()

    @property
    def is_behind(self) -> bool:
        """Whether the project's models have changed since the findings were shown."""
        return self.written is not None and self._shown_at != self.checks.catalog_version

    def shown(self) -> None:
        """The findings as they are now have been shown."""
        self._shown_at = self.checks.catalog_version

    def complete(self, seconds: float) -> bool:
        """Read the lines that no rule needed; True when none is left."""
        return go_on(self._read_lines(), seconds)

    def operations(self) -> Iterator[Operation]:
        """The operations of a migration, in no order."""
        return iter(self.migration or ())

    def published(self) -> list[Published]:
        """The findings, by position; one for each rule and place."""
        publish = self.publishing.published
        found = [publish(run, each) for run in self.visible() for each in run.findings]
        found += [finding.published for finding in self.ignore_findings()]
        return sorted(found, key=_place)

    def notes(self) -> list[Published]:
        """What is said of the file that is no rule's finding, by position."""
        return sorted((note for note, _ in self.noted()), key=_place)

    def noted(self) -> list[tuple[Published, Piece]]:
        """The notes that no comment hides, each with the line that it is about."""
        hide = self.ignores.hide if self.document.marked else (lambda *_: False)
        return [(note, at) for note, at in self._notes() if not hide(at, note.rule)]

    def visible(self) -> list[Run]:
        """What found something that neither the settings nor a comment hides."""
        return [*self._present(lambda run: self._shows(run.rule, run.fact))]

    def findings_of(self, fact: Fact) -> list[Finding]:
        """The findings about one fact that are not hidden."""
        return self.checks.findings_of(fact, self._shows)

    @property
    def ignores(self) -> Ignores:
        """The comments that hide findings."""
        if self._ignores is None:
            self._ignores = Ignores(self.document, self.around.today())
        return self._ignores

    def ignore_findings(self) -> list[IgnoreFinding]:
        """What is wrong with those comments, where the rules have looked at the file."""
        if not self._was_checked() or not self.document.marked:
            return []
        ids = frozenset(rule.id for rule in self.around.rules)
        found = {(at, note.rule) for note, at in self._notes()}
        found |= {(run.fact.site.piece, run.rule.id) for run in self._present()}
        ran = {*filter(self.settings.selects, ids)}
        if self.around.project.only_postgresql:
            ran |= self._refused.looked(self.document, self.ignores)
        known = Known(
            rules=ids | NOTES,
            ran=frozenset(ran),
            found=frozenset(found),
            require_reason=self.settings.require_ignore_reason,
            start_of=self.document.pieces.start_of,
        )
        return list(ignore_findings(self.ignores, known))

    @property
    def publishing(self) -> Publishing:
        """What makes findings ones of the text as it is now."""
        return Publishing(self.document, self.around, lambda: self.ignores, self._runs_at)

    def reading(self, piece: Piece) -> Reading:
        """What a line says by itself."""
        return self.around.lines.of(piece).reading

    def scratch(self, beside: File | None = None) -> File:
        """The same file, to try something on; `beside` another such copy, in the same project."""
        around, models = self.around, self.around.models
        if models is not None:
            # Edits may come before it is read: the catalog has the text as it is here.
            shared = None if beside is None else beside.around.models
            catalog = models.catalog.copy() if shared is None else shared.catalog
            around = replace(around, models=models._replace(catalog=catalog, known=False))
        return File(self.document.copy(), around)

    def _new_checks(self) -> Checks:
        rules = (rule for rule in self.around.rules if self.settings.selects(rule.id))
        models = self.around.models
        catalog = None if models is None else models.catalog
        around = self.around
        return Checks(rules, around.settings, around.project, around.before, catalog, around.costs)

    def _was_checked(self) -> bool:
        """Whether rules have looked at the file, and not in vain."""
        if self.written is not None:
            models = self.around.models
            return models is not None and models.catalog.complete and any(self.written)
        return self.migration is not None

    def _notes(self) -> Iterator[tuple[Published, Piece]]:
        """What is said of the file that is no rule's finding, hidden or not."""
        found, pieces = [*graph_notes(self.document, self.around.flaws)], self.document.pieces
        if self.around.project.only_postgresql:
            found += self._refused.notes(self.document, self.publishing.span)
        return ((note, pieces[pieces.at(note.span.start)]) for note in found)

    def _present(self, shows: Callable[[Run], bool] = lambda _: True) -> Iterator[Run]:
        return (run for run in self.checks.found(shows) if run.fact.site.piece.label != GONE)

    def _runs_at(self, site: Site) -> list[Run]:
        return [run for run in self.checks.at(site) if self._shows(run.rule, run.fact)]

    def _shows(self, rule: Rule, fact: Fact) -> bool:
        """Whether findings of a rule about a fact are neither switched off nor ignored."""
        if fact.undoes and not self.settings.downgrade:
            return False
        match fact:
            case Operation(schema=schema, table=table) if "lock" in rule.tags:
                if self.settings.is_small(schema, table):
                    return False
        return not self.document.marked or not self.ignores.hide(fact.site.piece, rule.id)

    def _drop_join(self) -> None:
        """Of no kind that rules are for, or no longer: nothing is known of it."""
        self.migration, self.written, self.checks = None, None, self._new_checks()
        self._refused = RefusedSql()
        self._pending, self._whole, self._steps = None, True, None

    def _follow_models(self) -> Iterator[None]:
        """Follow the file's own text, and what the project's models are now."""
        assert self.around.models is not None
        if self.written is None:
            if self.migration is not None:
                self._drop_join()
            self.written = Written(self.document, self.around.models, self.around.lines)
        yield from self.written.read()
        behind = True
        while behind:
            for difference in self.written.update():
                if difference is not None:
                    self.checks.change(*difference)
                yield
            yield from self.checks.follow_catalog()
            behind = self.written.is_behind or self.checks.is_behind

    def _read_lines(self) -> Iterator[None]:
        unread = self.document.unread
        while unread:
            piece = unread.popleft()
            if piece.reading is None and piece.label != GONE:
                self.around.lines.of(piece)
                yield

    def _join(self) -> None:
        migration = self.migration
        if migration is None:
            if self.written is not None:
                self._drop_join()
            migration = Migration(self.document.pieces, *_joined_by(self.around))
            self.migration = migration
        elif not self._whole:
            change = self._pending
            self._pending = None
            difference = ([], []) if change is None else migration.update(change)
            if difference is not None:
                self._take(*difference)
                return
        self._pending, self._whole = None, False
        self.joined += 1
        self._take(*migration.join())

    def _take(self, gone: list[Operation], come: list[Operation]) -> None:
        self._refused.change(gone, come)
        self.checks.change(gone, come)


def _joined_by(around: Surroundings) -> tuple[str, bool]:
    """What the operations of a file depend on besides its text."""
    return around.settings.dialect, around.project.autocommit


def _place(published: Published) -> tuple[Span, str]:
    return published.span, published.rule
