"""A class and what it inherits from, across files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..join.values import Made, Reference
from ..outline.parts import ClassOutline
from ..outline.symbols import Operated, last_part
from .canonical import Canon
from .facts import ClassKey, Origin
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
_MOST_CLASSES = 200
# The classes to which one gives an attribute that is no more their own: a project's tenants.
_MANY = 10
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


@dataclass(slots=True)
class _Line(Lineage):
    """The lineage of a class. `own`: what the class itself says; `bases` are its in the project.

    `reads` is all that was read. `circular`: it leads to a class that inherits from itself, and has
    no other class than its own.
    """

    own: Lineage = field(default_factory=Lineage)
    bases: list[ClassKey] = field(default_factory=list)
    own_reads: Reads = field(default_factory=set)
    reads: Reads = field(default_factory=set)
    circular: bool = False


def lineage(key: ClassKey, modules: Modules, reads: Reads) -> Lineage:
    """The lineage of a class of the project; not to be changed."""
    known: dict[ClassKey, _Line] = modules.lineages
    begun: dict[ClassKey, _Line] = {}  # the way from the class to one of its bases
    waiting = [] if key in known else [key]
    while waiting:
        each = waiting[-1]
        if each not in begun:
            begun[each] = _own(each, modules)
        missing = [base for base in begun[each].bases if base not in known]
        if any(base in begun for base in missing):
            begun[each].circular = True
        elif missing:
            waiting.append(missing[0])
            continue
        known[each] = _finished(begun.pop(each), known)
        waiting.pop()
    reads |= known[key].reads
    return known[key]


def _finished(line: _Line, known: dict[ClassKey, _Line]) -> _Line:
    """A class's lineage, of which its own part is known, with what its bases have."""
    lines = [known[base] for base in line.bases if base in known]
    for each in lines:
        if not each.classes:  # it is not there
            line.own.complete = False
            line.own_reads |= each.reads
    line.circular = line.circular or any(each.circular for each in lines)
    found = list(line.own.classes)
    if line.circular:
        line.reads = line.own_reads.union(*(each.reads for each in lines))
    else:
        found += [pair for each in lines for pair in each.classes]
        line.reads = {*line.own_reads}
    # One that is met several times comes behind all that lead to it.
    last = {each: number for number, (each, _) in enumerate(found)}
    line.classes = [found[number] for number in sorted(last.values())][:_MOST_CLASSES]
    line.complete = len(last) <= _MOST_CLASSES and not line.circular
    parts = [known[each] for each, _ in line.classes[len(line.own.classes) :]]
    for part in (line, *parts):
        line.roots |= part.own.roots
        line.metadata = part.own.metadata if line.metadata is None else line.metadata
        line.complete = line.complete and part.own.complete
        line.reads |= part.own_reads
    return line


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
        own = _Line(own=Lineage(complete=held is not None))
        _base(held, own)
        for base in own.bases:
            lineage(base, canon.modules, canon.reads)
        line = _finished(own, canon.modules.lineages)
    return metadata_of(line, canon) if line.complete else given


def is_of_many(origin: Origin, modules: Modules, reads: Reads) -> bool:
    """Whether the class of an attribute gives it to many classes, as a mixin of tenants does."""
    owner = last_part(origin.name.rpartition(".")[0])
    return len(modules.under(owner, reads)) >= _MANY


def _own(key: ClassKey, modules: Modules) -> _Line:
    """What a class itself says."""
    path, name = key
    line = _Line()
    outline = modules.class_of(Defined(path, name, (), is_class=True), line.own_reads)
    if outline is None:
        line.own.complete = False
        return line
    line.own.classes.append((key, outline))
    canon = Canon(modules, line.own_reads, path)
    for decorator in outline.decorators:
        made = decorator.callee if isinstance(decorator, Made) else ""
        dotted = decorator.dotted if isinstance(decorator, Reference) else made
        if last_part(dotted) in _DECORATORS:
            line.own.roots.add("declarative")
    for base in outline.bases:
        for each in _bases(base, canon):
            _base(each, line)
    return line


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


def _base(base: Any, line: _Line) -> None:
    own = line.own
    if isinstance(base, Reference) and base.dotted.startswith("@"):
        line.bases.append(split(base.dotted))
    elif isinstance(base, Reference):
        _external(base.dotted, own)
    elif isinstance(base, Made) and base.callee == "?.metadata":
        own.metadata = base.arguments[0] if own.metadata is None else own.metadata
    elif isinstance(base, Made) and last_part(base.callee) in _DECLARATIVE:
        own.roots.add("declarative")
        registry = base.base if isinstance(base.base, Made) else base
        own.metadata = registry.keyword("metadata") or own.metadata
        if (bound := base.keyword("cls")) is not None:
            _base(bound, line)
    elif base is not None:
        own.complete = False


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
