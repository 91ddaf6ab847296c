"""`fumehood check`: output, options and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_helpers import Run, migration

BAD = 'op.create_index("ix", "users", ["email"])'
KEYS = {
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "rule",
    "severity",
    "message",
    "effect",
    "fix",
    "no_fix",
    "related",
}


def test_text_shows_the_place_the_code_the_effect_and_the_fix(run: Run, project: Path) -> None:
    (project / "one.py").write_text(migration(BAD))
    result = run("check", "one.py")
    assert result.exit_code == 1
    assert result.stdout == (
        "one.py:6:5: error only-concurrent-indexes: What create_index does.\n"
        "  |\n"
        "5 | def upgrade():\n"
        '6 |     op.create_index("ix", "users", ["email"])\n'
        "  |     ^^^^^^^^^^^^^^^\n"
        "7 |\n"
        "  effect: Writes wait.\n"
        "  fix: Run it (safe)\n"
        "\n"
        "Found 1 finding (1 error) in 1 of 1 file.\n"
        "`fumehood fix` mends 1.\n"
    )
    assert result.stderr == ""


def test_text_and_json_say_why_there_is_no_fix(run: Run, project: Path) -> None:
    (project / "one.py").write_text(migration("op.stuck(1)"))
    text = run("check", "one.py").stdout
    assert "  effect: Writes wait.\n  no fix: it is stuck\n\n" in text
    (found,) = json.loads(run("check", "one.py", "--output-format", "json").stdout)
    assert (found["fix"], found["no_fix"]) == (None, "it is stuck")


def test_nothing_found(run: Run, project: Path) -> None:
    (project / "one.py").write_text(migration())
    result = run("check", ".")
    assert (result.exit_code, result.stdout) == (0, "Checked 1 file: nothing found.\n")


def test_json_has_exactly_these_keys(run: Run, project: Path) -> None:
    (project / "b").mkdir()
    (project / "b" / "one.py").write_text(migration("pass", BAD, 'op.drop_index("ix")'))
    (project / "a.py").write_text(migration('x = "é🙂"; ' + BAD), encoding="utf-8")
    result = run("check", "b", "a.py", "--output-format", "json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert [(f["path"], f["line"]) for f in found] == [
        ("a.py", 6),
        ("b/one.py", 7),
        ("b/one.py", 8),
    ]
    assert all(f.keys() == KEYS for f in found)
    assert found[0] == {
        "path": "a.py",
        "line": 6,
        "column": 15,
        "end_line": 6,
        "end_column": 30,
        "rule": "only-concurrent-indexes",
        "severity": "error",
        "message": "What create_index does.",
        "effect": "Writes wait.",
        "fix": {"title": "Run it", "safe": True},
        "no_fix": None,
        "related": [],
    }


def test_json_of_nothing_is_an_empty_array(run: Run, project: Path) -> None:
    result = run("check", ".", "--output-format", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


@pytest.mark.parametrize(
    ("call", "fail_on", "code"),
    [
        ("op.create_index(1)", "error", 1),
        ("op.drop_index(1)", "error", 0),
        ("op.drop_index(1)", "warning", 1),
        ("op.drop_index(1)", None, 1),
        ("op.note(1)", None, 0),
        ("op.note(1)", "warning", 0),
        ("op.note(1)", "information", 1),
    ],
)
@pytest.mark.parametrize("output", ["text", "json"])
def test_fail_on(
    run: Run, project: Path, call: str, fail_on: str | None, code: int, output: str
) -> None:
    (project / "one.py").write_text(migration(call))
    chosen = ["--fail-on", fail_on] if fail_on else []
    assert run("check", "one.py", "--output-format", output, *chosen).exit_code == code


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--select", "only-concurrent-indexes"], 1),
        (["--select", "split-foreign-key"], 0),
        (["--select", "split-foreign-key,only-concurrent-indexes"], 1),
        (["--select", "split-foreign-key", "--select", " only-concurrent-indexes"], 1),
        (["--ignore", "only-concurrent-indexes"], 0),
        (["--ignore", "split-foreign-key"], 1),
        (["--dialect", "sqlite"], 0),
        (["--dialect", "PostgreSQL"], 1),
    ],
)
def test_select_ignore_and_dialect(run: Run, project: Path, options: list[str], code: int) -> None:
    (project / "one.py").write_text(migration(BAD))
    assert run("check", "one.py", *options).exit_code == code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--select", "only-concurent-indexes"], "Did you mean 'only-concurrent-indexes'?"),
        (["--ignore", "split-foreign-key,zzz"], "The rules are: "),
        (["--select", ""], "there is no rule ''"),
        (["--dialect", "postgre"], "'postgre' is not one of 'postgresql'"),
        (["--fail-on", "hint"], "'hint' is not one of"),
        (["--output-format", "xml"], "'xml' is not one of"),
        (["--nonsense"], "No such option"),
    ],
)
def test_wrong_usage(run: Run, project: Path, arguments: list[str], message: str) -> None:
    (project / "one.py").write_text(migration(BAD))
    result = run("check", "one.py", *arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_without_a_path_the_working_directory_is_checked(run: Run, project: Path) -> None:
    (project / "versions").mkdir()
    (project / "versions" / "a.py").write_text(migration("op.create_index(1)"))
    assert run("check").stdout == run("check", ".").stdout
    assert "versions/a.py" in run("check").stdout


def test_standard_input(run: Run, project: Path) -> None:
    text = migration(BAD)
    result = run("check", "-", "--stdin-filename", "db/x.py", input=text)
    assert result.exit_code == 1
    assert result.stdout.startswith("db/x.py:6:5: error")
    assert run("check", "-", input=b"\xff\xfe\0").exit_code == 2


def test_a_file_is_checked_once(run: Run, project: Path) -> None:
    (project / "one.py").write_text(migration(BAD))
    (project / "link.py").symlink_to("one.py")
    result = run("check", "one.py", ".", "./one.py", "link.py")
    assert "Found 1 finding (1 error) in 1 of 1 file." in result.stdout


def test_a_path_outside_the_working_directory_is_relative_to_it(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "one.py").write_text(migration(BAD))
    (project / "inner").mkdir()
    monkeypatch.chdir(project / "inner")
    result = run("check", project, "--output-format", "json")
    assert [finding["path"] for finding in json.loads(result.stdout)] == ["../one.py"]
