"""A person's calendar: the private feed, the record of meetings, and busy times taken in."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import caches
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from redis.exceptions import RedisError

from accounts.http import PersonRequest
from core.errors import DomainError
from core.spreadsheets import neutral
from sessions import selectors, services
from sessions.entries import entry_of, entry_of_event, names_for
from sessions.forms import BusyForm
from sessions.ical import write_calendar
from sessions.models import BusyCalendar, CalendarFeed

logger = logging.getLogger(__name__)
MOST_READS, PER_SECONDS = 60, 3_600
COLUMNS = (
    "date",
    "start",
    "time_zone",
    "minutes",
    "status",
    "kind",
    "how",
    "with",
    "program",
    "cohort",
    "summary",
    "private_note",
)


# --- The page -------------------------------------------------------------------------------------
@login_required
@require_safe
def calendar(request: PersonRequest) -> HttpResponse:
    return _page(request)


def _page(
    request: PersonRequest, *, token: str = "", form: BusyForm | None = None, status: int = 200
) -> HttpResponse:
    address = ""
    if token:
        address = f"{settings.BASE_URL}{reverse('calendars:feed', args=(token,))}"
    context = {
        "feed": CalendarFeed.objects.filter(user=request.user).first(),
        "address": address,
        "webcal": f"webcal://{address.partition('://')[2]}" if address else "",
        "busy": _busy(request),
        "takes_in": settings.BUSY_CALENDARS,
        "form": form or BusyForm(),
    }
    answer = render(request, "meetings/calendar.html", context, status=status)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _busy(request: PersonRequest) -> dict[str, Any] | None:
    found = BusyCalendar.objects.filter(user=request.user).defer("url").first()
    if found is None:
        return None
    coming = found.times.filter(during__endswith__gt=timezone.now())
    return {"calendar": found, "count": coming.count()}


@login_required
@require_POST
def make_feed(request: PersonRequest) -> HttpResponse:
    """Make a new address and show it this once; an earlier one stops working."""
    token = services.make_feed(person=request.user, now=timezone.now())
    return _page(request, token=token)


@login_required
@require_POST
def revoke_feed(request: PersonRequest) -> HttpResponse:
    if services.revoke_feed(person=request.user, now=timezone.now()):
        messages.success(request, _("The address does not work any more."))
    return redirect("meetings:calendar")


@login_required
@require_POST
def set_busy(request: PersonRequest) -> HttpResponse:
    form = BusyForm(request.POST)
    if form.is_valid():
        try:
            services.set_busy_calendar(
                person=request.user, url=form.cleaned_data["url"], now=timezone.now()
            )
        except DomainError as error:
            form.add_error("url", str(error))
        else:
            messages.success(request, _("Saved. We read it in a moment and keep busy times only."))
            return redirect("meetings:calendar")
    return _page(request, form=form, status=422)


@login_required
@require_POST
def remove_busy(request: PersonRequest) -> HttpResponse:
    if services.remove_busy_calendar(person=request.user, now=timezone.now()):
        messages.success(request, _("Forgotten, with everything that came from it."))
    return redirect("meetings:calendar")


# --- The feed -------------------------------------------------------------------------------------
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponseBase:
    """The calendar of whoever the token belongs to; who has it needs no signing in."""
    now = timezone.now()
    found = services.find_feed(token, now=now)
    if found is None:
        raise Http404
    if not _may_read(found):
        refused = HttpResponse(_("Too often. Try again in an hour."), status=429)
        refused["Retry-After"] = str(PER_SECONDS)
        return refused
    content = _feed_content(found, now)
    services.note_read(found, now=now)
    etag = f'"{hashlib.sha256(content).hexdigest()[:40]}"'
    fresh = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    fresh["ETag"] = etag
    answer = get_conditional_response(request, etag=etag, response=fresh) or fresh
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _feed_content(found: CalendarFeed, now: datetime) -> bytes:
    user = found.user
    with translation.override(user.language):
        entries = [
            entry_of(meeting, user, names=names_for(meeting, user))
            for meeting in selectors.calendar_rows(user, now=now)
        ]
        rows = found.packed_events  # type: ignore[attr-defined]
        entries += [entry_of_event(event, user) for event in selectors.unpack_events(rows)]
        return write_calendar(entries, name=settings.ORGANISATION_NAME)


def _may_read(found: CalendarFeed) -> bool:
    """Count reads of one feed; when the fast cache does not answer, nobody is stopped."""
    key = f"feed:{found.pk}:{found.digest.hex()[:16]}"
    try:
        cache = caches["fast"]
        if cache.add(key, 1, timeout=PER_SECONDS):
            return True
        return bool(cache.incr(key) <= MOST_READS)
    except (RedisError, OSError, ValueError) as error:
        logger.warning("Reads of calendar feeds are not counted: %s", error)
        return True


# --- The record -----------------------------------------------------------------------------------
@login_required
@require_safe
def download_record(request: PersonRequest, file_format: str) -> HttpResponseBase:
    """The person's own record of meetings, as a table or for programs."""
    writers = {"csv": (_csv, "text/csv; charset=utf-8"), "json": (_json, "application/json")}
    if file_format not in writers:
        raise Http404
    write, content_type = writers[file_format]
    rows = selectors.record_of(request.user)
    answer = StreamingHttpResponse(write(rows), content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="my-meetings.{file_format}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _csv(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield "\ufeff" + _line(COLUMNS)
    for row in rows:
        yield _line([_plain(row[name]) for name in COLUMNS])


def _line(cells: Any) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _plain(value: Any) -> Any:
    """Keep a spreadsheet from running words as a formula."""
    return neutral(value) if isinstance(value, str) else value


def _json(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield '{"meetings": ['
    for number, row in enumerate(rows):
        yield ("," if number else "") + "\n" + json.dumps(row, ensure_ascii=False)
    yield "\n]}\n"
