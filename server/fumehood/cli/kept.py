"""Kept: what migrations were found to have in earlier runs, by all that it depends on."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fumehood.cli.analysis import Checked, Failure, Job
from fumehood.cli.fingerprint import Fingerprints, UnknownValueError
from fumehood.cli.problems import Problems
from fumehood.text import Edit, Span, Text

if TYPE_CHECKING:
    from fumehood.engine import Action, Published

Answer = Checked | Failure | None
log = logging.getLogger(__name__)


def kept_answers(
    jobs: Sequence[Job],
    make: Callable[[Sequence[Job]], Iterator[Answer]],
    problems: Problems,
) -> Iterator[Answer]:
    """What `make` would answer to each job, or did in an earlier run for one that is equal.

    Nothing is kept where something was logged, since it would not be said again, and once there was
    an error, which is logged once: it may be a rule's that fails on other files too.
    """
    fingerprints = Fingerprints()
    keys = [_key(job, fingerprints) for job in jobs]
    found = [_read(key, job) for key, job in zip(keys, jobs, strict=True)]
    made = make([job for job, known in zip(jobs, found, strict=True) if known is None])
    for key, known in zip(keys, found, strict=True):
        if known is not None:
            yield known[0]
            continue
        before = problems.logged
        answer = next(made)
        if problems.logged == before and not problems.serious:
            _keep(key, answer)
        yield answer
    next(made, None)  # lets the processes end


def _key(job: Job, fingerprints: Fingerprints) -> bytes | None:
    """What the findings of a migration depend on; None where that is not known."""
    if job.models is not None:
        return None
    try:
        # An ignore may end today.
        day = date.today().isoformat() if "until" in job.source.text else None
        where = Path.cwd(), job.source.path
        seen = (_rules(), day, where, job.source.text, job.around, job.before)
        # No file has these bytes, so that no outline has this key.
        return b"\0findings" + fingerprints.of(seen)
    except (UnknownValueError, RecursionError, OSError) as error:
        log.debug("%s: its findings are not kept (%s)", job.source.path, error)
        return None


@cache
def _rules() -> tuple[tuple[str, int, int], ...]:
    """The state of the rules and their pages; that of all other code is the cache's affair."""
    import fumehood_rules

    files = (path for folder in fumehood_rules.__path__ for path in Path(folder).rglob("*"))
    states = [(path, path.stat()) for path in sorted(files) if path.suffix in (".py", ".md")]
    return tuple((path.name, state.st_mtime_ns, state.st_size) for path, state in states)


def _read(key: bytes | None, job: Job) -> tuple[Checked | None] | None:
    """What is kept of a job; None where nothing is."""
    from fumehood.workspace.outlines import cache_of_user

    data = None if key is None else cache_of_user().get(key)
    if data is None:
        return None
    try:
        findings, fixes, reasons = json.loads(data)
        published = tuple(map(_finding, findings))
        actions = {published[number]: _action(each) for number, each in fixes}
        unfixed = {published[number]: str(why) for number, why in reasons}
    except (ValueError, TypeError, KeyError, IndexError) as error:
        log.debug("%s: what was kept of it is broken (%r)", job.source.path, error)
        return None
    if not published:
        return (None,)
    return (Checked(job.source, Text(job.source.text), published, actions, unfixed),)


def _keep(key: bytes | None, answer: Answer) -> None:
    from fumehood.workspace.outlines import cache_of_user

    if key is None or isinstance(answer, Failure):
        return
    findings: tuple[Published, ...] = () if answer is None else answer.findings
    fixes, unfixed = ({}, {}) if answer is None else (answer.fixes, answer.unfixed)
    if any(each.creates or each.rewrites for each in fixes.values()):
        return
    numbers = {finding: number for number, finding in enumerate(findings)}
    made = [[numbers[finding], _encoded(each)] for finding, each in fixes.items()]
    reasons = [[numbers[finding], why] for finding, why in unfixed.items()]
    data = json.dumps([findings, made, reasons], default=_related, separators=(",", ":"))
    cache_of_user().put(key, data)


def _related(value: Any) -> list[Any]:
    return [value.path, value.span, value.message]


def _encoded(action: Action) -> list[Any]:
    return [action.title, action.edits, action.resolves, action.safe, action.preferred]


def _finding(data: list[Any]) -> Published:
    from fumehood.published import Published, Related

    rule, severity, span, what, effect, tags, related = data
    others = tuple(Related(path, Span(*place), message) for path, place, message in related)
    return Published(rule, severity, Span(*span), what, effect, tuple(tags), others)


def _action(data: list[Any]) -> Action:
    from fumehood.published import Action

    title, edits, resolves, safe, preferred = data
    made = tuple(Edit(*each) for each in edits)
    return Action(title, made, tuple(map(_finding, resolves)), safe, preferred)
