"""`fumehood fix`: rewrite what is found."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import click

from fumehood.cli import report
from fumehood.cli.diff import echo_diff, echo_new
from fumehood.cli.options import Choice, choice_options, paths_argument
from fumehood.cli.parts import Parts
from fumehood.cli.problems import Problems, printable
from fumehood.cli.report import shown_path
from fumehood.cli.session import Checked, Fixed, Session
from fumehood.cli.stdin import STDIN, admitted, read_stdin, stdin_option
from fumehood.cli.write import encoded, write, write_with
from fumehood.head import Created
from fumehood.workspace.contents import absolute
from fumehood.workspace.source import Source, SourceError


@click.command()
@paths_argument
@click.option("--diff", is_flag=True, help="Print what would change, and write nothing.")
@click.option(
    "--unsafe-fixes", is_flag=True, help="Also apply fixes that someone should look at first."
)
@stdin_option
@click.pass_obj
@choice_options
def fix(
    parts: Parts,
    choice: Choice,
    *,
    paths: tuple[Path, ...],
    diff: bool,
    unsafe_fixes: bool,
    stdin_filename: Path | None,
) -> None:
    """Apply the safe fixes to migrations in files and in folders, by default all from here down.

    With '-' for a PATH, standard input is fixed, and written to standard output.

    \b
    Exit code:
      0  nothing is left to fix; with '-', also when something is
      1  something is left; with --diff, also what the diff would fix
      2  wrong usage or configuration, or a named file that cannot be fixed
    """
    piped = STDIN in paths
    if piped and len(paths) > 1:
        raise click.UsageError("'-' is the only PATH where it is given")
    with Problems() as problems:
        workspace, left_out = choice.workspace(), choice.force_exclude
        session = Session(
            parts.make_engine, workspace, problems, choice.jobs, force_exclude=left_out
        )
        outcome = _Outcome(session, unsafe_fixes, alone=piped)
        if piped:
            _fix_piped(outcome, stdin_filename, diff)
        else:
            _fix_files(outcome, paths or (Path(),), diff)
        problems.bar.close()
        # Standard output is the patch, or the text, and nothing else.
        click.echo(outcome.summary(diff), err=diff or piped)
    if problems.serious:
        sys.exit(2)
    sys.exit(1 if (outcome.left and not piped) or (diff and outcome.gone) else 0)


@dataclass
class _Outcome:
    """What was done. `later` counts the findings that follow-up revisions would mend.

    `alone`: no other file is changed or created.
    """

    session: Session
    unsafe: bool
    alone: bool = False
    gone: int = 0
    files: set[Path] = field(default_factory=set)
    later: int = 0
    left: list[Checked] = field(default_factory=list)
    created: list[Created] = field(default_factory=list)
    others: set[Path] = field(default_factory=set)

    def followed(self, fixed: Fixed) -> Fixed:
        """A file with the follow-ups that it takes, where they are asked for."""
        if self.alone or len(fixed.left.fixes) == len(fixed.left.findings):
            return fixed
        followed = self.session.follow(fixed)
        if self.unsafe:
            return followed
        self.later += followed.gone - fixed.gone
        return fixed

    def add(self, fixed: Fixed) -> None:
        """Take what is done as done."""
        self.session.keep(fixed)
        self.gone += fixed.gone
        if fixed.text != fixed.source.text:
            self.files.add(absolute(fixed.source.path))
        self.created += fixed.creates
        if fixed.left.findings:
            self.left.append(fixed.left)

    def rewritten(self) -> dict[Path, str]:
        """What other files become for what is left, where that is asked for."""
        return self.session.rewrites.made(self.left) if self.unsafe and not self.alone else {}

    def changed(self, path: Path) -> None:
        """A file was changed for findings of others."""
        self.others.add(path)
        self.files.add(path)

    def look_again(self) -> None:
        """Count as gone what is so because of other files."""
        if not self.others:
            return
        now = [self.session.rewrites.state(each) for each in self.left]
        before = sum(len(each.findings) for each in self.left)
        self.left = [each for each in now if each is not None]
        self.gone += before - sum(len(each.findings) for each in self.left)

    def summary(self, diff: bool) -> str:
        """What was done, and what is left with what can be done about it."""
        fixed = f"{report.number(self.gone, 'finding')} in {report.number(len(self.files), 'file')}"
        lines = [f"{'Would fix' if diff else 'Fixed'} {fixed}."]
        verb = "Would create" if diff else "Created"
        lines += [f"{verb} {printable(shown_path(Path(each.path)))}." for each in self.created]
        also = "Would change" if diff else "Changed"
        lines += [
            f"{also} {printable(shown_path(each))} for findings in other files."
            for each in sorted(self.others)
        ]
        if not self.gone:
            lines = [f"Checked {self.session.seen()}: nothing to fix."]
        if self.left:
            lines.append(self._left())
        return "\n".join(lines)

    def _left(self) -> str:
        findings = [finding for checked in self.left for finding in checked.findings]
        offered = sum(len(checked.fixes) for checked in self.left) + self.later
        offered = 0 if self.unsafe else offered
        ways = [
            f"{offered} with --unsafe-fixes" if offered else "",
            f"{len(findings) - offered} by hand" if len(findings) > offered else "",
        ]
        how = ", ".join(way for way in ways if way)
        return f"Left: {report.counts(findings)}; to fix {how} (`fumehood check` shows them)."


def _print_diffs(outcome: _Outcome, found: Iterable[Fixed]) -> None:
    found = list(found)
    outcome.session.problems.bar.close()
    texts: dict[Path, tuple[Source, str]] = {}
    created: list[Created] = []
    for fixed in map(outcome.followed, found):
        outcome.add(fixed)
        texts[absolute(fixed.source.path)] = fixed.source, fixed.text
        created += fixed.creates
    for path, text in outcome.rewritten().items():
        own = texts.get(path)
        texts[path] = (own[0] if own else outcome.session.rewrites.source(path)), text
        outcome.changed(path)
    outcome.look_again()
    for source, text in texts.values():
        if text != source.text:
            echo_diff(source, text)
    for each in created:
        echo_new(each)


def _fix_files(outcome: _Outcome, paths: Iterable[Path], diff: bool) -> None:
    found = outcome.session.fix(outcome.session.sources(paths), outcome.unsafe)
    (_print_diffs if diff else _write_all)(outcome, found)


def _fix_piped(outcome: _Outcome, name: Path | None, diff: bool) -> None:
    source = read_stdin(outcome.session, name)
    if source is None:
        return
    found = outcome.session.fix(admitted(outcome.session, source), outcome.unsafe)
    if diff:
        _print_diffs(outcome, found)
    else:
        _print_text(outcome, found, source)


def _print_text(outcome: _Outcome, found: Iterable[Fixed], source: Source) -> None:
    """What was read, as it has become: always, as what asked for it takes it for the file."""
    text = source.text
    for fixed in found:
        outcome.add(fixed)
        text = fixed.text
    try:
        data = encoded(source, text)
    except SourceError as error:
        outcome.session.problems.skip(error)
        data = source.data
    click.echo(data, nl=False)


def _write_all(outcome: _Outcome, found: Iterable[Fixed]) -> None:
    for fixed in map(outcome.followed, found):
        try:
            write_with(fixed.source, fixed.text, fixed.creates)
        except SourceError as error:
            outcome.session.problems.skip(error)
            continue
        outcome.add(fixed)
    for path, text in outcome.rewritten().items():
        try:
            write(outcome.session.rewrites.source(path), text)
        except SourceError as error:
            outcome.session.problems.skip(error)
            continue
        outcome.changed(path)
    outcome.look_again()
