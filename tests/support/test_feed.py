"""Lists from HR: what each row does, what is held or refused, and the way back."""

from __future__ import annotations

import csv
import io
import time
from datetime import date, timedelta
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as django_mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Level, User
from accounts.privacy import exporters
from audit.models import AuditEvent
from core.errors import Conflict, DomainError
from core.jobs import JobStatus
from core.progress import quiet
from matching.models import Match
from notifications import mailbox
from notifications.models import Message, MessagePreference
from notifications.services import send_message
from participants.models import Enrolment
from support.feed.impact import matches_that_would_rest
from support.models import Feed, FeedColumn, FeedPerson, FeedSettings, Leaver, WorkItem
from support.services import carry_leavers, judge_all, raise_items
from support.services.feed_carrying import carry_feed, sweep_feeds
from support.services.feeding import (
    confirm_feed,
    day_in_name,
    discard_feed,
    look_again,
    map_feed,
    start_feed,
    undo_feed,
)
from support.services.nightly import take_in
from tests.conftest import NOW, enrol, grant, make_cohort, make_match, make_person
from tests.participants.joining import at_once

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
HEAD = "employee id,email,first name,last name,department,manager email"
DANIEL = "E1,daniel@example.org,Daniel,Osei,Data,"
PRIYA = "E2,priya@example.org,Priya,Raman,Finance,"


@pytest.fixture(autouse=True)
def numbers(cast):
    """Give the pair employee numbers, and let nothing be held for two people."""
    for person, number in ((cast.mentor, "E1"), (cast.mentee, "E2")):
        User.objects.filter(pk=person.pk).update(employee_id=number)
        person.refresh_from_db()
    FeedSettings.objects.create(hold_percent=100)


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


def test_joiner_is_known_and_may_be_invited_and_gets_no_mail(cast):
    feed = applied("E9,new@example.org,Nora,New,Data,daniel@example.org")

    nora = User.objects.get(email="new@example.org")
    assert (str(nora), nora.employee_id, nora.department) == ("Nora New", "E9", "Data")
    assert nora.manager == cast.mentor
    assert not nora.has_usable_password()
    assert not nora.enrolments.exists()
    assert not Message.objects.exists()
    assert actions(feed) == ["join"]
    event = AuditEvent.objects.get(action="feed.applied")
    assert (event.detail["join"], event.detail["rows"]) == (1, 1)


def test_mover_changes_department_level_place_and_address(cast):
    Level.objects.create(name="Grade 8", rank=8)
    EmailAddress.objects.create(user=cast.mentor, email=cast.mentor.email, verified=True)
    head = "employee id,email,department,grade,location"

    feed = applied("E1,dan@example.org,Research,grade8,Oslo", head=head)

    cast.mentor.refresh_from_db()
    found = cast.mentor
    assert (found.email, found.department, found.location) == (
        "dan@example.org",
        "Research",
        "Oslo",
    )
    assert found.level.name == "Grade 8"
    assert not EmailAddress.objects.filter(user=found).exists()
    assert actions(feed) == ["change"]


def test_the_same_list_again_changes_nothing(cast):
    rows = (DANIEL, "E9,new@example.org,Nora,New,Data,daniel@example.org")
    applied(*rows, kind="full")
    before = list(User.objects.order_by("pk").values())

    again = previewed(sheet(*rows), kind="full")

    assert set(actions(again)) == {"unchanged"}
    with pytest.raises(DomainError, match="changes nothing"):
        confirmed(again)
    assert list(User.objects.order_by("pk").values()) == before


def test_two_may_swap_places_in_the_reporting_line(cast):
    User.objects.filter(pk=cast.mentee.pk).update(manager=cast.mentor)

    applied(
        "E1,daniel@example.org,Daniel,Osei,Data,priya@example.org",
        "E2,priya@example.org,Priya,Raman,Finance,marta@example.org",
    )

    assert User.objects.get(pk=cast.mentor.pk).manager == cast.mentee
    assert User.objects.get(pk=cast.mentee.pk).manager == cast.program_manager


