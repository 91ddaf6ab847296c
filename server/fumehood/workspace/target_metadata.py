"""The naming convention of the MetaData that an env.py gives to Alembic, followed over imports."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path
from typing import Final

from fumehood.metadata import conventions, may_name
from fumehood.naming import Naming
from fumehood.scope import scope_of, target_metadata

from .contents import listing, text_of
from .disk import Disk
from .files import EXCLUDED_FOLDERS
from .names import LostError, Meaning, Names, Outside

# What stands at the root of a project, the surest first.
_ROOT_FILES = (".git", "pyproject.toml", "setup.py", "alembic.ini")
# Where there are more Python files than this, none is searched for.
_MOST_FILES = 10_000
_MARK = ".naming_convention"
_KINDS = {
    "CheckConstraint": "ck",
    "ForeignKeyConstraint": "fk",
    "Index": "ix",
    "PrimaryKeyConstraint": "pk",
    "UniqueConstraint": "uq",
}
# What makes a MetaData, unless it is given one.
_MAKERS = frozenset(
    (
        "DeclarativeBase",
        "DeclarativeBaseNoMeta",
        "SQLAlchemy",
        "as_declarative",
        "declarative_base",
        "registry",
    )
)
_LIBRARIES = frozenset(("flask_sqlalchemy", "sqlalchemy"))
_NONE: Final = Naming()


class ForeignError(Exception):
    """It comes from a package outside of the workspace, which may name as it likes."""


def naming_of(disk: Disk, script: Path) -> Naming | None:
    """The naming convention of a script folder's migrations; None where the text does not tell."""
    try:
        return followed(disk, script)
    except LostError:
        return searched(disk, script)
    except ForeignError:
        return None


def searched(disk: Disk, script: Path) -> Naming | None:
    """The one naming convention in the repository around a folder; None where there are more."""
    root = _root(disk, script)
    found: list[Naming | None] = []
    waiting, count = [] if root is None else [root], 0
    while waiting:
        folder = waiting.pop()
        files, folders = disk.get(folder, listing)
        waiting += [folder / name for name in folders if name not in EXCLUDED_FOLDERS]
        sources = [folder / name for name in files if name.endswith(".py")]
        count += len(sources)
        if count > _MOST_FILES:
            return None
        for source in sources:
            found += disk.get(source, conventions_in)
    if root is None or any(each != found[0] for each in found):
        return None
    return found[0] if found else _NONE


def conventions_in(path: Path) -> list[Naming | None]:
    """The naming conventions that a file writes; None for one that is no literal."""
    text = text_of(path)
    return conventions(text) if may_name(text) else []


def _root(disk: Disk, folder: Path) -> Path | None:
    for name in _ROOT_FILES:
        for each in (folder, *folder.parents):
            if name in itertools.chain(*disk.get(each, listing)):
                return each
    return None


def followed(disk: Disk, script: Path) -> Naming:
    """The naming convention for the migrations of a script folder's env.py.

    Raises LostError and ForeignError.
    """
    return _Followed(disk, script).naming()


