"""Outlines of files that tests write."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from fumehood.cut import Pieces, cut
from fumehood.models.facts import Model
from fumehood.models.models import Models
from fumehood.outline.module import outline_of
from fumehood.outline.parts import Outline
from fumehood.read.cache import Lines


def outline(text: str, lines: Lines | None = None) -> Outline:
    """The outline of one file."""
    lines = lines or Lines()
    return outline_of(Pieces(cut(text)), lambda piece: lines.of(piece).reading)


def outlines(files: Mapping[str, str]) -> dict[str, Outline]:
    """The outlines of a project's files."""
    return {path: outline(textwrap.dedent(text)) for path, text in files.items()}


def models(files: Mapping[str, str]) -> Models:
    """The models of a project's files."""
    return Models(outlines(files))


def one(files: Mapping[str, str], name: str, path: str = "models.py") -> Model:
    """The model of one name."""
    found = models(files).model((path, name))
    assert found is not None
    return found
