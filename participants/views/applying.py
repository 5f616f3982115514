"""The enrolment form: questions, kept as one types, sent when one is ready."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonRequest
from core.clock import local_day
from core.errors import DomainError
from core.ui.forms import take_refusal
from participants import access, selectors
from participants.access import Application
from participants.consent import consent_text, has_agreed
from participants.forms import AnswersForm
from participants.joining import INSIDE, is_enrolling
from participants.line_managers import line_ahead
from participants.models import MemberRole
from participants.services import answering
from participants.views.people import INVALID


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: PersonRequest, pk: int, role: str) -> HttpResponse:
    """Ask the cohort's questions; take the answers, or keep them for later."""
    application = access.get_application(request.user, pk, role)
    sheet = _Sheet(request, application)
    if request.method != "POST":
        return sheet.page()
    if "later" in request.POST:
        return sheet.save_for_later()
    return sheet.submit()


@login_required
@require_POST
def save_draft(request: PersonRequest, pk: int, role: str) -> HttpResponse:
    """Keep what is typed while somebody types, and say when."""
    application = access.get_application(request.user, pk, role)
    sheet = _Sheet(request, application)
    try:
        saved_at = sheet.keep()
    except DomainError as error:
        return render(request, "participants/_saved.html", {"error": str(error)}, status=INVALID)
    return render(request, "participants/_saved.html", {"saved_at": saved_at})


class _Sheet:
    """One request to the form: its questions, what was typed, and who asks."""

    def __init__(self, request: PersonRequest, application: Application) -> None:
        self.request, self.of = request, application
        self.now = timezone.now()
        self.questions = selectors.current_questions(application.cohort, application.role)
        enrolment = application.enrolment
        self.earlier = selectors.earlier_words(enrolment, self.questions) if enrolment else {}
        self.is_inside = enrolment is not None and enrolment.status in INSIDE
        self.asks_consent = not has_agreed(request.user.pk, application.cohort)
        self.asks_external = (
            application.role == MemberRole.MENTEE
            and application.cohort.program.takes_external_mentors
        )
        self.asks_name = not (self.is_inside or request.user.first_name)
        typed = {**self.earlier, **answering.words_of(application.draft)}
        self.form = AnswersForm(
            request.POST if request.method == "POST" else None,
            questions=self.questions,
            typed=typed,
            asks_consent=self.asks_consent,
            asks_external=self.asks_external,
            asks_name=self.asks_name,
            initial={"accepts_external": enrolment is not None and enrolment.accepts_external},
        )

    def page(self, status: int = 200) -> HttpResponse:
        cohort = self.of.cohort
        known = set(self.earlier) if self.is_inside else set()
        fresh = [question.key for question in self.questions if question.key not in known]
        today = local_day(self.now, self.request.user.time_zone)
        context: dict[str, Any] = {
            "cohort": cohort,
            "program": cohort.program,
            "role": self.of.role,
            "enrolment": self.of.enrolment,
            "is_inside": self.is_inside,
            "is_open": not self.is_inside or is_enrolling(cohort, today),
            "form": self.form,
            "fresh": self.form.asked(fresh),
            "known": self.form.asked(known),
            "asks_consent": self.asks_consent,
            "asks_external": self.asks_external,
            "asks_name": self.asks_name,
            "line": line_ahead(cohort, self.of.role, self.request.user),
            "consent": consent_text(cohort.program),
            "saved_at": self.of.draft.saved_at if self.of.draft else None,
        }
        return render(self.request, "participants/apply.html", context, status=status)

    def keep(self) -> Any:
        form = self.questions[0].form if self.questions else None
        draft = answering.save_draft(
            user=self.request.user,
            cohort=self.of.cohort,
            role=self.of.role,
            form=form,
            words=self.form.words(),
            now=self.now,
        )
        return draft.saved_at

    def save_for_later(self) -> HttpResponse:
        try:
            self.keep()
        except DomainError as error:
            messages.error(self.request, str(error), extra_tags="stay")
            return self.page(INVALID)
        messages.success(self.request, _("Saved. You can go on here, or on another device."))
        return redirect("participants:apply", self.of.cohort.pk, self.of.role)

    def submit(self) -> HttpResponse:
        if not self.form.is_valid():
            return self.page(INVALID)
        try:
            enrolment = answering.submit(
                user=self.request.user,
                cohort=self.of.cohort,
                role=self.of.role,
                answers=self.form.answers(),
                agrees=self.form.cleaned_data.get("agrees", False),
                accepts_external=self.form.cleaned_data.get("accepts_external"),
                names=self.form.names(),
                now=self.now,
            )
        except DomainError as error:
            take_refusal(self.form, error)
            return self.page(INVALID)
        said = _("Your answers are saved.") if self.is_inside else _("Thank you. We have it.")
        messages.success(self.request, said)
        return redirect("enrolment_status", enrolment.pk)
