"""Where one logical line of Python ends, found by a scanner that recovers within half-typed code.

Nothing here parses: the scanner knows strings (f-strings with their fields), brackets, comments and
continuations, and no more.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_INDENT = re.compile(r"[ \t\f]*")
_NEWLINE = re.compile(r"\r\n|\r|\n")
_BLANK = re.compile(r"[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n|\Z)")
_REST_OF_LINE = re.compile(r"[^\r\n]*")
_WORD = re.compile(r"[^\W\d]\w*")
_PLAIN = re.compile(r"""[^\r\n\\#"'(){}\[\]]+""")
# Inside a replacement field ":" begins the format specification.
_PLAIN_IN_FIELD = re.compile(r"""[^\r\n\\#"'(){}\[\]:]+""")
_DECORATED = re.compile(r"(?:@|(?:def|class|async)\b)")
_STRING_PREFIX = re.compile(r"(?<!\w)(?:[bBuUfFtT]?[rR]?|[rR][bBfFtT])\Z")
_ESCAPE = r"\\(?:\r\n|[\s\S])"
# One character may repeat possessively, a group may not: in Python 3.11.2 it matches at the
# wrong place.
_REST_OF_STRING = {
    "'": re.compile(rf"[^\\\r\n']*+(?:{_ESCAPE}[^\\\r\n']*+)*'"),
    '"': re.compile(rf'[^\\\r\n"]*+(?:{_ESCAPE}[^\\\r\n"]*+)*"'),
    "'''": re.compile(rf"[^\\']*+(?:(?:{_ESCAPE}|'(?!''))[^\\']*+)*'''"),
    '"""': re.compile(rf'[^\\"]*+(?:(?:{_ESCAPE}|"(?!""))[^\\"]*+)*"""'),
}
# How far a string that one quote opened can reach: over lines that end in a backslash.
_REACH = {
    "'": re.compile(rf"[^\\\r\n']*+(?:{_ESCAPE}[^\\\r\n']*+)*"),
    '"': re.compile(rf'[^\\\r\n"]*+(?:{_ESCAPE}[^\\\r\n"]*+)*'),
}
# What begins a statement and cannot begin a line within brackets.
_STATEMENT = re.compile(
    r"(?:@|(?:assert|break|class|continue|def|del|elif|except|finally|global|import|nonlocal|pass"
    r"|raise|return|try|while|with)\b)"
)
# Alembic's own template puts the arguments of create_table at the column of the call, so a line
# there may belong to the open bracket. So many are read on before the bracket counts as forgotten.
_MOST_SUSPECTS = 200
# In the literal part of an f-string: what needs no attention.
_PLAIN_IN_FSTRING = re.compile(r"""[^\r\n\\"'{}]+""")
_NAMED_CHARACTER = re.compile(r"\\N\{[^}\r\n]*\}")
_ESCAPED = re.compile(_ESCAPE)


class Line(NamedTuple):
    """A logical line: text[start:end].

    `look` is the offset up to which the scanner had to read to decide so; `column` its indentation;
    `opens` says that a block follows; `broken` that a bracket or string was left open.
    """

    end: int
    look: int
    column: int
    blank: bool
    opens: bool
    broken: bool
    word: str


class _Open(NamedTuple):
    """Something open: a bracket, an f-string ("f"), its field ("{") or the field's format (":")."""

    kind: str
    quote: str
    start: int
    raw: bool


def logical_line(text: str, start: int) -> Line:
    """The logical line that begins at `start`, which must be the start of a line."""
    begin = start + 1 if start == 0 and text[:1] == "\ufeff" else start
    if blank := _BLANK.match(text, begin):
        return Line(blank.end(), _looked(text, blank.end()), 0, True, False, False, "")
    column, begin = _column(text, begin)
    line = _Scanner(text, column).line(begin)
    while text[begin] == "@" and not line.broken:
        after, look = _decorated(text, line.end, column)
        if after is None:
            return line._replace(look=max(line.look, look), opens=False, broken=True)
        begin = after
        line = _Scanner(text, column).line(begin)
    return line


def _decorated(text: str, end: int, column: int) -> tuple[int | None, int]:
    """Where the line that a decorator belongs to begins, and how far was looked for it."""
    while (blank := _BLANK.match(text, end)) and blank.end() > end:
        end = blank.end()
    found, begin = _column(text, end)
    if found == column and _DECORATED.match(text, begin):
        return begin, begin
    return None, begin + len("async") + 1


def _column(text: str, start: int) -> tuple[int, int]:
    """The column at which a line's code begins (tabs to 8, a form feed resets), and its offset."""
    match = _INDENT.match(text, start)
    assert match is not None
    indent = match.group().rpartition("\f")[2]
    return len(indent.expandtabs(8)), match.end()


def _looked(text: str, end: int) -> int:
    """How far a line end was looked at: a "\\r" needs the character behind it, so does the end."""
    return end if text[end - 1 : end] == "\n" else end + 1


class _Scanner:
    """Scans one logical line."""

    def __init__(self, text: str, column: int) -> None:
        self.text = text
        self.column = column
        self.open: list[_Open] = []
        self.broken = False
        self.look = 0
        self.suspect: int | None = None  # the first line that may be a statement of its own
        self.suspects = 0
        self.last = ""  # the last character that is neither space nor comment

    def line(self, begin: int) -> Line:
        word = _WORD.match(self.text, begin)
        end, position = None, begin
        while end is None:
            if self.open and self.open[-1].kind in "f:":
                position = self._literal(position)
            else:
                position, end = self._code(position)
        opens = self.last == ":" and not self.open and not self.broken
        broken = self.broken or bool(self.open)
        look = max(self.look, _looked(self.text, end))
        name = word.group() if word else ""
        return Line(end, look, self.column, False, opens, broken, name)

    def _code(self, position: int) -> tuple[int, int | None]:
        """Scan one token; returns the next position, and the line's end where this was it."""
        text, inside = self.text, self.open[-1].kind if self.open else ""
        plain = (_PLAIN_IN_FIELD if inside == "{f" else _PLAIN).match(text, position)
        if plain:
            run = plain.group().rstrip()
            self.last = run[-1:] or self.last
            return plain.end(), None
        if position >= len(text):
            return self._at_end(position)
        character = text[position]
        if character in "\r\n":
            return self._newline(position)
        if character == "#":
            match = _REST_OF_LINE.match(text, position)
            return (match.end() if match else position), None
        if character == "\\":
            newline = _NEWLINE.match(text, position + 1)
            return (newline.end() if newline else position + 1), None
        self.last = character
        if character in "\"'":
            return self._string(position), None
        return self._bracket(character, position), None

    def _bracket(self, character: str, position: int) -> int:
        if character in "([{":
            self.open.append(_Open(character, "", position, False))
        elif character == ":":
            field = self.open[-1]
            self.open.append(_Open(":", field.quote, position, field.raw))
        elif self.open and _CLOSES.get(self.open[-1].kind) == character:
            self.open.pop()
        elif not self.open:
            self.broken = True
        return position + 1

    def _newline(self, position: int) -> tuple[int, int | None]:
        newline = _NEWLINE.match(self.text, position)
        assert newline is not None
        end = newline.end()
        if not self.open:
            return end, end
        if any(item.kind == "f" and len(item.quote) == 3 for item in self.open):
            return end, None
        column, begin = _column(self.text, end)
        following = self.text[begin : begin + 1]
        if following in ("", "#", "\r", "\n"):
            return end, None
        if column > self.column or following in ")]}":
            return end, None
        self.look = max(self.look, begin + len("nonlocal") + 1)
        self.suspect = end if self.suspect is None else self.suspect
        self.suspects += 1
        if column == self.column and self.suspects <= _MOST_SUSPECTS:
            return end, self.suspect if _STATEMENT.match(self.text, begin) else None
        return end, self.suspect

    def _at_end(self, position: int) -> tuple[int, int | None]:
        """The text ends; an f-string over several lines that never closes ends with its line."""
        for index, item in enumerate(self.open):
            if item.kind == "f" and len(item.quote) == 3:
                del self.open[index:]
                return self._give_up(item.start), None
        self.look = max(self.look, position + 1)
        return position, position if self.suspect is None or not self.open else self.suspect

    def _string(self, position: int) -> int:
        text = self.text
        quote = text[position] * 3
        if not text.startswith(quote, position):
            quote = text[position]
        prefix = _prefix(text, position)
        begin = position + len(quote)
        if any(letter in "fFtT" for letter in prefix):
            raw = "r" in prefix.lower()
            self.open.append(_Open("f", quote, position, raw))
            return begin
        if match := _REST_OF_STRING[quote].match(text, begin):
            return match.end()
        return self._give_up(position)

    def _give_up(self, position: int) -> int:
        """A string that is never closed ends with its first line."""
        self.broken = True
        if self.text.startswith(('"""', "'''"), position):
            self.look = len(self.text) + 1
        elif reach := _REACH[self.text[position]].match(self.text, position + 1):
            self.look = max(self.look, reach.end() + 1)
        match = _REST_OF_LINE.match(self.text, position)
        return match.end() if match else position

    def _literal(self, position: int) -> int:
        """Scan on in the literal part of an f-string, or in a field's format."""
        text, item = self.text, self.open[-1]
        if plain := _PLAIN_IN_FSTRING.match(text, position):
            return plain.end()
        if position >= len(text):
            return self._literal_at_end(position)
        character = text[position]
        if character in "\r\n":
            return position + 1 if len(item.quote) == 3 else self._close_fstring(position, True)
        if character == "\\":
            pattern = _NAMED_CHARACTER.match(text, position) if not item.raw else None
            match = pattern or _ESCAPED.match(text, position)
            if item.raw and text[position + 1 : position + 2] in ("{", "}"):
                match = None
            return match.end() if match else position + 1
        if character in "{}":
            return self._brace(character, position)
        if text.startswith(item.quote, position):
            return self._close_fstring(position, item.kind == ":") + len(item.quote)
        return position + 1

    def _brace(self, character: str, position: int) -> int:
        item = self.open[-1]
        if item.kind == "f" and self.text.startswith(character * 2, position):
            return position + 2
        if character == "{":
            self.open.append(_Open("{f", item.quote, position, item.raw))
        elif item.kind == ":":
            del self.open[-2:]  # the format and its field
        return position + 1

    def _literal_at_end(self, position: int) -> int:
        item = next(item for item in self.open if item.kind == "f")
        if len(item.quote) == 3:
            del self.open[self.open.index(item) :]
            return self._give_up(item.start)
        return self._close_fstring(position, True)

    def _close_fstring(self, position: int, broken: bool) -> int:
        """Close the innermost f-string, with whatever is open within it."""
        self.broken |= broken
        while self.open.pop().kind != "f":
            pass
        return position


_CLOSES = {"(": ")", "[": "]", "{": "}", "{f": "}"}


def _prefix(text: str, position: int) -> str:
    match = _STRING_PREFIX.search(text, max(0, position - 3), position)
    return match.group() if match else ""
