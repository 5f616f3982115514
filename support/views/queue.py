"""What needs a person: the list, one item, and what one does with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MANAGER, OWNER, has_role
from accounts.http import PersonRequest
from core.clock import local_day
from core.errors import DomainError
from core.http import is_looked_at
from core.names import listed
from core.numbers import whole_number
from feedback.services import note_check_ins_read
from programs.models import Cohort
from support import queue as reading
from support import services
from support.access import get_item_for
from support.announcing import Template, merged
from support.covering import stands_in_for
from support.forms import CloseForm, NoteForm, OwnerForm, SnoozeForm
from support.models import Segment, WorkItem
from support.prepared import call_entry, leads_to_search, letter_for

PER_PAGE = 30


@login_required
@require_safe
def queue(request: PersonRequest) -> HttpResponse:
    """List what needs the programs' managers, most urgent first."""
    if not (request.user.is_superuser or has_role(request.user, OWNER, MANAGER)):
        raise PermissionDenied
    now = timezone.now()
    today = local_day(now, request.user.time_zone)
    view = request.GET.get("view", "waiting")
    view = view if view in reading.VIEWS else "waiting"
    chosen = _cohort(request)
    covers = stands_in_for(request.user, now=now)
    rows = reading.items(request.user, view=view, today=today, cohort=chosen, covers=covers)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    lines = reading.lines(list(page.object_list), today=today)
    context = {
        "page_obj": page,
        # What is closed stands by its day, not by what it was about.
        "groups": [("", lines)] if lines and view == "closed" else reading.grouped(lines),
        "view": view,
        "views": reading.VIEWS,
        "chosen": chosen,
        "today": today,
        "covers": covers,
    }
    return render(request, "support/queue.html", context)


def _cohort(request: PersonRequest) -> Cohort | None:
    pk = whole_number(request.GET.get("cohort"))
    if pk is None:
        return None
    rows = Cohort.objects.managed_by(request.user).select_related("program")
    found: Cohort | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@login_required
@require_safe
def item(request: PersonRequest, pk: int) -> HttpResponse:
    """Show one item: why it is here, what helps, notes, and what can be done."""
    return _page(request, pk)


def _page(request: PersonRequest, pk: int, *, status: int = 200, **forms: Any) -> HttpResponse:
    today = local_day(timezone.now(), request.user.time_zone)
    found = reading.item_line(request.user, pk, today=today)
    if found is None:
        raise Http404
    row = found.item
    owners = services.possible_owners(row)
    calls = reading.callers(row)
    if calls and is_looked_at(request):
        note_check_ins_read(check_ins=calls, reader=request.user, now=timezone.now())
    letter = letter_for(row)
    spoke = reading.who_spoke(row)
    context = {
        "line": found,
        "item": row,
        "cohort": row.cohort,
        "notes": reading.notes_of(row),
        "callers": calls,
        "letter": letter,
        "letter_subject": _subject(letter, row, found.title) if letter else "",
        "letter_to": listed([str(one.user) for one in spoke or ()]),
        "searches": leads_to_search(row),
        "written": row.announcements.order_by("-pk")[:5],
        "can_take": request.user.pk in {person.pk for person in owners},
        "today": today,
        "note_form": NoteForm(),
        "close_form": CloseForm(),
        "snooze_form": SnoozeForm(today=today),
        "owner_form": OwnerForm(owners=owners, initial={"owner": row.owner_id}),
        **forms,
    }
    return render(request, "support/item.html", context, status=status)


@login_required
@require_POST
def act(request: PersonRequest, pk: int, what: str) -> HttpResponse:
    """Take, hand over, rest, wake, note, close or open again."""
    row = get_item_for(request.user, pk)
    doing = ACTS.get(what)
    if doing is None:
        raise Http404
    try:
        answer = doing(request, row)
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        answer = None
    return answer or redirect("support:item", pk=pk)


def _take(request: PersonRequest, row: WorkItem) -> None:
    services.assign(item=row, owner=request.user, actor=request.user, now=timezone.now())
    messages.success(request, _("It is yours now."))


def _hand_over(request: PersonRequest, row: WorkItem) -> HttpResponse | None:
    form = OwnerForm(request.POST, owners=services.possible_owners(row))
    if not form.is_valid():
        return _page(request, row.pk, status=422, owner_form=form)
    owner = form.cleaned_data["owner"]
    services.assign(item=row, owner=owner, actor=request.user, now=timezone.now())
    text = _("%(name)s takes care of it.") % {"name": owner} if owner else _("It is open to all.")
    messages.success(request, text)
    return None


def _snooze(request: PersonRequest, row: WorkItem) -> HttpResponse | None:
    now = timezone.now()
    today = local_day(now, request.user.time_zone)
    days = request.POST.get("days", "")
    if days in ("3", "7"):
        until = today + timedelta(days=int(days))
    else:
        form = SnoozeForm(request.POST, today=today)
        if not form.is_valid():
            return _page(request, row.pk, status=422, snooze_form=form)
        until = form.cleaned_data["until"]
    services.snooze(item=row, until=until, actor=request.user, now=now)
    text = _("It rests until %(day)s.") % {"day": date_format(until, "MONTH_DAY_FORMAT")}
    messages.success(request, text)
    return redirect("support:queue")


def _wake(request: PersonRequest, row: WorkItem) -> None:
    services.snooze(item=row, until=None, actor=request.user, now=timezone.now())


def _note(request: PersonRequest, row: WorkItem) -> HttpResponse | None:
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, row.pk, status=422, note_form=form)
    services.write_note(
        item=row, text=form.cleaned_data["text"], actor=request.user, now=timezone.now()
    )
    messages.success(request, _("Noted."))
    return None


def _close(request: PersonRequest, row: WorkItem) -> HttpResponse | None:
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _page(request, row.pk, status=422, close_form=form)
    services.close(
        item=row,
        outcome=form.cleaned_data["outcome"],
        actor=request.user,
        now=timezone.now(),
    )
    messages.success(request, _("Closed. In two weeks you see here whether it helped."))
    return redirect("support:queue")


def _reopen(request: PersonRequest, row: WorkItem) -> None:
    services.reopen(item=row, actor=request.user, now=timezone.now())
    messages.success(request, _("It is open again."))


def _subject(letter: Template, row: WorkItem, title: str) -> str:
    """Return the subject as the item's page shows it."""
    values = {"program": row.cohort.program.name, "cohort": row.cohort.name, "partner": title}
    return merged(str(letter.subject), values)


def _write(request: PersonRequest, row: WorkItem) -> HttpResponse:
    letter = letter_for(row)
    if letter is None:
        raise Http404
    draft = services.draft_announcement(
        cohort=row.cohort,
        segment=Segment.PEOPLE,
        subject=str(letter.subject),
        text=str(letter.text),
        item=row,
        actor=request.user,
        now=timezone.now(),
    )
    return redirect("support:announcement", pk=draft.pk)


@login_required
@require_safe
def call(request: PersonRequest, pk: int) -> HttpResponse:
    """Hand over a short call as an entry for the manager's own calendar."""
    now = timezone.now()
    today = local_day(now, request.user.time_zone)
    found = reading.item_line(request.user, pk, today=today)
    if found is None:
        raise Http404
    content = call_entry(found.item, title=found.title, user=request.user, now=now)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="call.ics"'
    return response


ACTS = {
    "take": _take,
    "hand-over": _hand_over,
    "snooze": _snooze,
    "wake": _wake,
    "note": _note,
    "close": _close,
    "reopen": _reopen,
    "write": _write,
}
