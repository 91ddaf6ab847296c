"""What formatters make of texts."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import black
from ruff import find_ruff_bin

RUFF = find_ruff_bin()


def formatted(texts: Sequence[str], line_length: int = 88) -> list[str]:
    """The texts as ruff writes them."""
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.py" for number in range(len(texts))]
        for file, text in zip(files, texts, strict=True):
            file.write_bytes(text.encode())
        command = [RUFF, "format", "--isolated", "--quiet", f"--line-length={line_length}"]
        subprocess.run([*command, folder], check=True)
        return [file.read_bytes().decode() for file in files]


def blackened(text: str, line_length: int) -> str:
    """The text as black writes it."""
    return black.format_str(
        text, mode=black.Mode({black.TargetVersion.PY311}, line_length=line_length)
    )
