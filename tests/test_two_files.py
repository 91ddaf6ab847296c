"""Fixes that change another file: tried on copies of both, made of what is there, read once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from fumehood import trials
from fumehood.beside import Other
from fumehood.config import Settings
from fumehood.engine import Action, Engine
from fumehood.file import File
from fumehood.head import no_head
from fumehood.model_edits import ModelEdits
from fumehood.models.catalog import Catalog, InProject
from fumehood.models.facts import WrittenQuery
from fumehood.project import Project
from fumehood.rule import Finding, Fix, Look, ProjectEdits, Rule, Severity
from fumehood.text import Edit, Span
from tests.outlines import outlines
from tests.page_cases import RULES, applied
from tests.sources import HEADER
from tests.two_files import users

MODELS = users("email: Mapped[str]", "name: Mapped[str]")
QUERIES = """\
from app.models import User


def f(s, x):
    return s.query(User).filter_by(email=x).all()
"""
PATH, OTHER = "/p/app/queries.py", "/p/app/models.py"
BOTH = {"app/models.py": MODELS, "app/queries.py": QUERIES}


def engine_of(*rules: Rule, catalog: Catalog | None = None) -> Engine:
    engine = Engine(rules or RULES)
    models = InProject(catalog or Catalog(outlines(BOTH), "/p"), "app/queries.py")
    engine.open(PATH, QUERIES, Settings(), Project(naming=None), None, models)
    engine.work(PATH)
    return engine


def offered(engine: Engine, text: str = MODELS) -> list[Action]:
    def find(path: str) -> Other:
        assert path == OTHER
        return Other(path, text, Settings())

    found = engine.actions(PATH, Span(0, len(QUERIES)), find_file=find)
    return [each for each in found if each.rewrites]


def wrong_rule(*columns: str) -> Rule:
    """A rule for queries, whose fix gives columns of the model an index."""

    def apply(_: WrittenQuery, edit: ProjectEdits) -> None:
        for each in columns:
            edit.file("app/models.py").index_column("User", each, each)

    def check(query: WrittenQuery, look: Look) -> Iterator[Finding]:
        assert look.models is not None
        user = look.models.model(("app/models.py", "User"))
        assert user is not None
        if not any(each.column == "email" for each in user.indexes):
            yield Finding(query, "Bad.", "", (Fix("Mend", apply, decided=False, block=False),))

    checks = ((check, (WrittenQuery,)),)
    return Rule("wrong", "", "", Severity.WARNING, (), checks)


def test_another_file_is_changed() -> None:
    (action,) = offered(engine_of())
    assert (action.edits, action.safe, action.preferred) == ((), False, False)
    (rewrite,) = action.rewrites
    assert (rewrite.path, rewrite.text) == (OTHER, MODELS)
    indexed = MODELS.replace("email: Mapped[str]", "email: Mapped[str] = mapped_column(index=True)")
    assert applied(MODELS, rewrite) == indexed


@pytest.mark.parametrize(
    ("columns", "titles"),
    [
        (("email",), ["Mend"]),
        (("name",), []),  # the finding stays
        (("email", "id"), []),  # ensure-index-not-covered finds the primary key's second index
    ],
)
def test_a_fix_is_tried_on_both_files(columns: tuple[str, ...], titles: list[str]) -> None:
    covered = next(each for each in RULES if each.id == "ensure-index-not-covered")
    actions = offered(engine_of(wrong_rule(*columns), covered))
    assert [each.title for each in actions] == titles


def test_edits_that_overlap_are_refused(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    start = MODELS.index("email")
    end = MODELS.index("\n", start)
    # One after the other, from the end, they give the column its index; at once they do not.
    new = "il: Mapped[str] = mapped_column(index=True)"
    edits = (Edit(start, start + 5, "email"), Edit(start + 3, end, new))
    monkeypatch.setattr(ModelEdits, "finish", lambda _: edits)
    assert offered(engine_of()) == []
    assert "overlap" in caplog.text


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("User", "Person"),
        lambda text: text.replace("email", "mail"),
        lambda text: text.replace("email: Mapped[str]", "email: Mapped[str] = made()"),
        lambda _: "",
        lambda text: text + 'revision = "1"\ndown_revision = None\n',
    ],
)
def test_refused_where_the_other_file_is_another_now(change: Callable[[str], str]) -> None:
    assert offered(engine_of(), change(MODELS)) == []


def test_the_catalog_stays_as_it_was() -> None:
    engine = engine_of()
    before = engine.findings(PATH)
    offered(engine)
    engine.change(PATH, [Edit(0, 0, "\n")])
    engine.work(PATH)
    assert [each.what for each in engine.findings(PATH)] == [each.what for each in before]


def test_another_file_is_read_once() -> None:
    engine = engine_of()
    offered(engine)
    parsed = engine.stats.parsed
    offered(engine)
    assert engine.stats.parsed == parsed
    offered(engine, MODELS + "\n\nclass Other(Base):\n    pass\n")
    assert engine.stats.parsed == parsed + 1  # `pass` was met before


def test_the_same_edits_are_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried, stays_clean = [], trials._stays_clean
    monkeypatch.setattr(
        trials, "_stays_clean", lambda *given: tried.append(given) or stays_clean(*given)
    )
    catalog = Catalog(outlines(BOTH), "/p")
    engine = engine_of(catalog=catalog)
    assert len(offered(engine)) == len(offered(engine)) == 1
    assert len(tried) == 1
    offered(engine, MODELS + "\n")
    assert len(tried) == 2
    engine.change(PATH, [Edit(0, 0, "\n")])
    engine.work(PATH)
    offered(engine, MODELS + "\n")
    assert len(tried) == 3
    beside = InProject(catalog, "app/more.py")
    engine.open("/p/app/more.py", "x = 1\n", Settings(), Project(naming=None), None, beside)
    engine.work("/p/app/more.py")
    offered(engine, MODELS + "\n")
    assert len(tried) == 4


def test_an_open_file_is_taken_as_it_is_open() -> None:
    engine = engine_of()
    models = InProject(Catalog(outlines(BOTH), "/p"), "app/models.py")
    engine.open(OTHER, "\n" + MODELS, Settings(), Project(naming=None), None, models)
    (action,) = offered(engine)
    assert action.rewrites[0].text == "\n" + MODELS


def test_a_long_file_is_rewritten_in_small_steps() -> None:
    classes = 100
    more = "".join(
        f"\n\nclass Thing{n}(Base):\n"
        f'    __tablename__ = "things_{n}"\n'
        "    id: Mapped[int] = mapped_column(primary_key=True)\n"
        for n in range(classes)
    )
    files = BOTH | {"app/models.py": MODELS + more}
    engine = engine_of(catalog=Catalog(outlines(files), "/p"))

    def find(path: str) -> Other:
        return Other(path, files["app/models.py"], Settings())

    steps = engine.finding_actions(PATH, Span(0, len(QUERIES)), no_head, find)
    counted = 0
    for _ in steps:
        counted += 1
        parsed = engine.stats.parsed
        # Nothing is read in one go: a line that is cut, a class that is outlined or checked.
        assert parsed < counted + 10
    # Outlined once for its edits, then on a copy.
    assert counted > 2 * classes
    assert offered(engine, files["app/models.py"])


def test_trials_of_one_file_are_made_on_one_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f'    op.create_index("ix_{n}", "t{n}", ["a"])\n' for n in range(20)]
    text = f"{HEADER}\ndef upgrade() -> None:\n{''.join(lines)}"
    copies, joined = list[File](), list[int]()
    scratch, join = File.scratch, File._join

    def counted(file: File, beside: File | None = None) -> File:
        copies.append(scratch(file, beside))
        return copies[-1]

    def whole(file: File) -> None:
        before = file.joined
        join(file)
        joined.append(file.joined - before)

    monkeypatch.setattr(File, "scratch", counted)
    monkeypatch.setattr(File, "_join", whole)
    engine = Engine(RULES)
    engine.open("m.py", text)
    fixes = engine.first_fixes("m.py")
    assert len(fixes) == 20
    assert len(copies) == 1
    # Of the file and of its copy as a whole; an edit that makes a block joins the copy again.
    assert sum(joined) <= 2 + 2 * len(fixes)
    alone = Engine(RULES)
    for finding, fix in fixes.items():
        alone.open("m.py", text)  # where nothing was tried before
        (other, *_) = alone.actions("m.py", finding.span)
        assert (other.title, other.edits) == (fix.title, fix.edits)
