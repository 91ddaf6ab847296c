"""The graph of revisions is the one that Alembic sees."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from hypothesis import given
from hypothesis import strategies as st

from fumehood.revisions import Revision, Revisions, revision_of
from tests.share import examples

READ = {
    "plain": ('revision = "a"\ndown_revision = None\n', Revision("a")),
    "annotated": (
        'revision: str = "a"\ndown_revision: Union[str, None] = "b"\n',
        Revision("a", ("b",)),
    ),
    "merge": (
        "revision = 'a'\ndown_revision = (\n    'b',\n    'c',\n)\n",
        Revision("a", ("b", "c")),
    ),
    "list": ('revision = "a"\ndown_revision = ["b", "c"]\n', Revision("a", ("b", "c"))),
    "all": (
        'revision = "a"\ndown_revision = "b"\nbranch_labels = ("x",)\ndepends_on = "d"\n',
        Revision("a", ("b",), ("d",), ("x",)),
    ),
    "after a function": ('def f():\n    pass\nrevision = "a"\n', Revision("a")),
    "a comment behind": ('revision = "a"  # revision = "b"\n', Revision("a")),
    "in a docstring": ('"""\nrevision = "x"\n"""\nrevision = "a"\n', Revision("a")),
    "in a string that follows": ('revision = "a"\nSQL = """\nrevision = "x"\n"""\n', Revision("a")),
    "within a function": ('revision = "a"\ndef f():\n    revision = "x"\n', Revision("a")),
    "the last counts": ('revision = "x"\nrevision = "a"\n', Revision("a")),
    "old line ends": ('"""x"""\rrevision = "a"\rdown_revision = "b"\r', Revision("a", ("b",))),
    "twice on a line": ('revision = "a"; down_revision = "b"\n', Revision("a", ("b",))),
    "no literal": (
        'revision = "a"\ndown_revision = parent()\n',
        Revision("a", unread=("down_revision",)),
    ),
    "a number": ("revision = 12\n", None),
    "computed": ("revision = f()\n", None),
    "half typed": ('revision = "a\ndown_revision = "b"\n', None),
    "none at all": ("x = 1\n", None),
    "another name": ('revisions = "a"\n', None),
    "empty": ("", None),
}


@pytest.mark.parametrize(("text", "found"), READ.values(), ids=READ)
def test_what_a_file_declares(text: str, found: Revision | None) -> None:
    assert revision_of(text) == found


@st.composite
def graphs(draw: st.DrawFn) -> list[Revision]:
    """Revisions of which each one's parents and dependencies come before it."""
    made: list[Revision] = []
    for number in range(draw(st.integers(1, 12))):
        before = [revision.id for revision in made]
        some = st.lists(st.sampled_from(before), max_size=2, unique=True) if before else st.just([])
        down, depends_on = draw(some), draw(st.just([]) | some)
        start = draw(st.sampled_from(["ab", "abcd", "ef0", "x"]))
        labels = (f"branch{number}",) if draw(st.integers(0, 5)) == 0 else ()
        by_label = {revision.id: revision.labels[0] for revision in made if revision.labels}
        named = tuple(by_label.get(each, each) for each in depends_on if each not in down)
        made.append(Revision(f"{start}{number}", tuple(down), named, labels))
    return made


def declared(revision: Revision) -> str:
    down = revision.down if len(revision.down) != 1 else revision.down[0]
    return (
        f'"""revision = 1"""\nrevision = {revision.id!r}\ndown_revision = {down or None!r}\n'
        f"branch_labels = {revision.labels or None!r}\n"
        f"depends_on = {revision.depends_on or None!r}\n"
    )


@examples(60)
@given(graphs())
def test_graphs(made: list[Revision]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        versions = Path(folder, "versions")
        versions.mkdir()
        for revision in made:
            (versions / f"{revision.id}_.py").write_text(declared(revision))
        config = Config()
        config.set_main_option("script_location", folder)
        alembic = ScriptDirectory.from_config(config)
        paths = sorted(versions.glob("*.py"))
        read = {path: found for path in paths if (found := revision_of(path.read_text()))}
        graph = Revisions(read)
        assert set(read.values()) == set(made)
        assert graph.heads == set(alembic.get_heads())
        for revision in made:
            compare(graph, alembic, revision)
        for name in ("a", "ab", "abcd", "ef", "branch", "head", "heads", "none"):
            assert graph.named(name) == named(alembic, name), name


def compare(graph: Revisions, alembic: ScriptDirectory, revision: Revision) -> None:
    script = alembic.get_revision(revision.id)
    before = alembic.revision_map._get_ancestor_nodes([script], include_dependencies=True)
    assert graph.ancestors([revision.id]) == {each.revision for each in before}
    for label in revision.labels:
        for name in (label, f"{label}@head", f"{label}@heads", f"{label}@{revision.id}"):
            assert graph.named(name) == named(alembic, name), name


def named(alembic: ScriptDirectory, name: str) -> set[str]:
    try:
        found = alembic.get_revisions(name)
    except CommandError:
        return set()
    if name.endswith("head") and len(found) != 1:
        return set()
    return {each.revision for each in found if each is not None}


def test_what_is_missing_or_goes_round_is_survived() -> None:
    files = [Revision("a", ("b", "gone")), Revision("b", ("a",), ("away",)), Revision("c", ("a",))]
    graph = Revisions({Path(each.id): each for each in files})
    assert graph.ancestors(["c"]) == {"a", "b", "c"}
    assert graph.ancestors(["nothing"]) == frozenset()
    assert graph.heads == {"c"}
