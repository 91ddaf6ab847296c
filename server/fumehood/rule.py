"""Rule, Look, Finding, Fix, Edits: all that a rule may import, besides facts and shared fixes.

A rule is a module of fumehood_rules with a page of the same name. Each of its functions whose name
begins with `check` is run on the operations (or other facts) that the annotation of its first
parameter names.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from . import pages
from .config import Settings
from .edits import Edits, RefusedError, Statement
from .facts import (
    UNKNOWN,
    CreateTable,
    DropTable,
    Execute,
    Fact,
    Flag,
    Operation,
    RenameTable,
    Site,
)
from .index import (
    PROJECT,
    Index,
    Key,
    autocommit_key,
    batch_key,
    commit_key,
    dropped_tables_key,
    name_key,
    new_name_key,
    sent_together,
    sql_key,
    table_key,
    tables_key,
)
from .look_models import Models
from .look_tables import Tables
from .model_edits import NewIndex
from .models.catalog import COMPLETE, Catalog
from .models.facts import ClassKey, Origin
from .project import Project
from .project_edits import ProjectEdits
from .schema import At, Schema
from .severity import Severity

Kind = typing.TypeVar("Kind", bound=Operation)

__all__ = [
    "UNKNOWN",
    "Edits",
    "Finding",
    "Fix",
    "Look",
    "NewIndex",
    "ProjectEdits",
    "RefusedError",
    "Rule",
    "Severity",
    "Statement",
]


@dataclass(frozen=True, slots=True)
class Fix:
    """A way to mend a finding. `apply` is given the fact and Edits, in other files than migrations
    ProjectEdits; it raises RefusedError where it cannot be done.

    `decided`: no human has to decide anything. `chosen`: only the author can tell whether it is
    wanted, so that no fix-all applies it, not even one of unsafe fixes. `commits`: what ran before
    in the function is committed by it. `isolates`: afterwards the operation runs in the autocommit
    block. `block`: it needs an autocommit block, and is not offered where the project's env.py lets
    none work. `keyword`: it writes one that older versions of Alembic or SQLAlchemy ignore, and is
    not offered where the project has these. `migrates`: the model whose indexes it changes, and a
    new revision is to do the same in the database.
    """

    title: str
    apply: Callable[[typing.Any, typing.Any], None]
    decided: bool = True
    chosen: bool = False
    commits: bool = False
    isolates: bool = True
    block: bool = True
    keyword: str | None = None
    migrates: ClassKey | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` is wrong, in the user's names; its `effect` on a live database; fixes, best first.

    `related` are other places that it is about, each with what it is. `unnecessary`: what it stands
    at is of no use, and editors fade it. `site` is its place where that is a part of `at`.
    """

    at: Fact
    what: str
    effect: str
    fixes: tuple[Fix, ...] = ()
    related: tuple[tuple[At | Origin, str], ...] = ()
    unnecessary: bool = False
    site: Site | None = None


@dataclass(frozen=True)
class Rule:
    """One rule: its id, its page, and its checks with the facts that they hear."""

    id: str
    title: str
    impact: str
    severity: Severity
    tags: tuple[str, ...]
    checks: tuple[tuple[Callable[..., Iterator[Finding]], tuple[type[Fact], ...]], ...]

    @cached_property
    def page(self) -> str:
        """The rule's page, in markdown."""
        return pages.page(self.id)


