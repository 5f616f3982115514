"""A list is applied once or not at all, undone, and forgotten in time."""

from __future__ import annotations

import csv
import io
import time
from datetime import timedelta
from functools import partial

import pytest

from accounts.models import User
from audit.models import AuditEvent
from core.errors import Conflict, DomainError
from core.jobs import JobStatus
from core.progress import quiet
from notifications.models import MessagePreference
from support.models import Feed, FeedPerson
from support.services.feed_carrying import carry_feed, sweep_feeds
from support.services.feeding import (
    confirm_feed,
    discard_feed,
    look_again,
    undo_feed,
)
from tests.conftest import NOW
from tests.participants.joining import at_once
from tests.support.listing import (
    DANIEL,
    HEAD,
    PRIYA,
    actions,
    applied,
    carried,
    confirmed,
    previewed,
    sheet,
    states,
    undone,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("numbers")]


def test_rows_of_people_stay_with_a_list_no_longer_than_needed(cast):
    feed = applied(DANIEL.replace("Data", "Sales"))
    assert feed.reading["sample"] == []
    Feed.objects.filter(pk=feed.pk).update(
        counts={**feed.counts, "left": ["Daniel Osei: …"]},
        reading={**feed.reading, "sample": [["E1"]]},
    )

    sweep_feeds(now=NOW + timedelta(days=29))
    feed.refresh_from_db()
    assert (feed.reading["sample"], feed.counts["left"]) == ([], ["Daniel Osei: …"])
    sweep_feeds(now=NOW + timedelta(days=31))
    feed.refresh_from_db()
    assert (feed.counts["left"], feed.counts["change"]) == ([], 1)


def test_undo_brings_back_what_still_holds_and_removes_who_has_nothing_else(cast):
    User.objects.filter(pk=cast.mentee.pk).update(manager=cast.program_manager)
    feed = applied(
        "E9,new@example.org,Nora,New,Data,,,",
        "E2,priya@example.org,Priya,Raman,Sales,new@example.org,,",
        "E1,daniel@example.org,Daniel,Osei,Data,,,2026-11-18",
        head=f"{HEAD},leave from,last day",
    )
    assert states(cast) == ("paused", "paused")
    User.objects.filter(pk=cast.mentee.pk).update(department="Board")

    feed = undone(feed)

    cast.mentee.refresh_from_db()
    assert (cast.mentee.department, cast.mentee.manager) == ("Board", cast.program_manager)
    assert not User.objects.filter(email="new@example.org").exists()
    assert states(cast) == ("active", "enrolled")
    assert not FeedPerson.objects.exists()
    assert feed.counts["undone"] == {"removed": 1, "kept": 1}


def test_undo_is_for_the_latest_list_and_for_seven_days(cast):
    first = applied(DANIEL.replace("Data", "Sales"))
    second = applied(DANIEL.replace("Data", "Board"), now=NOW + timedelta(minutes=1))

    with pytest.raises(DomainError, match="later list"):
        undo_feed(feed=first, actor=None, now=NOW)
    with pytest.raises(DomainError, match="7 days"):
        undo_feed(feed=second, actor=None, now=NOW + timedelta(days=8))
    undone(second, NOW + timedelta(days=6))
    undone(Feed.objects.get(pk=first.pk), NOW + timedelta(days=6))
    assert User.objects.get(employee_id="E1").department == "Data"


def test_undone_leave_and_return_are_followed(cast):
    leave = applied("E1,2026-11-18,2026-12-18", head="employee id,leave from,leave until")
    undone(leave)
    assert states(cast) == ("active", "enrolled")
    assert MessagePreference.objects.get(user=cast.mentor).leave_until is None


def test_people_who_changed_since_the_preview_stop_everything(cast):
    feed = previewed(sheet(DANIEL.replace("Data", "Sales"), PRIYA.replace("Finance", "Sales")))
    User.objects.filter(pk=cast.mentee.pk).update(department="Sales")

    stopped = confirmed(feed)

    assert stopped.status == JobStatus.FAILED
    assert "People changed since the preview" in stopped.error
    assert User.objects.get(pk=cast.mentor.pk).department == "Data"
    assert actions(carried(look_again(feed=stopped, now=NOW))) == ["change", "unchanged"]


def test_work_that_dies_halfway_leaves_nothing_and_is_done_anew(cast, monkeypatch):
    feed = previewed(sheet("E9,new@example.org,Nora,New,Data,", "E1,,,,,"))
    queued = confirm_feed(feed=feed, seen=feed.plan_digest, accepts_hold=False, actor=None, now=NOW)

    def dies(stage: str, done: int, total: int) -> None:
        if stage == "writing":
            raise SystemExit

    with pytest.raises(SystemExit):
        carry_feed(feed_id=queued.pk, clock=lambda: NOW, report=dies)
    assert not User.objects.filter(email="new@example.org").exists()

    later = NOW + timedelta(minutes=5)
    assert sweep_feeds(now=later) == 1
    assert carried(queued, later).applied_at == later
    assert User.objects.filter(email="new@example.org").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_at_once_apply_it_once(cast):
    feed = previewed(sheet("E9,new@example.org,Nora,New,Data,"))

    def confirm() -> str:
        try:
            confirm_feed(feed=feed, seen=feed.plan_digest, accepts_hold=False, actor=None, now=NOW)
        except Conflict as error:
            return error.code
        return "queued"

    assert sorted(at_once(confirm, confirm)) == ["busy", "queued"]
    carry = partial(carry_feed, feed_id=feed.pk, clock=lambda: NOW, report=quiet)
    assert [row is None for row in sorted(at_once(carry, carry), key=bool)] == [True, False]
    assert User.objects.filter(email="new@example.org").count() == 1


def test_thousands_of_rows_are_quick_and_queries_grow_with_batches_only(
    cast, django_assert_max_num_queries
):
    def rows(count: int, department: str) -> bytes:
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(HEAD.split(","))
        for number in range(count):
            boss = f"p{number // 10}@big.example" if number else ""
            writer.writerow(
                [f"B{number}", f"p{number}@big.example", "Pat", f"Nr {number}", department, boss]
            )
        return out.getvalue().encode()

    begun = time.process_time()
    with django_assert_max_num_queries(80):
        confirmed(previewed(rows(3_000, "Data")))
    assert User.objects.filter(email__endswith="@big.example").count() == 3_000
    with django_assert_max_num_queries(80):
        confirmed(previewed(rows(3_000, "Sales"), now=NOW + timedelta(minutes=1)))
    assert User.objects.filter(department="Sales").count() == 3_000
    assert time.process_time() - begun < 20


def test_list_that_was_never_applied_is_forgotten_unless_held(cast):
    plain, held = previewed(sheet(DANIEL)), previewed(sheet(PRIYA), actor=cast.it_administrator)
    Feed.objects.filter(pk=held.pk).update(is_held=True)

    sweep_feeds(now=NOW + timedelta(days=8))
    assert list(Feed.objects.all()) == [held]
    discard_feed(feed=held, actor=cast.it_administrator, now=NOW)
    events = AuditEvent.objects.filter(object_type="support.feed", object_id=str(held.pk))
    assert list(events.order_by("pk").values_list("action", "actor", "detail__rows")) == [
        ("feed.previewed", cast.it_administrator.pk, 1),
        ("feed.discarded", cast.it_administrator.pk, 1),
    ]
    assert not Feed.objects.filter(pk=plain.pk).exists()
