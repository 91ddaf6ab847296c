"""What `fumehood check` writes for GitHub, GitLab and code scanning."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_helpers import Run, migration

BAD = 'op.create_index("ix", "users", ["email"])'


def test_github_annotates_the_lines(run: Run, project: Path) -> None:
    (project / "a, 100%.py").write_text(migration(BAD, "op.drop_index('ix')", "op.note(1)"))
    result = run("check", ".", "--output-format", "github")
    assert result.exit_code == 1
    place = "file=a%2C 100%25.py,line=6,endLine=6,title=fumehood%3A only-concurrent-indexes"
    assert result.stdout.splitlines() == [
        f"::error {place},col=5,endColumn=20::What create_index does. Writes wait.",
        f"::warning {place},col=5,endColumn=18::What drop_index does. Writes wait.".replace(
            "=6", "=7"
        ),
        f"::notice {place},col=5,endColumn=12::What note does. Writes wait.".replace("=6", "=8"),
    ]


@pytest.mark.parametrize(("output", "text"), [("github", ""), ("gitlab", "[]\n")])
def test_nothing_found(run: Run, project: Path, output: str, text: str) -> None:
    result = run("check", ".", "--output-format", output)
    assert (result.exit_code, result.stdout) == (0, text)


def test_gitlab_knows_a_finding_again_where_lines_move(run: Run, project: Path) -> None:
    def report(*statements: str) -> list[dict[str, object]]:
        (project / "one.py").write_text(migration(*statements))
        found = json.loads(run("check", ".", "--output-format", "gitlab").stdout)
        assert all(each.keys() == first.keys() for first in found for each in found)
        return found

    before = report(BAD, BAD)
    after = report("pass", BAD, BAD)
    assert before[0] == {
        "description": "What create_index does. Writes wait.",
        "check_name": "only-concurrent-indexes",
        "fingerprint": before[0]["fingerprint"],
        "severity": "critical",
        "location": {"path": "one.py", "lines": {"begin": 6, "end": 6}},
    }
    assert [each["fingerprint"] for each in before] == [each["fingerprint"] for each in after]
    assert before[0]["fingerprint"] != before[1]["fingerprint"]


def test_sarif_has_places_levels_and_the_rules_page(run: Run, project: Path) -> None:
    (project / "ä b.py").write_text(migration(BAD, "op.note(1)"), encoding="utf-8")
    log = json.loads(run("check", ".", "--output-format", "sarif").stdout)
    (ran,) = log["runs"]
    (rule,) = ran["tool"]["driver"]["rules"]
    assert rule["id"] == "only-concurrent-indexes"
    assert rule["shortDescription"]["text"] == "Build and drop indexes without blocking writes"
    assert "autocommit_block" in rule["help"]["markdown"]
    first, second = ran["results"]
    assert (first["level"], second["level"]) == ("error", "note")
    assert first["ruleIndex"] == 0
    assert first["message"] == {"text": "What create_index does. Writes wait."}
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "%C3%A4%20b.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 6, "startColumn": 5, "endLine": 6, "endColumn": 20},
    }
