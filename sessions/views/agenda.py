"""The agenda of a meeting: add a line, take the suggested ones, tick, remove."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.http import PersonRequest
from core.errors import DomainError
from sessions import access, selectors, services
from sessions.guides import suggested_agenda
from sessions.models import Meeting


@login_required
@require_POST
def add_agenda(request: PersonRequest, pk: int) -> HttpResponse:
    """Add one line, or with ``suggested`` all lines that the phase or kind suggests."""
    meeting = access.get_own_meeting(request.user, pk)
    now = timezone.now()
    texts = [request.POST.get("text", "")]
    if request.POST.get("suggested"):
        texts = suggested_agenda(meeting, now=now)
    refusal = ""
    try:
        services.add_to_agenda(meeting=meeting, actor=request.user, now=now, texts=texts)
    except DomainError as error:
        refusal = str(error)
    return _answer(request, meeting, refusal)


@login_required
@require_POST
def tick_agenda(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Tick a line, or take the tick back."""
    item = access.get_own_agenda_item(request.user, pk)
    services.set_agenda_done(
        item=item,
        actor=request.user,
        now=timezone.now(),
        is_done=request.POST.get("done") == "1",
    )
    return _answer(request, item.meeting)


@login_required
@require_POST
def remove_agenda(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Take a line away for everybody."""
    item = access.get_own_agenda_item(request.user, pk)
    services.remove_from_agenda(item=item, actor=request.user, now=timezone.now())
    return _answer(request, item.meeting)


def _answer(request: PersonRequest, meeting: Meeting, refusal: str = "") -> HttpResponse:
    """Give htmx the agenda anew, a plain post the page."""
    if not request.htmx:
        if refusal:
            messages.error(request, refusal, extra_tags="stay")
        return redirect("meetings:detail", pk=meeting.pk)
    sheet = selectors.meeting_sheet(request.user, meeting.pk)
    context = {
        "sheet": sheet,
        "meeting": meeting,
        "suggested": suggested_agenda(meeting, now=timezone.now()),
        "refusal": refusal,
        "is_fresh": True,
    }
    status = 422 if refusal else 200
    return render(request, "meetings/_agenda.html", context, status=status)
