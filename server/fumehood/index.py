"""Facts by key, and who read which key: what has to run again when an operation comes or goes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from typing import Any

from .facts import (
    UNKNOWN,
    AddColumn,
    Batch,
    Column,
    CreateForeignKey,
    CreateIndex,
    CreateTable,
    CreateUniqueConstraint,
    DropIndex,
    DropTable,
    Execute,
    Operation,
    Other,
    RenameTable,
    Unknown,
    ValidateConstraint,
)
from .read.ddl import commands
from .read.views import speaks_of_views
from .schema import TableName, referent_of, table_name

Key = tuple[Any, ...]

# A name in SQL, quoted or not. Until SQL is parsed, a word that stands in a statement is all that
# is taken from it, and only in order to say nothing.
_WORDS = re.compile(r"\w+")
# Methods, functions and attributes by which a transaction is ended or left.
_TRANSACTIONAL = re.compile(
    r"commit|rollback|isolation|(?<!begin_)transaction|\A(?:__enter__|enter_context)\Z",
    re.IGNORECASE,
)
_NOT_OF_TABLES = (Execute, Other, ValidateConstraint)


# The project around the file; no operation has this key, but who read it runs again.
PROJECT: Key = ("project",)
# Whether it is known what the revision finds: as above.
BEFORE: Key = ("before",)


def table_key(kind: type[Operation], function: str, schema: Any, table: Any) -> Key:
    """Operations of one kind on one table in one function; "public" is the default schema."""
    return (kind.__name__, function, None if schema == "public" else schema, table)


def name_key(kind: type[Operation], function: str, name: Any) -> Key:
    """Index operations of one kind by the index's name, in one function."""
    return (kind.__name__, function, "name", name)


def tables_key(function: str) -> Key:
    """The tables that one function creates."""
    return ("tables", function)


def dropped_tables_key(function: str) -> Key:
    """The tables that one function drops."""
    return ("dropped tables", function)


def new_name_key(function: str, schema: Any, table: Any) -> Key:
    """Renames to a table's name."""
    return table_key(RenameTable, function, schema, ("to", table))


def sql_key(function: str, word: str) -> Key:
    """SQL of which it cannot be told what it creates, a table perhaps, with a word in it."""
    return ("sql", function, word.lower())


def schema_key(function: str, schema: Any, table: Any) -> Key:
    """What a function does to one table; to indexes by their name alone where `table` is None."""
    return ("schema", function, None if schema == "public" else schema, table)


def before_key(table: TableName) -> Key:
    """A table as the revision finds it; no operation has this key."""
    return ("before", table)


def before_index_key(schema: Any, name: Any) -> Key:
    """Where the revision finds an index of this name; no operation has this key."""
    return ("before", "index", None if schema == "public" else schema, name)


def referent_key(function: str, table: TableName | Unknown) -> Key:
    """What makes a foreign key to a table; UNKNOWN: to one that is not known."""
    return ("referent", function, table)


def before_referent_key(table: TableName | Unknown) -> Key:
    """Which foreign keys to a table the revision finds; no operation has this key."""
    return ("before", "referent", table)


def opaque_key(function: str, word: str) -> Key:
    """SQL that does what cannot be told, and has a word in it."""
    return ("opaque", function, word.lower())


def template_key(function: str) -> Key:
    """SQL of which parts are not known."""
    return ("template", function)


def views_key(function: str) -> Key:
    """SQL that may make or drop views, or what else holds on to columns."""
    return ("views", function)


def commit_key(function: str) -> Key:
    """What begins or ends the transaction by hand, or may; code that is not followed too."""
    return ("commit", function)


def autocommit_key(function: str) -> Key:
    """What may run in an autocommit block."""
    return ("autocommit", function)


def batch_key(batch: Batch) -> Key:
    """The operations of one batch."""
    return ("batch", batch.site)


