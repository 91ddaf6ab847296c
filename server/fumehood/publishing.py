"""Publishing: findings in terms of the text, with what the surroundings add to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .check import Run
from .document import Document
from .facts import Site
from .models.facts import Origin
from .published import Published, Related
from .rule import Finding
from .schema import Place
from .severity import Severity
from .suppress import Ignores
from .surroundings import Surroundings
from .text import Span


class Publishing:
    """Publishes the findings of one file as it is now."""

    def __init__(
        self, document: Document, around: Surroundings, ignores: Callable[[], Ignores]
    ) -> None:
        """`ignores` is asked only for a document that has such comments."""
        self.document = document
        self.around = around
        self._ignores = ignores

    def published(self, run: Run, finding: Finding) -> Published:
        """One finding of a run as the shells see it."""
        site = run.fact.site
        if run.within is None:
            run.within = self.around.lines.of(site.piece).span(site.path)
        start = self.document.pieces.start_of(site.piece)
        span = Span(start + run.within.start, start + run.within.end)
        if finding.site is not None:
            span = self.span(finding.site)
        effect = " ".join((finding.effect, *self._notes(run)))
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
        if self.document.marked:
            ignores = self._ignores()
            for placed in ignores.about(run.fact.site.piece, run.rule.id):
                if ignores.ended(placed.ignore):
                    yield f"It was ignored until {placed.ignore.until}."
