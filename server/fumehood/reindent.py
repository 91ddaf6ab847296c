"""A logical line moved to the right without touching what its strings hold."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
# A form feed sets the column back to 0, so that what stands before it indents nothing.
_UNCOUNTED = re.compile(r"[ \t\f]*\f")
_STRING_OR_COMMENT = re.compile(
    r"""\#[^\r\n]*|(?P<prefix>(?<!\w)[A-Za-z]{1,2}|)(?P<quote>\"\"\"|'''|"|')"""
)
# A character of a literal that does not end it; a backslash before a field's brace escapes nothing.
_ESCAPE = r"\\(?:\r\n|[^{])|\\"
_PIECE = re.compile(rf"\\N\{{[\w -]+\}}|{_ESCAPE}|\{{\{{|\}}\}}|[^\\{{}}\"']+|[\s\S]")
_REST = {
    quote: re.compile(rf"(?:\\(?:\r\n|[\s\S])|(?!{quote})[^\\{newline}])*")
    for quote, newline in (("'", "\r\n"), ('"', "\r\n"), ("'''", ""), ('"""', ""))
}


def reindent(text: str, add: str) -> str:
    """`text` with `add` in front of each of its lines.

    Not so for lines that are empty or blank, and lines that begin within a string literal. `text`
    must begin at the start of a line, outside any string.
    """
    strings = list(_strings(text))
    starts = [start for start, _ in strings]
    lines = []
    for line in _LINE.finditer(text):
        index = bisect_right(starts, line.start() - 1) - 1
        inside = index >= 0 and line.start() < strings[index][1]
        lines.append(line[0] if inside or not line[0].strip() else _pushed(line[0], add))
    return "".join(lines)


def _pushed(line: str, add: str) -> str:
    uncounted = _UNCOUNTED.match(line)
    at = uncounted.end() if uncounted else 0
    return line[:at] + add + line[at:]


def _strings(text: str) -> Iterator[tuple[int, int]]:
    """The [start, end) of each string literal."""
    position = 0
    while match := _STRING_OR_COMMENT.search(text, position):
        position = _end(text, match)
        if match["quote"]:
            yield match.start(), position


def _end(text: str, match: re.Match[str]) -> int:
    """Where the string or comment that `match` begins ends."""
    quote, prefix = match["quote"], match["prefix"]
    if not quote:
        return match.end()
    if "f" in prefix.lower() or "t" in prefix.lower():
        return _formatted_end(text, match.end(), quote)
    rest = _REST[quote].match(text, match.end())
    return min(rest.end() + len(quote), len(text)) if rest else len(text)


def _formatted_end(text: str, position: int, quote: str) -> int:
    """Where the literal text of an f-string or t-string ends, with its fields."""
    while position < len(text):
        if text.startswith(quote, position):
            return position + len(quote)
        piece = _PIECE.match(text, position)
        assert piece is not None
        position = _field_end(text, piece.end(), quote) if piece[0] == "{" else piece.end()
    return position


def _field_end(text: str, position: int, quote: str) -> int:
    """Where a replacement field ends whose brace opened in front of `position`."""
    depth = 0
    while position < len(text):
        if match := _STRING_OR_COMMENT.match(text, position):
            position = _end(text, match)
            continue
        character = text[position]
        position += 1
        if character in "([{":
            depth += 1
        elif character == ":" and depth == 0:
            return _format_end(text, position, quote)
        elif character in ")]}":
            depth -= 1
            if depth < 0:
                return position
    return position


def _format_end(text: str, position: int, quote: str) -> int:
    """Where a field ends whose format specification begins at `position`."""
    while position < len(text) and not text.startswith(quote, position):
        character = text[position]
        position += 1
        if character == "{":
            position = _field_end(text, position, quote)
        elif character == "}":
            return position
    return position