def test_pair_that_a_change_of_manager_put_into_one_line_stands_in_the_queue(cast):
    applied("E2,priya@example.org,Priya,Raman,Finance,daniel@example.org")

    judge_all(now=NOW)
    raise_items(now=NOW)

    assert WorkItem.objects.get(kind="line").match == cast.match


def test_leaver_rests_the_same_day_and_the_partner_is_told_kindly(cast):
    feed = previewed(sheet("E1,left", head="employee id,status"))
    resting = matches_that_would_rest(feed, viewer=cast.it_administrator)
    assert [(line.names, line.leaves, line.on) for line in resting.lines] == [
        ("Daniel Osei – Priya Raman", True, TODAY)
    ]

    confirmed(feed)

    assert states(cast) == ("paused", "paused")
    message = Message.objects.get(kind="support.partner_away")
    send_message(pk=message.pk, clock=lambda: NOW)
    assert "left" not in mailbox.read_mails()[0].text
    carry_leavers(now=NOW + timedelta(days=8))
    assert states(cast) == ("ended", "withdrawn")


def test_last_day_to_come_rests_the_day_after_and_may_move_and_be_taken_back(cast):
    head = "employee id,last working day"
    applied("E1,2026-11-28", head=head)
    assert (Leaver.objects.get().leaves_on, states(cast)) == (
        date(2026, 11, 28),
        ("active", "enrolled"),
    )

    applied("E1,30.11.2026", head=head)
    assert Leaver.objects.get().leaves_on == date(2026, 11, 30)

    feed = applied("E1,", "E2,", head=head, kind="full")
    assert actions(feed) == ["back", "unchanged"]
    assert Leaver.objects.get().undone_at == NOW


def test_whoever_hr_knows_and_a_full_list_does_not_name_has_left(cast):
    external = make_person("ext@example.org", "Eve External")

    feed = applied(PRIYA, kind="full")

    assert [(row.name, row.number) for row in feed.rows.filter(action="leave")] == [
        ("Daniel Osei", None)
    ]
    assert states(cast) == ("paused", "paused")
    assert not Leaver.objects.filter(person=external).exists()


def test_changes_say_nothing_of_people_they_do_not_name(cast):
    feed = applied("E2,priya@example.org,Priya,Raman,Sales,", kind="changes")

    assert actions(feed) == ["change"]
    assert states(cast) == ("active", "enrolled")


def test_who_left_and_is_named_again_is_back(cast):
    applied(PRIYA, kind="full")

    feed = applied(PRIYA, DANIEL, kind="full", dated=TODAY + timedelta(days=1))

    assert "back" in actions(feed)
    assert states(cast) == ("active", "enrolled")
    assert FeedPerson.objects.get(user=cast.mentor).gone_on is None


def test_leave_pauses_and_ends_with_the_list(cast):
    head = "employee id,leave from,leave until"
    feed = applied("E1,2026-11-18,2026-12-18", head=head)

    assert actions(feed) == ["away"]
    enrolment = Enrolment.objects.get(pk=cast.mentor_enrolment.pk)
    assert (enrolment.status, enrolment.pause_until) == ("paused", date(2026, 12, 18))
    assert MessagePreference.objects.get(user=cast.mentor).leave_until == date(2026, 12, 18)
    assert set(actions(previewed(sheet("E1,2026-11-18,2026-12-18", head=head)))) == {"unchanged"}

    feed = applied("E1,,", "E2,,", head=head, kind="full")
    assert actions(feed) == ["back", "unchanged"]
    assert Enrolment.objects.get(pk=cast.mentor_enrolment.pk).status == "enrolled"
    assert MessagePreference.objects.get(user=cast.mentor).leave_until is None


def test_list_by_which_too_many_would_leave_is_held_until_somebody_confirms(cast):
    FeedSettings.objects.update(hold_percent=2)
    for number in range(49):
        person = make_person(f"m{number}@example.org", f"Mentee {number}")
        enrol(cast.cohort, person, "mentee")

    one = previewed(sheet("E1,left", head="employee id,status"))
    two = previewed(sheet("E1,left", "E2,left", head="employee id,status"))

    assert (one.counts["participants"], one.counts["leaving_participants"]) == (51, 1)
    assert (one.is_held, two.is_held) == (False, True)
    with pytest.raises(DomainError, match="held"):
        confirm_feed(feed=two, seen=two.plan_digest, accepts_hold=False, actor=None, now=NOW)
    assert states(cast) == ("active", "enrolled")
    confirmed(two, accepts=True)
    assert states(cast) == ("paused", "paused")


