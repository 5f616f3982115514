"""Lists from HR for tests: written, looked at, confirmed, applied and undone."""

from __future__ import annotations

from core.jobs import JobStatus
from core.progress import quiet
from matching.models import Match
from participants.models import Enrolment
from support.models import Feed
from support.services.feed_carrying import carry_feed
from support.services.feeding import (
    confirm_feed,
    map_feed,
    start_feed,
    undo_feed,
)
from tests.conftest import NOW

TODAY = NOW.date()
HEAD = "employee id,email,first name,last name,department,manager email"
DANIEL = "E1,daniel@example.org,Daniel,Osei,Data,"
PRIYA = "E2,priya@example.org,Priya,Raman,Finance,"


def sheet(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join((head, *rows)).encode()


def previewed(content: bytes, *, kind="changes", dated=TODAY, actor=None, now=NOW) -> Feed:
    feed = start_feed(
        kind=kind, file_name="hr.csv", content=content, actor=actor, now=now, dated=dated
    )
    queued = map_feed(feed=feed, columns=feed.columns, now=now)
    return carried(queued, now)


def carried(queued: Feed, now=NOW) -> Feed:
    feed = carry_feed(feed_id=queued.pk, clock=lambda: now, report=quiet)
    assert feed is not None
    return feed


def confirmed(feed: Feed, *, actor=None, accepts=False, now=NOW) -> Feed:
    return carried(
        confirm_feed(feed=feed, seen=feed.plan_digest, accepts_hold=accepts, actor=actor, now=now),
        now,
    )


def applied(*rows: str, head: str = HEAD, **options) -> Feed:
    feed = confirmed(previewed(sheet(*rows, head=head), **options), now=options.get("now", NOW))
    assert (feed.status, feed.error) == (JobStatus.DONE, "")
    return feed


def undone(feed: Feed, now=NOW) -> Feed:
    row = carried(undo_feed(feed=feed, actor=None, now=now), now)
    assert (row.status, row.error) == (JobStatus.DONE, "")
    return row


def actions(feed: Feed) -> list[str]:
    return list(feed.rows.order_by("number", "pk").values_list("action", flat=True))


def problems(feed: Feed) -> list[tuple[int, str]]:
    return [(row.number, item["code"]) for row in feed.rows.all() for item in row.problems]


def states(cast) -> tuple[str, str]:
    match = Match.objects.get(pk=cast.match.pk)
    return match.status, Enrolment.objects.get(pk=cast.mentor_enrolment.pk).status
