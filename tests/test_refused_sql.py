"""SQL that PostgreSQL's grammar refuses is said to be that, and nothing else ever is."""

from __future__ import annotations

import random

import pytest

from fumehood.discovery import load_rules
from fumehood.engine import Engine
from fumehood.project import Project
from fumehood.text import Edit

from .page_cases import HEAD, PATH

SURE = Project(only_postgresql=True)
BAD = "ALTER TABLE a MODIFY b int"
RULES = load_rules()


def opened(body: str, project: Project = SURE, head: str = HEAD) -> Engine:
    engine = Engine(RULES)
    engine.open(PATH, f"{head}def upgrade() -> None:\n{body}", project=project)
    assert engine.work(PATH)
    return engine


def said(engine: Engine) -> list[str]:
    """The places, as text, that notes are about."""
    content = engine.text(PATH).content
    return [content[note.span.start : note.span.end] for note in engine.notes(PATH)]


REFUSED = {
    "constant": ('    op.execute("{}")\n', "op.execute"),
    "text": ('    op.execute(sa.text("{}"))\n', "op.execute"),
    "name": ('    sql = "{}"\n    op.execute(sql)\n', "op.execute"),
    "f-string of constants": ('    t = "x"\n    op.execute(f"{} {{t}}")\n', "op.execute"),
    "connection": ('    op.get_bind().execute(sa.text("{}"))\n', "op.get_bind().execute"),
    "block": (
        '    with op.get_context().autocommit_block():\n        op.execute("{}")\n',
        "op.execute",
    ),
    "batch's own": ('    for _ in (1, 2):\n        op.execute("{}")\n', "op.execute"),
    "behind another": ('    op.execute("SELECT 1;\\n{}")\n', "op.execute"),
}


@pytest.mark.parametrize(("line", "place"), REFUSED.values(), ids=REFUSED)
def test_it_is_said(line: str, place: str) -> None:
    engine = opened(line.format(BAD))
    assert said(engine) == [place]
    [note] = engine.notes(PATH)
    assert note.rule == "refused-sql"
    assert note.severity == "information"
    assert 'syntax error at or near "MODIFY"' in note.what
    assert ("in its line 2" in note.what) == ("SELECT 1" in line)
    assert not engine.findings(PATH), "it is no finding"


# What PostgreSQL's grammar refuses as it stands here, and nobody can say is wrong.
SILENT = {
    "bind parameter": 'op.execute("UPDAT a SET b = :value")',
    "bound": 'op.execute(sa.text("UPDAT a SET b = :b").bindparams(b=1))',
    "driver's parameter": 'op.get_bind().exec_driver_sql("UPDAT a SET b = %s", (1,))',
    "named parameter": 'op.get_bind().exec_driver_sql("UPDAT a SET b = %(b)s", {"b": 1})',
    "question mark": 'op.get_bind().exec_driver_sql("UPDAT a SET b = ?", (1,))',
    "placeholder": 'op.execute("DROP TABEL {name}")',
    "dollar": 'op.execute("DROP TABEL $name")',
    "variable part": 'op.execute("DROP TABEL " + name())',
    "f-string": 'op.execute(f"DROP TABEL {name()}")',
    "a file": "op.execute(open(SQL).read())",
    "psql": 'op.execute("\\\\connect other")',
    "copy": 'op.execute("COPY a FROM stdin;\\n1\\t2\\n\\\\.")',
    "delimiter": 'op.execute("DELIMITER //")',
    "T-SQL": 'op.execute("DECLARE @x INT")',
    "branch": f'if flag():\n        op.execute("{BAD}")',
    "tried": f'try:\n        op.execute("{BAD}")\n    except Exception:\n        pass',
    "another connection": f'engine.execute("{BAD}")',
    "an unknown block": f'with something():\n        op.execute("{BAD}")',
    "the dialect is asked for": f'op.get_bind().dialect.name\n    op.execute("{BAD}")',
    "a batch, for SQLite": f'op.batch_alter_table("a")\n    op.execute("{BAD}")',
    "another database is named": f'op.execute("{BAD}")  # for MySQL',
    "nothing": 'op.execute("")',
    "a comment": 'op.execute("-- nothing")',
    "half a surrogate pair": 'op.execute("SELEC \\ud800")',
    "fine": 'op.execute("CREATE TABLE a (b int); GRANT SELECT ON a TO b")',
    "not sent": f'sql = "{BAD}"',
}


@pytest.mark.parametrize("line", SILENT.values(), ids=SILENT)
def test_nothing_is_said(line: str) -> None:
    assert not said(opened(f"    {line}\n"))


def test_a_project_that_may_be_of_another_database_is_left_alone() -> None:
    assert not said(opened(f'    op.execute("{BAD}")\n', Project()))


IGNORE = "# fumehood: ignore[refused-sql]: a template's"


def test_a_comment_hides_it_and_is_used() -> None:
    line = f'    op.execute("{BAD}")'
    for hidden in (f"    {IGNORE}\n{line}\n", f"{line}  {IGNORE}\n"):
        engine = opened(hidden)
        assert not engine.notes(PATH)
        assert not engine.findings(PATH), "the ignore is used"
    everywhere = HEAD.replace('"""An', '# fumehood: ignore-file[refused-sql]\n"""An')
    engine = opened(f"{line}\n", head=everywhere)
    assert not engine.notes(PATH)
    assert not engine.findings(PATH)


def test_a_comment_that_hides_nothing_is_said() -> None:
    good = f'    {IGNORE}\n    op.execute("SELECT 1")\n'
    assert [each.rule for each in opened(good).findings(PATH)] == ["unused-ignore"]
    assert not opened(good, Project()).findings(PATH), "nobody has looked"
    assert not opened(good.replace("template", "MySQL")).findings(PATH), "nor here"


def test_an_action_writes_that_comment() -> None:
    engine = opened(f'    op.execute("{BAD}")\n')
    [note] = engine.notes(PATH)
    here, everywhere = engine.ignores(PATH, note.span)
    assert here.title == "Ignore refused-sql here"
    assert everywhere.title == "Ignore refused-sql in this file"
    engine.change(PATH, list(here.edits))
    assert engine.work(PATH)
    assert "    # fumehood: ignore[refused-sql]\n" in engine.text(PATH).content
    assert not engine.notes(PATH)


def test_it_follows_keys() -> None:
    """What is said after any edits is what a fresh engine says."""
    choose = random.Random(1)
    good = "ALTER TABLE a DROP b"
    lines = ["    pass\n", *(f'    op.execute("{sql}")\n' for sql in (good, BAD, good, BAD))]
    engine = opened("".join(lines))
    for _ in range(40):
        content = engine.text(PATH).content
        at = choose.choice([n for n in range(len(content)) if content.startswith("    op", n)])
        end = content.index("\n", at) + 1
        kind = choose.choice(["remove", "repeat", "break", "mend", "block"])
        old = content[at:end]
        new = {
            "remove": "" if content.count("op.execute") > 2 else old,
            "repeat": old * 2,
            "break": old.replace("DROP", "MODIFY"),
            "mend": old.replace("MODIFY", "DROP"),
            "block": f"    if x():\n    {old}" if choose.random() < 0.3 else old,
        }[kind]
        engine.change(PATH, [Edit(at, end, new)])
        engine.work(PATH)
        fresh = Engine(RULES)
        fresh.open(PATH, engine.text(PATH).content, project=SURE)
        fresh.work(PATH)
        assert engine.notes(PATH) == fresh.notes(PATH)
