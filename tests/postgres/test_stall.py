"""The chart of waits and what is measured for it, here on a table so small that nobody waits."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bench import stall
from bench.stall_chart import THEMES, chart, write_charts
from bench.stall_migrations import RULES, migrations

from fumehood import pages

from .servers import DSN

FIGURES = Path(__file__).parents[2] / "docs" / "stall.json"


@pytest.mark.slow
@pytest.mark.skipif(DSN in os.environ, reason="it starts a server of its own")
def test_it_is_measured_and_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every session works before, while and after each of the two migrations."""
    rule, figures = "only-concurrent-indexes", tmp_path / "stall.json"
    words = ["--rows", "1000", "--rule", rule, "--json", figures, "--chart", tmp_path / "drawn"]
    monkeypatch.setattr(sys, "argv", ["stall.py", *map(str, words)])
    assert stall.main() == 0
    found = json.loads(figures.read_text())
    assert found["about"]["rows"] == 1000
    assert list(found["rules"]) == [rule]
    assert list(found["rules"][rule]) == ["unsafe", "safe"]
    for run in found["rules"][rule].values():
        assert run["longest_write"] >= run["p99_write"] > 0
        assert run["longest_read"] >= run["p99_read"] > 0
        assert run["statements"] > 2 * (stall.WRITERS + 1)
    for theme, colors in THEMES.items():
        assert (tmp_path / "drawn" / f"stall-{theme}.svg").read_text() == chart(found, colors)


@pytest.mark.parametrize("rule", RULES)
def test_what_is_migrated(rule: str, tmp_path: Path) -> None:
    """The fix changes the example, or leaves a part of it to another revision."""
    found = migrations(rule, tmp_path)
    assert found["unsafe"] != found["safe"]
    assert found["unsafe"].keys() <= found["safe"].keys()
    assert all(compile(text, "b2.py", "exec") for text in found["safe"].values())


def test_the_readmes_chart_shows_its_figures(tmp_path: Path) -> None:
    found = json.loads(FIGURES.read_text())
    assert set(found["rules"]) == set(RULES) <= set(pages.ids())
    write_charts(found, tmp_path)
    for drawn in tmp_path.iterdir():
        assert drawn.read_text() == (FIGURES.parent / drawn.name).read_text()
        said = [each.text or "" for each in ElementTree.fromstring(drawn.read_text()).iter()]
        for rule, runs in found["rules"].items():
            assert rule in said
            assert runs["safe"]["longest_write"] < runs["unsafe"]["longest_write"] / 10
