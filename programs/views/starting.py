"""A new cohort, from a template or from an earlier cohort."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import MANAGER, OWNER, has_role
from accounts.http import PersonRequest
from core.clock import local_day
from core.errors import DomainError
from core.ui.forms import take_refusal
from programs import selectors
from programs.access import get_managed_cohort
from programs.models import Cohort, Program
from programs.services.copying import copy_cohort
from programs.services.setting_up import create_from_template
from programs.starting_forms import CopyForm, StartForm
from programs.templating import all_templates, find_template

EARLIER_SHOWN = 50


@login_required
@require_safe
def new(request: PersonRequest) -> HttpResponse:
    """Offer the templates and the cohorts there were."""
    _must_manage(request)
    language = get_language() or "en"
    context = {
        "templates": [_card(template, language) for template in all_templates()],
        "earlier": selectors.cohorts_for_manager(request.user)[:EARLIER_SHOWN],
    }
    return render(request, "programs/new.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new_template(request: PersonRequest, key: str) -> HttpResponse:
    """Show what a template brings, and make a cohort of it."""
    _must_manage(request)
    template = find_template(key)
    if template is None:
        raise Http404
    language = (get_language() or "en")[:2]
    programs = Program.objects.managed_by(request.user)
    today = local_day(timezone.now(), request.user.time_zone)
    initial = {"language": language, "starts_on": template.first_start(today)}
    if len(own := programs[:2]) == 1:
        initial["program"] = own[0].pk
    form = StartForm(_posted(request), programs=programs, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                cohort = create_from_template(
                    template=template, actor=request.user, now=timezone.now(), **form.cleaned_data
                )
            except DomainError as error:
                take_refusal(form, error)
            else:
                return _made(request, cohort)
    context = {"form": form, "card": _card(template, language), "template": template}
    context["inside"] = _inside(template, language)
    return render(request, "programs/new_template.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def new_copy(request: PersonRequest, pk: int) -> HttpResponse:
    """Open with the lessons of an earlier cohort, and make the next one of it."""
    source = get_managed_cohort(request.user, pk)
    programs = Program.objects.managed_by(request.user)
    form = CopyForm(_posted(request), programs=programs, initial={"program": source.program_id})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                cohort = copy_cohort(
                    source=source, actor=request.user, now=timezone.now(), **form.cleaned_data
                )
            except DomainError as error:
                take_refusal(form, error)
            else:
                return _made(request, cohort)
    context = {"form": form, "source": source, "lessons": source.lessons.all()}
    return render(request, "programs/new_copy.html", context, status=status)


def _must_manage(request: PersonRequest) -> None:
    if not (request.user.is_superuser or has_role(request.user, OWNER, MANAGER)):
        raise PermissionDenied


def _made(request: PersonRequest, cohort: Cohort) -> HttpResponse:
    messages.success(
        request,
        _("%(cohort)s is set up. Nobody else sees it before enrolment opens.")
        % {"cohort": cohort.name},
    )
    return redirect("programs:setup", pk=cohort.pk)


def _card(template: Any, language: str) -> dict[str, Any]:
    return {
        "key": template.key,
        "icon": template.icon,
        "name": template.name.in_language(language),
        "summary": template.summary.in_language(language),
        "suits": template.suits.in_language(language),
        "weeks": template.week_count,
        "rhythm_days": template.rhythm_days,
        "is_discreet": template.is_discreet,
    }


def _inside(template: Any, language: str) -> dict[str, Any]:
    """Return what the template brings, in the reader's language."""
    return {
        "objectives": [one.text.in_language(language) for one in template.objectives],
        "phases": [
            {
                "name": phase.name.in_language(language),
                "purpose": phase.purpose.in_language(language),
                "weeks": phase.weeks,
            }
            for phase in template.phases
        ],
        "questions": [asked.label.in_language(language) for asked in template.questions],
        "agreement": [text.in_language(language) for text in template.agreement.values()],
        "rhythm": template.check_in_reason.in_language(language),
        "closing": [one.text.in_language(language) for one in template.closing],
    }


def _posted(request: PersonRequest) -> Any:
    return request.POST if request.method == "POST" else None
