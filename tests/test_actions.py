"""What every action leaves behind, on generated migrations; on the pages': tests/test_pages.py."""

from __future__ import annotations

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.action_checks import check_action, check_untouched, every_action
from tests.formatter import formatted
from tests.oracle.generate import migrations
from tests.page_cases import PATH, analysed, applied
from tests.share import examples


@examples(60)
@given(migrations())
def test_actions_on_generated_migrations(text: str) -> None:
    for action in every_action(text):
        check_action(text, action)
        check_untouched(text, action)


@examples(60)
@given(migrations())
def test_fix_all_leaves_nothing_to_fix(text: str) -> None:
    for unsafe in (False, True):
        action = analysed(text).fix_all(PATH, unsafe=unsafe)
        if action:
            assert analysed(applied(text, action)).fix_all(PATH, unsafe=unsafe) is None


# Not shrunk: ten migrations and two starts of ruff a try would take minutes.
@settings(examples(4), phases=(Phase.explicit, Phase.generate))
@given(st.lists(migrations(), min_size=10, max_size=10))
def test_formatted_migrations_stay_formatted(texts: list[str]) -> None:
    # A comment behind an opening parenthesis breaks its line in a way that is not known here.
    sources = [source for source in formatted(texts) if "(  #" not in source]
    results = {
        applied(source, action): action for source in sources for action in every_action(source)
    }
    for result, same in zip(results, formatted(list(results)), strict=True):
        assert result == same, results[result].title
