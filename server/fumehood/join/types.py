"""An evaluated column type, `sa.String(50)` or `sa.Text` -> its name in PostgreSQL's catalog.

How SQLAlchemy writes types for PostgreSQL: sqlalchemy.dialects.postgresql.base.PGTypeCompiler.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..facts import UNKNOWN, ColumnType, Type
from .values import Made, Reference, Value

# Types that take no argument which changes what they are.
_PLAIN = {
    "bigint": "int8", "biginteger": "int8", "bigserial": "int8", "boolean": "bool",
    "bytea": "bytea", "blob": "bytea", "cidr": "cidr", "citext": "citext", "clob": "text",
    "date": "date", "datemultirange": "datemultirange", "daterange": "daterange",
    "double": "float8", "double_precision": "float8", "hstore": "hstore", "inet": "inet",
    "int": "int4", "int4multirange": "int4multirange", "int4range": "int4range",
    "int8multirange": "int8multirange", "int8range": "int8range", "integer": "int4",
    "json": "json", "jsonb": "jsonb", "jsonpath": "jsonpath", "largebinary": "bytea",
    "macaddr": "macaddr", "macaddr8": "macaddr8", "money": "money",
    "nummultirange": "nummultirange", "numrange": "numrange",
    "oid": "oid", "pickletype": "bytea", "real": "float4",
    "regclass": "regclass", "regconfig": "regconfig", "smallint": "int2", "smallinteger": "int2",
    "tsmultirange": "tsmultirange", "tsquery": "tsquery", "tsrange": "tsrange",
    "tstzmultirange": "tstzmultirange", "tstzrange": "tstzrange", "tsvector": "tsvector",
}  # fmt: skip
_TEXTS = frozenset(["string", "varchar", "unicode", "autostring", "nvarchar"])
_BUILDERS = ("sqlalchemy.", "sqlmodel.", "citext.CIText")  # the last is of sqlalchemy-citext


def column_type(value: Value) -> Type:
    """The type that a value stands for; UNKNOWN where none of these packages has it."""
    if isinstance(value, Reference):
        value = Made(value.dotted, (), (), True, None)
    if not isinstance(value, Made) or not value.callee.startswith(_BUILDERS) or not value.complete:
        return UNKNOWN
    method = value.callee.rpartition(".")[2]
    if value.base is not None:
        return _variant(value) if method == "with_variant" else UNKNOWN
    name = method.lower()
    if name in _PLAIN:
        return ColumnType(_PLAIN[name])
    maker = _MAKERS.get("string" if name in _TEXTS else name)
    return maker(value) if maker else UNKNOWN


def _variant(made: Made) -> Type:
    """`type.with_variant(other, "postgresql")`."""
    if not made.arguments or not all(isinstance(each, str) for each in made.arguments[1:]):
        return UNKNOWN
    return column_type(made.arguments[0] if "postgresql" in made.arguments[1:] else made.base)


def _given(made: Made, position: int, name: str, default: Value = None) -> Value:
    if position < len(made.arguments):
        return made.arguments[position]
    return made.keyword(name, default)


def _sized(name: str, *sizes: Value, collation: Value = None) -> Type:
    """A type with as many sizes as are given, from the left."""
    if not all(each is None or isinstance(each, int) for each in sizes):
        return UNKNOWN
    if collation is not None and not isinstance(collation, str):
        return UNKNOWN
    arguments = tuple(each for each in sizes if each is not None)
    return ColumnType(name, arguments, collation=collation)


def _text(name: str) -> Callable[[Made], Type]:
    def make(made: Made) -> Type:
        length = None if name == "text" else _given(made, 0, "length")
        if name == "bpchar" and length is None:
            length = 1
        return _sized(name, length, collation=_given(made, 1, "collation"))

    return make


def _numeric(made: Made) -> Type:
    precision, scale = _given(made, 0, "precision"), _given(made, 1, "scale")
    if precision is None:
        return _sized("numeric")
    return _sized("numeric", precision, 0 if scale is None else scale)


def _float(made: Made) -> Type:
    precision = _given(made, 0, "precision")
    if precision is None:
        return ColumnType("float8")
    if not isinstance(precision, int):
        return UNKNOWN
    return ColumnType("float4" if precision <= 24 else "float8")


def _time(name: str, position: int = 0) -> Callable[[Made], Type]:
    def make(made: Made) -> Type:
        timezone = _given(made, position, "timezone", False)
        if not isinstance(timezone, bool):
            return UNKNOWN
        return _sized(f"{name}tz" if timezone else name, _given(made, 1, "precision"))

    return make


def _interval(made: Made) -> Type:
    if made.callee.endswith(".INTERVAL"):
        fields = made.keyword("fields")
        return _sized("interval", _given(made, 0, "precision")) if fields is None else UNKNOWN
    return _sized("interval", _given(made, 1, "second_precision"))


def _bit(made: Made) -> Type:
    length, varying = _given(made, 0, "length"), _given(made, 1, "varying", False)
    if varying is True:
        return _sized("varbit", length)
    return _sized("bit", 1 if length is None else length) if varying is False else UNKNOWN


def _uuid(made: Made) -> Type:
    native = made.keyword("native_uuid", True)
    return ColumnType("uuid") if native is True else UNKNOWN


def _enum(made: Made) -> Type:
    if made.keyword("native_enum", True) is not True:
        return UNKNOWN
    values: tuple[str, ...] | None = None
    name, schema = made.keyword("name"), made.keyword("schema")
    if made.arguments and all(isinstance(each, str) for each in made.arguments):
        values = tuple(str(each) for each in made.arguments)
    elif name is None and len(made.arguments) == 1 and isinstance(made.arguments[0], Reference):
        name = made.arguments[0].dotted.rpartition(".")[2].lower()
    if not isinstance(name, str) or not (schema is None or isinstance(schema, str)):
        return UNKNOWN
    return ColumnType(str(name), schema=schema, enum=True, values=values)


def _domain(made: Made) -> Type:
    name = _given(made, 0, "name")
    return ColumnType(name) if isinstance(name, str) else UNKNOWN


def _array(made: Made) -> Type:
    item = column_type(_given(made, 0, "item_type", UNKNOWN))
    dimensions = made.keyword("dimensions", 1)
    if item is UNKNOWN or not isinstance(dimensions, int | None):
        return UNKNOWN
    return replace(item, dimensions=dimensions or 1)


_MAKERS: dict[str, Callable[[Made], Type]] = {
    "array": _array,
    "bit": _bit,
    "char": _text("bpchar"),
    "datetime": _time("timestamp"),
    "decimal": _numeric,
    "domain": _domain,
    "enum": _enum,
    "float": _float,
    "interval": _interval,
    "numeric": _numeric,
    "string": _text("varchar"),
    "text": _text("text"),
    "time": _time("time"),
    "timestamp": _time("timestamp"),
    "unicodetext": _text("text"),
    "uuid": _uuid,
}
