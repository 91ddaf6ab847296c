"""The text of a new revision, written as its parent is: header, quotes, annotations, indentation.

The parent is read as text, line by line. What it says of itself (message, ids, date) is replaced,
what its template brought along stays, and what it has of its own goes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from .head import Head, NoHeadError
from .scan import logical_line

_ASSIGNED = re.compile(
    r"(?P<left>(?P<name>revision|down_revision|branch_labels|depends_on)\b[^=]*=[ \t]*)"
)
_DOCSTRING = re.compile(
    r"(?P<open>[rRuU]?(\"\"\"|'''|\"|'))(?P<body>.*)(?P<close>\2)\s*", re.DOTALL
)
_LABEL = re.compile(r"(?P<head>[ \t]*(?P<label>Revision ID|Revises|Create Date):[ \t]*)")
_FUNCTION = re.compile(r"^def (?P<name>upgrade|downgrade)\(\)(?P<returns>[^:\n\r]*):", re.MULTILINE)
_SAID = r"[ \t]+(?P<text>(?:\"\"\"|''')(?:Up|Down)grade schema\.(?:\"\"\"|'''))[ \t]*\r?\n"
_TYPING = ("typing", "typing_extensions", "collections.abc")
# What a comment may tell tools about one file alone, or in an encoding that the new one has not.
_OWN_COMMENT = re.compile(r"#.*(?:fumehood:|coding[:=](?!\s*utf-?8))", re.IGNORECASE)
_MOST_BLANKS = 2


@dataclass(frozen=True, slots=True)
class NewRevision:
    """What a new revision says. Its functions' lines are indented and have their line ends.

    `imports` are statements for the names that the lines use, by these names, but for `op`.
    """

    id: str
    message: str
    date: datetime | None
    upgrade: str
    downgrade: str
    imports: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a revision is written, as far as its functions show it."""

    newline: str
    unit: str
    functions: Mapping[str, str]  # the header of each, with its docstring where that says nothing


def manner_of(text: str) -> Manner:
    """The manner of a revision. Raises NoHeadError where it has other functions than one would."""
    newline = "\r\n" if "\r\n" in text else "\n"
    functions: dict[str, str] = {}
    unit = ""
    for found in _FUNCTION.finditer(text):
        rest = text[found.end() :].partition("\n")[2]
        indent = re.match(r"(?:[ \t]*(?:#.*)?\r?\n)*([ \t]+)\S", rest)
        unit = unit or (indent[1] if indent else "")
        said = re.match(_SAID, rest)
        doc = (unit or "    ") + said["text"] + newline if said else ""
        functions[found["name"]] = found[0] + newline + doc
    if "upgrade" not in functions:
        raise NoHeadError("the revision before it has no upgrade() of the usual form")
    plain = functions["upgrade"].replace("upgrade", "downgrade").replace("Upgrade", "Downgrade")
    functions.setdefault("downgrade", plain)
    return Manner(newline, unit or "    ", functions)


def revision_text(head: Head, new: NewRevision) -> str:
    """The text of the revision behind `head`. Raises NoHeadError where that one is no pattern."""
    manner = manner_of(head.text)
    lines = [line.rstrip("\r\n") for line in _Header(head, new).lines()]
    header = manner.newline.join([*lines, "", "", ""])
    upgrade = manner.functions["upgrade"] + new.upgrade
    gap = manner.newline * 2
    return header + upgrade + gap + manner.functions["downgrade"] + new.downgrade


