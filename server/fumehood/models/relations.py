"""What attributes of a class lead to: by its own relationships, and by `backref` in others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..join.values import Reference
from ..outline.symbols import last_part
from .annotations import annotated
from .canonical import Canon
from .columns import Attributes, Relationship
from .declared import backref_of
from .facts import ClassKey, Origin, Relation
from .lineage import lineage, split
from .modules import Defined


def relations(
    own: Iterable[ClassKey], relationships: Mapping[str, Relationship], canon: Canon
) -> dict[str, Relation]:
    """What a class's attributes lead to; `own` are the classes that it is mapped from.

    `relationships` are its own, `canon` is that of its file.
    """
    found = {name: relation for key in own for name, relation in _given(key, canon)}
    for name, each in relationships.items():
        key = _target(each.target, canon)
        if key is not None:
            found[name] = Relation(key, each.columns, each.plain)
    return found


def _given(key: ClassKey, canon: Canon) -> Iterator[tuple[str, Relation]]:
    """The attributes that a class has from other classes' relationships."""
    for path, owner, name in canon.modules.toward(last_part(key[1]), canon.reads):
        outline = canon.modules.class_of(Defined(path, owner, (), is_class=True), canon.reads)
        held = outline.attributes[name] if outline is not None else None
        given = None if held is None else backref_of(held.value)
        if held is None or given is None:
            continue
        there = Canon(canon.modules, canon.reads, path, f"@{path}.{owner}")
        about = annotated(there.value(held.annotation), lambda _: False)
        read = Attributes(lambda each: Origin(path, each)).read  # noqa: B023  # not kept
        found = read(name, there.value(held.value), about, held.kind)
        if isinstance(found, Relationship) and _target(found.target, there) == key:
            yield given, Relation((path, owner), found.columns, found.plain)


def _target(target: Any, canon: Canon) -> ClassKey | None:
    """The class that a relationship leads to: a string is looked up as SQLAlchemy does."""
    if isinstance(target, Reference):
        return split(target.dotted) if target.dotted.startswith("@") else None
    if not isinstance(target, str):
        return None
    name = target.rpartition(".")[2].strip("'\"")
    found = canon.modules.named(name, canon.reads)
    if len(found) > 1:  # schemas and factories are often named as models are
        found = [each for each in found if _is_declarative(each, canon)]
    if len(found) > 1:
        located = canon.locate(f":{name}")
        if isinstance(located, Defined):
            return (located.path, located.name) if located.is_class else None
    return found[0] if len(found) == 1 else None


def _is_declarative(key: ClassKey, canon: Canon) -> bool:
    return bool(lineage(key, canon.modules, canon.reads).roots - {"enum"})