def test_row_that_names_nobody_holds_a_list_in_which_somebody_is_missing(cast):
    feed = previewed(sheet(PRIYA, ",not an address,Daniel,Osei,Data,"), kind="full")

    assert (problems(feed), feed.counts["missing"], feed.is_held) == (
        [(3, "email_invalid")],
        1,
        True,
    )


def test_problem_row_whose_number_is_nobodys_holds_it_too(cast):
    feed = previewed(sheet(PRIYA, "E1x,broken,Daniel,Osei,Data,"), kind="full")

    assert (feed.counts["unreadable"], feed.counts["missing"], feed.is_held) == (1, 1, True)


def test_problem_row_that_names_somebody_does_not_make_them_leave(cast):
    feed = previewed(sheet(PRIYA, "E1,broken,Daniel,Osei,Data,"), kind="full")

    assert (actions(feed), feed.is_held) == (["unchanged", "problem"], False)


def test_older_list_is_refused_before_and_while_it_is_applied(cast):
    older = previewed(sheet(DANIEL), dated=TODAY - timedelta(days=2))
    applied(PRIYA.replace("Finance", "Sales"), dated=TODAY - timedelta(days=1))

    with pytest.raises(DomainError, match=r"one of .* has been applied already"):
        previewed(sheet(DANIEL), dated=TODAY - timedelta(days=2))
    with pytest.raises(DomainError, match="applied already"):
        confirmed(older)
    with pytest.raises(DomainError, match="day to come"):
        previewed(sheet(DANIEL), dated=TODAY + timedelta(days=3))
    with pytest.raises(IntegrityError, match="feed_older"), transaction.atomic():
        Feed.objects.filter(pk=older.pk).update(applied_at=NOW)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("E7,,Who,Ever,Data,", "unknown_employee"),
        ("E1,marta@example.org,Daniel,Osei,Data,", "two_people"),
        ("E8,daniel@example.org,Other,Person,Data,", "number_differs"),
        ("E1,daniel@example.org,Daniel,Osei,Data,daniel@example.org", "own_manager"),
        ("E1,daniel@example.org,Daniel,Osei,Data,nobody@example.org", "unknown_manager"),
        (",,Daniel,Osei,Data,", "no_identity"),
        ("E1,#N/A,Daniel,Osei,Data,", "cell_error"),
        ("E1,daniel@example.org,Daniel,Osei,Data,,more", "extra_cells"),
    ],
)
def test_bad_row_is_named_and_the_others_go_in(cast, row, code):
    feed = previewed(sheet("E2,priya@example.org,Priya,Raman,Sales,", row))

    assert problems(feed) == [(3, code)]
    confirmed(feed)
    cast.mentee.refresh_from_db()
    assert cast.mentee.department == "Sales"


def test_circle_of_managers_and_repeated_rows_are_problems(cast):
    circle = previewed(
        sheet(
            "E1,daniel@example.org,Daniel,Osei,Data,priya@example.org",
            "E2,priya@example.org,Priya,Raman,Finance,daniel@example.org",
        )
    )
    twice = previewed(sheet(DANIEL, DANIEL, DANIEL.replace("Data", "Sales")))

    assert problems(circle) == [(2, "manager_circle"), (3, "manager_circle")]
    assert problems(twice) == [(4, "twice_different")]


@pytest.mark.parametrize(
    ("head", "row", "code"),
    [
        ("employee id,status", "E1,perhaps", "status_unknown"),
        ("employee id,last day", "E1,soon", "not_a_date"),
        ("employee id,leave from,leave until", "E1,2026-12-02,2026-12-01", "leave_order"),
        ("employee id,grade", "E1,Wizard", "unknown_level"),
    ],
)
def test_cell_that_cannot_be_meant_is_named(cast, head, row, code):
    assert problems(previewed(sheet(row, head=head))) == [(2, code)]


