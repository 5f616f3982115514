"""The mails of this floor: the question, and the call for help."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback import selectors
from feedback.models import CheckIn, CheckInAnswer
from feedback.selectors import Question
from feedback.tokens import make_token
from notifications import registry
from notifications.links import absolute
from notifications.models import Message
from notifications.registry import MessageKind
from programs.models import Program


def register() -> None:
    registry.register(
        MessageKind(
            name="feedback.check_in",
            template="mail/feedback/check_in",
            title=gettext_lazy("Check-ins"),
            why=gettext_lazy(
                "You get this once per rhythm because you take part in a mentoring program."
            ),
            is_required=True,
            may_stop=True,
            is_still_due=_check_in_is_still_due,
            context=_check_in_context,
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
            is_still_due=_help_is_still_due,
            context=_help_context,
        )
    )


def _check_in_is_still_due(message: Message, now: datetime) -> str:
    message.found = _questions(message, today=now.astimezone(UTC).date())
    if message.found:
        return ""
    return _("Answered, or met, or the match paused or ended meanwhile.")


def _check_in_context(message: Message) -> dict[str, Any]:
    questions: list[Question] = message.found  # what is_still_due has just read
    program = Program.objects.get(pk=message.program_id or 0)
    return {
        "asked": [_asked(question) for question in questions],
        "names": questions[0].partner_names if len(questions) == 1 else "",
        "readers": selectors.readers_of(program),
    }


def _questions(message: Message, *, today: date) -> list[Question]:
    return selectors.questions_of_mail_for_system(
        user_id=message.recipient_id,
        cohort_id=message.object_id or 0,
        due_on=_due_on(message),
        today=today,
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
    asked = CheckIn.objects.filter(
        pk=int(message.object_id or 0), answer=CheckInAnswer.HELP
    ).exists()
    return "" if asked else _("The person changed the answer meanwhile.")


def _help_context(message: Message) -> dict[str, Any]:
    check_in = CheckIn.objects.select_related("match__cohort__program").get(
        pk=int(message.object_id or 0)
    )
    cohort = check_in.match.cohort
    return {"cohort": cohort, "url": f"{absolute('feedback:cohort', cohort.pk)}?answer=help"}
