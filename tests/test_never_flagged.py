"""What settings leave out of each rule about migrations, how grave findings are, what they say."""

from __future__ import annotations

import re

import pytest

from fumehood import pages
from fumehood.config import Settings
from fumehood.engine import Engine, Published
from tests.page_cases import HEAD, PATH, RULES

WIDE = 'op.create_index("ix_w", "users", ["a", "b", "c", "d"], postgresql_concurrently=True)'
NARROW = 'op.create_index("ix_n", "users", ["a"], postgresql_concurrently=True)'
BLOCK = "with op.get_context().autocommit_block():\n        {}\n        {}"
# A line for each rule, and how grave its finding is in upgrade() and in downgrade().
LINES = {
    "only-concurrent-indexes": ('op.create_index("ix", "users", ["a"])', "error", "warning"),
    "unique-constraint": (
        'op.create_unique_constraint("uq", "users", ["a"])',
        "warning",
        "information",
    ),
    "split-foreign-key": (
        'op.create_foreign_key("fk", "users", "teams", ["a"], ["id"])',
        "warning",
        "information",
    ),
    "change-column-type": (
        'op.alter_column("users", "a", existing_type=sa.Integer(), type_=sa.BigInteger())',
        "warning",
        "information",
    ),
    "split-check-constraint": (
        'op.create_check_constraint("ck", "users", "a > 0")',
        "warning",
        "information",
    ),
    "limit-non-unique-index": (BLOCK.format(WIDE, "pass"), "warning", None),
    "ensure-index-not-covered": (
        BLOCK.format(NARROW, WIDE.replace(', "d"', "").replace("ix_w", "ix_v")),
        "information",
        None,
    ),
}  # fmt: skip
LOCK = re.compile(
    r"\A(?:SHARE|SHARE ROW EXCLUSIVE|ACCESS EXCLUSIVE) lock(?: on \w+ and \w+)?: .*(?:wait|nobody)"
)


def found(
    line: str, function: str = "upgrade", settings: Settings | None = None
) -> list[Published]:
    engine = Engine(RULES)
    engine.open(PATH, f"{HEAD}def {function}():\n    {line}\n", settings or Settings())
    assert engine.work(PATH)
    return engine.findings(PATH)


@pytest.mark.parametrize("rule", LINES)
def test_how_grave_it_is(rule: str) -> None:
    line, grave, less = LINES[rule]
    [finding] = found(line)
    assert (finding.rule, finding.severity) == (rule, grave)
    assert [each.severity for each in found(line, "downgrade")] == ([less] if less else [])
    assert ("unnecessary" in finding.tags) == (rule == "ensure-index-not-covered")


@pytest.mark.parametrize("rule", LINES)
def test_what_settings_leave_out(rule: str) -> None:
    line, *_ = LINES[rule]
    assert found(line, "downgrade", Settings(downgrade=False)) == []
    assert len(found(line, "upgrade", Settings(downgrade=False))) == 1
    assert found(line, settings=Settings(dialect="sqlite")) == []
    assert found(line, settings=Settings(checked=False)) == []
    assert found(line, settings=Settings(ignore=frozenset({rule}))) == []
    assert found(f"{line}  # fumehood: ignore-file[{rule}]") == []


@pytest.mark.parametrize("rule", LINES)
def test_a_message_says_what_and_what_it_does_to_a_live_database(rule: str) -> None:
    [finding] = found(LINES[rule][0])
    assert "users" in finding.what
    assert finding.what.endswith(".")
    assert finding.effect
    assert finding.message == f"{finding.what} {finding.effect}"
    locks = "lock" in pages.front_matter(pages.page(rule))["tags"]
    assert bool(LOCK.search(finding.effect)) == locks


def test_every_page_says_when_to_ignore_its_rule() -> None:
    for rule in pages.ids():
        _, _, behind = pages.page(rule).partition("\n## When to ignore it\n")
        assert behind.strip(), rule