def test_manager_who_gets_a_new_address_in_the_same_list_is_found(cast):
    applied(
        "E1,dan.new@example.org,Daniel,Osei,Data,",
        "E9,new@example.org,Nora,New,Data,dan.new@example.org",
        "E10,nils@example.org,Nils,New,Data,new@example.org",
    )

    nora = User.objects.get(email="new@example.org")
    assert nora.manager == cast.mentor
    assert User.objects.get(email="nils@example.org").manager == nora


def test_leaver_nobody_knows_makes_no_account_and_no_manager(cast):
    head = "employee id,email,status,manager employee id"
    feed = previewed(
        sheet("E8,gone@example.org,left,", "E1,daniel@example.org,active,E8", head=head)
    )

    assert (actions(feed), problems(feed)) == (["unchanged", "problem"], [(3, "unknown_manager")])


def test_address_of_whoever_looks_after_the_product_and_chosen_names_stay(cast):
    User.objects.filter(pk=cast.it_administrator.pk).update(employee_id="E5")
    User.objects.filter(pk=cast.mentor.pk).update(last_login=NOW)

    feed = previewed(
        sheet("E5,evil@example.org,Ines,Castro,IT,", "E1,daniel@example.org,Dan,Osei,Data,")
    )
    confirmed(feed)

    assert User.objects.get(employee_id="E5").email == "ines@example.org"
    assert User.objects.get(employee_id="E1").first_name == "Daniel"
    notes = [note["code"] for row in feed.rows.order_by("number") for note in row.notes]
    assert notes == ["email_kept", "name_kept"]


def test_address_of_who_signed_in_or_has_a_role_moves_only_by_it_and_the_old_one_is_told(
    cast, django_capture_on_commit_callbacks
):
    """HR must not take over an account by giving it a mailbox of its own."""
    hr, it = grant(cast.hr_analyst, "hr_analyst", None).user, cast.it_administrator
    User.objects.filter(pk=cast.program_manager.pk).update(employee_id="E3")
    User.objects.filter(pk=cast.mentor.pk).update(last_login=NOW)
    rows = ("E1,evil1@example.org", "E3,evil3@example.org")
    feed = previewed(sheet(*rows, head="employee id,email"), actor=hr)

    assert actions(feed) == ["unchanged", "unchanged"]
    assert [row.notes[0]["code"] for row in feed.rows.all()] == ["email_kept", "email_kept"]
    night = previewed(sheet(*rows, head="employee id,email"))
    assert actions(night) == ["unchanged", "unchanged"]

    feed = carried(look_again(feed=feed, actor=it, now=NOW))
    assert actions(feed) == ["change", "change"]
    assert [row.notes[0]["code"] for row in feed.rows.all()] == ["email_moves", "email_moves"]
    with pytest.raises(DomainError, match="which only IT may"):
        confirmed(feed, actor=hr)
    with django_capture_on_commit_callbacks(execute=True):
        confirmed(feed, actor=it)
    assert User.objects.get(employee_id="E1").email == "evil1@example.org"
    assert sorted(mail.to[0] for mail in django_mail.outbox) == [
        "daniel@example.org",
        "marta@example.org",
    ]
    assert "evil1@example.org" in django_mail.outbox[0].body
    events = AuditEvent.objects.filter(action="person.changed", detail={"fields": ["email"]})
    assert set(events.values_list("object_id", "actor")) == {
        (str(person.pk), it.pk) for person in (cast.mentor, cast.program_manager)
    }


def test_preview_of_it_that_hr_confirms_by_a_trick_moves_no_address(cast):
    hr = grant(cast.hr_analyst, "hr_analyst", None).user
    User.objects.filter(pk=cast.mentor.pk).update(last_login=NOW)
    feed = previewed(
        sheet("E1,evil@example.org", head="employee id,email"), actor=cast.it_administrator
    )
    queued = confirm_feed(
        feed=feed,
        seen=feed.plan_digest,
        accepts_hold=False,
        actor=cast.it_administrator,
        now=NOW,
    )
    Feed.objects.filter(pk=queued.pk).update(requested_by=hr)

    assert carried(queued).status == JobStatus.FAILED
    assert User.objects.get(employee_id="E1").email == "daniel@example.org"


