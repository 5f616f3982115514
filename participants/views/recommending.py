"""Name a colleague; and what a program manager makes of it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonRequest
from core.errors import DomainError
from core.ui.forms import take_refusal
from participants import access
from participants.forms import RecommendForm
from participants.services import recommending
from participants.views.people import INVALID


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recommend(request: PersonRequest, pk: int) -> HttpResponse:
    """Let somebody of the cohort name a colleague, and show whom they named."""
    enrolment = access.get_own_enrolment(request.user, pk)
    form = RecommendForm(
        request.POST if request.method == "POST" else None, cohort=enrolment.cohort
    )
    if form.is_valid():
        try:
            recommending.recommend(enrolment=enrolment, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Thank you. The program managers read it."))
            return redirect("participants:recommend", pk)
    context = {
        "enrolment": enrolment,
        "cohort": enrolment.cohort,
        "program": enrolment.cohort.program,
        "form": form,
        "is_open": recommending.may_recommend(enrolment),
        "own": enrolment.cohort.recommendations.filter(by=request.user).order_by("-made_at"),
    }
    status = INVALID if form.is_bound else 200
    return render(request, "participants/recommend.html", context, status=status)


@login_required
@require_POST
def unrecommend(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Take back what nobody has decided about."""
    found = access.get_own_recommendation(request.user, pk)
    try:
        recommending.take_recommendation_back(recommendation=found)
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(request, _("Taken back. Nobody is told."))
    place = access.enrolment_in(request.user, found.cohort_id)
    return redirect("participants:recommend", place.pk) if place else redirect("home")


@login_required
@require_POST
def invite_recommended(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Invite the colleague whom somebody named."""
    found = access.get_managed_recommendation(request.user, pk)
    try:
        is_sent = recommending.invite_recommended(
            recommendation=found, actor=request.user, now=timezone.now()
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        said = _("The invitation to %(name)s is on its way.")
        if not is_sent:
            said = _("%(name)s is in this cohort already.")
        messages.success(request, said % {"name": found.name})
    return redirect("participants:joining", found.cohort_id)


@login_required
@require_POST
def close_recommendation(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Leave it at that."""
    found = access.get_managed_recommendation(request.user, pk)
    try:
        recommending.close_recommendation(
            recommendation=found, actor=request.user, now=timezone.now()
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(request, _("Put aside. Nobody is told."))
    return redirect("participants:joining", found.cohort_id)
