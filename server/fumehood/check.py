"""Runs rules on operations, and again when something that they read has changed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from time import perf_counter

from .config import Settings
from .costs import Costs
from .facts import Fact, Operation, Site
from .index import BEFORE, PROJECT, Index, Key, before_index_key, before_key, before_referent_key
from .models.catalog import Catalog, is_catalogued
from .models.catalog import Key as CatalogKey
from .project import Project
from .rule import Finding, Look, Rule
from .schema import Schema
from .text import Span

_LOG = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Run:
    """One check on one fact: what it read, and what it found.

    `values` are what it read of the project's catalog.
    """

    rule: Rule
    check: Callable[..., Iterator[Finding]]
    fact: Fact
    read: set[Key] = field(default_factory=set)
    values: dict[Key, object] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    within: Span | None = None  # of the operation's function, from the start of its line

    @property
    def operation(self) -> Operation:
        """What it is about, in a migration."""
        assert isinstance(self.fact, Operation)
        return self.fact


class Checks:
    """The findings of one file. `run` counts how often a check ran."""

    def __init__(
        self,
        rules: Iterable[Rule],
        settings: Settings,
        project: Project,
        before: Schema | None,
        catalog: Catalog | None,
        costs: Costs,
    ) -> None:
        """`before` are the tables as the revision finds them; `catalog` is that of the project."""
        self.run = 0
        self._costs = costs
        self.settings = settings
        self.project = project
        self.before = before
        self.index = Index()
        self._catalog = catalog
        self._seen = 0 if catalog is None else catalog.version
        self._heard = [(rule, check, kinds) for rule in rules for check, kinds in rule.checks]
        self._runs: dict[int, list[Run]] = {}  # by the fact's identity
        self._found: dict[Site, list[Run]] = {}
        self._due: dict[Run, None] = {}  # what read something that is another in the catalog
        self._failed: set[str] = set()

    def change(self, removed: Iterable[Fact], added: Iterable[Fact]) -> None:
        """Follow facts that went and came."""
        removed, added = list(removed), list(added)
        changed = self.index.change(_operations(removed), _operations(added))
        for fact in removed:
            for run in self._runs.pop(id(fact), ()):
                self._forget(run)
        self._again(changed)
        for fact in added:
            runs = [
                Run(rule, check, fact)
                for rule, check, kinds in self._heard
                if isinstance(fact, kinds)
            ]
            if runs:
                self._runs[id(fact)] = runs
            for run in runs:
                self._check(run)

    @property
    def is_behind(self) -> bool:
        """Whether the project's catalog has changed since it was followed to the end."""
        return bool(self._due) or self._seen != self.catalog_version

    @property
    def catalog_version(self) -> int:
        """That of the project's catalog as it is now."""
        return 0 if self._catalog is None else self._catalog.version

    def follow_catalog(self) -> Iterator[None]:
        """Run again, one by one, what read something of the project's catalog that is another."""
        catalog = self._catalog
        if catalog is None:
            return
        readers = self.index.readers(catalog.changed_since(self._seen))
        self._due |= {run: None for run in readers if isinstance(run, Run)}
        self._seen = catalog.version
        while self._due:
            run, _ = self._due.popitem()
            if any(catalog.value(key) != value for key, value in run.values.items()):
                self._forget(run)
                self._check(run)
            yield

    def set_project(self, project: Project) -> None:
        """Follow a change of what is around the file."""
        self.project = project
        self._again({PROJECT})

    def set_before(self, before: Schema | None) -> None:
        """Follow a change of what earlier revisions leave."""
        old, now = self.before, before
        self.before = before
        if old is None or now is None:
            self._again({BEFORE} if old is not now else ())
            return
        tables = {name for name in (*old, *now) if old.get(name) != now.get(name)}
        indexes = {
            before_index_key(name.schema, index.name)
            for name in tables
            for table in (old.get(name), now.get(name))
            for index in (() if table is None else table.indexes)
        }
        referents = {
            before_referent_key(key.referent)
            for name in tables
            for table in (old.get(name), now.get(name))
            for key in (() if table is None else table.foreign_keys)
        }
        self._again({before_key(name) for name in tables} | indexes | referents)

    def found(self, shows: Callable[[Run], bool] = lambda _: True) -> Iterator[Run]:
        """What found something: for each place and rule, the run that came first as it executes.

        Only those that `shows` has.
        """
        for site, runs in self._found.items():
            if len(runs) == 1:
                yield from filter(shows, runs)
                continue
            said: set[tuple[str, str]] = set()
            for run in filter(shows, self.at(site)):
                # A line of a model may hold several indexes.
                what = "" if isinstance(run.fact, Operation) else run.findings[0].what
                if (run.rule.id, what) not in said:
                    said.add((run.rule.id, what))
                    yield run

    def at(self, site: Site) -> list[Run]:
        """What found something at a place, as it executes: one for each turn of a loop, say."""
        return sorted(self._found.get(site, ()), key=lambda run: run.fact.order)

    def findings_of(self, fact: Fact, shows: Callable[[Rule, Fact], bool]) -> list[Finding]:
        """The findings about one fact, of those rules that are shown there."""
        runs = (run for run in self._runs.get(id(fact), ()) if run.findings)
        return [found for run in runs if shows(run.rule, fact) for found in run.findings]

    def reads(self) -> frozenset[CatalogKey]:
        """What was read of the project's catalog."""
        every = (run for runs in self._runs.values() for run in runs)
        return frozenset(key for run in every for key in run.values)

    def _again(self, changed: Iterable[Key]) -> None:
        for run in self.index.readers(changed):
            if isinstance(run, Run):
                self._forget(run)
                self._check(run)

    def _check(self, run: Run) -> None:
        self.run += 1
        look = Look(self.index, self.settings, self.project, self.before, self._catalog, run)
        since = perf_counter()
        try:
            run.findings = tuple(run.check(run.fact, look))
        except Exception:  # a rule's fault must not take the others down
            run.findings = ()
            if run.rule.id not in self._failed:
                self._failed.add(run.rule.id)
                _LOG.exception("rule %s failed on %s", run.rule.id, run.fact.site.piece)
        self._costs.add(run.rule.id, perf_counter() - since)
        run.read = look.read
        if (catalog := self._catalog) is not None:
            run.values = {key: catalog.value(key) for key in look.read if is_catalogued(key)}
        if run.findings:
            self._found.setdefault(run.fact.site, []).append(run)

    def _forget(self, run: Run) -> None:
        self._due.pop(run, None)
        self.index.forget(run, run.read)
        site = run.fact.site
        if run.findings and site in self._found:
            self._found[site] = [item for item in self._found[site] if item is not run]
            if not self._found[site]:
                del self._found[site]


def _operations(facts: Iterable[Fact]) -> list[Operation]:
    return [fact for fact in facts if isinstance(fact, Operation)]