def test_two_rows_of_one_person_by_address_and_by_number_name_each_other(cast):
    head = "employee id,email,department"
    feed = previewed(sheet("E1,,Sales", ",daniel@example.org,Board", head=head))

    assert actions(feed) == ["change", "problem"]
    (found,) = feed.rows.get(number=3).problems
    assert (found["code"], found["params"]) == ("two_rows", {"row": 3, "other": 2})
    confirmed(feed)
    assert User.objects.get(employee_id="E1").department == "Sales"


def test_contract_without_an_end_is_no_last_day(cast):
    head = "employee id,last day,leave from,leave until"
    rows = ("E1,9999-12-31,,", "E2,31.12.9999,2026-11-18,9999-12-31")
    feed = previewed(sheet(*rows, head=head))

    assert (actions(feed), problems(feed)) == (["unchanged", "away"], [])


def test_corrected_list_of_the_same_day_brings_back_who_was_missing_only(cast):
    applied("E2,left", head="employee id,status")
    applied("E2,priya@example.org,Priya,Raman,Finance,", kind="full")
    assert FeedPerson.objects.get(user=cast.mentor).gone_on == TODAY

    applied(PRIYA, DANIEL, kind="full", now=NOW + timedelta(minutes=1))

    gone = dict(FeedPerson.objects.values_list("user", "gone_on"))
    assert (gone[cast.mentor.pk], gone[cast.mentee.pk]) == (None, TODAY)


def test_list_that_is_to_be_held_since_its_preview_is_stopped(cast):
    feed = previewed(sheet("E1,left", head="employee id,status"))
    assert not feed.is_held
    FeedSettings.objects.update(hold_percent=2)

    assert "People changed since the preview" in confirmed(feed).error
    assert states(cast) == ("active", "enrolled")
    feed = carried(look_again(feed=feed, now=NOW))
    assert (feed.is_held, confirmed(feed, accepts=True).error) == (True, "")


def test_people_who_wait_for_a_place_count_for_the_hold(cast):
    FeedSettings.objects.update(hold_percent=40)
    for number in range(2):
        person = make_person(f"w{number}@example.org", f"Waits {number}")
        User.objects.filter(pk=person.pk).update(employee_id=f"W{number}")
        enrol(cast.cohort, person, "mentee", status="waitlisted")

    feed = previewed(sheet("W0,left", "W1,left", head="employee id,status"))

    assert (feed.counts["leaving_participants"], feed.is_held) == (2, True)


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


def test_columns_are_remembered_for_the_next_list_of_the_kind(cast):
    feed = start_feed(
        kind="changes", file_name="x.csv", content=b"Nummer X,Wo\nE1,Oslo\n", actor=None, now=NOW
    )
    assert feed.columns == ["", ""]
    with pytest.raises(DomainError, match="No column says who"):
        map_feed(feed=feed, columns=["", "location"], now=NOW)
    with pytest.raises(DomainError, match="both mean"):
        map_feed(feed=feed, columns=["employee_id", "employee_id"], now=NOW)
    confirmed(carried(map_feed(feed=feed, columns=["employee_id", "location"], now=NOW)))

    again = start_feed(
        kind="changes", file_name="x.csv", content=b"NUMMER X,wo\nE1,Bergen\n", actor=None, now=NOW
    )
    assert again.columns == ["employee_id", "location"]
    assert FeedColumn.objects.filter(kind="full").count() == 0


def test_discreet_program_is_counted_and_not_named(cast):
    cast.program.is_discreet = True
    cast.program.save(update_fields=["is_discreet"])
    feed = previewed(sheet("E1,left", head="employee id,status"))

    unnamed = matches_that_would_rest(feed, viewer=cast.it_administrator)
    assert (list(unnamed.lines), unnamed.more) == ([], 1)
    named = matches_that_would_rest(feed, viewer=cast.program_manager)
    assert (len(named.lines), named.more) == (1, 0)


def test_circle_that_keeps_a_mentor_goes_on(cast):
    second = enrol(cast.cohort, make_person("co@example.org", "Co Mentor"), "mentor")
    cast.match.members.create(enrolment=second, user=second.user, role="mentor", joined_at=NOW)

    feed = previewed(sheet("E1,left", head="employee id,status"))

    assert matches_that_would_rest(feed, viewer=cast.it_administrator).lines == []


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


