"""The life of an HR list: upload, columns, preview, confirm, undo. Work is carried elsewhere."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.access import may_move_addresses
from accounts.models import User
from audit.services import record
from core.clock import local_day
from core.errors import Conflict, DomainError
from core.jobs import JobStatus, request_cancel, requeue
from core.wake import wake
from participants.models import ImportStep
from participants.reading import Table, UnreadableFile, read_table
from participants.services.importing import SAMPLE_LENGTH, SAMPLE_ROWS, UNDO_DAYS
from support.feed.targets import IDENTITY, LABELS, guessed, label_of
from support.models import Feed, FeedAction, FeedKind

DAY_IN_NAME = re.compile(r"(?<!\d)(20\d{2})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
ACTS = (
    FeedAction.JOIN,
    FeedAction.CHANGE,
    FeedAction.LEAVE,
    FeedAction.AWAY,
    FeedAction.BACK,
)


def start_feed(
    *,
    kind: str,
    file_name: str,
    content: bytes,
    actor: User | None,
    now: datetime,
    dated: date | None = None,
) -> Feed:
    """Store a list whose header can be read, with what its columns meant the last time.

    Without a day it is as of the day in its name, else of today. Nothing runs yet.

    Raises:
        DomainError: dated in the future, or before the list that was applied last.
        UnreadableFile: too large, not a table, without headings or without people; in words.
    """
    if kind not in FeedKind.values:
        raise DomainError(_("Say what the list holds."), field="kind")
    dated = dated or day_in_name(file_name) or local_day(now, "UTC")
    check_day(dated, now=now)
    table, sample = _opened(content, file_name)
    return Feed.objects.create(
        kind=kind,
        dated=dated,
        requested_by=actor,
        step=ImportStep.MAP,
        status=JobStatus.DONE,
        file_name=file_name[-200:],
        digest=hashlib.sha256(content).hexdigest(),
        content=zlib.compress(content, level=1),
        reading={
            "headers": table.headers,
            "facts": table.facts,
            "sample": [[cell[:SAMPLE_LENGTH] for cell in cells] for cells in sample],
        },
        columns=guessed(table.headers, kind=kind),
        created_at=now,
    )


def _opened(content: bytes, file_name: str) -> tuple[Table, list[list[str]]]:
    """Return the table of a file, and its first rows."""
    if len(content) > settings.IMPORT_MAX_BYTES:
        raise UnreadableFile(
            _("The file is larger than %(megabytes)d MB. Split it into several files.")
            % {"megabytes": settings.IMPORT_MAX_BYTES // 1_048_576},
            code="too_large",
            field="file",
        )
    table = read_table(content, file_name)
    sample = [row.cells for row in islice(table.rows(), SAMPLE_ROWS)]
    if not sample:
        raise UnreadableFile(
            _("The file has headings, but no people below them."), code="no_people", field="file"
        )
    return table, sample


def day_in_name(file_name: str) -> date | None:
    """Return the day that a file's name tells, such as people-2026-11-22.csv."""
    found = DAY_IN_NAME.search(file_name)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def check_day(dated: date, *, now: datetime) -> None:
    """Raise ``DomainError`` for a list of the future, or older than the last one applied."""
    if dated > local_day(now, "UTC") + timedelta(days=1):
        raise DomainError(
            _("A list cannot be of a day to come. Correct the day it was made."),
            code="dated_ahead",
            field="dated",
        )
    last = Feed.objects.standing().order_by("-dated").values_list("dated", flat=True).first()
    if last is not None and dated < last:
        raise DomainError(
            _(
                "This list is of %(day)s, and one of %(last)s has been applied already: it would "
                "bring back what is over. Upload a newer list."
            )
            % {"day": date_format(dated), "last": date_format(last)},
            code="older",
            field="dated",
        )


def check_columns(*, feed: Feed, columns: Sequence[str]) -> None:
    """Raise ``DomainError`` unless the columns say who each person is, and nothing twice."""
    headers = feed.reading["headers"]
    used = [target for target in columns if target]
    unknown = [target for target in used if target not in LABELS]
    if unknown or len(columns) != len(headers):
        raise DomainError(
            _("“%(target)s” is nothing that a column of an HR list can mean.")
            % {"target": unknown[0] if unknown else ""},
            code="unknown_target",
        )
    for index, target in enumerate(columns):
        first = columns.index(target)
        if target and first != index:
            raise DomainError(
                _(
                    "“%(first)s” and “%(second)s” both mean: %(field)s. Choose “Do not import” for "
                    "one of the two."
                )
                % {
                    "first": headers[first],
                    "second": headers[index],
                    "field": label_of(target),
                },
                code="target_twice",
                field=f"column_{index}",
            )
    if not set(used) & set(IDENTITY):
        raise DomainError(
            _(
                "No column says who the people are. Choose the column that holds the e-mail, "
                "or the employee number."
            ),
            code="no_identity_column",
        )


@transaction.atomic
def map_feed(
    *, feed: Feed, columns: Sequence[str], now: datetime, actor: User | None = None
) -> Feed:
    """Set what the columns mean and queue the preview, which shows what the actor may do.

    Raises:
        DomainError: see ``check_columns``.
        Conflict: a worker is busy with the list, or it was applied.
    """
    check_columns(feed=feed, columns=columns)
    asked = {"columns": list(columns), **_asked_by(actor)}
    return _queue(feed, ImportStep.PREVIEW, _open_to_look(), counts={}, **asked)


