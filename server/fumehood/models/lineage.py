"""A class and what it inherits from, across files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..join.values import Made, Reference
from ..outline.parts import ClassOutline
from ..outline.symbols import Operated, last_part
from .canonical import Canon
from .facts import ClassKey
from .modules import Defined, Modules, Reads

_DECLARATIVE = frozenset(
    ["DeclarativeBase", "DeclarativeBaseNoMeta", "declarative_base", "generate_base"]
)
# Decorators that make a class a base, or map it.
_DECORATORS = frozenset(["as_declarative", "mapped", "mapped_as_dataclass"])
# Packages whose classes bring no columns, and such classes of others.
_HARMLESS_PACKAGES = frozenset(
    ["abc", "builtins", "collections", "dataclasses", "enum", "flask_login", "typing",
     "typing_extensions", "pydantic"]
)  # fmt: skip
_MOST_BASES = 200
_HARMLESS = frozenset(["AsyncAttrs", "MappedAsDataclass", "AllFeaturesMixin", "SerializerMixin"])


@dataclass(slots=True)
class Lineage:
    """The classes of a class's resolution order, itself first, and what stands at their roots.

    `roots` are "declarative", "flask", "sqlmodel", "enum". `metadata` is what a base's maker was
    given. `complete` is False where some base is not known.
    """

    classes: list[tuple[ClassKey, ClassOutline]] = field(default_factory=list)
    roots: set[str] = field(default_factory=set)
    metadata: Any = None
    complete: bool = True


def lineage(key: ClassKey, modules: Modules, reads: Reads) -> Lineage:
    """The lineage of a class of the project."""
    found = Lineage()
    _walk(key, modules, reads, found, ())
    # One that is met several times comes behind all that lead to it.
    last = {each: number for number, (each, _) in enumerate(found.classes)}
    found.classes = [found.classes[number] for number in sorted(last.values())]
    return found


def metadata_of(line: Lineage, canon: Canon) -> Any:
    """The MetaData of a class: what it or a base of it has under that name, or was made with."""
    for (path, _), outline in line.classes:
        if attribute := outline.attributes.get("metadata"):
            return canon.at(path).value(attribute.value)
    return line.metadata


def followed_metadata(given: Any, canon: Canon) -> Any:
    """The MetaData that a canonical value leads to: of `Base.metadata`, the base's."""
    if not isinstance(given, Reference) or not given.dotted.startswith("@"):
        return given
    owner, _, attribute = given.dotted.rpartition(".")
    if attribute != "metadata":
        return given
    path, name = split(owner)
    line = lineage((path, name), canon.modules, canon.reads)
    if not line.classes:
        held = canon.modules.value_of(Defined(path, name, (), is_class=False), canon.reads)
        held = canon.at(path).value(held)
        if isinstance(held, Made) and last_part(held.callee) == "SQLAlchemy":
            return held.keyword("metadata")
        line = Lineage(complete=held is not None)
        _base(held, canon.modules, canon.reads, line, ())
    return metadata_of(line, canon) if line.complete else given


def _walk(
    key: ClassKey, modules: Modules, reads: Reads, found: Lineage, within: tuple[ClassKey, ...]
) -> None:
    """Bases in depth, from the left."""
    if key in within or len(found.classes) > _MOST_BASES:
        found.complete = False
        return
    path, name = key
    outline = modules.class_of(Defined(path, name, (), is_class=True), reads)
    if outline is None:
        found.complete = False
        return
    found.classes.append((key, outline))
    canon = Canon(modules, reads, path)
    for decorator in outline.decorators:
        made = decorator.callee if isinstance(decorator, Made) else ""
        dotted = decorator.dotted if isinstance(decorator, Reference) else made
        if last_part(dotted) in _DECORATORS:
            found.roots.add("declarative")
    for base in outline.bases:
        for each in _bases(base, canon):
            _base(each, modules, reads, found, (*within, key))


def _bases(base: Any, canon: Canon) -> Iterator[Any]:
    """What a base leads to; of Flask-SQLAlchemy's Model, what it was made with too."""
    if isinstance(base, Operated) and base.operator == "[]":
        base = base.operands[0]  # Generic[T]
    if isinstance(base, Reference):
        found = canon.locate(base.dotted)
        if isinstance(found, Defined) and not found.is_class and found.rest == ("Model",):
            held = canon.modules.value_of(found, canon.reads)
            if isinstance(held, Made):
                yield canon.at(found.path).value(held.keyword("model_class"))
                metadata = canon.at(found.path).value(held.keyword("metadata"))
                yield Made("?.metadata", (metadata,), (), True, None)
    yield canon.value(base)


def _base(
    base: Any, modules: Modules, reads: Reads, found: Lineage, within: tuple[ClassKey, ...]
) -> None:
    if isinstance(base, Reference) and base.dotted.startswith("@"):
        path, name = split(base.dotted)
        _walk((path, name), modules, reads, found, within)
    elif isinstance(base, Reference):
        _external(base.dotted, found)
    elif isinstance(base, Made) and base.callee == "?.metadata":
        found.metadata = base.arguments[0] if found.metadata is None else found.metadata
    elif isinstance(base, Made) and last_part(base.callee) in _DECLARATIVE:
        found.roots.add("declarative")
        registry = base.base if isinstance(base.base, Made) else base
        found.metadata = registry.keyword("metadata") or found.metadata
        if (bound := base.keyword("cls")) is not None:
            _base(bound, modules, reads, found, within)
    elif base is not None:
        found.complete = False


def _external(dotted: str, found: Lineage) -> None:
    package, name = dotted.partition(".")[0], last_part(dotted)
    if package == "enum":
        found.roots.add("enum")
    elif package == "flask_sqlalchemy":
        found.roots.add("flask")
    elif package == "sqlmodel" and name == "SQLModel":
        found.roots.add("sqlmodel")
    elif package == "sqlalchemy" and name in _DECLARATIVE:
        found.roots.add("declarative")
    elif package not in _HARMLESS_PACKAGES and name not in _HARMLESS:
        found.complete = False


def split(dotted: str) -> ClassKey:
    """The path and the name in "@path.Name"."""
    path, _, name = dotted[1:].partition(".py.")
    return f"{path}.py", name