class _Header:
    """The lines above the functions, made of the parent's."""

    def __init__(self, head: Head, new: NewRevision) -> None:
        self._head, self._new = head, new
        self._kept: list[str] = []
        self._comments: list[str] = []
        self._blanks = self._run = 0  # the most in a row since the last line kept, and just now
        self._seen: set[str] = set()
        self._last_import: int | None = None
        self._imported: dict[str, str] = {}

    def lines(self) -> list[str]:
        """The lines, without blank ones at their end."""
        for line in _statements(self._head.text):
            if not line.strip():
                self._end_paragraph()
                continue
            self._run = 0
            if line.startswith("#"):
                self._comments += [] if _OWN_COMMENT.match(line) else [line]
            elif made := self._made(line):
                self._keep(made)
            else:
                self._comments.clear()
        if not {"revision", "down_revision"} <= self._seen:
            raise NoHeadError(f"{self._head.path} does not assign revision and down_revision")
        self._add_imports()
        return self._kept

    def _end_paragraph(self) -> None:
        """A blank line: comments above it are of the file where they begin it."""
        if self._comments and not self._kept:
            self._kept += self._comments
        self._comments.clear()
        self._run = min(self._run + 1, _MOST_BLANKS)
        self._blanks = max(self._blanks, self._run)

    def _keep(self, made: str) -> None:
        self._kept += [""] * (self._blanks if self._kept else 0)
        self._kept += [*self._comments, made]
        self._comments.clear()
        self._blanks = 0

    def _made(self, line: str) -> str | None:
        """What becomes of a statement; None where it goes."""
        if found := _ASSIGNED.match(line):
            self._seen.add(found["name"])
            return found["left"].rstrip() + " " + self._value(found["name"], line)
        if line.startswith(("import ", "from ")):
            return self._import(line)
        if (found := _DOCSTRING.fullmatch(line)) and "docstring" not in self._seen:
            self._seen.add("docstring")
            return found["open"] + self._docstring(found["body"]) + found["close"]
        return None

    def _value(self, name: str, line: str) -> str:
        if name in ("branch_labels", "depends_on"):
            return "None"
        single = "'" in line.partition("=")[2] and '"' not in line.partition("=")[2]
        quote = "'" if single or (name == "down_revision" and self._single()) else '"'
        value = self._new.id if name == "revision" else self._head.revision
        plain = value.isprintable() and not {"'", '"', "\\"} & set(value)
        return f"{quote}{value}{quote}" if plain else repr(value)

    def _single(self) -> bool:
        """Whether the file's own id stands in single quotes."""
        return bool(re.search(r"^revision\b[^=\n]*=[ \t]*'", self._head.text, re.MULTILINE))

    def _docstring(self, body: str) -> str:
        message = re.sub(r"[\\\"'\x00-\x1f]", "", self._new.message)
        date = "" if self._new.date is None else str(self._new.date)
        values = {"Revision ID": self._new.id, "Revises": self._head.revision, "Create Date": date}
        lines = re.split(r"\r?\n", body)
        first = next((index for index, line in enumerate(lines) if line.strip()), len(lines))
        last = len(body.rstrip())
        made = lines[:first]
        labels = [
            (index, found) for index, line in enumerate(lines) if (found := _LABEL.match(line))
        ]
        if not labels or labels[0][0] != first:
            indent = re.match(r"[ \t]*", lines[first])[0] if first < len(lines) else ""  # type: ignore[index]
            made.append(indent + message)
        if labels:
            blank = len(made) == first or lines[labels[0][0] - 1].strip()
            made += [] if blank else [""]
            said = ((found["head"], values[found["label"]]) for _, found in labels)
            made += [f"{head.rstrip()} {value}" for head, value in said if value]
        newline = "\r\n" if "\r\n" in body else "\n"
        return newline.join(made) + body[last:]

    def _import(self, line: str) -> str | None:
        """An import that the template brought along."""
        names = bound_names(line)
        module = line.split()[1]
        kept = line
        if names == ["sa"] and module == "sqlalchemy" and line.startswith("import"):
            pass
        elif module == "alembic" and "op" in names:
            kept = "from alembic import op"
        elif module != "__future__" and not (module in _TYPING and self._annotated(names)):
            return None
        self._imported.update(dict.fromkeys(bound_names(kept), kept))
        self._last_import = (
            len(self._kept) + (self._blanks if self._kept else 0) + len(self._comments)
        )
        return kept

    def _annotated(self, names: Sequence[str]) -> bool:
        """Whether the ids' annotations use one of the names."""
        lines = (
            found[0]
            for found in re.finditer(
                r"^(?:revision|down_revision|branch_labels|depends_on)\b[^=\n]*=",
                self._head.text,
                re.MULTILINE,
            )
        )
        return any(re.search(rf"\b{name}\b", line) for line in lines for name in names)

    def _add_imports(self) -> None:
        """Import what the functions use and the parent's header does not."""
        wanted = {"op": "from alembic import op", **self._new.imports}
        missing = []
        for name, statement in wanted.items():
            present = self._imported.get(name)
            if present is None:
                missing.append(statement)
            elif statement != bound_statements(present).get(name):
                raise NoHeadError(f"{name} is imported in another way in {self._head.path}")
        if not missing:
            return
        if self._last_import is not None:
            self._kept[self._last_import + 1 : self._last_import + 1] = dict.fromkeys(missing)
            return
        place = next(i for i, line in enumerate(self._kept) if _ASSIGNED.match(line))
        while place and self._kept[place - 1].startswith("#"):
            place -= 1
        self._kept[place:place] = [*dict.fromkeys(missing), ""]


def bound_statements(source: str) -> dict[str, str]:
    """A statement of import taken apart: one for each name that it binds, as `import` or `from`.

    Empty for what is no import, and for a relative one, which means something else elsewhere.
    """
    try:
        body = ast.parse(source.strip()).body
    except (SyntaxError, ValueError):
        return {}
    found: dict[str, str] = {}
    for statement in body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                name = alias.asname or alias.name.partition(".")[0]
                found[name] = ast.unparse(ast.Import([alias]))
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            for alias in statement.names:
                if alias.name != "*":
                    one = ast.ImportFrom(statement.module, [alias], 0)
                    found[alias.asname or alias.name] = ast.unparse(one)
    return found


def bound_names(source: str) -> list[str]:
    """The names that a statement of import binds."""
    return list(bound_statements(source))


def _statements(text: str) -> Iterator[str]:
    """The logical lines at column 0 above the first function or class."""
    start = 1 if text.startswith("\ufeff") else 0
    while start < len(text):
        line = logical_line(text, start)
        source = text[start : line.end]
        if line.word in ("def", "class", "async"):
            return
        if line.blank or line.column == 0:
            yield source
        start = line.end