def test_nightly_file_is_applied_once_and_held_lists_wait_and_mail(cast, tmp_path):
    path = tmp_path / "hr-2026-11-18.csv"
    path.write_bytes(sheet(DANIEL.replace("Data", "Sales"), PRIYA))
    take = partial(take_in, path=path, kind="full", now=NOW)

    assert take(dry_run=True).state == "dry_run"
    assert not Feed.objects.exists()
    first = take()
    assert (first.state, first.feed.dated) == ("applied", date(2026, 11, 18))
    assert take().state == "nothing"

    FeedSettings.objects.update(hold_percent=2)
    path.write_bytes(sheet(PRIYA))
    assert (take().state, take().state) == ("held", "waits")
    assert states(cast) == ("active", "enrolled")
    message = Message.objects.get(kind="support.hr_list")
    assert message.recipient == cast.it_administrator
    send_message(pk=message.pk, clock=lambda: NOW)
    mail = mailbox.read_mails()[0]
    assert mail.subject == "An HR list is held and waits for you"
    assert "1 of 2 people who take part would leave, 50.0 percent." in mail.text
    assert message.notice.path == reverse("support:feed", args=(Feed.objects.first().token,))
    assert "Daniel" not in mail.text


def test_nightly_file_that_fails_is_told(cast, tmp_path):
    night = take_in(path=tmp_path / "gone.csv", kind="full", now=NOW)

    assert (night.state, night.code) == ("failed", "missing")
    message = Message.objects.get(kind="support.hr_list")
    send_message(pk=message.pk, clock=lambda: NOW)
    assert "Is it where HR_FEED_PATH says?" in mailbox.read_mails()[0].text


def test_file_that_was_undone_is_not_applied_again_by_itself(cast, tmp_path):
    path = tmp_path / "hr-2026-11-18.csv"
    path.write_bytes(sheet(DANIEL.replace("Data", "Sales"), PRIYA))
    undone(take_in(path=path, kind="full", now=NOW).feed)

    assert take_in(path=path, kind="full", now=NOW).state == "nothing"
    applied(PRIYA, DANIEL, kind="full")
    assert take_in(path=path, kind="full", now=NOW).state == "nothing"
    assert User.objects.get(employee_id="E1").department == "Data"


def test_command_names_bad_rows_and_applies_none_or_the_rest(cast, tmp_path, capsys):
    path = tmp_path / "changes.csv"
    path.write_bytes(sheet(DANIEL.replace("Data", "Sales"), "E2,broken,Priya,Raman,Sales,"))
    command = partial(call_command, "apply_hr_feed", str(path), "--kind", "changes")

    with pytest.raises(SystemExit) as stopped:
        command()
    said = capsys.readouterr()
    assert stopped.value.code == 1
    assert "Row 3: E-mail: “broken” is not an e-mail address. Write it like" in said.out
    assert User.objects.get(employee_id="E1").department == "Data"

    with pytest.raises(SystemExit):
        command("--skip-problems")
    assert "The list is applied." in capsys.readouterr().out
    assert User.objects.get(employee_id="E1").department == "Sales"


def test_day_is_read_from_a_file_name():
    assert day_in_name("people-2026-11-22.csv") == date(2026, 11, 22)
    assert day_in_name("HR_20261122_full.xlsx") == date(2026, 11, 22)
    assert day_in_name("people-1234567890.csv") is None
    assert day_in_name("people-2026-02-31.csv") is None


def test_own_data_holds_what_lists_say(cast):
    applied("E1,2026-11-28", head="employee id,last day")

    (found,) = [list(one.rows(cast.mentor)) for one in exporters() if one.name == "hr_record"]
    assert found == [
        {
            "last_day": date(2026, 11, 28),
            "leave_from": None,
            "leave_until": None,
            "lists": ["2026-11-18: Leaves"],
        }
    ]


