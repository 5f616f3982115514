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
    if request.method != "POST":
        form = LogForm(initial={"held_on": local_day(now, request.user.time_zone)})
        return _page(request, sheet, form, _rows(request, sheet.people), now)

    def write(values: dict[str, Any]) -> Meeting:
        return services.log_meeting(match=sheet.match, actor=request.user, now=now, **values)

    form, actions = LogForm(request.POST), _rows(request, sheet.people)
    meeting, _refusal = _carry_out(form, actions, write)
    if meeting is None:
        return _page(request, sheet, form, actions, now, status=422)
    _say_logged(request, meeting)
    return redirect("match", pk=sheet.match.pk)


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


def _rows(request: PersonRequest, people: Sequence[Partner]) -> BaseActionFormSet:
    return ActionFormSet(
        request.POST if request.method == "POST" else None,
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
        form.add_error(error.field if error.field in form.fields else None, str(error))
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
) -> HttpResponse:
    context = {
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
