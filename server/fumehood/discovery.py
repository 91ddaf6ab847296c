"""The rules that there are: modules of fumehood_rules, each with its page, found and not listed."""

from __future__ import annotations

import inspect
import pkgutil
import typing
from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType, UnionType

from . import pages
from .facts import Fact
from .rule import Rule
from .severity import Severity


def load_rules(package: ModuleType | None = None) -> Sequence[Rule]:
    """The rules of a package (fumehood_rules), by id."""
    package = package or import_module("fumehood_rules")
    names = sorted(item.name for item in pkgutil.iter_modules(package.__path__))
    return [_rule(import_module(f"{package.__name__}.{name}"), name) for name in names]


def _rule(module: ModuleType, name: str) -> Rule:
    rule_id = name.replace("_", "-")
    matter = pages.front_matter(pages.page(rule_id))
    checks = [
        (function, _hears(function))
        for label, function in vars(module).items()
        if label.startswith("check") and inspect.isfunction(function)
    ]
    return Rule(
        id=rule_id,
        title=str(matter["title"]),
        impact=str(matter["impact"]),
        severity=Severity(str(matter["severity"])),
        tags=tuple(matter["tags"]),
        checks=tuple(checks),
    )


def _hears(check: Callable[..., object]) -> tuple[type[Fact], ...]:
    """The facts that a check is for: the annotation of its first parameter."""
    first = next(iter(inspect.signature(check).parameters))
    annotation = typing.get_type_hints(check)[first]
    return typing.get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
