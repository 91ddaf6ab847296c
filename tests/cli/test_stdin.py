"""`fumehood fix -`: what an editor has in place of a file, and gets back."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_helpers import Run, migration

SAFE = 'op.create_index("ix")'
UNSAFE = 'op.drop_index("ix")'
FIXED = 'op.create_index(concurrently=True, "ix")'
NAMED = ("fix", "-", "--stdin-filename", "versions/b2.py")


def test_the_text_comes_back_fixed_and_nothing_is_written(run: Run, project: Path) -> None:
    (project / "versions").mkdir()
    file = project / "versions" / "b2.py"
    file.write_text("# as it was saved")
    text = migration(SAFE, UNSAFE, 'name = "é"').replace("\n", "\r\n")
    result = run(*NAMED, input=text.encode())
    assert result.exit_code == 0
    assert result.stdout_bytes == text.replace(SAFE, FIXED).encode()
    assert result.stderr.startswith("Fixed 1 finding in 1 file.\nLeft: 1 finding")
    assert file.read_text() == "# as it was saved"


@pytest.mark.parametrize("text", [migration(), "x = 1\n", "", "def (\n", migration(UNSAFE)])
def test_what_needs_no_fix_comes_back_as_it_is(run: Run, project: Path, text: str) -> None:
    result = run(*NAMED, input=text)
    assert (result.exit_code, result.stdout) == (0, text)


def test_what_is_left_out_comes_back_as_it_is(run: Run, project: Path) -> None:
    (project / "fumehood.toml").write_text('exclude = ["versions/"]\n')
    text = migration(SAFE)
    result = run(*NAMED, "--force-exclude", input=text)
    assert (result.exit_code, result.stdout) == (0, text)


def test_a_wrong_configuration_is_an_error_and_the_text_stays(run: Run, project: Path) -> None:
    (project / "fumehood.toml").write_text('selekt = ["x"]\n')
    text = migration(SAFE)
    result = run(*NAMED, input=text)
    assert (result.exit_code, result.stdout) == (2, text)
    assert "selekt" in result.stderr


def test_what_is_no_text_is_an_error(run: Run, project: Path) -> None:
    result = run(*NAMED, input=b"\xff\xfe\0")
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_diff_of_it(run: Run, project: Path) -> None:
    result = run(*NAMED, "--diff", input=migration(SAFE))
    assert result.exit_code == 1
    assert f"-    {SAFE}\n+    {FIXED}\n" in result.stdout


def test_it_stands_alone(run: Run, project: Path) -> None:
    result = run("fix", "-", ".", input=migration(SAFE))
    assert result.exit_code == 2
    assert "'-' is the only PATH where it is given" in result.stderr
