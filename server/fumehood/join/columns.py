"""An evaluated `sa.Column(…)` -> its fact, with the constraints that it brings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .. import facts
from ..facts import UNKNOWN, Check, Column, ForeignKey, Site
from .types import column_type
from .values import Final, Made, Template, Value

# Methods of a statement that leave its SQL as it is.
_KEEP_SQL = frozenset(("bindparams", "columns", "execution_options"))
# Expressions that are no text, and how they are written as a default.
_CALLS = {
    "sqlalchemy.false": "false",
    "sqlalchemy.func.current_timestamp": "CURRENT_TIMESTAMP",
    "sqlalchemy.func.gen_random_uuid": "gen_random_uuid()",
    "sqlalchemy.func.now": "now()",
    "sqlalchemy.null": "NULL",
    "sqlalchemy.sql.expression.false": "false",
    "sqlalchemy.sql.expression.true": "true",
    "sqlalchemy.true": "true",
}


def column(value: Value, piece: object) -> Column | facts.Unknown:
    """The fact for a column; sites only where they stand in `piece`."""
    if not isinstance(value, Made) or class_of(value) != "Column":
        return UNKNOWN
    name = value.arguments[0] if value.arguments else value.keyword("name", UNKNOWN)
    primary_key = value.keyword("primary_key", False)
    return Column(
        name=name if isinstance(name, str) else UNKNOWN,
        type=column_type(
            value.arguments[1] if len(value.arguments) > 1 else value.keyword("type_")
        ),
        index=_flag(value.keyword("index", False)),
        unique=_flag(value.keyword("unique", False)),
        nullable=_flag(value.keyword("nullable", primary_key is False)),
        primary_key=_flag(primary_key),
        default=value.keyword("server_default") is not None or _has(value, "Identity", "Computed"),
        server_default=_default(value),
        generated=_has(value, "Computed"),
        computed=next(map(_computed, _parts(value, "Computed")), None),
        serial=_serial(value),
        identity=next(map(_identity, _parts(value, "Identity")), None),
        foreign_keys=tuple(_foreign_keys(value, piece)),
        checks=tuple(_checks(value, piece)),
        site=site_in(value, piece),
        complete=value.complete,
    )


def sql_text(value: Value) -> facts.Text:
    """SQL given as a string, as `sa.text(string)` or as `sa.DDL(string)`.

    Parameters are as they are written, and so make most SQL unreadable for PostgreSQL's grammar.
    """
    value = _sent(value)
    return value if isinstance(value, str) else UNKNOWN


def sql_template(value: Value) -> str | None:
    """The same where parts of it are not known; they have something else in their places."""
    value = _sent(value)
    return value.text if isinstance(value, Template) else None


def _sent(value: Value) -> Value:
    while isinstance(value, Made) and class_of(value) in _KEEP_SQL:
        value = value.base
    if isinstance(value, Made) and class_of(value) in ("text", "DDL"):
        keyword = "text" if class_of(value) == "text" else "statement"
        value = value.arguments[0] if value.arguments else value.keyword(keyword, UNKNOWN)
    return value


def _foreign_keys(column: Made, piece: object) -> Iterator[ForeignKey]:
    for value in _parts(column, "ForeignKey"):
        target = value.arguments[0] if value.arguments else value.keyword("column", UNKNOWN)
        # (column, _constraint, use_alter, name)
        by_position = len(value.arguments) > 3
        name = value.arguments[3] if by_position else value.keyword("name")
        yield ForeignKey(
            target=target if isinstance(target, str) else UNKNOWN,
            name=maybe_text(name),
            final=isinstance(name, Final),
            not_valid=_flag(value.keyword("postgresql_not_valid", False)),
            options=key_options(value.keyword),
            site=site_in(value, piece),
            complete=value.complete and not (by_position and name is None),
        )


def key_options(keyword: Callable[[str], Value]) -> facts.Text:
    """The options of a foreign key, as SQLAlchemy writes them."""
    late = {None: None, False: "NOT DEFERRABLE", True: "DEFERRABLE"}
    deferrable, initially = keyword("deferrable"), keyword("initially")
    words = [keyword("match"), keyword("ondelete"), keyword("onupdate"), initially]
    if not all(each is None or isinstance(each, str) for each in words) or deferrable not in late:
        return UNKNOWN
    match, delete, update, _ = words
    options = [("MATCH ", match), ("ON DELETE ", delete), ("ON UPDATE ", update)]
    options += [("", late[deferrable]), ("INITIALLY ", initially)]
    return " ".join(f"{name}{word}" for name, word in options if word is not None)


def server_default(value: Value) -> facts.MaybeText:
    """The SQL of a default that the server gives, as SQLAlchemy writes it; None for none."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, Made) and value.callee in _CALLS and not value.arguments:
        return _CALLS[value.callee]
    return None if value is None else sql_text(value)


def _default(column: Made) -> facts.MaybeText:
    unknown = _has(column, "DefaultClause", "FetchedValue")
    return UNKNOWN if unknown else server_default(column.keyword("server_default"))


def _computed(made: Made) -> facts.Text:
    return sql_text(made.arguments[0] if made.arguments else made.keyword("sqltext", UNKNOWN))


def _identity(made: Made) -> facts.Text:
    always = made.arguments[0] if made.arguments else made.keyword("always", False)
    others = len(made.arguments) > 1 or {name for name, _ in made.keywords} - {"always"}
    if others or not made.complete or not isinstance(always, bool):
        return UNKNOWN
    return "ALWAYS" if always else "BY DEFAULT"


def _serial(column: Made) -> facts.Flag | None:
    """Whether a column gets a sequence of its own; None: that is for the table's key to say."""
    said = column.keyword("autoincrement", "auto")
    if said is False or column.keyword("server_default") is not None:
        return False
    plain = said in ("auto", True) and not _has(column, "Sequence", "Identity", "Computed")
    return None if plain and column.keyword("default") is None else UNKNOWN


def _checks(column: Made, piece: object) -> Iterator[Check]:
    for value in _parts(column, "CheckConstraint"):
        yield check(value, piece)


def check(value: Made, piece: object) -> Check:
    """The fact for `sa.CheckConstraint(…)`."""
    condition = value.arguments[0] if value.arguments else value.keyword("sqltext", UNKNOWN)
    name = value.arguments[1] if len(value.arguments) > 1 else value.keyword("name")
    return Check(
        condition=sql_text(condition),
        name=maybe_text(name),
        final=isinstance(name, Final),
        site=site_in(value, piece),
        plain=_is_plain(value),
    )


def _is_plain(check: Made) -> bool:
    others = {name for name, _ in check.keywords} - {"sqltext", "name", "postgresql_not_valid"}
    return check.complete and len(check.arguments) <= 2 and not others


def _has(column: Made, *kinds: str) -> bool:
    """Whether a column has a part of one of these kinds."""
    return any(any(_parts(column, kind)) for kind in kinds)


def _parts(column: Made, kind: str) -> Iterator[Made]:
    for value in column.arguments:
        if isinstance(value, Made) and class_of(value) == kind:
            yield value


def class_of(value: Made) -> str:
    """The last part of what was called."""
    return value.callee.rpartition(".")[2]


def site_in(value: Made, piece: object) -> Site | None:
    """Where it was made, if that is within `piece`."""
    return value.site if value.site is not None and value.site.piece is piece else None


def maybe_text(value: Value) -> facts.MaybeText:
    """A name that may be missing."""
    return value if value is None or isinstance(value, str) else UNKNOWN


def _flag(value: Value) -> facts.Flag:
    return bool(value) if value is None or isinstance(value, (bool, int)) else UNKNOWN
