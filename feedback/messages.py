"""The mails of this floor: the questions, and the calls for a manager."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback import selectors
from feedback.models import CheckIn, CheckInAnswer, CheckInStatus, FitAnswer, FitQuestion, FitStatus
from feedback.selectors import FitCard, Question
from feedback.services import plan_check_ins, plan_fit_questions, plan_pulses
from feedback.tokens import make_fit_token, make_pulse_token, make_token
from matching.models import MatchStatus
from notifications import registry
from notifications.links import absolute
from notifications.models import Message
from notifications.registry import MessageKind, Planner, Share
from notifications.selectors import paused_match_ids
from programs.models import Program


def register() -> None:
    registry.register(
        MessageKind(
            name="feedback.check_in",
            asks=True,
            template="mail/feedback/check_in",
            title=gettext_lazy("Check-ins"),
            why=gettext_lazy(
                "You get this once per rhythm because you take part in a mentoring program."
            ),
            is_required=True,
            may_stop=True,
            share=Share.ASKING,
            is_still_due=_check_in_is_still_due,
            rests=_check_in_rests,
            context=_check_in_context,
            page=_own_questions,
        )
    )
    registry.register(
        MessageKind(
            name="feedback.help_asked",
            template="mail/feedback/help_asked",
            title=gettext_lazy("Somebody asks for help"),
            why=gettext_lazy("You get this because you manage this program."),
            is_required=True,
            may_stop=False,
            is_urgent=True,
            is_still_due=_help_is_still_due,
            context=_help_context,
        )
    )
    registry.register(
        MessageKind(
            name="feedback.fit",
            asks=True,
            template="mail/feedback/fit",
            title=gettext_lazy("How your match fits"),
            why=gettext_lazy(
                "You get this after the first and the third meeting of a match, and once more "
                "when you were still deciding."
            ),
            is_required=True,
            may_stop=True,
            share=Share.ASKING,
            is_still_due=_fit_is_still_due,
            rests=_fit_rests,
            context=_fit_context,
            page=_own_questions,
        )
    )
    registry.register(
        MessageKind(
            name="feedback.misfit",
            template="mail/feedback/misfit",
            title=gettext_lazy("A match that does not fit"),
            why=gettext_lazy("You get this because you manage this program."),
            is_required=True,
            may_stop=False,
            is_still_due=_misfit_is_still_due,
            context=_misfit_context,
        )
    )

    registry.register(
        MessageKind(
            name="feedback.pulse",
            asks=True,
            template="mail/feedback/pulse",
            title=gettext_lazy("How you are doing"),
            why=gettext_lazy("You get this every two months because you are in a mentoring match."),
            is_required=True,
            may_stop=True,
            share=Share.ASKING,
            is_still_due=_pulse_is_still_due,
            context=_pulse_context,
            page=_own_questions,
        )
    )
    for name, run, model in (
        ("check_ins", plan_check_ins, "feedback.CheckIn"),
        ("fit_questions", plan_fit_questions, "feedback.FitQuestion"),
        ("pulses", plan_pulses, "feedback.Pulse"),
    ):
        registry.register_planner(Planner(f"feedback.{name}", run, writes=(model,)))


def _own_questions(_message: Message) -> str:
    return reverse("feedback:mine")


def _pulse_is_still_due(message: Message, now: datetime) -> str:
    waiting = selectors.unanswered_pulses(today=now.astimezone(UTC).date())
    message.found = (
        waiting.filter(enrolment=message.object_id or 0, number=int(message.occasion))
        .select_related("enrolment__cohort__program")
        .first()
    )
    return "" if message.found else _("Answered, or the person is not in any more.")


def _pulse_context(message: Message) -> dict[str, Any]:
    token = make_pulse_token(message.found, user_id=message.recipient_id)
    return {
        "program": message.found.enrolment.cohort.program,
        "url": absolute("feedback:pulse_link", token),
    }


def _check_in_is_still_due(message: Message, now: datetime) -> str:
    message.found = _questions(message, today=now.astimezone(UTC).date())
    if message.found:
        return ""
    return _("Answered, or met, or the match paused or ended meanwhile.")


def _check_in_rests(message: Message) -> bool:
    asked = CheckIn.objects.filter(
        status=CheckInStatus.OPEN,
        user=message.recipient_id,
        match__cohort=message.object_id or 0,
        due_on=_due_on(message),
    )
    return asked.filter(_match_rests()).exists()


def _match_rests() -> Q:
    """Narrow questions to those of matches that pause, or whose mail somebody holds back."""
    return Q(match__status=MatchStatus.PAUSED) | Q(match__in=paused_match_ids())


def _check_in_context(message: Message) -> dict[str, Any]:
    questions: list[Question] = message.found  # what is_still_due has just read
    program = Program.objects.get(pk=message.program_id or 0)
    return {
        "asked": [_asked(question) for question in questions],
        "names": questions[0].partner_names if len(questions) == 1 else "",
        "readers": selectors.readers_of(program, [one.check_in.match_id for one in questions]),
    }


def _questions(message: Message, *, today: date) -> list[Question]:
    return selectors.questions_of_mail_for_system(
        user_id=message.recipient_id,
        cohort_id=message.object_id or 0,
        due_on=_due_on(message),
        today=today,
        is_combined=message.match_id is None,
    )


def _due_on(message: Message) -> date:
    return date.fromisoformat(message.occasion)


def _asked(question: Question) -> dict[str, Any]:
    url = absolute("feedback:answer", make_token(question.check_in))
    return {
        "names": question.partner_names,
        "since": question.since,
        "url": url,
        "answers": [
            {"label": answer.label, "url": f"{url}?a={answer.value}"} for answer in CheckInAnswer
        ],
    }


def _help_is_still_due(message: Message, now: datetime) -> str:
    row = _called(CheckIn.objects.filter(answer=CheckInAnswer.HELP), message)
    return _why_not(row, message, now)


def _help_context(message: Message) -> dict[str, Any]:
    check_in = CheckIn.objects.select_related("match__cohort__program").get(
        pk=int(message.object_id or 0)
    )
    cohort = check_in.match.cohort
    return {"cohort": cohort, "url": f"{absolute('feedback:cohort', cohort.pk)}?answer=help"}


def _fit_is_still_due(message: Message, now: datetime) -> str:
    message.found = selectors.fit_cards_of_mail_for_system(
        user_id=message.recipient_id,
        cohort_id=message.object_id or 0,
        asked_on=date.fromisoformat(message.occasion),
        today=now.astimezone(UTC).date(),
        is_combined=message.match_id is None,
    )
    return "" if message.found else _("Answered, or the match paused or ended meanwhile.")


def _fit_rests(message: Message) -> bool:
    asked = FitQuestion.objects.filter(
        status=FitStatus.OPEN,
        user=message.recipient_id,
        match__cohort=message.object_id or 0,
        asked_on=date.fromisoformat(message.occasion),
    )
    return asked.filter(_match_rests()).exists()


def _fit_context(message: Message) -> dict[str, Any]:
    cards: list[FitCard] = message.found  # what is_still_due has just read
    program = Program.objects.get(pk=message.program_id or 0)
    return {
        "asked": [_asked_fit(card) for card in cards],
        "names": cards[0].partner_names if len(cards) == 1 else "",
        "readers": selectors.readers_of(program, [card.question.match_id for card in cards]),
    }


def _asked_fit(card: FitCard) -> dict[str, Any]:
    url = absolute("feedback:fit_link", make_fit_token(card.question))
    return {
        "names": card.partner_names,
        "answers": [
            {"label": answer.label, "url": f"{url}?a={answer.value}"} for answer in FitAnswer
        ],
    }


def _misfit_is_still_due(message: Message, now: datetime) -> str:
    row = _called(FitQuestion.objects.filter(answer=FitAnswer.NOT_GOOD), message)
    return _why_not(row, message, now)


def _called(rows: QuerySet[Any], message: Message) -> CheckIn | FitQuestion | None:
    return rows.select_related("match__cohort").filter(pk=int(message.object_id or 0)).first()


def _why_not(row: CheckIn | FitQuestion | None, message: Message, now: datetime) -> str:
    """Return why a manager is not told any more. Who manages is asked again: it is private.

    Nothing is lost by it: the item about it stays in the queue of those who manage now.
    """
    if row is None:
        return _("The person changed the answer meanwhile.")
    if message.recipient_id not in {
        person.pk for person in selectors.called_for(row.match, now=now)
    }:
        return _("They do not manage this program any more.")
    return ""


def _misfit_context(message: Message) -> dict[str, Any]:
    question = FitQuestion.objects.select_related("match__cohort__program").get(
        pk=int(message.object_id or 0)
    )
    cohort = question.match.cohort
    url = f"{absolute('feedback:cohort_fit', cohort.pk)}?answer={FitAnswer.NOT_GOOD.value}"
    return {"cohort": cohort, "url": url}