@transaction.atomic
def look_again(*, feed: Feed, now: datetime, actor: User | None = None) -> Feed:
    """Queue a new preview, which shows what the actor may do.

    Raises:
        Conflict: a worker is busy with the list, or it was applied.
    """
    return _queue(feed, ImportStep.PREVIEW, _open_to_look(), counts={}, **_asked_by(actor))


@transaction.atomic
def confirm_feed(
    *, feed: Feed, seen: str, accepts_hold: bool, actor: User | None, now: datetime
) -> Feed:
    """Queue what the preview shows; ``seen`` is the ``plan_digest`` of that preview.

    Of two people who confirm at once, one starts it and the other is told.

    Raises:
        DomainError: nothing would change, it is held and not accepted, it is older than the last
            one, or it changes addresses that only IT may change.
        Conflict: somebody has confirmed already, or made another preview.
    """
    check_day(feed.dated, now=now)
    if feed.step == ImportStep.PREVIEW and not says_anything(feed):
        raise DomainError(_("This list changes nothing."), code="nothing_to_apply")
    if feed.is_held and not accepts_hold:
        raise DomainError(
            _("This list is held. Look at the names, then say that they are right."),
            code="held",
            field="accepts",
        )
    if feed.counts.get("moved_addresses") and not may_move_addresses(actor):
        raise DomainError(
            _(
                "This preview changes the e-mail of people whose account is in use, "
                "which only IT may. Look at the list again: it then keeps them."
            ),
            code="addresses",
        )
    if feed.plan_digest != seen:
        raise Conflict(
            _("Somebody made a new preview meanwhile. Look at it before you confirm."),
            code="preview_changed",
        )
    ready = Q(step=ImportStep.PREVIEW, status=JobStatus.DONE, applied_at=None, plan_digest=seen)
    return _queue(feed, ImportStep.APPLY, ready, requested_by=actor)


@transaction.atomic
def undo_feed(*, feed: Feed, actor: User | None, now: datetime) -> Feed:
    """Queue the undoing of the list that was applied last.

    Raises:
        DomainError: more than seven days ago, or a later list stands on it.
        Conflict: it is being undone, or was.
    """
    if feed.applied_at is None or feed.applied_at + timedelta(days=UNDO_DAYS) < now:
        raise DomainError(
            _("A list can be undone for %(days)d days.") % {"days": UNDO_DAYS},
            code="undo_too_late",
        )
    if is_built_upon(feed):
        raise DomainError(
            _("A later list stands on this one. Undo that one first."), code="built_upon"
        )
    return _queue(
        feed, ImportStep.UNDO, Q(applied_at__isnull=False, undone_at=None), requested_by=actor
    )


def cancel_feed(*, feed: Feed, now: datetime) -> None:
    """Ask the work on a list to stop. What is not finished leaves no trace."""
    request_cancel(feed, now=now)


@transaction.atomic
def discard_feed(*, feed: Feed, actor: User | None, now: datetime) -> None:
    """Delete a list that was never applied; that there was one stays in the audit log.

    Raises:
        Conflict: it was applied, or a worker is busy.
    """
    rows = Feed.objects.filter(pk=feed.pk, applied_at=None).exclude(
        status__in=(JobStatus.QUEUED, JobStatus.RUNNING)
    )
    if not rows.delete()[0]:
        raise _busy()
    record(
        actor=actor,
        action="feed.discarded",
        about=feed,
        now=now,
        detail={"kind": feed.kind, "dated": feed.dated.isoformat(), **sizes_of(feed.counts)},
    )


def sizes_of(counts: dict[str, Any]) -> dict[str, int]:
    """Return what of a list's counts may stand in the audit log: numbers only."""
    return {name: size for name, size in counts.items() if isinstance(size, int)}


def is_built_upon(feed: Feed) -> bool:
    """Tell whether a list that was applied later still stands."""
    return Feed.objects.standing().filter(applied_at__gt=feed.applied_at).exists()


def change_count(feed: Feed) -> int:
    """Return how many people the preview would change, rows or not."""
    return sum(feed.counts.get(action, 0) for action in ACTS)


def says_anything(feed: Feed) -> bool:
    """Tell whether applying would write anything: HR knowing somebody from now on counts."""
    return bool(change_count(feed) or feed.counts.get("first_named"))


def _asked_by(actor: User | None) -> dict[str, Any]:
    return {} if actor is None else {"requested_by": actor}


def _open_to_look() -> Q:
    return Q(step__in=(ImportStep.MAP, ImportStep.PREVIEW, ImportStep.APPLY), applied_at=None)


def _queue(feed: Feed, step: str, allowed: Q, **values: Any) -> Feed:
    """Move an idle list to a step by one conditional update, and tell a worker."""
    idle = Q(status__in=(JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED))
    if not requeue(Feed.objects.filter(allowed, idle, pk=feed.pk), step=step, **values):
        raise _busy()
    wake(Feed.task_name, feed.pk)
    return Feed.objects.get(pk=feed.pk)


def _busy() -> Conflict:
    return Conflict(
        _("Somebody has started this already. The page shows how far it is."), code="busy"
    )
