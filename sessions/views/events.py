"""Events of a cohort: the managers' list, one event, answers, and who was there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.clock import zone, zone_city
from core.errors import DomainError
from core.numbers import whole_number
from core.ui.forms import take_refusal
from programs.access import get_managed_cohort
from programs.models import Audience, Cohort
from sessions import access, selectors, services
from sessions.entries import entry_of_event
from sessions.event_forms import CallOffForm, EventForm
from sessions.ical import write_calendar
from sessions.models import CohortEvent, EventAnswer

A_PAGE, GUESTS_A_PAGE = 20, 50


# --- The cohort's events --------------------------------------------------------------------------
@login_required
@require_safe
def cohort(request: PersonRequest, cohort_pk: int) -> HttpResponse:
    found = get_managed_cohort(request.user, cohort_pk)
    page = Paginator(selectors.events_of_cohort(found), A_PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    context = {
        "cohort": found,
        "page_obj": page,
        "cards": [selectors.card_of(event, request.user) for event in page],
        "now": now,
    }
    return render(request, "events/cohort.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: PersonRequest, cohort_pk: int) -> HttpResponse:
    found = get_managed_cohort(request.user, cohort_pk)
    zone_name = request.user.time_zone
    form = EventForm(request.POST or None, zone_name=zone_name)
    if request.method == "POST" and form.is_valid() and form.cleaned_data.get("starts_at"):
        try:
            event = services.plan_event(
                cohort=found,
                audience=form.cleaned_data["audience"],
                facts=form.facts(form.cleaned_data["starts_at"]),
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            _say_invited(request, event)
            return redirect("events:detail", pk=event.pk)
    return _form_page(request, found, form, counts=_counts(found))


def _counts(cohort: Cohort) -> list[tuple[str, int]]:
    counts = selectors.audience_counts(cohort)
    return [(str(label), counts[value]) for value, label in Audience.choices]


def _say_invited(request: PersonRequest, event: CohortEvent) -> None:
    count = event.guests.count()
    if count:
        text = ngettext("%(count)s person is invited.", "%(count)s people are invited.", count)
        messages.success(request, text % {"count": count})
    else:
        messages.success(request, _("Planned. People are invited as soon as they take part."))


def _form_page(
    request: PersonRequest,
    cohort: Cohort,
    form: EventForm,
    *,
    event: CohortEvent | None = None,
    counts: list[tuple[str, int]] | None = None,
) -> HttpResponse:
    context = {
        "cohort": cohort,
        "event": event,
        "form": form,
        "counts": counts,
        "place": zone_city(request.user.time_zone),
    }
    return render(request, "events/form.html", context, status=422 if form.is_bound else 200)


# --- One event ------------------------------------------------------------------------------------
@login_required
@require_safe
def detail(request: PersonRequest, pk: int) -> HttpResponse:
    """Show an event: guests answer, managers see who comes and note who was there."""
    event, is_manager = access.get_event_for(request.user, pk)
    now = timezone.now()
    context: dict[str, Any] = {
        "event": event,
        "card": selectors.card_of(event, request.user),
        "is_manager": is_manager,
        "is_open": event.is_open(now),
        "has_begun": event.starts_at <= now,
    }
    if is_manager:
        guests = selectors.guests_of(event)
        context |= {
            "cohort": event.cohort,
            "page_obj": Paginator(guests, GUESTS_A_PAGE).get_page(request.GET.get("page")),
            "figures": selectors.events_of_cohort(event.cohort).get(pk=event.pk),
        }
    return render(request, "events/detail.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PersonRequest, pk: int) -> HttpResponse:
    event = access.get_managed_event(request.user, pk)
    if not event.is_open(timezone.now()):
        return _closed(request, event)
    zone_name = request.user.time_zone
    if request.method != "POST":
        form = EventForm(
            initial=_values(event, zone_name), zone_name=zone_name, with_audience=False
        )
        return _form_page(request, event.cohort, form, event=event)
    form = EventForm(request.POST, zone_name=zone_name, with_audience=False)
    if form.is_valid() and form.cleaned_data.get("starts_at"):
        try:
            changed = services.change_event(
                event=event,
                facts=form.facts(form.cleaned_data["starts_at"]),
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            is_new = changed.sequence != event.sequence
            messages.success(
                request, _("Saved. The guests are told.") if is_new else _("Nothing was changed.")
            )
            return redirect("events:detail", pk=pk)
    return _form_page(request, event.cohort, form, event=event)


def _closed(request: PersonRequest, event: CohortEvent) -> HttpResponse:
    messages.info(request, _("This event is over or cancelled."))
    return redirect("events:detail", pk=event.pk)


def _values(event: CohortEvent, zone_name: str) -> dict[str, Any]:
    local = event.starts_at.astimezone(zone(zone_name))
    words = event.words
    return {
        "kind": event.kind,
        "day": local.date(),
        "time": local.time(),
        "minutes": event.minutes,
        "title": words.title,
        "place": words.place,
        "link": words.link,
        "text": words.text,
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: PersonRequest, pk: int) -> HttpResponse:
    event = access.get_managed_event(request.user, pk)
    if not event.is_open(timezone.now()):
        return _closed(request, event)
    form = CallOffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.cancel_event(
                event=event,
                reason=form.cleaned_data["reason"],
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Cancelled. The guests are told."))
            return redirect("events:detail", pk=pk)
    context = {
        "event": event,
        "cohort": event.cohort,
        "card": selectors.card_of(event, request.user),
        "count": event.guests.present().count(),
        "form": form,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "events/cancel.html", context, status=status)


@login_required
@require_POST
def answer(request: PersonRequest, pk: int) -> HttpResponse:
    event = access.get_own_event(request.user, pk)
    try:
        guest = services.answer_event(
            event=event,
            person=request.user,
            answer=request.POST.get("answer", ""),
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        comes = guest.answer == EventAnswer.YES
        messages.success(request, _("Good, you come.") if comes else _("Thank you for saying so."))
    return redirect("events:detail", pk=pk)


@login_required
@require_POST
def attendance(request: PersonRequest, pk: int) -> HttpResponse:
    event = access.get_managed_event(request.user, pk)
    shown, there = (_ids(request, name) for name in ("shown", "there"))
    try:
        count = services.mark_attendance(
            event=event, shown=shown, there=there, actor=request.user, now=timezone.now()
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        text = ngettext("%(count)s person was there.", "%(count)s people were there.", count)
        messages.success(request, text % {"count": count})
    page = whole_number(request.POST.get("page", ""))
    answer = redirect("events:detail", pk=pk)
    if page:
        answer["Location"] += f"?page={page}"
    return answer


def _ids(request: PersonRequest, name: str) -> set[int]:
    found = (whole_number(text) for text in request.POST.getlist(name)[:GUESTS_A_PAGE])
    return {number for number in found if number is not None}


@login_required
@require_safe
def download(request: PersonRequest, pk: int) -> HttpResponse:
    """The event as a file for a calendar."""
    event, _is_manager = access.get_event_for(request.user, pk)
    content = write_calendar([entry_of_event(event, request.user)])
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="event.ics"'
    answer["Cache-Control"] = "private, no-store"
    return answer
