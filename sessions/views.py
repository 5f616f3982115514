"""Log meetings, read them, correct them, tick what was promised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.clock import local_day, zone_city
from core.errors import Conflict, DomainError
from matching.access import MANAGER
from sessions import access, selectors, services
from sessions.forms import (
    MOST_ACTIONS,
    ActionForm,
    ActionFormSet,
    CorrectForm,
    LogForm,
    length_initial,
)
from sessions.models import Meeting
from sessions.selectors import Partner

MEETINGS_A_PAGE = 30


@login_required
@require_safe
def meetings(request: PersonRequest) -> HttpResponse:
    start = _start(request)
    rows = selectors.meetings_of(request.user, start=start, limit=MEETINGS_A_PAGE)
    context = {
        "rows": rows[:MEETINGS_A_PAGE],
        "next_start": start + MEETINGS_A_PAGE if len(rows) > MEETINGS_A_PAGE else None,
        "previous_start": max(0, start - MEETINGS_A_PAGE) if start else None,
    }
    return render(request, "meetings/list.html", context)


def _start(request: PersonRequest) -> int:
    value = request.GET.get("start", "0")
    return int(value) if value.isdecimal() and len(value) < 8 else 0


@login_required
@require_safe
def choose(request: PersonRequest) -> HttpResponse:
    """Go to the log form of the person's match; who has several chooses one."""
    rows = selectors.matches_to_log(request.user)
    if len(rows) == 1:
        return redirect("meetings:log", match_pk=rows[0][0])
    return render(request, "meetings/choose.html", {"rows": rows})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def log(request: PersonRequest, match_pk: int) -> HttpResponse:
    sheet = selectors.log_sheet(request.user, match_pk)
    if sheet is None:
        raise Http404
    now = timezone.now()
    kwargs = _row_kwargs(request, sheet.people)
    if request.method != "POST":
        form = LogForm(initial={"held_on": local_day(now, request.user.time_zone)})
        return _log_page(request, sheet, form, ActionFormSet(**kwargs), now)
    form, actions = LogForm(request.POST), ActionFormSet(request.POST, **kwargs)
    if form.is_valid() and actions.is_valid():
        try:
            meeting = services.log_meeting(
                match=sheet.match,
                actor=request.user,
                now=now,
                action_items=actions.promises(),
                **form.cleaned_data,
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            _say_logged(request, meeting, sheet)
            return redirect("match", pk=sheet.match.pk)
    return _log_page(request, sheet, form, actions, now, status=422)


def _row_kwargs(request: PersonRequest, people: Sequence[Partner]) -> dict[str, Any]:
    """Return what the rows of action items need to know."""
    return {"form_kwargs": {"people": people, "me": request.user.pk}, "prefix": "actions"}


def _log_page(
    request: PersonRequest,
    sheet: selectors.LogSheet,
    form: LogForm,
    actions: Any,
    now: datetime,
    status: int = 200,
) -> HttpResponse:
    context = {
        "sheet": sheet,
        "match": sheet.match,
        "form": form,
        "actions": actions,
        "today": local_day(now, request.user.time_zone),
        "place": zone_city(request.user.time_zone),
        "contact": sheet.match.cohort.program.contact_name or _("Program manager"),
    }
    return render(request, "meetings/log.html", context, status=status)


def _say_logged(request: PersonRequest, meeting: Meeting, sheet: selectors.LogSheet) -> None:
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


@login_required
@require_safe
def action_row(request: PersonRequest, match_pk: int) -> HttpResponse:
    """One more empty row for an action item, for htmx."""
    sheet = selectors.log_sheet(request.user, match_pk)
    if sheet is None:
        raise Http404
    number = request.GET.get("number", "0")
    if not number.isdecimal() or int(number) >= MOST_ACTIONS:
        return HttpResponse(status=204)
    form = ActionForm(prefix=f"actions-{int(number)}", people=sheet.people, me=request.user.pk)
    form.fields["text"].widget.attrs["data-focus"] = True
    context = {"form": form, "number": int(number) + 1, "match": sheet.match, "is_new": True}
    return render(request, "meetings/_action_row.html", context)


@login_required
@require_safe
def detail(request: PersonRequest, pk: int) -> HttpResponse:
    sheet = selectors.meeting_sheet(request.user, pk)
    if sheet is not None:
        context = {"sheet": sheet, "meeting": sheet.meeting}
        return render(request, "meetings/detail.html", context)
    meeting, seat = access.get_meeting_for(request.user, pk)
    if seat != MANAGER:
        raise Http404
    return render(request, "meetings/detail_manager.html", {"meeting": meeting})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PersonRequest, pk: int) -> HttpResponse:
    sheet = selectors.meeting_sheet(request.user, pk)
    if sheet is None:
        raise Http404
    meeting = sheet.meeting
    now = timezone.now()
    kwargs = _row_kwargs(request, sheet.people)
    if request.method != "POST":
        form = CorrectForm(initial=_initial(sheet, request.user))
        return _edit_page(request, sheet, form, ActionFormSet(**kwargs), now)
    form = CorrectForm(request.POST)
    actions = ActionFormSet(request.POST, **kwargs)
    if form.is_valid() and actions.is_valid():
        values = {**form.cleaned_data}
        values.pop("another_same_day")
        try:
            services.change_meeting(
                meeting=meeting,
                actor=request.user,
                now=now,
                action_items=actions.promises(),
                **values,
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            if isinstance(error, Conflict) and error.field == "summary":
                form.see(sheet.summary_at)
        else:
            messages.success(request, _("Meeting changed."))
            return redirect("meetings:detail", pk=meeting.pk)
    return _edit_page(request, sheet, form, actions, now, status=422)


def _initial(sheet: selectors.MeetingSheet, user: Any) -> dict[str, Any]:
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


def _edit_page(
    request: PersonRequest,
    sheet: selectors.MeetingSheet,
    form: LogForm,
    actions: Any,
    now: datetime,
    status: int = 200,
) -> HttpResponse:
    context = {
        "sheet": sheet,
        "meeting": sheet.meeting,
        "match": sheet.meeting.match,
        "form": form,
        "actions": actions,
        "today": local_day(now, request.user.time_zone),
        "place": zone_city(request.user.time_zone),
        "contact": sheet.meeting.match.cohort.program.contact_name or _("Program manager"),
    }
    return render(request, "meetings/log.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: PersonRequest, pk: int) -> HttpResponse:
    """A link shows the question; only the button takes the meeting back."""
    sheet = selectors.meeting_sheet(request.user, pk)
    if sheet is None:
        raise Http404
    meeting = sheet.meeting
    if request.method != "POST":
        return render(request, "meetings/remove.html", {"sheet": sheet, "meeting": meeting})
    try:
        services.remove_meeting(meeting=meeting, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        return redirect("meetings:detail", pk=pk)
    messages.success(request, _("The meeting is taken back."))
    return redirect("match", pk=meeting.match_id)


@login_required
@require_POST
def tick(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Tick an action item, or take the tick back."""
    action = access.get_own_action(request.user, pk)
    services.set_action_done(
        action=action,
        actor=request.user,
        now=timezone.now(),
        is_done=request.POST.get("done") == "1",
    )
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = reverse("match", args=(action.match_id,))
    if request.htmx:
        shown = selectors.action_row(action)
        context = {"action": shown, "me": request.user.pk, "has_focus": True, "back": target}
        return render(request, "meetings/_action.html", context)
    return redirect(target)