class _Followed:
    def __init__(self, disk: Disk, script: Path) -> None:
        self._env = script / "env.py"
        self._names = Names(disk, script)

    def naming(self) -> Naming:
        given = target_metadata(self._names.module(self._env).syntax)
        if given is None:
            raise LostError
        found = [self._of_metadata(self._names.meaning(value, self._env)) for value in given]
        set_later = any(_MARK in module.text for module in self._names.visited.values())
        if set_later or any(each != found[0] for each in found):
            raise LostError
        return found[0] if found else _NONE  # without a target Alembic's own MetaData is used

    def _of_metadata(self, found: Meaning) -> Naming:
        """The naming convention of an expression that is a MetaData."""
        match found:
            case Meaning(Outside(package="sqlmodel")):
                raise LostError  # one for all who use it, who may set its convention
            case Meaning(Outside()):
                raise ForeignError
            case Meaning(ast.Constant(value=None) | ast.List() | ast.Tuple()):
                return _NONE  # they have no such attribute: alembic.operations.schemaobj
            case Meaning(ast.Call(func=function) as call, file) if self._is(
                function, file, frozenset(("MetaData",))
            ):
                value = _argument(call, "naming_convention", position=2)
                return (
                    _NONE if value is None else self._convention(self._names.meaning(value, file))
                )
            case Meaning(ast.Attribute(value=owner, attr="metadata"), file):
                naming = self._of_owner(self._names.meaning(owner, file))
                if naming is not None:
                    return naming
        raise LostError

    def _of_owner(self, found: Meaning) -> Naming | None:
        """The convention of what has a MetaData as its attribute; None where it brings none."""
        match found:
            case Meaning(ast.ClassDef() as node, file):
                return self._of_class(node, file)
            case Meaning(ast.Call(func=function) as call, file) if self._is(
                function, file, _MAKERS
            ):
                return self._of_maker(call, file)
            case Meaning(Outside() as outside) if outside.package in _LIBRARIES:
                return _NONE if outside.last in _MAKERS else None
            case Meaning(Outside(package="sqlmodel")):
                raise LostError
            case Meaning(Outside() as outside):
                if outside.package in ("abc", "typing", "typing_extensions"):
                    return None
                raise ForeignError
        raise LostError

    def _of_class(self, node: ast.ClassDef, file: Path) -> Naming | None:
        own = scope_of(node.body).bound
        if "metadata" in own:
            return self._of_metadata(self._names.bound(own["metadata"], file))
        if "registry" in own:
            raise LostError
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and self._is(decorator.func, file, _MAKERS):
                return self._of_maker(decorator, file)
        for base in node.bases:
            inner = base.value if isinstance(base, ast.Subscript) else base
            if isinstance(inner, ast.Name) and inner.id == "object":
                continue
            naming = self._of_owner(self._names.meaning(inner, file))
            if naming is not None:
                return naming
        return None

    def _of_maker(self, call: ast.Call, file: Path) -> Naming:
        """The convention of declarative_base(), registry(), SQLAlchemy() or as_declarative()."""
        metadata = _argument(call, "metadata")
        if metadata is not None:
            return self._of_metadata(self._names.meaning(metadata, file))
        model = _argument(call, "cls") or _argument(call, "model_class")
        found = None if model is None else self._of_owner(self._names.meaning(model, file))
        return found or _NONE

    def _is(self, function: ast.expr, file: Path, names: frozenset[str]) -> bool:
        """Whether a function or class is one of SQLAlchemy's so named."""
        if not isinstance(function, ast.Name | ast.Attribute):
            return False
        found = self._names.meaning(function, file).value
        return isinstance(found, Outside) and found.package in _LIBRARIES and found.last in names

    def _convention(self, found: Meaning) -> Naming:
        value, file = found
        if isinstance(value, ast.Constant) and value.value is None:
            return _NONE
        if isinstance(value, ast.Call) and ast.unparse(value.func) == "dict" and not value.args:
            pairs: list[tuple[object, ast.expr]] = [
                (each.arg, each.value) for each in value.keywords
            ]
        elif isinstance(value, ast.Dict):
            keys = [self._kind(key, file) for key in value.keys]
            pairs = list(zip(keys, value.values, strict=True))
        else:
            raise LostError
        patterns = {}
        for kind, pattern in pairs:
            text = self._names.meaning(pattern, file).value
            if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
                raise LostError
            if kind not in _KINDS.values():
                raise LostError
            patterns[str(kind)] = text.value
        return Naming(patterns)

    def _kind(self, key: ast.expr | None, file: Path) -> object:
        if isinstance(key, ast.Constant):
            return key.value
        if key is not None and self._is(key, file, frozenset(_KINDS)):
            return _KINDS[ast.unparse(key).rpartition(".")[2]]
        raise LostError


def _argument(call: ast.Call, name: str, position: int | None = None) -> ast.expr | None:
    """An argument's value, None where it is not given. Raises LostError where that is not plain."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if any(each.arg is None for each in call.keywords):
        raise LostError
    if position is None or not call.args:
        return None
    if any(isinstance(each, ast.Starred) for each in call.args):
        raise LostError
    return call.args[position] if position < len(call.args) else None
