"""Edits of models that cannot be told to be right: each case is a file that is left alone."""

from __future__ import annotations

import pytest

from fumehood.facts import IndexKey
from fumehood.model_edits import NewIndex
from fumehood.statement import RefusedError
from tests.model_edits import (
    COLUMNS,
    HEAD,
    LOWER,
    Change,
    add,
    changed,
    index,
    remove,
    unindex,
)

REFUSED = {
    "arguments that are a sum": (add(), HEAD + "    __table_args__ = (*X,) + (Y,)\n" + COLUMNS),
    "arguments of elsewhere": (add(), HEAD + "    __table_args__ = ARGS\n" + COLUMNS),
    "options of elsewhere": (add(), HEAD + "    __table_args__ = (A, OPTIONS)\n" + COLUMNS),
    "what is unpacked last": (add(), HEAD + "    __table_args__ = (*A,)\n" + COLUMNS),
    "a column of a function": (index(), HEAD + "    a = make()\n"),
    "a column with what is unpacked": (index(), HEAD + "    a = Column(String, **options)\n"),
    "a flag of elsewhere": (index(), HEAD + "    a = Column(String, index=INDEXED)\n"),
    "two statements on a line": (index(), HEAD + "    a = Column(String); b = 1\n"),
    "a name that is another": (
        add(),
        HEAD.replace("Index, ", "").replace("Base =", "Index = 1\nBase =") + COLUMNS,
    ),
    "a column of the import's name": (
        add(LOWER),
        HEAD + "    a = Column(String)\n    text = Column(String)\n    __table_args__ = {}\n",
    ),
    "a method of the import's name": (
        add(),
        HEAD + COLUMNS + "\n    def Index(self):\n        pass\n\n    __table_args__ = {}\n",
    ),
    "an import that is another by then": (
        add(LOWER),
        HEAD.replace("Base =", 'text = ""\nBase =') + COLUMNS,
    ),
    "an expression that may change": (
        add(NewIndex("ix", [IndexKey(None, "date(a)")])),
        HEAD + COLUMNS,
    ),
    "a unique index": (unindex(), HEAD + "    a = Column(String, unique=True, index=True)\n"),
    "an index of another name": (remove("ix"), HEAD + "    __table_args__ = (Index(NAME, 'a'),)\n"),
    "an index that is kept": (remove(owner=""), HEAD + COLUMNS + '\nix = Index("ix_a", User.a)\n'),
    "the same name twice": (
        remove(owner=""),
        HEAD + COLUMNS + 'Index("ix_a", User.a)\nIndex("ix_a", User.b)\n',
    ),
    "a model of elsewhere": (index(owner="Team"), HEAD + COLUMNS),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_refused(case: tuple[Change, str]) -> None:
    change, before = case
    with pytest.raises(RefusedError):
        changed(before, change)
