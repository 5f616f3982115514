"""People from outside: invited, prolonged, welcomed by a mentee, and bound to confidence."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonRequest
from accounts.models import User
from core.errors import DomainError
from core.ui.forms import take_refusal
from participants import access
from participants.confidentiality import open_programs
from participants.forms import ConfidentialityForm, ExternalForm, ProlongForm, WelcomeForm
from participants.services import confidentiality, externals
from participants.views.managing import joining_page
from participants.views.people import INVALID, enrolment_page


@login_required
@require_POST
def invite_external(request: PersonRequest, pk: int) -> HttpResponse:
    """Invite somebody from outside."""
    cohort = access.get_managed_cohort(request.user, pk)
    form = ExternalForm(request.POST, cohort=cohort)
    if form.is_valid():
        try:
            made = externals.invite_external(
                cohort=cohort, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(
                request,
                _("%(person)s is invited; the account works until %(day)s.")
                % {"person": made.user, "day": _day(made.user)},
            )
            return redirect("participants:joining", pk)
    return joining_page(request, cohort, external_form=form)


@login_required
@require_POST
def prolong(request: PersonRequest, pk: int) -> HttpResponse:
    """Let the account of somebody from outside work longer; without a day, past the cohort."""
    found = access.get_managed_enrolment(request.user, pk)
    form = ProlongForm(request.POST)
    if "usual" not in request.POST and not form.is_valid():
        return enrolment_page(request, found, prolong_form=form)
    until = form.cleaned_data["until"] if form.is_valid() else None
    try:
        person = externals.prolong(
            enrolment=found,
            until=None if "usual" in request.POST else until,
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        if error.field not in form.fields or "usual" in request.POST:
            messages.error(request, str(error), extra_tags="stay")
            return redirect("participants:enrolment", pk)
        take_refusal(form, error)
        return enrolment_page(request, found, prolong_form=form)
    messages.success(request, _("The account works until %(day)s.") % {"day": _day(person)})
    return redirect("participants:enrolment", pk)


def _day(person: User) -> str:
    return date_format(person.works_until) if person.works_until else ""


@login_required
@require_POST
def welcome(request: PersonRequest, pk: int) -> HttpResponse:
    """Take a mentee's answer whether a mentor from outside is fine."""
    enrolment = access.get_own_enrolment(request.user, pk)
    form = WelcomeForm(request.POST)
    form.full_clean()
    try:
        externals.welcome_external(
            enrolment=enrolment,
            is_fine=form.cleaned_data["accepts_external"],
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(request, _("Saved."))
    return redirect("enrolment_status", pk)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confidence(request: PersonRequest) -> HttpResponse:
    """Ask somebody from outside to keep what they hear to themselves, before anything else."""
    programs = open_programs(request.user)
    following = request.POST.get("next") or request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(following, allowed_hosts=None):
        following = reverse("home")
    if not programs:
        return redirect(following)
    form = ConfidentialityForm(request.POST or None)
    if form.is_valid():
        confidentiality.agree(
            person=request.user,
            digests=request.POST.getlist("text"),
            now=timezone.now(),
        )
        return redirect(following)
    context = {"form": form, "programs": programs, "next": following}
    status = INVALID if form.is_bound else 200
    return render(request, "participants/confidence.html", context, status=status)