def keys(operation: Operation) -> Iterator[Key]:
    """The keys under which an operation is found."""
    function = operation.context.function
    yield table_key(type(operation), function, operation.schema, operation.table)
    if not isinstance(operation, _NOT_OF_TABLES):
        yield schema_key(function, operation.schema, operation.table)
    if operation.batch is not None:
        yield batch_key(operation.batch)
    if operation.context.autocommit is not False:
        yield autocommit_key(function)
    if isinstance(operation, CreateTable):
        yield tables_key(function)
    if isinstance(operation, DropTable):
        yield dropped_tables_key(function)
    if isinstance(operation, RenameTable):
        yield new_name_key(function, operation.schema, operation.new_name)
    if isinstance(operation, (CreateIndex, DropIndex, CreateUniqueConstraint)):
        yield name_key(type(operation), function, operation.name)
    if isinstance(operation, Execute):
        yield from _sql_keys(operation)
    for referent in dict.fromkeys(referents(operation)):
        yield referent_key(function, referent)
    unfollowed = isinstance(operation, Other) and not operation.followed
    if unfollowed or handles_transaction(operation):
        yield commit_key(function)


def referents(operation: Operation) -> Iterator[TableName | Unknown]:
    """The tables that an operation makes foreign keys to."""
    match operation:
        case CreateForeignKey(referent=referent, referent_schema=schema):
            yield table_name(schema, referent) or UNKNOWN
        case AddColumn(column=Column() as column):
            yield from (referent_of(key.target) for key in column.foreign_keys)
        case CreateTable(foreign_keys=keys, columns=columns):
            yield from (table_name(key.referent_schema, key.referent) or UNKNOWN for key in keys)
            yield from (referent_of(key.target) for each in columns for key in each.foreign_keys)


def _sql_keys(operation: Execute) -> Iterator[Key]:
    function = operation.context.function
    if operation.template is not None:
        yield template_key(function)
    text = operation.template if operation.sql is UNKNOWN else operation.sql
    if text is None or speaks_of_views(text):
        yield views_key(function)
    if operation.sql is UNKNOWN:
        return
    if not commands(operation.sql).opaque:
        return
    words = dict.fromkeys(word.lower() for word in _WORDS.findall(operation.sql))
    for word in words:
        yield opaque_key(function, word)
    if "create" in words and "table" in words:
        for word in words:
            yield sql_key(function, word)


def handles_transaction(operation: Operation) -> bool:
    """Whether an operation begins or ends the transaction by hand, or leaves it, or may."""
    match operation:
        case Execute():
            return operation.transaction is not None
        case Other(name=name):
            return bool(_TRANSACTIONAL.search(name.rpartition(".")[2]))
    return False


def sent_together(one: Operation, other: Operation) -> bool:
    """Whether two operations are sent in one string of SQL."""
    if one.in_sql is None or other.in_sql is None or one.site.path != other.site.path:
        return False
    return one.site.piece is other.site.piece and one.order[:-1] == other.order[:-1]


class Index:
    """The operations of one file by key, and the readers of each key."""

    def __init__(self) -> None:
        self._facts: defaultdict[Key, list[Operation]] = defaultdict(list)
        self._readers: defaultdict[Key, set[Hashable]] = defaultdict(set)

    def get(self, key: Key) -> list[Operation]:
        """The operations under a key, as they run."""
        found = self._facts.get(key)
        if found is None:
            return []
        return sorted(found, key=_order) if len(found) > 1 else found

    def change(self, removed: Iterable[Operation], added: Iterable[Operation]) -> set[Key]:
        """Take operations out and put others in; the keys whose operations are not the same now."""
        touched: dict[Key, list[Operation]] = {}
        for operation in removed:
            for key in keys(operation):
                touched.setdefault(key, list(self._facts[key]))
                self._facts[key] = [item for item in self._facts[key] if item is not operation]
        for operation in added:
            for key in keys(operation):
                touched.setdefault(key, list(self._facts[key]))
                self._facts[key].append(operation)
        for key in touched:
            if not self._facts[key]:
                del self._facts[key]
        return {key for key, before in touched.items() if before != self._facts.get(key, [])}

    def read(self, key: Key, reader: Hashable) -> list[Operation]:
        """The operations under a key; `reader` is written down."""
        self._readers[key].add(reader)
        return self.get(key)

    def readers(self, changed: Iterable[Key]) -> set[Hashable]:
        """Who read any of the keys."""
        found: set[Hashable] = set()
        for key in changed:
            found |= self._readers.get(key, set())
        return found

    def forget(self, reader: Hashable, read: Iterable[Key]) -> None:
        """A reader is gone, or will read again."""
        for key in read:
            readers = self._readers[key]
            readers.discard(reader)
            if not readers:
                del self._readers[key]


def _order(operation: Operation) -> tuple[int, ...]:
    return operation.order
