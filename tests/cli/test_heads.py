"""The revision that a new one is put behind, and the number that its file gets."""

from __future__ import annotations

from pathlib import Path

import pytest
from environments import environment

from fumehood.head import Head, NoHeadError
from fumehood.workspace.workspace import Workspace


def head(folder: Path, path: Path, **unsaved: str) -> Head:
    texts = {path.parent / f"{name}.py": text for name, text in unsaved.items()}
    return Workspace().head(path, texts)


def plain(identifier: str, parent: object) -> str:
    return f"revision = {identifier!r}\ndown_revision = {parent!r}\n\n\ndef upgrade():\n    pass\n"


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """The folder of an environment's revisions."""
    return environment(tmp_path) / "migrations" / "versions"


def written(versions: Path, **parents: object) -> None:
    for name, parent in parents.items():
        (versions / f"{name}.py").write_text(plain(name, parent))


def test_the_head_of_a_branch(versions: Path) -> None:
    written(versions, a1=None, b2="a1", c3="b2", x1=None, y2="x1")
    assert head(versions, versions / "a1.py").revision == "c3"
    assert head(versions, versions / "y2.py").revision == "y2"
    assert head(versions, versions / "x1.py", z3=plain("z3", "y2")).revision == "z3"
    assert [len(head(versions, versions / f"{n}.py").between) for n in ("a1", "b2", "c3")] == [
        2,
        1,
        0,
    ]


def test_a_merge_is_one_head(versions: Path) -> None:
    written(versions, a1=None, b2="a1", c3="a1", d4=("b2", "c3"))
    assert head(versions, versions / "a1.py").revision == "d4"
    assert head(versions, versions / "b2.py").revision == "d4"


@pytest.mark.parametrize(
    ("parents", "why"),
    [
        ({"a1": None, "b2": "a1", "c3": "a1"}, r"several heads \(b2, c3\); merge them first"),
        ({"a1": "b2", "b2": "a1"}, "the revisions behind a1 form a cycle"),
        ({"a1": None} | {f"a{n}": f"a{n - 1}" for n in range(2, 9)}, "7 revisions stand behind it"),
    ],
)
def test_no_head(versions: Path, parents: dict[str, object], why: str) -> None:
    written(versions, **parents)
    with pytest.raises(NoHeadError, match=why):
        head(versions, versions / "a1.py")


def test_a_graph_that_is_not_plain_to_see(versions: Path) -> None:
    written(versions, a1=None)
    (versions / "b2.py").write_text("revision = 'b2'\ndown_revision = PARENT\n")
    with pytest.raises(NoHeadError, match=r"b2\.py: its revision or down_revision is no literal"):
        head(versions, versions / "a1.py")
    (versions / "b2.py").write_text(plain("a1", None))
    with pytest.raises(NoHeadError, match="revision a1 stands in several files"):
        head(versions, versions / "a1.py")
    (versions / "b2.py").write_text(plain("b2", "a"))  # Alembic completes no name in a file
    with pytest.raises(NoHeadError, match=r"no migration is the revision a$"):
        head(versions, versions / "a1.py")
    with pytest.raises(NoHeadError, match="no one Alembic environment"):
        Workspace().head(Path("/nowhere/versions/x.py"))


@pytest.mark.parametrize(
    ("names", "number"),
    [
        (["0001", "0002"], "0003"),
        (["0001_a", "0002_b"], "0003"),
        (["9", "10"], "11"),
        (["a1", "b2"], None),
        (["202401011200", "202401011201"], None),
    ],
)
def test_numbers_go_on(versions: Path, names: list[str], number: str | None) -> None:
    first, second = names
    written(versions, **{first: None, second: first})
    assert head(versions, versions / f"{first}.py").next_number == number
