"""How large a fire is, on its page: the figures that count, what they come to, and every estimate before."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from firewatch.incidents import extents
from firewatch.incidents.classes import Figure
from firewatch.incidents.models import FireClass, FireExtent, Incident, TimelineEntry
from firewatch.web.console import extent_form
from firewatch.web.console.extent_form import ExtentForm
from firewatch.web.console.page import Page
from firewatch.web.console.speech import Speech


@dataclass(frozen=True)
class Class:
    """What the table of the law makes of the figures."""

    fire_class: FireClass | None
    because: str
    unknown: str
    rule: str


@dataclass(frozen=True)
class Upward:
    """What has to be reported upward."""

    id: str
    to: str
    because: str
    within_minutes: int
    reported: TimelineEntry | None


@dataclass(frozen=True)
class ExtentView:
    """Everything of the part of the page; `history` has the newest first, which is the one that counts."""

    history: Sequence[FireExtent]
    suggested: Class | None
    no_rule: bool
    upward: Sequence[Upward]
    form: ExtentForm

    @property
    def newest(self) -> FireExtent | None:
        """The estimate that counts."""
        return next(iter(self.history), None)


def build(session: Session, page: Page, incident: Incident) -> ExtentView:
    """Read what is known."""
    speech = page.speech
    history = extents.history(session, incident.id or 0)
    now = extents.standing(session, page.services.book, incident)
    suggested = now.suggestion
    rule = speech.named(now.rule) if now.rule else ""
    return ExtentView(
        history=history,
        suggested=Class(
            suggested.fire_class, _listed(speech, suggested.because), _listed(speech, suggested.unknown), rule
        )
        if suggested
        else None,
        no_rule=now.rule is None,
        upward=[
            Upward(
                due.rule.id,
                speech.named(due.rule),
                _listed(speech, due.because),
                due.rule.within_minutes,
                now.reported.get(due.rule.id),
            )
            for due in now.due
        ],
        form=extent_form.blank(next(iter(history), None)),
    )


def _listed(speech: Speech, figures: Sequence[Figure]) -> str:
    return speech.t("sms.comma").join(speech.word("extent", figure) for figure in figures)
