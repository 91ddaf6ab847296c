"""What an env.py tells of the connection that migrations run on."""

from __future__ import annotations

from pathlib import Path

from fumehood.environment import block_failure, runs_in_autocommit

from .contents import text_of


def is_environment(path: Path) -> bool:
    """Whether an env.py is Alembic's: the name alone is used for much else."""
    return "run_migrations" in text_of(path)


def failure_in(env: Path) -> str | None:
    """Why no autocommit block works under an env.py."""
    return block_failure(text_of(env), f"{env.parent.name}/{env.name}")


def autocommit_in(env: Path) -> bool:
    """Whether nothing runs in a transaction under an env.py."""
    return runs_in_autocommit(text_of(env))


def autocommit_by_section_in(env: Path) -> bool:
    """The same where engines are made of a section that says AUTOCOMMIT."""
    return runs_in_autocommit(text_of(env), section_autocommit=True)
