"""Changed: the files that git says differ from another commit."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

import click

_NO_HELPERS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")


def changed_files(ref: str, paths: Iterable[Path]) -> frozenset[str]:
    """The files in the repositories of some paths that differ from where HEAD left `ref`.

    What is not committed counts, and what is new. Paths are absolute, without links. Raises
    click.BadParameter.
    """
    folders = {path if path.is_dir() else path.parent for path in paths}
    roots = {_git(folder, "rev-parse", "--show-toplevel").removesuffix("\n") for folder in folders}
    return frozenset(
        os.path.realpath(os.path.join(root, name))  # noqa: PTH118
        for root in roots
        for name in _changed(Path(root), ref)
    )


def _changed(root: Path, ref: str) -> Iterable[str]:
    commit = _git(root, "rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}").strip()
    base = _git(root, "merge-base", commit, "HEAD").strip()
    diff = _git(root, "diff", "--name-only", "-z", "--no-ext-diff", "--no-relative", base, "--")
    new = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return filter(None, (diff + new).split("\0"))


def _git(folder: Path, *words: str) -> str:
    command = ["git", *_NO_HELPERS, "-C", os.fspath(folder), *words]
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=_environment())
    except FileNotFoundError:
        raise _wrong("git is not installed, or not on the PATH.") from None
    if done.returncode == 0:
        return os.fsdecode(done.stdout)
    said = os.fsdecode(done.stderr).strip().partition("\n")[0] or "no output"
    if "--verify" in words:
        said = f"{words[-1].removesuffix('^{commit}')!r} is no commit here"
    if words[0] == "merge-base":
        said = "HEAD and that commit have no common ancestor here"
    hint = " In a shallow clone, fetch more history (actions/checkout: fetch-depth: 0)."
    raise _wrong(f"git {words[0]}: {said}.{hint if words[0] != 'diff' else ''}")


def _environment() -> dict[str, str]:
    return {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


def _wrong(message: str) -> click.BadParameter:
    return click.BadParameter(message, param_hint="'--changed-since'")
