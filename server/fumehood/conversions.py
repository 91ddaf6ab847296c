"""What PostgreSQL has to do to a column's values when its type changes.

Sources: ATColumnChangeRequiresRewrite in PostgreSQL's tablecmds.c, the planner's support functions
for casts to a length (varchar_support, numeric_support…), the catalog pg_cast.
"""

from __future__ import annotations

from enum import Enum

from .identifiers import qualified
from .parts import ColumnType


class Work(Enum):
    """What a change of a type takes. Values that stay may have other operators, and so indexes."""

    NOTHING = "nothing"
    OPERATORS = "other operators"
    UNLESS_UTC = "rewrite, unless the session's time zone is UTC"
    MAY_REWRITE = "rewrite, as far as can be told"
    REWRITE = "rewrite"
    UNKNOWN = "unknown"


TEXTS = frozenset(["bpchar", "name", "text", "varchar"])  # PostgreSQL's category of strings
_STRINGS = TEXTS | {"citext"}
_COLLATED = _STRINGS
INTEGERS = frozenset(["int2", "int4", "int8"])
NUMBERS = INTEGERS | {"float4", "float8", "numeric"}
_REGISTERED = frozenset(["oid", "regclass", "regconfig", "regtype"])

# Types that every database has, and of those that extensions bring the ones that are known here.
_KNOWN = (
    _STRINGS | NUMBERS | _REGISTERED
    | frozenset(
        """
        bit bool box bytea cidr circle date datemultirange daterange hstore inet int4multirange
        int4range int8multirange int8range interval json jsonb jsonpath line lseg macaddr macaddr8
        money nummultirange numrange path pg_lsn point polygon time timestamp timestamptz timetz
        tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector uuid varbit xml
        """.split()  # noqa: SIM905
    )
)  # fmt: skip

# Casts in an assignment, but for those to strings, which every type has. Arrays have their items'.
_ASSIGNED: dict[str, frozenset[str]] = {
    "bit": frozenset(["varbit"]),
    "box": frozenset(["polygon"]),
    "cidr": frozenset(["inet"]),
    "date": frozenset(["timestamp", "timestamptz"]),
    "float4": NUMBERS,
    "float8": NUMBERS,
    "inet": frozenset(["cidr"]),
    "int2": NUMBERS | _REGISTERED,
    "int4": NUMBERS | _REGISTERED | {"money"},
    "int8": NUMBERS | _REGISTERED | {"money"},
    "interval": frozenset(["time"]),
    "json": frozenset(["jsonb"]),
    "jsonb": frozenset(["json"]),
    "macaddr": frozenset(["macaddr8"]),
    "macaddr8": frozenset(["macaddr"]),
    "money": frozenset(["numeric"]),
    "numeric": NUMBERS | {"money"},
    "oid": _REGISTERED | {"int4", "int8"},
    "path": frozenset(["polygon"]),
    "point": frozenset(["box"]),
    "polygon": frozenset(["path"]),
    "regclass": frozenset(["int4", "int8", "oid"]),
    "regconfig": frozenset(["int4", "int8", "oid"]),
    "regtype": frozenset(["int4", "int8", "oid"]),
    "text": frozenset(["regclass"]),
    "time": frozenset(["interval", "timetz"]),
    "timestamp": frozenset(["date", "time", "timestamptz"]),
    "timestamptz": frozenset(["date", "time", "timestamp", "timetz"]),
    "timetz": frozenset(["time"]),
    "varbit": frozenset(["bit"]),
    "varchar": frozenset(["regclass"]),
}

# Types of the same representation, as long as the second has no length.
_SAME_OPERATORS = frozenset(
    [
        ("cidr", "inet"),
        *((one, other) for one in ("text", "varchar", "xml") for other in ("text", "varchar")),
        *((one, other) for one in _REGISTERED for other in _REGISTERED if "oid" in (one, other)),
    ]
)
_OTHER_OPERATORS = frozenset(
    [
        *(pair for text in ("text", "varchar") for pair in ((text, "citext"), ("citext", text))),
        *((text, "bpchar") for text in ("text", "varchar", "xml")),
        *(pair for other in _REGISTERED for pair in (("int4", other), (other, "int4"))),
        ("bit", "varbit"),
        ("varbit", "bit"),
    ]
)
_TIME_ZONE = frozenset([("timestamp", "timestamptz"), ("timestamptz", "timestamp")])
_TIMES = frozenset(["interval", "time", "timestamp", "timestamptz", "timetz"])
_MICROSECONDS = 6  # the highest precision, and that of no precision

