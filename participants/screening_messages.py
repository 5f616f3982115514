"""The mails of screening: something to do for a person, checks that run out for managers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications import registry
from notifications.links import absolute
from notifications.models import Message
from notifications.registry import Audience, MessageKind, Planner
from participants.models import Enrolment, ScreeningResult, StepOutcome
from participants.selectors import screening_of
from participants.selectors.screening import STANDS
from participants.services.screening import NOT_PASSED
from participants.services.screening_reminders import (
    RUNS_OUT,
    TO_DO,
    checks_running_out,
    remind_of_screening,
    week_of,
)
from programs.models import OPEN_COHORTS, Cohort


def register() -> None:
    registry.register(
        MessageKind(
            name=TO_DO,
            asks=True,
            template="mail/participants/screening",
            title=gettext_lazy("Steps before you are matched"),
            why=gettext_lazy("You get this because your program asks you for a step."),
            is_required=False,
            may_stop=True,
            is_still_due=_waits_for_person,
            context=_person_context,
            page=lambda message: reverse("enrolment_status", args=[message.object_id]),
        )
    )
    registry.register(
        MessageKind(
            name=RUNS_OUT,
            template="mail/participants/checks_run_out",
            title=gettext_lazy("Background checks that run out"),
            why=gettext_lazy("You get this because you manage this program."),
            is_required=False,
            may_stop=True,
            is_still_due=_still_runs_out,
            context=_manager_context,
            audience=Audience.MANAGERS,
        )
    )
    registry.register(
        MessageKind(
            name=NOT_PASSED,
            template="mail/participants/step_not_passed",
            title=gettext_lazy("A step that was not passed"),
            why=gettext_lazy("You get this because a step of yours was decided."),
            is_required=True,
            may_stop=False,
            is_still_due=_still_not_passed,
            context=_person_context,
            audience=Audience.WHOEVER_HAD_ONE,
            page=lambda message: reverse("enrolment_status", args=[message.object_id]),
        )
    )
    registry.register_planner(Planner("participants.screening", remind_of_screening))


def _waits_for_person(message: Message, now: datetime) -> str:
    rows = Enrolment.objects.filter(pk=message.object_id or 0, user=message.recipient_id)
    found = rows.filter(status__in=STANDS, cohort__status__in=OPEN_COHORTS)
    message.found = found.select_related("cohort__program").first()
    if message.found is None:
        return _("The person stands elsewhere by now.")
    lines = screening_of(message.found, today=now.date())
    return "" if any(line.waits_for_person for line in lines) else _("It is done.")


def _still_not_passed(message: Message, now: datetime) -> str:
    rows = Enrolment.objects.filter(pk=message.object_id or 0, user=message.recipient_id)
    message.found = rows.filter(status__in=STANDS).select_related("cohort__program").first()
    if message.found is None:
        return _("The person stands elsewhere by now.")
    failed = ScreeningResult.objects.filter(
        user=message.recipient_id,
        step=int(message.occasion.partition("-")[0]),
        state=StepOutcome.FAILED,
    )
    return "" if failed.exists() else _("Decided otherwise since.")


def _person_context(message: Message) -> dict[str, Any]:
    enrolment: Enrolment = message.found
    return {
        "program": enrolment.cohort.program,
        "cohort": enrolment.cohort,
        "url": absolute("enrolment_status", enrolment.pk),
    }


def _still_runs_out(message: Message, now: datetime) -> str:
    days = checks_running_out(now.date()).filter(step__program=message.object_id or 0)
    found = [day for day in days.values_list("holds_until", flat=True) if day]
    due = sorted(day for day in found if week_of(day) == message.occasion)
    cohorts = Cohort.objects.managed_by(message.recipient).filter(
        program=message.object_id or 0, status__in=OPEN_COHORTS
    )
    cohort = cohorts.select_related("program").first()
    if not due or cohort is None:
        return _("No check runs out any more.")
    message.found = (cohort, due)
    return ""


def _manager_context(message: Message) -> dict[str, Any]:
    cohort, due = message.found
    return {
        "program": cohort.program,
        "count": len(due),
        "day": due[0],
        "url": absolute("participants:screening", cohort.pk),
    }
