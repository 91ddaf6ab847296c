"""Publishing: findings in terms of the text, with what the surroundings add to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import takewhile

from .check import Run
from .document import Document
from .facts import Operation, Site
from .models.facts import Origin
from .published import Published, Related
from .rule import Finding
from .schema import Place
from .severity import Severity
from .suppress import Ignores
from .surroundings import Surroundings
from .text import Span

_LONGEST_NAME = 80  # characters of an operation that is named beside another
_MOST_NAMED = 4


class Publishing:
    """Publishes the findings of one file as it is now."""

    def __init__(
        self,
        document: Document,
        around: Surroundings,
        ignores: Callable[[], Ignores],
        runs_at: Callable[[Site], list[Run]],
    ) -> None:
        """`ignores` is asked only for a document that has such comments.

        `runs_at` gives all that found something at a place, and is not hidden.
        """
        self.document = document
        self.around = around
        self._ignores = ignores
        self._runs_at = runs_at

    def published(self, run: Run, finding: Finding) -> Published:
        """One finding of a run as the shells see it."""
        site = run.fact.site
        if run.within is None:
            run.within = self.around.lines.of(site.piece).span(site.path)
        start = self.document.pieces.start_of(site.piece)
        span = Span(start + run.within.start, start + run.within.end)
        if finding.site is not None:
            span = self.span(finding.site)
        others = _same_of(finding.what, self._others(run, finding))
        effect = " ".join((finding.effect, *others, *self._notes(run)))
        return Published(
            run.rule.id,
            self._severity(run),
            span,
            finding.what,
            effect,
            ("unnecessary",) if finding.unnecessary else (),
            tuple(self._related(finding)),
        )

    def span(self, site: Site) -> Span:
        """Where the function of a call stands in the text."""
        start = self.document.pieces.start_of(site.piece)
        within = self.around.lines.of(site.piece).span(site.path)
        return Span(start + within.start, start + within.end)

    def _others(self, run: Run, finding: Finding) -> list[str]:
        """What is said of the same place in other turns of a loop, or other calls of a helper."""
        if not isinstance(run.fact, Operation):
            return []
        runs = self._runs_at(run.fact.site)
        others = (each for each in runs if each.rule is run.rule and each is not run)
        said = (found for each in others for found in each.findings if found.site == finding.site)
        return [what for what in dict.fromkeys(each.what for each in said) if what != finding.what]

    def _related(self, finding: Finding) -> Iterator[Related]:
        for at, message in finding.related:
            if isinstance(at, Site):
                yield Related(self.document.path, self.span(at), message)
            elif (place := self._place(at)) is not None:
                yield Related(place.path, Span(place.start, place.end), message)

    def _place(self, at: Place | Origin) -> Place | None:
        if isinstance(at, Place):
            return at
        models = self.around.models
        if models is not None and at.path == models.path:  # as the shell calls the file
            place = models.catalog.place(at)
            return place and place._replace(path=self.document.path)
        return None if models is None else models.catalog.place(at)

    def _severity(self, run: Run) -> Severity:
        """How much a finding matters: in a downgrade a step less."""
        severity = self.around.settings.severity.get(run.rule.id, run.rule.severity)
        return severity.lowered if run.fact.undoes else severity

    def _notes(self, run: Run) -> Iterator[str]:
        """What the surroundings add to a finding."""
        fails = self.around.project.block_fails
        if fails and any(fix.block for fix in run.findings[0].fixes):
            yield f"No fix is offered: {fails}"
        keywords = dict.fromkeys(fix.keyword for fix in run.findings[0].fixes)
        for keyword, version in self.around.project.ignored:
            if keyword in keywords:
                yield f"{version}, which the project is held to, ignores {keyword}."
        if self.document.marked:
            ignores = self._ignores()
            for placed in ignores.about(run.fact.site.piece, run.rule.id):
                if ignores.ended(placed.ignore):
                    yield f"It was ignored until {placed.ignore.until}."


def _same_of(what: str, others: list[str]) -> Iterator[str]:
    """That the same is said of others, which are named by the words that differ."""
    if not others:
        return
    said = [each.split() for each in (what, *others)]
    first = _alike(said)
    last = _alike([each[first:][::-1] for each in said])
    names = [" ".join(each[first : len(each) - last]).strip(":,.") for each in said[1:]]
    named = [each for each in names if 0 < len(each) <= _LONGEST_NAME][:_MOST_NAMED]
    more = len(names) - len(named)
    yield f"The same goes for {_listed([*named, *([f'{more} more'] if more else ())])}."


def _alike(lists: list[list[str]]) -> int:
    """How many words are the same in all lists, from their start."""
    columns = (len(set(each)) == 1 for each in zip(*lists, strict=False))
    return sum(1 for _ in takewhile(bool, columns))


def _listed(names: list[str]) -> str:
    """Names as a list in words."""
    *some, last = names
    return f"{', '.join(some)} and {last}" if some else last
