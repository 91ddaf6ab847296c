"""Edits of comments: ignores put in and taken out."""

from __future__ import annotations

import re
from collections.abc import Collection

from .cut import Piece
from .document import Document
from .suppress import Ignore, Ignores
from .text import Edit

_SPACE_BEHIND = re.compile(r"[ \t]*")
_NEWLINE = re.compile(r"\r\n|\r|\n")
_DOCUMENT_HEAD = re.compile(r"\s*#")


def remove_whole(text: str, ignore: Ignore) -> list[Edit]:
    """Take an ignore out of its piece; offsets count from the piece's start."""
    start, end = ignore.span
    before, behind = text[:start], text[end:]
    if not behind.strip() or behind.lstrip(" \t").startswith(("\r", "\n")):
        line = before[_line_start(before) :]
        if not line.strip(" \t\f\ufeff"):  # nothing else on its line
            newline = _NEWLINE.match(behind.lstrip(" \t"))
            end = len(text) - len(behind.lstrip(" \t")) + (newline.end() if newline else 0)
            return [Edit(start - len(line.lstrip("\ufeff")), end, "")]
        return [Edit(len(before.rstrip(" \t")), end, "")]
    space = _SPACE_BEHIND.match(behind)
    return [Edit(start, end + (space.end() if space else 0), "")]


def remove_names(ignore: Ignore, names: Collection[str]) -> list[Edit]:
    """Take some of its rules out of an ignore, which keeps others."""
    kept = dict.fromkeys(name for name, _ in ignore.names if name not in names)
    first, last = ignore.names[0][1], ignore.names[-1][1]
    return [Edit(first.start, last.end, ", ".join(kept))]


def ignore_here(document: Document, ignores: Ignores, piece: Piece, rule: str) -> Edit:
    """Hide a rule's findings at a statement: in the ignore that stands there, or in a new one."""
    for placed in ignores.placed:
        if placed.target is piece and ignores.in_force(placed.ignore):
            return _add_name(document, placed.piece, placed.ignore, rule)
    start = document.pieces.start_of(piece)
    start += piece.text.startswith("\ufeff")
    code = piece.text.lstrip("\ufeff")
    indent = code[: len(code) - len(code.lstrip(" \t"))]
    comment = f"{indent}# fumehood: ignore[{rule}]{_newline(document)}"
    return Edit(start, start, comment)


def ignore_in_file(document: Document, ignores: Ignores, rule: str) -> Edit:
    """Hide a rule's findings in the file: in the ignore that is there, or in a new one on top."""
    for placed in ignores.placed:
        if placed.ignore.kind == "ignore-file" and ignores.in_force(placed.ignore):
            return _add_name(document, placed.piece, placed.ignore, rule)
    offset = len("\ufeff") if document.text.content.startswith("\ufeff") else 0
    for piece in document.pieces:  # behind "#!", the encoding, a licence
        if not _DOCUMENT_HEAD.match(piece.text.lstrip("\ufeff")):
            break
        offset = document.pieces.start_of(piece) + len(piece.text)
    return Edit(offset, offset, f"# fumehood: ignore-file[{rule}]{_newline(document)}")


def _add_name(document: Document, piece: Piece, ignore: Ignore, rule: str) -> Edit:
    end = document.pieces.start_of(piece) + ignore.names[-1][1].end
    return Edit(end, end, f", {rule}")


def _newline(document: Document) -> str:
    found = _NEWLINE.search(document.text.content)
    return found.group() if found else "\n"


def _line_start(before: str) -> int:
    return max(before.rfind("\n"), before.rfind("\r")) + 1
