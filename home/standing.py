"""Where somebody stands in a cohort: what was, what is next, and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.clock import local_day
from home.sheet import OwnEnrolment
from home.words import status_words
from participants.joining import INSIDE, is_enrolling
from participants.models import (
    TAKES_PART,
    Enrolment,
    EnrolmentNote,
    EnrolmentStatus,
    MemberRole,
    MoreAsked,
    PlaceOffer,
)
from participants.selectors import (
    current_questions,
    earlier_words,
    open_offer,
    waitlist_position,
)
from participants.services.places import limit_of
from participants.services.staying import may_undo
from programs.models import Cohort, CohortStatus

S = EnrolmentStatus


@dataclass
class Standing:
    """Everything the status page says about one enrolment."""

    enrolment: Enrolment
    title: str
    text: str
    steps: list[dict[str, str]] = field(default_factory=list)
    offer: PlaceOffer | None = None
    position: int = 0
    waiting_because: str = ""
    note: EnrolmentNote | None = None
    more: MoreAsked | None = None
    may_undo: bool = False
    may_answer: bool = False
    new_question_count: int = 0

    @property
    def is_mentor(self) -> bool:
        return self.enrolment.role == MemberRole.MENTOR

    @property
    def is_in(self) -> bool:
        return self.enrolment.status in TAKES_PART

    @property
    def has_left(self) -> bool:
        return self.enrolment.status in (S.WITHDRAWN, S.DECLINED)


def standing_of(enrolment: Enrolment, own: OwnEnrolment | None, *, now: datetime) -> Standing:
    """Return where the person stands; ``own`` is their line of the sheet, none after leaving."""
    cohort, status = enrolment.cohort, enrolment.status
    today = local_day(now, enrolment.user.time_zone)
    title, text = _words(enrolment, own, today)
    found = Standing(enrolment, title, text, steps=_steps(enrolment, own))
    if status == S.WAITLISTED:
        offer = open_offer(enrolment)
        found.offer = offer if offer is not None and offer.expires_at > now else None
        found.position = waitlist_position(enrolment)
        found.waiting_because = _why_waiting(cohort, enrolment.role)
    if status == S.DECLINED:
        found.note = EnrolmentNote.objects.filter(enrolment=enrolment).first()
    if status == S.APPLIED:
        found.more = MoreAsked.objects.filter(enrolment=enrolment).first()
    if status == S.WITHDRAWN:
        found.may_undo = may_undo(enrolment, now=now)
    if status in INSIDE:
        found.may_answer = is_enrolling(cohort, today)
    if found.may_answer:
        questions = current_questions(cohort, enrolment.role)
        found.new_question_count = len(questions) - len(earlier_words(enrolment, questions))
    return found


def _words(enrolment: Enrolment, own: OwnEnrolment | None, today: date) -> tuple[str, str]:
    if enrolment.status == S.DECLINED:
        return (
            _("Not this time"),
            _("Thank you for putting yourself forward. It was not about you as a person."),
        )
    if enrolment.status == S.WITHDRAWN:
        return (
            _("You have left this cohort"),
            _("Thank you for the time you gave it. You are welcome in a next one."),
        )
    if own is None:
        return (_("This cohort is not open"), _("Nothing happens here at the moment."))
    if own.open_matches:
        return _("You are matched"), ""
    words = status_words(own, today)
    return words.title, words.text


def _why_waiting(cohort: Cohort, role: str) -> str:
    limit = limit_of(cohort, role)
    if limit is not None and cohort.program.is_of_peers:
        return ngettext(
            "There is %(count)d place, and it is taken.",
            "There are %(count)d places, and all are taken.",
            limit,
        ) % {"count": limit}
    if limit is None:
        return _("The program manager has put you here for the moment.")
    if role == MemberRole.MENTOR:
        return ngettext(
            "There is %(count)d place for mentors, and it is taken.",
            "There are %(count)d places for mentors, and all are taken.",
            limit,
        ) % {"count": limit}
    return ngettext(
        "There is %(count)d place for mentees, and it is taken.",
        "There are %(count)d places for mentees, and all are taken.",
        limit,
    ) % {"count": limit}


def _steps(enrolment: Enrolment, own: OwnEnrolment | None) -> list[dict[str, str]]:
    """Return the way from joining to beginning, with the step the person is at."""
    cohort, status = enrolment.cohort, enrolment.status
    if status in (S.WITHDRAWN, S.DECLINED) or cohort.status in (
        CohortStatus.COMPLETED,
        CohortStatus.ARCHIVED,
    ):
        return []
    came = _day(local_day(enrolment.enrolled_at, enrolment.user.time_zone))
    asked = {
        S.INVITED: _("You are invited"),
        S.APPLIED: _("You signed up"),
        S.WAITLISTED: _("You signed up"),
    }
    rows = [
        (asked.get(S(status), _("You joined")), came),
        *_step_between(enrolment),
        (_("People are paired"), _("after %(day)s") % {"day": _day(cohort.enrolment_closes_on)}),
        (_("You begin, two by two"), _day(cohort.starts_on)),
    ]
    now = len(rows) if own is not None and own.open_matches else 1
    return [
        {
            "name": name,
            "when": when,
            "state": "done" if at < now else "now" if at == now else "next",
        }
        for at, (name, when) in enumerate(rows)
    ]


def _step_between(enrolment: Enrolment) -> list[tuple[str, str]]:
    """Return what lies between joining and having a place."""
    contact = enrolment.cohort.program.contact_name or _("The program manager")
    if enrolment.status == S.INVITED:
        return [(_("You answer a few questions"), _("about ten minutes"))]
    if enrolment.status == S.APPLIED:
        return [(_("%(contact)s decides") % {"contact": contact}, _("you get a mail"))]
    if enrolment.status == S.WAITLISTED:
        return [(_("A place becomes free"), _("you get a mail"))]
    return []


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
