"""The rules' pages: what hover, `fumehood rule`, the README and the tests read.

A page is markdown with front matter, packaged beside its rule. Its code blocks say in the info
string what they are: bad, good, or fixed with the title of the action that gives that text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

_PACKAGE = "fumehood_rules"

_SEVERITY_OF_IMPACT = {
    "CRITICAL": "error",
    "HIGH": "warning",
    "MEDIUM": "warning",
    "LOW": "information",
}

_FENCE = re.compile(r"(?P<ticks>`{3,})(?P<info>[^`]*)$")
_HEADING = re.compile(r"#+ +(?P<text>.+?) *$")
_WORD = re.compile(r'"(?P<quoted>[^"]*)"|(?P<plain>\S+)')
_MARKED_FENCE = re.compile(
    r"^(?P<opening>```\w+) +(?P<kind>\w+)(?: +\"(?P<title>[^\"]*)\")?(?: +(?P<file>\S+\.py))?.*$",
    re.MULTILINE,
)
_CAPTIONS = {"bad": "Not so", "good": "Fine", "beside": "With"}
_MARKER = re.compile(
    r"[ \t]*# (?P<kind><-|error|warning|information|ok|todo)(?::? +(?P<text>.*))?$"
)


@dataclass(frozen=True, slots=True)
class Marker:
    """What a comment at the end of a line expects there; `line` is 1-based, in the block."""

    line: int
    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced code block. `code` has no markers; `line` is the page's 1-based line it begins at.

    `kind` is bad, good, fixed or cases, and empty for a block that only illustrates. A fixed block
    with a `file` is one that the action creates. Any other with one is that file of a project, and
    no migration; `beside` are the project's other files, for all blocks under the same heading.
    """

    language: str
    kind: str
    code: str
    line: int
    title: str = ""
    file: str = ""
    heading: str = ""
    options: tuple[str, ...] = ()
    markers: tuple[Marker, ...] = ()

    def option(self, name: str) -> str | None:
        """The value of `name=value` in the info string, "" for a bare `name`, else None."""
        for option in self.options:
            key, _, value = option.partition("=")
            if key == name:
                return value
        return None


def ids() -> list[str]:
    """The ids of all rules that have a page, sorted."""
    names = (entry.name for entry in _package().iterdir())
    return sorted(name[:-3].replace("_", "-") for name in names if name.endswith(".md"))


def page(rule_id: str) -> str:
    """The markdown of a rule's page.

    Raises:
        KeyError: no rule has this id; the message names the nearest one.
    """
    known = ids()
    if rule_id not in known:
        near = get_close_matches(rule_id, known, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise KeyError(f"no rule is called {rule_id!r}{hint}")
    name = rule_id.replace("-", "_") + ".md"
    return _package().joinpath(name).read_text(encoding="utf-8")


def file(rule_id: str) -> Path | None:
    """The file of a rule's page; None where it was installed into an archive."""
    from pathlib import Path

    entry = _package().joinpath(rule_id.replace("-", "_") + ".md")
    return entry if isinstance(entry, Path) else None


def front_matter(text: str) -> dict[str, str | tuple[str, ...]]:
    """Title, impact and tags of a page, and the severity that its impact means.

    Raises:
        ValueError: the front matter is absent, or its impact is none of the four.
    """
    lines = text.splitlines()
    if lines[:1] != ["---"] or "---" not in lines[1:]:
        raise ValueError("a page begins with front matter between two lines of ---")
    fields: dict[str, str | tuple[str, ...]] = {}
    for line in lines[1 : lines.index("---", 1)]:
        key, _, value = (part.strip() for part in line.partition(":"))
        fields[key] = _list(value) if key == "tags" else value
    impact = str(fields.get("impact", ""))
    if impact not in _SEVERITY_OF_IMPACT:
        raise ValueError(f"impact is one of {', '.join(_SEVERITY_OF_IMPACT)}, not {impact!r}")
    fields["severity"] = _SEVERITY_OF_IMPACT[impact]
    return fields


def body(text: str, level: int = 1) -> str:
    """A page without its front matter and without the markers in its code.

    `level` is that of its title; other headings follow it.
    """
    _, _, rest = text.partition("\n---\n")
    fenced = False
    lines = []
    for line in rest.lstrip("\n").split("\n"):
        fenced ^= bool(_FENCE.match(line))
        if not fenced and _HEADING.match(line):
            line = "#" * (level - 1) + line
        lines.append(_MARKER.sub("", line) if fenced else line)
    return "\n".join(lines)


def shown(rule_id: str, level: int = 1) -> str:
    """A rule's page for people, its title of a level; captions stand above its code blocks.

    They say what its info strings do, all of which editors take for the language's name.
    """
    return _MARKED_FENCE.sub(_captioned, body(page(rule_id), level))


def _captioned(fence: re.Match[str]) -> str:
    title = fence["title"]
    file = "" if fence["file"] is None else f", {fence['file']}"
    kind = _CAPTIONS.get(fence["kind"], "") if title is None else f"After “{title}”"
    caption = f"{kind}{file}:" if kind else ""
    return f"{caption}\n\n{fence['opening']}".lstrip("\n")


def blocks(text: str) -> list[Block]:
    """The fenced code blocks of a page, in order."""
    return list(_blocks(text.split("\n")))


def _package() -> Traversable:
    # Costs 10 ms to import, and most runs show no page.
    from importlib import resources

    return resources.files(_PACKAGE)


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    heading, index = "", 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if title := _HEADING.match(line):
            heading = title["text"]
        if not (fence := _FENCE.match(line)):
            continue
        start = index
        while index < len(lines) and lines[index].rstrip() != fence["ticks"]:
            index += 1
        yield _block(fence["info"], lines[start:index], start + 1, heading)
        index += 1


def _block(info: str, lines: Sequence[str], line: int, heading: str) -> Block:
    quoted, words = "", []
    for word in _WORD.finditer(info):
        if word["quoted"] is not None:
            quoted = word["quoted"]
        else:
            words.append(word["plain"])
    language, kind, *rest = [*words, "", ""][: max(2, len(words))]
    return Block(
        language=language,
        kind=kind,
        code="".join(_MARKER.sub("", text) + "\n" for text in lines),
        line=line,
        title=quoted,
        file=next((word for word in rest if word.endswith(".py")), ""),
        heading=heading,
        options=tuple(word for word in rest if not word.endswith(".py")),
        markers=tuple(_markers(lines)),
    )


def _markers(lines: Sequence[str]) -> Iterator[Marker]:
    for number, line in enumerate(lines, start=1):
        if found := _MARKER.search(line):
            yield Marker(number, found["kind"], found["text"] or "")


def _list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())
