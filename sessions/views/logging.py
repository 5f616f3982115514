"""The form that logs a meeting, and the same form over a meeting that is stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import PersonRequest
from core.clock import local_day, zone_city
from core.errors import Conflict, DomainError
from core.numbers import whole_number
from core.ui.forms import take_refusal
from sessions import selectors, services
from sessions.forms import ActionFormSet, BaseActionFormSet, CorrectForm, LogForm, length_initial
from sessions.models import Meeting
from sessions.selectors import LogSheet, MeetingSheet, Partner

Write = Callable[[dict[str, Any]], Meeting]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def log(request: PersonRequest, match_pk: int) -> HttpResponse:
    sheet = selectors.log_sheet(request.user, match_pk)
    if sheet is None:
        raise Http404
    now = timezone.now()
    booking = _booking(request, sheet, now)
    if request.method != "POST":
        return _empty_log(request, sheet, booking, now)

    def write(values: dict[str, Any]) -> Meeting:
        return services.log_meeting(
            match=sheet.match, actor=request.user, now=now, booking=booking, **values
        )

    form, actions = LogForm(request.POST), _rows(request, sheet.people)
    meeting, _refusal = _carry_out(form, actions, write)
    if meeting is None:
        return _page(request, sheet, form, actions, now, status=422, booking=booking)
    _say_logged(request, meeting)
    return redirect("match", pk=sheet.match.pk)


def refused_log(request: PersonRequest, match_pk: int, problem: str) -> HttpResponse:
    """Show what was typed again, with what stands in its way."""
    sheet = selectors.log_sheet(request.user, match_pk)
    if sheet is None:
        raise Http404
    now = timezone.now()
    form, actions = LogForm(request.POST), _rows(request, sheet.people)
    form.add_error(None, problem)
    booking = _booking(request, sheet, now)
    return _page(request, sheet, form, actions, now, status=422, booking=booking)


def _booking(request: PersonRequest, sheet: LogSheet, now: datetime) -> Meeting | None:
    """Return the planned meeting that is logged: on a post only the one that the page named."""
    sent = request.POST if request.method == "POST" else request.GET
    pk = whole_number(sent.get("booking"))
    if pk is None and request.method == "POST":
        return None
    return selectors.booking_to_log(request.user, sheet.match, now=now, pk=pk)


def _empty_log(
    request: PersonRequest, sheet: LogSheet, booking: Meeting | None, now: datetime
) -> HttpResponse:
    """The form as it starts: from the draft, else from the plan, else with today alone."""
    initial: dict[str, Any] = {"held_on": local_day(now, request.user.time_zone)}
    actions: list[dict[str, Any]] = []
    if booking is not None:
        initial |= _planned_initial(booking, request.user, now)
    kept = services.read_draft(match=sheet.match, actor=request.user)
    if kept is not None:
        initial |= kept[0]
        actions = _kept_actions(kept[0])
    form = LogForm(initial=initial)
    rows = _rows(request, sheet.people, actions)
    kept_at = kept[1] if kept else None
    return _page(request, sheet, form, rows, now, booking=booking, kept_at=kept_at)


def _planned_initial(booking: Meeting, user: Any, now: datetime) -> dict[str, Any]:
    """Return what the plan knows; a meeting that is still to come says nothing of its time."""
    starts_at = selectors.start_of(booking, user)
    if starts_at is None or starts_at > now:
        return {**length_initial(booking.minutes), "how": booking.how}
    return {
        "held_on": starts_at.date(),
        "start_time": starts_at.time(),
        **length_initial(booking.minutes),
        "how": booking.how,
    }


def _kept_actions(content: dict[str, str]) -> list[dict[str, Any]]:
    """Return the action items of a draft in their order."""
    numbers = sorted(
        int(name.split("-")[1])
        for name in content
        if name.endswith("-text") and name[8:9].isdigit()
    )
    return [
        {
            field: content.get(f"actions-{number}-{field}", "")
            for field in ("text", "owner", "due_on")
        }
        for number in numbers
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PersonRequest, pk: int) -> HttpResponse:
    sheet = selectors.meeting_sheet(request.user, pk)
    if sheet is None:
        raise Http404
    now = timezone.now()
    if request.method != "POST":
        form = CorrectForm(initial=_initial(sheet, request.user))
        return _page(request, sheet, form, _rows(request, sheet.people), now)

    def write(values: dict[str, Any]) -> Meeting:
        del values["another_same_day"]
        return services.change_meeting(meeting=sheet.meeting, actor=request.user, now=now, **values)

    form, actions = CorrectForm(request.POST), _rows(request, sheet.people)
    meeting, refusal = _carry_out(form, actions, write)
    if meeting is None:
        if isinstance(refusal, Conflict) and refusal.field == "summary":
            form.see(sheet.summary_at)
        return _page(request, sheet, form, actions, now, status=422)
    messages.success(request, _("Meeting changed."))
    return redirect("meetings:detail", pk=meeting.pk)


def _rows(
    request: PersonRequest, people: Sequence[Partner], initial: Sequence[dict[str, Any]] = ()
) -> BaseActionFormSet:
    return ActionFormSet(
        request.POST if request.method == "POST" else None,
        initial=list(initial) or None,
        form_kwargs={"people": people, "me": request.user.pk},
        prefix="actions",
    )


def _carry_out(
    form: LogForm, actions: BaseActionFormSet, write: Write
) -> tuple[Meeting | None, DomainError | None]:
    """Write what was filled in; a refusal of the rules stands beside its field like any other."""
    if not form.is_valid() or not actions.is_valid():
        return None, None
    try:
        return write({**form.cleaned_data, "action_items": actions.promises()}), None
    except DomainError as error:
        take_refusal(form, error)
        return None, error


def _initial(sheet: MeetingSheet, user: Any) -> dict[str, Any]:
    starts_at = selectors.start_of(sheet.meeting, user)
    return {
        "held_on": sheet.meeting.held_on,
        "start_time": starts_at.time() if starts_at else None,
        **length_initial(sheet.meeting.minutes),
        "how": sheet.meeting.how,
        "summary": sheet.summary,
        "private_note": sheet.note,
        "rating": str(sheet.rating or ""),
        "summary_seen_at": sheet.summary_at.isoformat() if sheet.summary_at else "",
    }


def _page(
    request: PersonRequest,
    sheet: LogSheet | MeetingSheet,
    form: LogForm,
    actions: BaseActionFormSet,
    now: datetime,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        **more,
        "sheet": sheet,
        "meeting": sheet.meeting,
        "match": sheet.match,
        "form": form,
        "actions": actions,
        "today": local_day(now, request.user.time_zone),
        "place": zone_city(request.user.time_zone),
        "contact": sheet.match.cohort.program.contact_name or _("Program manager"),
    }
    return render(request, "meetings/log.html", context, status=status)


def _say_logged(request: PersonRequest, meeting: Meeting) -> None:
    if meeting.was_merged:
        messages.success(
            request,
            _("This meeting was logged already. What you added is saved, and it counts once."),
        )
        return
    messages.success(
        request,
        format_html(
            '{} <a class="toast-a" href="{}">{}</a>',
            _("Meeting saved."),
            reverse("meetings:remove", args=(meeting.pk,)),
            _("Undo"),
        ),
        extra_tags="stay",
    )
