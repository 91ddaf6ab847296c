"""The versions of Alembic and SQLAlchemy that a project is held to, by what it locks or pins."""

from __future__ import annotations

import re
from pathlib import Path

from .contents import listing
from .disk import Disk

# Keywords that older versions take and ignore: since when they mean something.
_SINCE = {
    "if_exists": ("Alembic", (1, 11, 2)),
    "postgresql_not_valid": ("SQLAlchemy", (1, 4, 32)),
}
_FILES = re.compile(r"(?:uv|poetry|pdm)\.lock|Pipfile\.lock|requirements.*\.txt|constraints.*\.txt")
# name = "alembic" / version = "1.2"; "alembic": {… "version": "==1.2"; alembic==1.2
_LOCKED = re.compile(
    r"""(?imx) ^name\s*=\s*"(?P<toml>alembic|sqlalchemy)"\s+version\s*=\s*"(?P<a>[\d.]+)"
    | ^\s*"(?P<json>alembic|sqlalchemy)":\s*\{[^{}]*"version":\s*"==(?P<b>[\d.]+)"
    | ^(?P<pin>alembic|sqlalchemy)(?:\[[^\]\n]*\])?\s*==\s*(?P<c>[\d.]+)""",
)


def ignored_keywords(disk: Disk, folder: Path) -> tuple[tuple[str, str], ...]:
    """The keywords that mean nothing to the project's versions, each with what ignores it.

    Those of the nearest folder that tells, up to the repository's; nothing where it tells two.
    """
    for each in (folder, *folder.parents):
        inside = disk.get(each, listing)
        files = [each / name for name in inside.files if _FILES.fullmatch(name)]
        if "requirements" in inside.folders:
            names = disk.get(each / "requirements", listing).files
            files += [each / "requirements" / name for name in names if name.endswith(".txt")]
        found = {version for file in files for version in disk.get(file, _versions)}
        if found:
            return tuple(_ignored(found))
        if ".git" in inside.folders:
            break
    return ()


def _ignored(found: set[tuple[str, str]]) -> list[tuple[str, str]]:
    ignored = []
    for keyword, (package, since) in _SINCE.items():
        versions = {version for name, version in found if name == package.lower()}
        if len(versions) == 1 and _numbers(version := versions.pop()) < since:
            ignored.append((keyword, f"{package} {version}"))
    return ignored


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part)


def _versions(path: Path) -> tuple[tuple[str, str], ...]:
    """The packages that a file locks or pins, with their versions."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, ValueError):  # whoever reads it for its content says so
        return ()
    return tuple(
        (
            (found["toml"] or found["json"] or found["pin"]).lower(),
            found["a"] or found["b"] or found["c"],
        )
        for found in _LOCKED.finditer(text)
    )
