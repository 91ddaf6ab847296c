"""Projects that no one would plan: what is sound in them is found, and the rest is no matter."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.editing import Editor
from tests.share import share

RULE = "verify-query-patterns-are-indexed"
BASE = "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n"
MODELS = f"""\
{BASE}
class Base(DeclarativeBase): pass

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column()
"""
QUERIES = "from {} import User\n\ndef f(s, x):\n    s.query(User).filter_by(email=x).all()\n"


def written(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def opened(root: Path, *names: str) -> Editor:
    return Editor([root], {root / name: (root / name).read_text() for name in names})


@pytest.fixture(autouse=True)
def _no_failure(caplog: pytest.LogCaptureFixture) -> object:
    yield
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


@pytest.mark.parametrize(
    "odd",
    [
        {"odd.py": "class A(A): pass\nclass B(C): pass\nclass C(B): pass\n"},
        {"odd.py": f"{BASE}class A(A, DeclarativeBase):\n    __tablename__ = 'a'\n"},
        {
            "a.py": "from b import *\nfrom b import X\n",
            "b.py": "from a import *\nfrom a import X\n",
        },
        {"odd.py": "from odd import *\nfrom odd import User\n"},
        {"odd/__init__.py": "from .odd import odd\n", "odd/odd.py": "from . import odd\n"},
        pytest.param(
            {"odd.py": "\n".join(f"class A{n}(A{n + 1}): pass" for n in range(1500))},
            marks=pytest.mark.slow,
        ),
        {"odd.py": "class A:\n" * 3 + "  (" * 2000},
        {"odd.py": "x = " + "-" * 30_000 + "1\n"},
    ],
)
def test_names_that_lead_nowhere_are_no_matter(odd: dict[str, str], tmp_path: Path) -> None:
    written(tmp_path, {"models.py": MODELS, "queries.py": QUERIES.format("models")} | odd)
    editor = opened(tmp_path, "queries.py", *odd)
    assert [each.rule for each in editor.findings(tmp_path / "queries.py")] == [RULE]
    assert len(editor.known()) == len(odd) + 2


def test_models_that_come_round_a_circle_of_imports_are_found(tmp_path: Path) -> None:
    models = f"from queries import f\n{MODELS}"
    written(tmp_path, {"models.py": models, "queries.py": QUERIES.format("models")})
    editor = opened(tmp_path, "queries.py")
    assert [each.rule for each in editor.findings(tmp_path / "queries.py")] == [RULE]


def test_a_long_file_of_models(tmp_path: Path) -> None:
    count = share(1000)
    more = "".join(
        f"\nclass Thing{n}(User if x else Base):\n    __tablename__ = 't{n}'\n"
        "    id: Mapped[int] = mapped_column(primary_key=True)\n"
        "    name: Mapped[str] = mapped_column()\n\n"
        for n in range(count)
    )
    written(tmp_path, {"models.py": MODELS + more, "queries.py": QUERIES.format("models")})
    editor = opened(tmp_path, "queries.py", "models.py")
    assert [each.rule for each in editor.findings(tmp_path / "queries.py")] == [RULE]


def test_many_files_in_one_folder(tmp_path: Path) -> None:
    count = share(5000)
    files = {f"f{n}.py": f"from models import User as U{n}\n" for n in range(count)}
    last = f"f{count - 1}"
    files |= {
        "models.py": MODELS,
        "queries.py": QUERIES.format(last).replace("User\n", f"U{count - 1} as User\n"),
    }
    written(tmp_path, files)
    editor = opened(tmp_path, "queries.py")
    assert [each.rule for each in editor.findings(tmp_path / "queries.py")] == [RULE]
    assert editor.read == count + 1


def test_a_library_beside_services_is_a_project_of_its_own(tmp_path: Path) -> None:
    for name in ("services/one", "services/two", "library"):
        written(tmp_path, {f"{name}/pyproject.toml": ""})
    unindexed = MODELS.replace("class Base(DeclarativeBase): pass", "from library.base import Base")
    written(tmp_path, {
        "library/library/base.py": f"{BASE}class Base(DeclarativeBase): pass\n",
        "services/one/models.py": MODELS,
        "services/one/queries.py": QUERIES.format("models"),
        "services/two/models.py": unindexed,
        "services/two/queries.py": QUERIES.format("models"),
    })  # fmt: skip
    editor = opened(tmp_path, "services/one/queries.py", "services/two/queries.py")
    one, two = (editor.findings(path) for path in editor.open_paths)
    assert [each.rule for each in one] == [RULE]
    assert two == []  # what a base of elsewhere adds to the model is not known
