"""Options: what is said of wrong ones, word for word; what right ones mean; the schema of both."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumehood import option_kinds, options, toml
from fumehood.config import Settings
from fumehood.severity import Severity
from fumehood.workspace.settings import ConfigFile, Configuration, config_in
from fumehood.workspace.workspace import Workspace

from .share import examples

_RULES = ("split-check-constraint", "split-foreign-key")
_CASE = re.compile(
    r"^## (?P<title>.+)\n\n```toml (?P<file>.+)\n(?P<text>[^`]*?)\n?```\n\n```text\n"
    r"(?P<said>[^`]*)```",
    re.MULTILINE,
)
_CASES = list(_CASE.finditer(Path(__file__).with_name("config").joinpath("broken.md").read_text()))
_SCHEMA = Path(__file__).parents[1] / "docs" / "fumehood.schema.json"


@pytest.fixture(autouse=True)
def _two_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(option_kinds, "rule_ids", lambda: _RULES)


@pytest.mark.parametrize("case", _CASES, ids=[case["title"] for case in _CASES])
def test_what_is_said_of_a_broken_configuration(
    case: re.Match[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(case["file"]).write_text(case["text"])
    workspace = Workspace()
    assert workspace.around(Path("a.py")).settings == Settings()
    said = [str(problem) for found in workspace.problems().values() for problem in found]
    assert said == case["said"].splitlines()


def test_there_are_cases_of_all_options() -> None:
    assert len(_CASES) >= 30
    said = "".join(case["said"] for case in _CASES)
    assert [option.key for option in options.OPTIONS if f": {option.key}: " not in said] == []


_GOOD = """
select = ["split-foreign-key"]
ignore = ["split-check-constraint"]
downgrade = false
exclude = ["/legacy/", "*_old.py", "!kept_old.py"]
dialect = "mariadb"
postgres-version = 14
start-after = ["a1", "b2"]
small-tables = ["users", "auth.roles"]
tests = ["spec/"]
line-length = 120
max-columns = 5
require-ignore-reason = true
diagnostic-mode = "workspace"
[per-file-ignores]
"a/*.py" = ["split-foreign-key"]
[severity]
split-foreign-key = "hint"
"""


def _settings(table: Mapping[str, object]) -> Settings:
    values, faults = options.check(table)
    assert not faults
    return Configuration(Path("/p"), ConfigFile(Path("/p/fumehood.toml"), "", values), {}).settings


def test_every_option_has_its_effect(tmp_path: Path) -> None:
    assert toml.parse(_GOOD).keys() == options.BY_KEY.keys()
    (tmp_path / "fumehood.toml").write_text(_GOOD)
    workspace = Workspace()
    settings = workspace.around(tmp_path / "spec" / "x.py").settings
    assert settings == Settings(
        dialect="mariadb",
        select=frozenset({"split-foreign-key"}),
        ignore=frozenset({"split-check-constraint"}),
        severity={"split-foreign-key": Severity.HINT},
        downgrade=False,
        postgres_version=14,
        small_tables=frozenset({"users", "auth.roles"}),
        is_test=True,
        max_columns=5,
        require_ignore_reason=True,
        line_length=120,
    )
    assert workspace.option(tmp_path, "diagnostic-mode") == "workspace"
    assert "split-foreign-key" in workspace.around(tmp_path / "a" / "x.py").settings.ignore
    assert "split-foreign-key" not in workspace.around(tmp_path / "b" / "x.py").settings.ignore


@given(st.permutations(list(toml.parse(_GOOD).items())))
def test_the_order_of_keys_is_no_matter(items: list[tuple[str, object]]) -> None:
    assert _settings(dict(items)) == _settings(toml.parse(_GOOD))


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.dates()
    | st.text()
    | st.sampled_from([*_RULES, "error", "postgresql", "a/*.py", "1", "[", "!", "\\"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text() | st.sampled_from([*_RULES, "a/*.py"]), inner, max_size=3)
    ),
    max_leaves=6,
)
_KEYS = st.sampled_from([*options.BY_KEY, "tool", "selct"]) | st.text()


@given(st.dictionaries(_KEYS, _VALUES, max_size=5))
@examples(500)
def test_any_table_is_settings_or_faults(table: dict[str, object]) -> None:
    values, faults = options.check(table)
    assert {fault.path[0] for fault in faults} | values.keys() == table.keys()
    assert isinstance(_settings(values), Settings)
    assert all(fault.message.endswith((".", "?", "#")) for fault in faults)
    for fault in faults:
        assert len(fault.message) < 400


@given(st.sampled_from(options.OPTIONS), _VALUES)
@examples(1000)
def test_what_the_schema_refuses_is_refused(option: options.Option, value: object) -> None:
    rules = options.schema()["properties"][option.key]
    if not _allows(rules, value):
        assert list(option.kind.faults(value, (option.key,)))


@pytest.mark.parametrize("option", options.OPTIONS, ids=lambda option: option.key)
def test_the_schema_allows_what_is_right(option: options.Option) -> None:
    rules = options.schema()["properties"][option.key]
    assert _allows(rules, toml.parse(_GOOD)[option.key])
    assert rules["description"] == option.doc
    assert option.default is None or not list(option.kind.faults(option.default, ()))
    assert rules.get("default") == option.default
    assert not _allows(rules, object())


def test_what_is_generated_is_fresh() -> None:
    script = _SCHEMA.with_name("generate.py")
    run = subprocess.run([sys.executable, script, "--check"], check=False, capture_output=True)
    assert run.returncode == 0, run.stdout
    assert json.loads(_SCHEMA.read_text())["additionalProperties"] is False


def _allows(rules: dict[str, Any], value: object) -> bool:
    """What a JSON schema says of a value, as far as this one goes."""
    if "anyOf" in rules:
        return any(_allows(each, value) for each in rules["anyOf"])
    if "enum" in rules:
        return value in rules["enum"]
    match rules["type"]:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            most = rules.get("maximum", float("inf"))
            return type(value) is int and rules["minimum"] <= value <= most
        case "string":
            return isinstance(value, str) and len(value) >= rules["minLength"]
        case "array":
            return isinstance(value, list) and all(_allows(rules["items"], x) for x in value)
    assert rules["type"] == "object"
    return isinstance(value, dict) and all(
        _allows(rules["propertyNames"], key) and _allows(rules["additionalProperties"], inner)
        for key, inner in value.items()
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xef\xbb\xbf[tool.fumehood]\r\nslect = 1\r\n", "2:1: slect: there is no such option."),
        (b"[tool.fumehood]\r\nx = '\xc3\xa9'; y\r\n", "2:8: this is not TOML: expected newline"),
        (b"[tool.fumehood]\nx = '\xc3\xa9\xff'\n", "2:7: byte 0xff is not UTF-8;"),
        (b"[tool.fumehood]\n" + b"x = 1\n" * 1_700_000, "1:1: is 10.2 MB large; at most 1 MB are"),
        (b"[tool.fumehood]\nx = " + b"[" * 5000, "1:1: this is not TOML: arrays or tables are nes"),
        (b"[tool.fumehood]\nx = " + b"9" * 5000, "1:1: this is not TOML: Exceeds the limit"),
    ],
    ids=["bom", "crlf", "bytes", "large", "deep", "digits"],
)
def test_odd_bytes(tmp_path: Path, data: bytes, message: str) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_bytes(data)
    found = config_in(file)
    assert found is not None
    assert found.values == {}
    assert str(found.problems[0]).removeprefix(f"{file.as_posix()}:").startswith(message)


@pytest.mark.parametrize("name", ["pyproject.toml", "fumehood.toml"])
def test_a_folder_named_like_a_configuration_file_is_none(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    assert config_in(tmp_path / name) is None


def test_a_broken_file_that_does_not_speak_of_fumehood_is_no_concern(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('dev = ["fumehood"]\n[project\n')
    assert config_in(tmp_path / "pyproject.toml") is None