def test_pages_lead_from_the_file_to_the_result_and_back(cast, settings):
    client = cast.client("it_administrator")
    upload = io.BytesIO(sheet("E1,left", "E9,left", "E2,perhaps", head="employee id,status"))
    upload.name = "hr-2026-11-18.csv"

    page = client.post(reverse("support:feeds"), {"kind": "changes", "file": upload})
    feed = Feed.objects.get()
    url = reverse("support:feed", args=(feed.token,))
    assert page.headers["Location"] == url
    assert "What do the columns mean?" in client.get(url).content.decode()
    client.post(
        reverse("support:feed_columns", args=(feed.token,)),
        {"column_0": "employee_id", "column_1": "status"},
    )
    assert "Waiting for a worker." in client.get(url).content.decode()
    feed = carried(feed)
    shown = client.get(f"{url}?show=leave").content.decode()
    assert "Daniel Osei – Priya Raman" in shown
    assert "Leaves; the last day is 18 November 2026." in shown
    assert "Apply to 1 person" in shown

    FeedSettings.objects.update(hold_percent=0)
    client.post(reverse("support:feed_act", args=(feed.token, "check")))
    feed = carried(feed)
    assert "This list is held" in client.get(url).content.decode()
    confirm = reverse("support:feed_confirm", args=(feed.token,))
    refused = client.post(confirm, {"seen": feed.plan_digest}, follow=True)
    assert "Look at the names, then say that they are right." in refused.content.decode()
    client.post(confirm, {"seen": feed.plan_digest, "accepts": "1"})
    carried(feed)
    assert "The list is applied" in client.get(url).content.decode()
    told = b"".join(client.get(reverse("support:feed_problems", args=(feed.token,))))
    assert "“perhaps” says nothing that is known" in told.decode()

    client.post(reverse("support:feed_act", args=(feed.token, "undo")))
    carried(feed)
    assert "The list is undone" in client.get(url).content.decode()
    assert states(cast) == ("active", "enrolled")
    assert "hr-2026-11-18.csv" in client.get(reverse("support:feeds")).content.decode()


def test_list_that_is_no_list_is_refused_on_the_page(cast):
    client = cast.client("it_administrator")
    upload = io.BytesIO(b"\x89PNG\r\n\x1a\n....")
    upload.name = "photo.png"

    page = client.post(reverse("support:feeds"), {"kind": "full", "file": upload})

    assert page.status_code == 422
    assert "This is a picture, not a list." in page.content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [("program_manager", 403), ("hr_analyst", 403), ("stranger", 403), ("it_administrator", 200)],
)
def test_lists_are_for_it_and_for_hr_of_the_whole_organisation(cast, who, status):
    feed = previewed(sheet(DANIEL))
    client = cast.client(who)

    assert client.get(reverse("support:feeds")).status_code == status
    one = client.get(reverse("support:feed", args=(feed.token,))).status_code
    assert one == (200 if status == 200 else 404)


def test_hr_of_the_whole_organisation_sees_lists(cast):
    grant(cast.hr_analyst, "hr_analyst", None)

    assert cast.client("hr_analyst").get(reverse("support:feeds")).status_code == 200


@pytest.mark.parametrize("count", [1, 30])
def test_preview_takes_the_same_queries_for_any_number(cast, count, django_assert_max_num_queries):
    cohort = make_cohort(cast.program, name="Winter")
    rows = []
    for number in range(count):
        pair = [make_person(f"{r}{number}@example.org", f"{r} {number}") for r in ("a", "b")]
        User.objects.filter(pk=pair[0].pk).update(employee_id=f"N{number}")
        make_match(enrol(cohort, pair[0], "mentor"), enrol(cohort, pair[1], "mentee"))
        rows.append(f"N{number},left")
    feed = previewed(sheet(*rows, head="employee id,status"))
    client = cast.client("it_administrator")

    with django_assert_max_num_queries(13):
        page = client.get(reverse("support:feed", args=(feed.token,)))
    assert page.content.decode().count("last day 18 November") == count


def test_list_that_was_never_applied_is_forgotten_unless_held(cast):
    plain, held = previewed(sheet(DANIEL)), previewed(sheet(PRIYA))
    Feed.objects.filter(pk=held.pk).update(is_held=True)

    sweep_feeds(now=NOW + timedelta(days=8))
    assert list(Feed.objects.all()) == [held]
    discard_feed(feed=held)
    assert not Feed.objects.filter(pk=plain.pk).exists()
