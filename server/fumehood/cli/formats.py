"""Findings for programs: JSON, GitHub's annotations, GitLab's Code Quality, SARIF."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from fumehood import __version__, pages

Findings = Sequence[Mapping[str, Any]]  # as report.as_json has them, by place
Form = Callable[[Findings], str]

_GITHUB = {"error": "error", "warning": "warning"}  # else a notice
_GITLAB = {"error": "critical", "warning": "major", "information": "minor"}  # else "info"
_SARIF = {"error": "error", "warning": "warning"}  # else a note


def as_json(findings: Findings) -> str:
    """One array, an object a finding."""
    return json.dumps(findings, indent=2)


def as_github(findings: Findings) -> str:
    """A workflow command of GitHub Actions for each finding, which annotates its line."""
    return "\n".join(_command(finding) for finding in findings)


def _command(finding: Mapping[str, Any]) -> str:
    properties = {
        "file": finding["path"],
        "line": finding["line"],
        "endLine": finding["end_line"],
        "title": f"fumehood: {finding['rule']}",
    }
    if finding["line"] == finding["end_line"]:  # columns of several lines are refused
        properties |= {"col": finding["column"], "endColumn": finding["end_column"]}
    given = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    level = _GITHUB.get(finding["severity"], "notice")
    return f"::{level} {given}::{_data(_message(finding))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_gitlab(findings: Findings) -> str:
    """A report of GitLab's Code Quality. A fingerprint outlives edits elsewhere in its file."""
    seen: dict[str, int] = {}
    found = []
    for finding in findings:
        what = f"{finding['path']}\0{finding['rule']}\0{finding['message']}"
        seen[what] = seen.get(what, 0) + 1
        found.append(
            {
                "description": _message(finding),
                "check_name": finding["rule"],
                "fingerprint": hashlib.sha256(f"{what}\0{seen[what]}".encode()).hexdigest(),
                "severity": _GITLAB.get(finding["severity"], "info"),
                "location": {
                    "path": finding["path"],
                    "lines": {"begin": finding["line"], "end": finding["end_line"]},
                },
            }
        )
    return json.dumps(found, indent=2)


def as_sarif(findings: Findings) -> str:
    """A log of SARIF 2.1.0, with the pages of the rules that found something."""
    ids = sorted({finding["rule"] for finding in findings})
    driver = {
        "name": "fumehood",
        "version": __version__,
        "rules": [_rule(rule_id) for rule_id in ids],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, ids.index(finding["rule"])) for finding in findings],
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(rule_id: str) -> dict[str, Any]:
    if rule_id not in pages.ids():  # what comments that hide findings say of themselves
        return {"id": rule_id}
    title, text = pages.front_matter(pages.page(rule_id))["title"], pages.shown(rule_id)
    return {
        "id": rule_id,
        "shortDescription": {"text": title},
        "help": {"text": text, "markdown": text},
    }


def _result(finding: Mapping[str, Any], rule_index: int) -> dict[str, Any]:
    region = {
        "startLine": finding["line"],
        "startColumn": finding["column"],
        "endLine": finding["end_line"],
        "endColumn": finding["end_column"],
    }
    result: dict[str, Any] = {
        "ruleId": finding["rule"],
        "ruleIndex": rule_index,
        "level": _SARIF.get(finding["severity"], "note"),
        "message": {"text": _message(finding)},
        "locations": [_location(finding["path"], region)],
    }
    related = [
        {
            **_location(each["path"], {"startLine": each["line"]}),
            "message": {"text": each["message"]},
        }
        for each in finding["related"]
    ]
    return result | ({"relatedLocations": related} if related else {})


def _location(path: str, region: Mapping[str, int]) -> dict[str, Any]:
    if PurePosixPath(path).is_absolute():
        artifact = {"uri": f"file://{quote(path)}"}
    else:
        artifact = {"uri": quote(path), "uriBaseId": "%SRCROOT%"}
    return {"physicalLocation": {"artifactLocation": artifact, "region": dict(region)}}


def _message(finding: Mapping[str, Any]) -> str:
    return f"{finding['message']} {finding['effect']}".strip()


FORMATS: Mapping[str, Form] = {
    "json": as_json,
    "github": as_github,
    "gitlab": as_gitlab,
    "sarif": as_sarif,
}