# What a column of unknown type may become without a rewrite, by one of several types.
_UNDECIDED = (
    _TIMES | _REGISTERED | {"citext", "inet", "name", "numeric", "text", "varbit", "varchar"}
)
# How PostgreSQL's documentation calls types that have another name in its catalog.
_DISPLAYED = {
    "bool": "boolean", "bpchar": "char", "float4": "real", "float8": "double precision",
    "int2": "smallint", "int4": "integer", "int8": "bigint", "varbit": "bit varying",
}  # fmt: skip


def work(old: ColumnType, new: ColumnType) -> Work:
    """What it takes to make a column of one type one of another, on PostgreSQL 12 or later."""
    if _identity(old) != _identity(new):
        found = _converted(old, new)
    elif old.dimensions:
        same = not new.arguments or old.arguments == new.arguments
        found = Work.NOTHING if same else Work.REWRITE
    else:
        found = Work.NOTHING if _keeps_sizes(old, new) else Work.REWRITE
    if found is Work.NOTHING and old.collation != new.collation and new.name in _COLLATED:
        return Work.OPERATORS
    return found


def work_from_unknown(new: ColumnType) -> Work:
    """What it takes from a type that is not known: a rewrite, from most that it can be."""
    undecided = is_known(new) and not new.dimensions and new.name in _UNDECIDED
    return Work.UNKNOWN if undecided else Work.MAY_REWRITE


def is_assignable(old: ColumnType, new: ColumnType) -> bool | None:
    """Whether PostgreSQL casts values by itself when the type changes; None: not known."""
    if _identity(old) == _identity(new):
        return True
    if not new.dimensions and is_known(new) and new.name in _STRINGS:
        return True if is_known(old) or old.enum or old.dimensions else None
    if old.enum or new.enum:
        return False if is_told(old) and is_told(new) else None
    if not is_known(old) or not is_known(new):
        return None
    if bool(old.dimensions) != bool(new.dimensions):
        return False
    if old.dimensions and new.name in _STRINGS:
        return True
    if "hstore" in (old.name, new.name):
        return None
    return new.name in _ASSIGNED.get(old.name, ())


def is_known(type_: ColumnType) -> bool:
    """Whether it is a type that every database has, or one of a known extension."""
    return type_.name in _KNOWN and type_.schema is None and not type_.enum


def is_told(type_: ColumnType) -> bool:
    """Whether it is known what kind of type it is: no domain, nor of an extension."""
    return type_.enum or is_known(type_)


def sql_type(type_: ColumnType) -> str:
    """A type as SQL has it."""
    name = type_.name
    if is_known(type_):
        name = name if type_ == ColumnType("bpchar") else _DISPLAYED.get(name, name)
    else:
        name = qualified(type_.schema, name)
    sizes = f"({', '.join(map(str, type_.arguments))})" if type_.arguments else ""
    return f"{name}{sizes}" + "[]" * type_.dimensions


def _identity(type_: ColumnType) -> tuple[str, str | None, bool]:
    schema = None if type_.schema == "public" else type_.schema
    return type_.name, schema, bool(type_.dimensions)


def _converted(old: ColumnType, new: ColumnType) -> Work:
    """What it takes between two different types."""
    if not is_told(old) or not is_told(new):
        return Work.MAY_REWRITE  # an enum, as a rule; a domain may be the same but for its name
    pair = (old.name, new.name)
    if old.dimensions or new.dimensions or old.enum or new.enum:
        return Work.REWRITE
    if pair in _TIME_ZONE and _precision(new) == _MICROSECONDS:
        return Work.UNLESS_UTC
    if new.arguments:
        return Work.REWRITE
    if pair in _SAME_OPERATORS:
        return Work.NOTHING
    return Work.OPERATORS if pair in _OTHER_OPERATORS else Work.REWRITE


def _keeps_sizes(old: ColumnType, new: ColumnType) -> bool:
    """Whether all values of a type are, as they stand, values of the same type of other sizes."""
    before, after = old.arguments, new.arguments
    if before == after or not after:
        return True
    if new.name in _TIMES:
        return _precision(old) <= _precision(new)
    if not before:
        return False
    if new.name == "numeric":
        return before[0] <= after[0] and before[1:] == after[1:]
    return new.name in ("varchar", "varbit") and before[0] <= after[0]


def _precision(type_: ColumnType) -> int:
    return min(type_.arguments[0], _MICROSECONDS) if type_.arguments else _MICROSECONDS
