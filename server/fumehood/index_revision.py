"""The revision that builds or drops concurrently what indexes a model gains or loses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .cover import KnownIndex, covers, known_index
from .identifiers import python_string, quoted
from .models.facts import Model, ModelIndex
from .naming import MOST_BYTES, Constrained, Naming, UnnamedError, index_name
from .new_revisions import Autocommit, NewRevisions
from .parts import IndexKey
from .project import Project
from .schema import Table
from .statement import RefusedError

IMPORTS: Mapping[str, str] = {"sa": "import sqlalchemy as sa"}


@dataclass(frozen=True, slots=True)
class _Change:
    """An index of a table with the calls that build and drop it."""

    name: str
    index: KnownIndex
    create: str
    drop: str


def create_revision(
    before: Model, after: Model, table: Table | None, project: Project, revisions: NewRevisions
) -> None:
    """Create it; `table` is the model's as the last migrations leave it.

    Raises RefusedError where the database may be another than they tell, or it cannot be written.
    """
    if project.block_fails or project.is_partitioned(after.schema, after.table):
        raise RefusedError("no index can be built concurrently here")
    if table is None or not table.complete:
        raise RefusedError("it is not known what the migrations leave of the table")
    if (before.table, before.schema, before.keys) != (after.table, after.schema, after.keys):
        raise RefusedError("more than an index changes")
    come = [_change(each, after, project) for each in _more(after, before)]
    gone = [_change(each, after, project) for each in _more(before, after)]
    if bool(come) == bool(gone):
        raise RefusedError("indexes do not only come, or only go")
    for each in come:
        _refuse_present(each, table)
    for each in gone:
        _refuse_needed(each, table)
    changes = come or gone
    build = [Autocommit([each.create for each in changes])]
    drop = [Autocommit([each.drop for each in reversed(changes)])]
    names = " and ".join(each.name for each in changes)
    message = f"{'Create' if come else 'Drop'} {names}"
    revisions.create_revision(message, *((build, drop) if come else (drop, build)))


def _more(one: Model, other: Model) -> list[ModelIndex]:
    """The indexes that one has and the other has not."""
    left = [each.index for each in other.indexes]
    found = []
    for each in one.indexes:
        if each.index in left:
            left.remove(each.index)
        else:
            found.append(each)
    return found


def _change(index: ModelIndex, model: Model, project: Project) -> _Change:
    known, name = known_index(index.index), index.index.name
    if known is None or not isinstance(name, str) or len(name.encode()) > MOST_BYTES:
        raise RefusedError("not all is known of the index")
    if index.unnamed:
        _refuse_unsure(name, known, model, project)
    named = python_string(name)
    if index.column is not None:
        named = f"op.f({named})"  # as Alembic writes what a convention has made
    elif project.naming is None or "constraint_name" in project.naming.patterns.get("ix", ""):
        raise RefusedError("the convention may give the index another name")
    where = [python_string(str(model.table))]
    schema = [] if model.schema is None else [f"schema={python_string(str(model.schema))}"]
    last = [*schema, "postgresql_concurrently=True"]
    keys = f"[{', '.join(map(_key, known.keys))}]"
    create = [named, *where, keys, *_options(known), *last]
    drop = [named, f"table_name={where[0]}", *last]
    return _Change(name, known, _call("create_index", create), _call("drop_index", drop))


def _refuse_unsure(name: str, index: KnownIndex, model: Model, project: Project) -> None:
    """Refuse a name that the convention of the environment's MetaData may not give.

    What the model tells of it may be less: a convention can be assigned to the MetaData elsewhere.
    """
    schema = None if model.schema is None else str(model.schema)
    on = Constrained(str(model.table), schema, [str(each.column) for each in index.keys])
    try:
        own = project.naming is None and name != index_name(Naming(), on)
        if own or (project.naming is not None and name == index_name(project.naming, on)):
            return
    except UnnamedError:
        pass
    raise RefusedError("the convention may give the index another name")


def _call(function: str, arguments: Sequence[str]) -> str:
    return f"op.{function}({', '.join(arguments)})"


def _key(key: IndexKey) -> str:
    if key.collation is not None or (key.column is None and key.expression is None):
        raise RefusedError("the key cannot be written")
    nulls = ""
    if key.nulls_first is not None and key.nulls_first != key.descending:
        nulls = " NULLS FIRST" if key.nulls_first else " NULLS LAST"
    suffix = (" DESC" if key.descending else "") + nulls
    if key.expression is None and not suffix:
        return python_string(str(key.column))
    text = quoted(str(key.column)) if key.expression is None else key.expression
    if ":" in text:
        raise RefusedError("a colon is a parameter's in text()")
    return f"sa.text({python_string(text + suffix)})"


def _options(index: KnownIndex) -> Iterator[str]:
    if index.unique:
        yield "unique=True"
    if index.method != "btree":
        yield f"postgresql_using={python_string(index.method)}"
    if index.include:
        yield f"postgresql_include=[{', '.join(map(python_string, index.include))}]"
    if index.nulls_not_distinct:
        yield "postgresql_nulls_not_distinct=True"
    classes = [
        f"{python_string(str(key.column))}: {python_string(str(key.operator_class))}"
        for key in index.keys
        if key.operator_class is not None
    ]
    if classes:
        yield f"postgresql_ops={{{', '.join(classes)}}}"
    if index.where is not None:
        if ":" in index.where:
            raise RefusedError("a colon is a parameter's in text()")
        yield f"postgresql_where=sa.text({python_string(index.where)})"


def _refuse_present(change: _Change, table: Table) -> None:
    """Refuse to build what may be there, or on columns that may not."""
    if any(each.name == change.name or not isinstance(each.name, str) for each in table.indexes):
        raise RefusedError(f"the migrations may have an index {change.name} already")
    columns = {key.column for key in change.index.keys if key.expression is None}
    if not {*columns, *change.index.include} <= table.columns.keys():
        raise RefusedError("the migrations do not create the index's columns")


def _refuse_needed(change: _Change, table: Table) -> None:
    """Refuse to drop what may not be there, or what no other index of the database serves."""
    found = [(each, known_index(each)) for each in table.indexes]
    own = [known for each, known in found if each.name == change.name]
    others = [known for each, known in found if each.name != change.name and known is not None]
    if len(own) != 1 or own[0] is None:
        raise RefusedError(f"the migrations have no index {change.name}")
    if own[0].unique:
        raise RefusedError("a foreign key may need the unique index")
    if not any(covers(each, own[0]) for each in others):
        raise RefusedError("in the migrations no other index serves it")
