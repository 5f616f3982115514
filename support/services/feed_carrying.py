"""Carry a queued HR list to its end: preview, apply or undo, each in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from psycopg2.extras import execute_values

from accounts.access import may_move_addresses
from audit.services import record
from core.errors import Conflict, DomainError
from core.jobs import JobCancelled, JobLost, JobStatus, Lease, claim, due
from core.progress import Report, SideReport
from core.wake import wake
from participants.importing.copying import copy_in
from participants.importing.guessing import header_key
from participants.importing.survey import chunks
from participants.models import ImportStep
from participants.services.carrying import FORGET_ROWS, FORGET_UNFINISHED, take_turn
from support.feed.addresses import TELL
from support.feed.impact import count_impact, is_to_hold, shares_exceeded
from support.feed.planner import CHUNK, Plan, plan_feed
from support.feed.rows import Facts, FeedPlan
from support.feed.undo import PeopleUndoer, remove_made
from support.feed.writer import MANAGER, PeopleWriter
from support.models import Feed, FeedAction, FeedColumn, FeedRow
from support.services.feeding import check_day, is_built_upon, sizes_of
from support.services.following import Follower

Result = dict[str, Any]


def preview(*, feed: Feed, now: datetime, report: Report) -> Result:
    """Plan every row and keep what it would do; returns the values that close the run.

    Effects: the rows of the list anew; an audit row with counts.
    """
    plan = plan_feed(
        feed=feed, report=report, moves_addresses=may_move_addresses(feed.requested_by)
    )
    feed.rows.all().delete()
    for chunk in chunks(plan.rows, CHUNK):
        copy_in([_stored(feed, row) for row in chunk])
    counts = {**_tally(plan.rows), **count_impact(plan)}
    _record(feed, "feed.previewed", now, counts)
    return {
        "counts": {**counts, "exceeded": shares_exceeded(counts)},
        "plan_digest": plan.digest(),
        "is_held": is_to_hold(counts),
    }


def apply(*, feed: Feed, now: datetime, report: Report) -> Result:
    """Do what the preview showed, all of it or nothing; the columns are remembered.

    Effects: people, reporting lines, HR's facts; leavers and pauses by their own services, with
    their messages; an audit row with counts. One list or import writes at a time.

    Raises:
        DomainError: a newer list was applied meanwhile.
        Conflict: people changed since the preview, or so did what is held.
    """
    take_turn(report)
    check_day(feed.dated, now=now)
    moves = bool(feed.counts.get("moved_addresses")) and may_move_addresses(feed.requested_by)
    plan = plan_feed(feed=feed, report=report, moves_addresses=moves)
    if plan.digest() != feed.plan_digest:
        raise _stale()
    if not feed.is_held and is_to_hold(count_impact(plan)):
        raise _stale()
    report("writing", 0, len(plan.rows))
    PeopleWriter(feed=feed, now=now).write(plan.rows, report)
    follower = Follower(actor=feed.requested_by, now=now, report=report)
    follower.follow(
        {row.user_id: _turn(row) for row in plan.rows if row.user_id and "facts" in row.changes}
    )
    _keep_what_was_made(feed, plan)
    _remember_columns(feed)
    _record(feed, "feed.applied", now, feed.counts)
    wake("support.judge_matches")
    return {
        "applied_at": now,
        "content": b"",
        "reading": {**feed.reading, "sample": []},
        "counts": {**feed.counts, "left": follower.left},
    }


def undo(*, feed: Feed, now: datetime, report: Report) -> Result:
    """Take back what a list changed, where it still holds.

    Effects: as ``apply``, the other way; who was made and has nothing else goes.

    Raises:
        DomainError: a later list stands on it.
    """
    take_turn(report)
    if is_built_upon(feed):
        raise DomainError(_("A later list stands on this one. Undo that one first."))
    report("undoing", 0, 0)
    undoer = PeopleUndoer(feed, report, now)
    follower = Follower(actor=feed.requested_by, now=now, report=report, stage="undoing")
    follower.follow(undoer.restore())
    undone = {"removed": remove_made(feed), "kept": undoer.kept}
    _record(feed, "feed.undone", now, undone)
    wake("support.judge_matches")
    left = [*undoer.said(), *follower.left]
    counts = {**feed.counts, "undone": undone, "left": left}
    return {"counts": counts, "undone_at": now}


STEPS: dict[str, Callable[..., Result]] = {
    ImportStep.PREVIEW: preview,
    ImportStep.APPLY: apply,
    ImportStep.UNDO: undo,
}


def carry_feed(
    *,
    feed_id: int,
    clock: Callable[[], datetime] = timezone.now,
    report: Report | None = None,
) -> Feed | None:
    """Do the step a list waits for; returns the list when this call has done it.

    Everything a step writes is one transaction, fenced by the attempt: killed in the middle, it
    leaves nothing, and the next attempt does it anew.
    """
    feed = claim(Feed, feed_id, now=clock())
    if feed is None:
        return None
    lease = Lease(feed, clock=clock)
    side = None if report else SideReport(feed, clock=clock)
    person = feed.requested_by
    try:
        with translation.override(person.language if person else None):
            return _carry(feed, lease, report or side)
    except JobLost:
        return None
    finally:
        if side is not None:
            side.close()


def _carry(feed: Feed, lease: Lease, report: Any) -> Feed:
    try:
        with transaction.atomic():
            result = STEPS[feed.step](feed=feed, now=lease.clock(), report=report)
            lease.hold()
            lease.finish(JobStatus.DONE, **result)
    except JobCancelled:
        lease.finish(JobStatus.CANCELLED)
    except DomainError as error:
        lease.finish(JobStatus.FAILED, error=str(error))
    except IntegrityError:
        lease.finish(JobStatus.FAILED, error=str(_stale()))
    return Feed.objects.get(pk=feed.pk)


def sweep_feeds(*, now: datetime) -> int:
    """Hand lists that nobody carries to a worker again, as addresses that are still to be told;
    forget old files and rows.

    Lists that were never applied go after 7 days, but for those that are held; the rows of the
    others after 30, and the names of those who could not follow.
    """
    waiting = list(due(Feed, now=now).values_list("pk", flat=True))
    for feed_id in waiting:
        wake(Feed.task_name, feed_id)
    if FeedRow.objects.exclude(to_tell="").exists():
        wake(TELL)
    idle = Feed.objects.exclude(status__in=(JobStatus.QUEUED, JobStatus.RUNNING))
    never = idle.filter(applied_at=None)
    never.filter(created_at__lt=now - FORGET_UNFINISHED, is_held=False).delete()
    never.filter(created_at__lt=now - FORGET_ROWS).delete()
    applied = idle.filter(applied_at__isnull=False)
    old = applied.filter(applied_at__lt=now - FORGET_ROWS)
    FeedRow.objects.filter(feed__in=old).delete()
    for feed in old.filter(counts__has_key="left").exclude(counts__left=[]).only("counts"):
        Feed.objects.filter(pk=feed.pk).update(counts={**feed.counts, "left": []})
    for feed in applied.exclude(reading__sample=[]).only("reading"):
        Feed.objects.filter(pk=feed.pk).update(reading={**feed.reading, "sample": []})
    return len(waiting)


def _tally(rows: Iterable[FeedPlan]) -> dict[str, Any]:
    counts: dict[str, int] = dict.fromkeys((*FeedAction.values, "rows", "managers"), 0)
    counts |= {"first_named": 0, "email_kept": 0}
    for row in rows:
        counts[row.action] += 1
        counts["rows"] += not row.is_missing
        counts["managers"] += row.manager is not None and row.user_id is not None
        counts["email_kept"] += row.has_note("email_kept")
        counts["first_named"] += row.action == FeedAction.UNCHANGED and "made" in row.changes
    return counts


def _stored(feed: Feed, row: FeedPlan) -> FeedRow:
    return FeedRow(
        feed=feed,
        number=None if row.is_missing else row.number,
        action=row.action,
        user_id=row.user_id,
        name=row.name[:254],
        cells=row.parsed.cells if row.action == FeedAction.PROBLEM else [],
        problems=row.problems,
        notes=row.notes,
        changes=row.changes,
    )


def _turn(row: FeedPlan) -> tuple[Facts, Facts]:
    facts = row.changes["facts"]
    return _facts(facts, 0), _facts(facts, 1)


def _facts(changes: dict[str, list[Any]], at: int) -> Facts:
    days: dict[str, Any] = {
        name: date.fromisoformat(both[at]) for name, both in changes.items() if both[at]
    }
    return Facts(**days)


def _keep_what_was_made(feed: Feed, plan: Plan) -> None:
    """Note with the stored rows whom they made, and which manager was set: undoing needs both."""
    noted = [
        (feed.pk, row.number, row.user_id, json.dumps(_made(row)))
        for row in plan.rows
        if "made_user" in row.changes or MANAGER in row.changes.get("user", {})
    ]
    if not noted:
        return
    with connection.cursor() as cursor:
        execute_values(
            cursor.cursor,
            "UPDATE support_feedrow r SET user_id = v.person, changes = r.changes || v.made::jsonb "
            "FROM (VALUES %s) AS v(feed, number, person, made) "
            "WHERE r.feed_id = v.feed AND r.number = v.number",
            noted,
            page_size=CHUNK,
        )


def _made(row: FeedPlan) -> dict[str, Any]:
    names = ("made_user", "made_manager")
    return {name: row.changes[name] for name in names if name in row.changes}


def _remember_columns(feed: Feed) -> None:
    keys = {
        header_key(header): target
        for header, target in zip(feed.reading["headers"], feed.columns, strict=True)
        if header_key(header)
    }
    FeedColumn.objects.bulk_create(
        [FeedColumn(kind=feed.kind, header_key=key, target=target) for key, target in keys.items()],
        update_conflicts=True,
        unique_fields=("kind", "header_key"),
        update_fields=("target",),
    )


def _record(feed: Feed, action: str, now: datetime, counts: dict[str, Any]) -> None:
    record(
        actor=feed.requested_by,
        action=action,
        about=feed,
        now=now,
        detail={**sizes_of(counts), "kind": feed.kind, "dated": feed.dated.isoformat()},
    )


def _stale() -> Conflict:
    return Conflict(
        _("People changed since the preview, so nothing was applied. Look at a new preview."),
        code="stale",
    )
