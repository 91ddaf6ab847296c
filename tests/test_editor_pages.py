"""What the editors' pages have one paste: it parses, and names commands that there are."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fumehood.options import OPTIONS

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "editors").glob("*/README.md"))
BLOCK = re.compile(r"^```(\w+).*?\n(.*?)^```", re.DOTALL | re.MULTILINE)
PARSERS = {"json": json.loads, "toml": tomllib.loads}


def parsed(page: Path) -> Iterator[Any]:
    """The blocks of a page that are data."""
    for language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language in PARSERS:
            yield PARSERS[language](text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_blocks_parse_and_start_the_server(page: Path) -> None:
    if page.parent.name == "vscode":
        return  # its extension has a server of its own
    list(parsed(page))
    text = page.read_text(encoding="utf-8")
    # In each language's manner: two words, two strings, a command and its arguments.
    started = re.findall(r"fumehood\W+(?:args\W+|\w+ server')?server", text)
    assert started or "'%e server'" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_options_are_those_that_there_are(page: Path) -> None:
    named = set(re.findall(r"\b(small-tables|start-after|postgres-version)\b", page.read_text()))
    assert named <= {option.key for option in OPTIONS}


def test_the_readme_names_each_page() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in PAGES:
        assert f"(editors/{page.parent.name}/README.md)" in readme
