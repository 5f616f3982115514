"""Line managers: their page behind a mailed link, who they are, and a decision without them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonRequest
from core.errors import DomainError
from core.ui.forms import take_refusal
from notifications.links import stop_url
from participants import access
from participants.forms import LineAnswerForm, OverrideForm
from participants.line_managers import ASKING, MEETING_MINUTES, contact_by_token
from participants.models import LineContact, LineState
from participants.services import deciding
from participants.views.people import INVALID, enrolment_page

KINDS = ("participants.line_told", "participants.line_asked")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def line_manager(request: HttpRequest, token: str) -> HttpResponse:
    """Show a line manager the dates, and take the answer where one is asked; no sign-in.

    Only the button's POST changes anything. Whoever is signed in as somebody else is refused.
    """
    now = timezone.now()
    contact = contact_by_token(token, now=now)
    if contact is None:
        return render(request, "participants/line_closed.html", {"why": "gone"}, status=404)
    if request.user.is_authenticated and request.user.pk != contact.manager_id:
        return render(request, "participants/line_closed.html", {"why": "foreign"}, status=403)
    if request.method != "POST":
        return _page(request, contact, LineAnswerForm())
    form = LineAnswerForm(request.POST)
    if form.is_valid():
        try:
            deciding.take_line_manager_answer(
                contact=contact,
                agrees=form.cleaned_data["answer"] == "agree",
                words=form.cleaned_data["words"],
                now=now,
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Thank you. Your answer is saved."))
            return redirect(request.path)
    return _page(request, contact, form, status=INVALID)


def _page(
    request: HttpRequest, contact: LineContact, form: LineAnswerForm, status: int = 200
) -> HttpResponse:
    enrolment = contact.enrolment
    context = {
        "contact": contact,
        "person": enrolment.user,
        "cohort": enrolment.cohort,
        "program": enrolment.cohort.program,
        "minutes": MEETING_MINUTES,
        "is_asked": contact.state != LineState.TOLD,
        "may_answer": contact.state != LineState.TOLD and enrolment.status in ASKING,
        "form": form,
        "stop_url": stop_url(user_id=contact.manager_id, kinds=KINDS),
    }
    return render(request, "participants/line_manager.html", context, status=status)


@login_required
@require_POST
def line_override(request: PersonRequest, pk: int) -> HttpResponse:
    """Let somebody in without their line manager's yes, for a reason."""
    found = access.get_managed_enrolment(request.user, pk)
    form = OverrideForm(request.POST)
    if form.is_valid():
        try:
            moved = deciding.approve_without_line_manager(
                enrolment=found,
                reason=form.cleaned_data["reason"],
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            said = _("It is decided: %(person)s is “%(status)s” now.")
            state = {"person": moved.user, "status": moved.get_status_display()}
            messages.success(request, said % state)
            return redirect("participants:enrolment", pk)
    return enrolment_page(request, found, override_form=form)