class Look:
    """What a rule may see besides its own operation; each look is written down."""

    def __init__(
        self,
        index: Index,
        settings: Settings,
        project: Project,
        before: Schema | None,
        catalog: Catalog | None,
        reader: typing.Hashable,
    ) -> None:
        """`before` are the tables as the revision finds them; `catalog` is that of the project."""
        self.read: set[Key] = set()
        self.settings = settings  # checks are made anew when they change
        self._index = index
        self._project = project
        self._before = before
        self._catalog = catalog
        self._reader = reader

    @property
    def project(self) -> Project:
        """What is known of the code around the migration."""
        self._get(PROJECT)
        return self._project

    def operations(
        self, kind: type[Kind], function: str, schema: object, table: object
    ) -> list[Kind]:
        """Operations of one kind on one table in one function, as they run."""
        return typing.cast("list[Kind]", self._get(table_key(kind, function, schema, table)))

    def named(self, kind: type[Kind], function: str, name: object) -> list[Kind]:
        """Index operations of one kind by the index's name, in one function, as they run."""
        return typing.cast("list[Kind]", self._get(name_key(kind, function, name)))

    @property
    def tables(self) -> Tables:
        """The tables as an operation finds and leaves them."""
        return Tables(self._get, self._before, self.project.naming)

    @property
    def models(self) -> Models | None:
        """The project's models; None as long as not all of its files were read."""
        self._get(COMPLETE)
        if self._catalog is None or not self._catalog.complete:
            return None
        return Models(self._get, self._catalog, self.settings)

    def created_here(self, operation: Operation) -> bool:
        """Whether the function has created the operation's table before, so that nobody uses it."""
        function, schema, table = operation.context.function, operation.schema, operation.table
        made = self._last_before(operation, CreateTable, table)
        gone = self._last_before(operation, DropTable, table)
        if made is not None and (gone is None or gone.order < made.order):
            return True
        for rename in self._get(new_name_key(function, schema, table)):
            if _runs_before(rename, operation) and isinstance(rename, RenameTable):
                return self.created_here(rename)
        some = self.operations(CreateTable, function, None, UNKNOWN)
        by_sql = self._get(sql_key(function, table)) if isinstance(table, str) else []
        return any(_runs_before(item, operation) for item in (*some, *by_sql))

    def dropped_here(self, operation: Operation, table: object) -> bool:
        """Whether the function drops a table, before or after the operation."""
        return bool(self.operations(DropTable, operation.context.function, operation.schema, table))

    def drops_old_tables(self, function: str, other: str) -> bool:
        """Whether a function drops a table that the `other`, of the other way, does not make."""
        made = {(item.schema, item.table) for item in self._get(tables_key(other))}
        dropped = self._get(dropped_tables_key(function))
        return any((item.schema, item.table) not in made for item in dropped)

    def batch(self, operation: Operation) -> list[Operation]:
        """The operations of the same batch, as they run."""
        return [] if operation.batch is None else self._get(batch_key(operation.batch))

    def in_transaction(self, operation: Operation) -> Flag:
        """Whether an operation runs in a transaction; UNKNOWN where one was left by hand.

        Behind COMMIT, psycopg 3 begins another one for the next statement, psycopg2 does not.
        """
        before = self._by_hand_before(operation)
        if operation.context.autocommit is not False:
            return self._begun_by_hand(operation, before)
        if not before or (_begins(before[-1]) and not before[-1].context.conditional):
            return True
        return True if self.begins_anew(operation) else UNKNOWN

    def _begun_by_hand(self, operation: Operation, before: list[Operation]) -> Flag:
        """Whether BEGIN stands before an operation in autocommit, by which it is left."""
        autocommit = operation.context.autocommit
        if autocommit is not True or not before or not _begins(before[-1]):
            return UNKNOWN if autocommit is UNKNOWN else False
        begun = before[-1].context
        return UNKNOWN if begun.conditional or begun.autocommit is not True else True

    def begins_anew(self, operation: Operation) -> bool:
        """Whether COMMIT stands before an operation, and the driver begins another transaction."""
        before = self._by_hand_before(operation)
        if not before or _begins(before[-1]):
            return False
        by_sql = (isinstance(each, Execute) and each.context.autocommit is False for each in before)
        return all(by_sql) and self.project.driver == "psycopg"

    def _by_hand_before(self, operation: Operation) -> list[Operation]:
        """What begins, ends or leaves the transaction by hand before an operation, as it runs."""
        found = self._get(commit_key(operation.context.function))
        return [item for item in found if _runs_before(item, operation)]

    def in_one_transaction(self, one: Operation, other: Operation) -> bool:
        """Whether two operations of a function run in one transaction, as far as is known.

        SQL may end it, and a block in autocommit does. What is sent in one string stays in one even
        there, and what stands behind BEGIN, unless SQL ends it.
        """
        function = one.context.function
        ends = [item for item in self._get(commit_key(function)) if not _begins(item)]
        if one.context.autocommit is False and other.context.autocommit is False:
            ends += [] if sent_together(one, other) else self._get(autocommit_key(function))
        elif not sent_together(one, other) and not self._both_begun(one, other):
            return False
        return not any(one.order < item.order and _runs_before(item, other) for item in ends)

    def _both_begun(self, one: Operation, other: Operation) -> bool:
        return self.in_transaction(one) is True and self.in_transaction(other) is True

    def _last_before(
        self, operation: Operation, kind: type[Operation], table: object
    ) -> Operation | None:
        found = self.operations(kind, operation.context.function, operation.schema, table)
        earlier = [item for item in found if _runs_before(item, operation)]
        return earlier[-1] if earlier else None

    def _get(self, key: Key) -> list[Operation]:
        self.read.add(key)
        return self._index.read(key, self._reader)


def _begins(operation: Operation) -> bool:
    return isinstance(operation, Execute) and operation.transaction == "begins"


def _runs_before(one: Operation, other: Operation) -> bool:
    """Whether one may have run when the other does."""
    return one.order < other.order and not one.context.excludes(other.context)
