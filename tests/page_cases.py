"""The examples of the rules' pages and of tests/pages/, as texts an engine can open."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fumehood import pages
from fumehood.beside import Other
from fumehood.config import Settings
from fumehood.discovery import load_rules
from fumehood.engine import Action, Engine, Published, Rewrite
from fumehood.head import Head, no_head
from fumehood.models.catalog import Catalog, InProject
from fumehood.project import Project
from fumehood.text import Edit, Span
from tests.outlines import outlines

HEAD = '''"""An example."""

import sqlalchemy as sa
from alembic import op

revision = "b2"
down_revision = "a1"


'''

PATH = "b2_example.py"
ODD_CASES = Path(__file__).parent / "pages"
RULES = load_rules()


@dataclass(frozen=True)
class Case:
    """One example: its text and what is expected of it. `first_line` is the code's, 0-based.

    `created` are the files of the actions of `fixed`, `beside` those of its project, `rewritten`
    what actions make of these. An example whose block has a file's name is that file, and no
    migration.
    """

    rule: str
    name: str
    block: pages.Block
    text: str
    first_line: int
    fixed: tuple[tuple[pages.Block, str], ...] = field(default=(), repr=False)
    created: tuple[pages.Block, ...] = field(default=(), repr=False)
    beside: tuple[pages.Block, ...] = field(default=(), repr=False)
    rewritten: tuple[pages.Block, ...] = field(default=(), repr=False)

    @property
    def path(self) -> str:
        """The path of its file."""
        return self.block.file or PATH

    @property
    def is_migration(self) -> bool:
        """Whether it is a migration."""
        return not self.block.file

    def analysed(self) -> Engine:
        """A fresh engine that has read it."""
        return self.with_text(self.text)

    @property
    def files(self) -> dict[str, str]:
        """The texts of the other files of its project."""
        return {each.file: each.code for each in self.beside}

    def with_text(
        self, text: str, known: bool = False, files: Mapping[str, str] | None = None
    ) -> Engine:
        """A fresh engine that has read another text in its place, with its project.

        `known`: its outline was there before, as it is on the command line. `files` are what the
        project's others are then.
        """
        engine = Engine(RULES)
        files = {**self.files, **(files or {})}
        if known:
            files[self.path] = text
        models = InProject(Catalog(outlines(files)), self.path, known)
        engine.open(self.path, text, Settings(), Project(), {}, models)
        assert engine.work(self.path)
        return engine

    def __str__(self) -> str:
        return self.name


def all_cases() -> list[Case]:
    """The examples of all pages, then the odd cases."""
    found = []
    for rule in pages.ids():
        found += _cases(rule, "page", pages.page(rule))
        odd = ODD_CASES / f"{rule}.md"
        found += _cases(rule, "odd", odd.read_text(encoding="utf-8"))
    return found


def analysed(text: str) -> Engine:
    """A fresh engine that has read `text` at PATH."""
    engine = Engine(RULES)
    engine.open(PATH, text)
    assert engine.work(PATH)
    return engine


def actions_of(
    engine: Engine,
    finding: Published,
    follow: bool = False,
    path: str = PATH,
    files: Mapping[str, str] | None = None,
) -> list[Action]:
    """The actions that resolve a finding, preferred first; `follow`: also by further revisions.

    The example is then the head of its branch. `files` are others of its project.
    """
    head = Head(revision="b2", path=path, text=engine.text(path).content, folder="")

    def find(other: str) -> Other | None:
        text = (files or {}).get(other)
        return None if text is None else Other(other, text, Settings())

    found = engine.actions(path, finding.span, (lambda: head) if follow else no_head, find)
    return [each for each in found if finding in each.resolves]


def applied(text: str, action: Action | Rewrite) -> str:
    """The text after an action; its edits must be ascending and apart."""
    result, end = [], 0
    for edit in action.edits:
        assert end <= edit.start <= edit.end <= len(text), action
        result += [text[end : edit.start], edit.text]
        end = edit.end
    return "".join([*result, text[end:]])


def minimal(text: str, edit: Edit) -> Edit:
    """The edit without what its two ends leave as it was."""
    old, new = text[edit.start : edit.end], edit.text
    size = min(len(old), len(new))
    head = next((i for i in range(size) if old[i] != new[i]), size)
    size -= head
    tail = next((i for i in range(size) if old[-1 - i] != new[-1 - i]), size)
    return Edit(edit.start + head, edit.end - tail, new[head : len(new) - tail])


def line_of(text: str, offset: int) -> int:
    """The 0-based line of an offset."""
    return len(re.findall(r"\r\n|\r|\n", text[:offset]))


def statement_lines(text: str, span: Span) -> set[int]:
    """The lines, 0-based, that a fix of the finding at `span` may change.

    These are the statement, the headers of the `with` statements around it or of blocks that it
    can join, and the assignments of names that the statement uses.
    """
    line = line_of(text, span.start) + 1
    around = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    lines: set[int] = set()
    names: set[str] = set()
    for node in around:
        if isinstance(node, ast.With | ast.AsyncWith):
            lines |= set(range(node.lineno - 1, node.body[0].lineno))
        if not hasattr(node, "body"):
            lines |= set(range(node.lineno - 1, node.end_lineno or 0))
            names |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.With) and "autocommit_block" in ast.unparse(node.items[0]):
            lines |= set(range(node.lineno - 1, node.body[0].lineno - 1))
        if isinstance(node, ast.Assign) and names & {ast.unparse(each) for each in node.targets}:
            lines |= set(range(node.lineno - 1, node.end_lineno or 0))
    return lines


def _cases(rule: str, origin: str, text: str) -> Iterator[Case]:
    blocks = [block for block in pages.blocks(text) if block.language == "python"]
    seen: dict[str, int] = {}
    for index, block in enumerate(blocks):
        if block.kind not in ("bad", "good", "cases"):
            continue
        following = []
        for after in blocks[index + 1 :]:
            if after.kind != "fixed":
                break
            following.append(after)
        number = seen[block.heading] = seen.get(block.heading, 0) + 1
        name = f"{origin}: {block.heading}" + (f" {number}" if number > 1 else "")
        whole = _text(block)
        first = line_of(whole, len(whole)) - block.code.count("\n")
        fixed = tuple((each, _text(each)) for each in following if not each.file)
        beside = tuple(
            each for each in blocks if each.kind == "beside" and each.heading == block.heading
        )
        there = {each.file for each in beside}
        created = tuple(each for each in following if each.file and each.file not in there)
        rewritten = tuple(each for each in following if each.file in there)
        yield Case(rule, name, block, whole, first, fixed, created, beside, rewritten)


def _text(block: pages.Block) -> str:
    alone = block.option("bare") is not None or bool(block.file)
    bare = alone or re.search(r"^revision\b", block.code, re.M)
    text = block.code if bare else HEAD + block.code
    if block.option("tabs") is not None:
        text = re.sub(r"^(?: {4})+", lambda found: "\t" * (len(found[0]) // 4), text, flags=re.M)
    if block.option("crlf") is not None:
        text = text.replace("\n", "\r\n")
    return text
