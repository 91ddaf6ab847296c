"""Globs as .gitignore has them (https://git-scm.com/docs/gitignore), to the letter.

Paths are relative, with "/"; a folder's has one at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

_ENTRY = re.compile(r"[^/]+(?:/|$)")
_TRAILING_SPACES = re.compile(r"(?<!\\) +$")
# A folder's own "/" is not followed by anything that "*" could match.
_PARTS = {"?": "[^/]", "/": "/(?=[^/])"}
_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "lower": "a-z",
    "space": r"\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
_CLASS = re.compile(r"\[(?P<not>[!^]?)(?P<inside>\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*)\]", re.DOTALL)
_MEMBER = re.compile(
    r"\[:(?P<name>[a-z]+):\]|(?P<low>\\.|.)-(?P<high>\\.|[^\]])|(?P<one>\\.|.)", re.DOTALL
)


class Glob(NamedTuple):
    """One line: what it matches, and whether it takes that back from the lines before it.

    `by_name` is for one that is held against the last part of a path.
    """

    negated: bool
    by_name: bool
    regex: str


class Globs:
    """Lines of which the last that matches decides."""

    def __init__(self, lines: Iterable[str]) -> None:
        globs = [glob for glob in map(parse, lines) if glob is not None]
        # Lines in a row that say the same are one expression: a .gitignore has a hundred.
        self._runs = [
            (not negated, _any(run, by_name=True), _any(run, by_name=False))
            for negated, run in (
                (negated, list(run))
                for negated, run in groupby(reversed(globs), key=lambda glob: glob.negated)
            )
        ]

    def __bool__(self) -> bool:
        return bool(self._runs)

    def verdict(self, path: str) -> bool | None:
        """Whether a path itself is matched, or taken back; None where no line speaks of it."""
        name = path[path.rfind("/", 0, -1) + 1 :]
        for matched, by_name, by_path in self._runs:
            if (by_name and by_name.fullmatch(name)) or (by_path and by_path.fullmatch(path)):
                return matched
        return None

    def match(self, path: str) -> bool:
        """Whether a path, or a folder that it is in, is matched."""
        return any(self.verdict(path[: entry.end()]) for entry in _ENTRY.finditer(path))


def rooted(glob: str) -> str:
    """A glob of a configuration, where "./" at the start is the folder of the file that has it.

    In .gitignore, nothing is ever matched by one that begins so.
    """
    negated = glob.startswith("!")
    inner = glob[negated:]
    return glob if not inner.startswith("./") else "!" * negated + inner[1:]


def parse(line: str) -> Glob | None:
    """One line; None for a blank, a comment, and what can match nothing."""
    if line.startswith("#"):
        return None
    negated = line.startswith("!")
    glob = _TRAILING_SPACES.sub("", line[negated:])
    folder = glob.endswith("/")
    glob = glob[:-1] if folder else glob
    by_name = "/" not in glob
    regex = _regex(glob.removeprefix("/"))
    if not regex:
        return None
    return Glob(negated, by_name, regex + ("/" if folder else "/?"))


def _any(globs: Iterable[Glob], by_name: bool) -> re.Pattern[str] | None:
    regexes = [glob.regex for glob in globs if glob.by_name == by_name]
    return re.compile("|".join(regexes), re.DOTALL) if regexes else None


def _regex(glob: str) -> str | None:
    """A glob as a regular expression; None where it cannot match."""
    parts: list[str] = []
    at = 0
    while at < len(glob):
        if glob[at] == "*":
            part, at = _stars(glob, at)
        elif glob[at] == "[":
            found = _CLASS.match(glob, at)
            if found is None:
                return None
            part, at = _class(found), found.end()
        elif glob[at] == "\\":
            if at + 1 == len(glob):
                return None
            part, at = re.escape(glob[at + 1]), at + 2
        else:
            part, at = _PARTS.get(glob[at]) or re.escape(glob[at]), at + 1
        parts.append(part)
    return "".join(parts)


def _stars(glob: str, at: int) -> tuple[str, int]:
    end = at
    while glob[end : end + 1] == "*":
        end += 1
    alone = glob[:at][-1:] in ("", "/") and glob[end : end + 1] in ("", "/")
    if end - at < 2 or not alone:
        return "[^/]*", end
    return ("(?:[^/]+/)*", end + 1) if end < len(glob) else (".+", end)


def _class(found: re.Match[str]) -> str:
    members = "".join(map(_member, _MEMBER.finditer(found["inside"])))
    if found["not"]:
        return f"[^/{members}]"
    return f"(?!/)[{members}]" if members else "(?!)"


def _member(found: re.Match[str]) -> str:
    if found["name"]:
        return _CLASSES.get(found["name"], "")
    if found["one"]:
        return re.escape(found["one"][-1])
    low, high = found["low"][-1], found["high"][-1]
    return f"{re.escape(low)}-{re.escape(high)}" if low <= high else ""
