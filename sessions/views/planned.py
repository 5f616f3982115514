"""One planned meeting: move it, change its plan, cancel it, say whether it took place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.clock import local_day, zone, zone_city
from core.errors import DomainError
from core.ui.forms import take_refusal
from sessions import access, selectors, services
from sessions.entries import entry_of
from sessions.ical import write_calendar
from sessions.models import Meeting, MeetingStatus
from sessions.plan_forms import (
    BookForm,
    CancelForm,
    MoveForm,
    PlanForm,
    plan_initial,
)
from sessions.selectors import MeetingSheet
from sessions.views.planning import say_series, series_values


def _sheet(request: PersonRequest, pk: int) -> MeetingSheet:
    sheet = selectors.meeting_sheet(request.user, pk)
    if sheet is None:
        raise Http404
    return sheet


def _planned_sheet(request: PersonRequest, pk: int) -> MeetingSheet | None:
    """Return a meeting that is still planned, or None after a word about it."""
    sheet = _sheet(request, pk)
    if sheet.meeting.is_planned:
        return sheet
    messages.info(request, _("This meeting is not planned any more."))
    return None


def _page(
    request: PersonRequest, name: str, sheet: MeetingSheet, form: forms.Form, **more: Any
) -> HttpResponse:
    context = {
        "sheet": sheet,
        "meeting": sheet.meeting,
        "form": form,
        "when": sheet.when_for(request.user),
        "place": zone_city(request.user.time_zone),
        **more,
    }
    status = 422 if form.is_bound else 200
    return render(request, f"meetings/{name}.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: PersonRequest, pk: int) -> HttpResponse:
    """Move a planned meeting to another time at once; the others get an update."""
    sheet = _planned_sheet(request, pk)
    if sheet is None:
        return redirect("meetings:detail", pk=pk)
    meeting, zone_name = sheet.meeting, request.user.time_zone
    if request.method != "POST":
        local = _local_start(meeting, zone_name)
        initial = {"day": local.date(), "time": local.time(), "minutes": meeting.minutes}
        return _page(request, "move", sheet, MoveForm(initial=initial, zone_name=zone_name))
    form = MoveForm(request.POST, zone_name=zone_name)
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("starts_at", "minutes", "note")}
        try:
            services.move_meeting(meeting=meeting, actor=request.user, now=timezone.now(), **given)
        except DomainError as error:
            take_refusal(form, error, instead="time")
        else:
            messages.success(request, _("Moved. Everybody gets the update by mail."))
            return redirect("meetings:detail", pk=pk)
    return _page(request, "move", sheet, form)


def _local_start(meeting: Meeting, zone_name: str) -> datetime:
    starts_at = meeting.starts_at or timezone.now()
    return starts_at.astimezone(zone(zone_name))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_plan(request: PersonRequest, pk: int) -> HttpResponse:
    """Change the kind, how and where; the time stays, so nobody is mailed."""
    sheet = _planned_sheet(request, pk)
    if sheet is None:
        return redirect("meetings:detail", pk=pk)
    meeting = sheet.meeting
    initial = plan_initial(
        minutes=meeting.minutes,
        how=meeting.how,
        kind=meeting.kind,
        link=sheet.link,
        place=sheet.place,
    )
    bound = None
    if request.method == "POST":  # the length belongs to the time: it changes by moving
        bound = {**request.POST.dict(), "minutes": "other", "other_minutes": meeting.minutes}
    form = PlanForm(bound, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            services.change_plan(
                meeting=meeting, actor=request.user, now=timezone.now(), plan=form.plan()
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("meetings:detail", pk=pk)
    return _page(request, "plan", sheet, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: PersonRequest, pk: int) -> HttpResponse:
    """A link shows the question; only the buttons cancel one meeting, or it and all later ones."""
    sheet = _planned_sheet(request, pk)
    if sheet is None:
        return redirect("meetings:detail", pk=pk)
    form = CancelForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, "cancel", sheet, form)
    meeting, now = sheet.meeting, timezone.now()
    try:
        if request.POST.get("scope") == "later" and meeting.series and meeting.series_on:
            services.end_series(
                series=meeting.series, actor=request.user, now=now, from_day=meeting.series_on
            )
        else:
            services.cancel_meeting(
                meeting=meeting, actor=request.user, now=now, **form.cleaned_data
            )
    except DomainError as error:
        take_refusal(form, error)
        return _page(request, "cancel", sheet, form)
    messages.success(request, _("Cancelled. Everybody is told by mail."))
    return redirect("meetings:list")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_later(request: PersonRequest, pk: int) -> HttpResponse:
    """Give this meeting of a series and all later ones another day, time or rhythm."""
    sheet = _planned_sheet(request, pk)
    series = sheet.meeting.series if sheet else None
    if sheet is None or series is None or sheet.meeting.series_on is None:
        return redirect("meetings:detail", pk=pk)
    zone_name = request.user.time_zone
    if request.method != "POST":
        local = _local_start(sheet.meeting, zone_name)
        initial = {
            **plan_initial(
                minutes=series.minutes,
                how=series.how,
                kind=series.kind,
                link=sheet.link,
                place=sheet.place,
            ),
            "day": local.date(),
            "time": local.time(),
            "repeat": series.rule,
            "until": series.ends_on,
        }
        return _page(request, "later", sheet, BookForm(initial=initial, zone_name=zone_name))
    form = BookForm(request.POST, zone_name=zone_name)
    if form.is_valid() and not form.is_repeating:
        form.add_error("repeat", _("Choose how often you meet. To move only this one, go back."))
    if form.is_valid():
        try:
            booked = services.change_series(
                series=series,
                actor=request.user,
                now=timezone.now(),
                from_day=sheet.meeting.series_on,
                **series_values(form),
            )
        except DomainError as error:
            take_refusal(form, error, instead="time")
        else:
            say_series(request, booked)
            return redirect("meetings:list")
    return _page(request, "later", sheet, form)


@login_required
@require_POST
def met(request: PersonRequest, pk: int) -> HttpResponse:
    """One tap: the planned meeting took place as planned."""
    meeting = access.get_own_meeting(request.user, pk)
    now = timezone.now()
    day = local_day(meeting.starts_at or now, request.user.time_zone)
    try:
        services.log_meeting(
            match=meeting.match, actor=request.user, now=now, held_on=day, booking=meeting
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        return redirect("meetings:detail", pk=pk)
    messages.success(
        request,
        format_html(
            '{} <a class="toast-a" href="{}">{}</a> · <a class="toast-a" href="{}">{}</a>',
            _("Noted: you met."),
            reverse("meetings:edit", args=(pk,)),
            _("Add what you talked about"),
            reverse("meetings:remove", args=(pk,)),
            _("Undo"),
        ),
        extra_tags="stay",
    )
    return redirect("meetings:list")


@login_required
@require_POST
def missed(request: PersonRequest, pk: int) -> HttpResponse:
    """The planned meeting did not take place."""
    meeting = access.get_own_meeting(request.user, pk)
    try:
        services.mark_missed(meeting=meeting, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        return redirect("meetings:detail", pk=pk)
    messages.info(request, _("That happens. Offer new times when you like."))
    return redirect("meetings:propose", match_pk=meeting.match_id)


@login_required
@require_safe
def download_meeting(request: PersonRequest, pk: int) -> HttpResponse:
    """One meeting as a file that any calendar opens."""
    sheet = _sheet(request, pk)
    meeting = sheet.meeting
    if meeting.starts_at is None:
        raise Http404
    entry = entry_of(meeting, request.user, names=sheet.partner_names)
    answer = HttpResponse(
        write_calendar([entry], method="CANCEL" if entry.is_cancelled else ""),
        content_type="text/calendar; charset=utf-8",
    )
    is_gone = meeting.status == MeetingStatus.CANCELLED
    name = f"cancelled-{meeting.pk}.ics" if is_gone else f"meeting-{meeting.pk}.ics"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
