"""`fumehood config`: the settings in force, who says so, and what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

from cli_helpers import Run


def _rows(output: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split(maxsplit=2) for line in output.splitlines()[2:] if line}


def test_settings_and_their_origins_are_shown(run: Run, project: Path) -> None:
    (project / "pyproject.toml").write_text(
        "[tool.ruff]\nline-length = 100\n[tool.fumehood]\npostgres-version = 14\n"
    )
    result = run("config")
    assert result.exit_code == 0
    assert result.stdout.startswith("Configuration: pyproject.toml\n\n")
    assert result.stderr == ""
    rows = _rows(result.stdout)
    assert rows["line-length"] == ["line-length", "100", "pyproject.toml:2"]
    assert rows["postgres-version"] == ["postgres-version", "14", "pyproject.toml:4"]
    assert rows["dialect"] == ["dialect", '"postgresql"', "default"]
    column = result.stdout.index("default") - result.stdout.rindex(
        "\n", 0, result.stdout.index("default")
    )
    lines = result.stdout.splitlines()[2:]
    assert {line.find("default") for line in lines} <= {-1, column - 1}, "they are aligned"


def test_as_json(run: Run, project: Path) -> None:
    (project / "fumehood.toml").write_text("max-columns = 5")
    shown = json.loads(run("config", "a/b.py", "--output-format", "json").stdout)
    assert shown["config_file"] == "fumehood.toml"
    assert shown["settings"]["max-columns"] == {"value": 5, "origin": "fumehood.toml:1"}
    assert shown["settings"]["select"] == {"value": [], "origin": "default"}
    assert shown["problems"] == []
    assert shown["not_checked"] is None


def test_without_a_configuration_all_is_as_by_default(run: Run, project: Path) -> None:
    result = run("config", ".")
    assert result.exit_code == 0
    assert result.stdout.startswith("Configuration: none")
    assert {row[-1] for row in _rows(result.stdout).values() if row[0] != "tests"} == {"default"}


def test_errors_are_said_and_the_exit_code_is_2(run: Run, project: Path) -> None:
    (project / "fumehood.toml").write_text("slect = []\nline-length = 0\n")
    result = run("config")
    assert result.exit_code == 2
    assert result.stderr.count("fumehood: fumehood.toml:") == 2
    assert "fumehood.toml:1:1: slect: there is no such option. Did you mean 'select'?" in (
        result.stderr
    )
    shown = json.loads(run("config", "--output-format", "json").stdout)
    assert [problem["line"] for problem in shown["problems"]] == [1, 2]
    assert [problem["key"] for problem in shown["problems"]] == ["slect", "line-length"]


def test_a_warning_is_no_failure(run: Run, project: Path) -> None:
    (project / "fumehood.toml").write_text('start-after = "a1"\n')
    result = run("config")
    assert result.exit_code == 0
    assert "fumehood.toml:1:15: start-after: no migration" in result.stderr


def test_why_a_file_is_not_checked(run: Run, project: Path) -> None:
    (project / "fumehood.toml").write_text('exclude = ["old/"]\n')
    assert "This file is not checked: excluded." in run("config", "old/a.py").stdout
    assert "not checked" not in run("config", "new/a.py").stdout


def test_names_that_would_steer_a_terminal(run: Run, project: Path) -> None:
    (project / "fumehood.toml").write_text(
        'small-tables = ["\\u001b[31m"]\n[severity]\n"\\u001b" = 1'
    )
    result = run("config")
    assert "\x1b" not in result.stdout + result.stderr
