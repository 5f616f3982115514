"""Lists from HR: what each row does, and to whom."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress

from accounts.models import Level, User
from accounts.privacy import exporters
from audit.models import AuditEvent
from core.errors import DomainError
from notifications import mailbox
from notifications.models import Message, MessagePreference
from notifications.services import send_message
from participants.models import Enrolment
from support.feed.impact import matches_that_would_rest
from support.feed.sentences import said_note
from support.models import FeedColumn, FeedPerson, Leaver, WorkItem
from support.services import carry_leavers, judge_all, raise_items
from support.services.feeding import (
    map_feed,
    start_feed,
)
from tests.conftest import NOW, enrol, make_person
from tests.support.listing import (
    DANIEL,
    PRIYA,
    TODAY,
    actions,
    applied,
    carried,
    confirmed,
    previewed,
    problems,
    sheet,
    states,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("numbers")]


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
    found = make_person("pat@example.org", "Pat Moss", employee_id="E7")
    EmailAddress.objects.create(user=found, email=found.email, verified=True)
    head = "employee id,email,department,grade,location"

    feed = applied("E7,patricia@example.org,Research,grade8,Oslo", head=head)

    found.refresh_from_db()
    assert (found.email, found.department, found.location) == (
        "patricia@example.org",
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


def test_manager_who_gets_a_new_address_in_the_same_list_is_found(cast):
    pat = make_person("pat@example.org", "Pat Moss", employee_id="E7")

    applied(
        "E7,pat.new@example.org,Pat,Moss,Data,",
        "E9,new@example.org,Nora,New,Data,pat.new@example.org",
        "E10,nils@example.org,Nils,New,Data,new@example.org",
    )

    nora = User.objects.get(email="new@example.org")
    assert nora.manager == pat
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


def test_contract_without_an_end_is_no_last_day(cast):
    head = "employee id,last day,leave from,leave until"
    rows = ("E1,9999-12-31,,", "E2,31.12.9999,2026-11-18,9999-12-31")
    feed = previewed(sheet(*rows, head=head))

    assert (actions(feed), problems(feed)) == (["unchanged", "away"], [])


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("full", "and counts later."),
        ("changes", "and is not kept: say it again when it is nearer."),
    ],
)
def test_last_day_far_away_is_said_to_count_later_only_where_it_is_told_again(cast, kind, said):
    feed = previewed(sheet("E1,2028-03-31", "E2,", head="employee id,last day"), kind=kind)

    (note,) = feed.rows.get(number=2).notes
    assert said_note(note) == f"The last day is more than a year away {said}"


def test_corrected_list_of_the_same_day_brings_back_who_was_missing_only(cast):
    applied("E2,left", head="employee id,status")
    applied("E2,priya@example.org,Priya,Raman,Finance,", kind="full")
    assert FeedPerson.objects.get(user=cast.mentor).gone_on == TODAY

    applied(PRIYA, DANIEL, kind="full", now=NOW + timedelta(minutes=1))

    gone = dict(FeedPerson.objects.values_list("user", "gone_on"))
    assert (gone[cast.mentor.pk], gone[cast.mentee.pk]) == (None, TODAY)


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


def test_circle_that_keeps_a_mentor_goes_on(cast):
    second = enrol(cast.cohort, make_person("co@example.org", "Co Mentor"), "mentor")
    cast.match.members.create(enrolment=second, user=second.user, role="mentor", joined_at=NOW)

    feed = previewed(sheet("E1,left", head="employee id,status"))

    assert matches_that_would_rest(feed, viewer=cast.it_administrator).lines == []


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
