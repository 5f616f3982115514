"""Two accounts of one person become one: what goes over, what stands in the way, what is told."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts import merging
from accounts.merging import obstacles_of
from accounts.models import AccountMerge, ErasureRequest, Level, RoleGrant, User
from accounts.selectors import account_with
from accounts.services import change_person
from accounts.services.erasing import erase_person
from audit.models import AuditEvent
from core.errors import Conflict, DomainError, NotAllowed
from matching.models import DoNotPair, MatchMember, ThreadMessage
from notes.models import Reflection
from notifications.models import Message, MessageState
from notifications.services import queue_message
from participants.importing import known
from participants.importing.rows import ParsedRow
from participants.models import Enrolment, Profile, ScreeningResult
from participants.services.enrolling import enrol_person
from programs.models import Phase, ScreeningStep
from sessions.models import CalendarFeed, Meeting, MeetingAttendee
from support.feed import known as feed_known
from support.models import HelpContact, Leaver
from support.services.merging import keep_apart, merge_accounts
from tests.conftest import NOW, enrol, grant, make_cohort, make_match, make_person
from tests.security.worlds import add_roles, cast_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def private(cast) -> User:
    """The mentee's other account, under a private address."""
    return make_person("priya.raman@home.example", "Priya Raman")


def merged(cast, keep, double, **options) -> AccountMerge:
    values = {"actor": cast.it_administrator, "now": NOW, "reason": "She told us.", **options}
    return merge_accounts(keep=keep, double=double, **values)


def told(keep, double) -> list[str]:
    return [str(sentence) for sentence in obstacles_of(keep, double)]


def pointing_at(person: User) -> dict[str, int]:
    """Return how many rows of each key point at a person."""
    counts = {}
    for key in merging.carried():
        label, _, field = key.rpartition(".")
        rows = apps.get_model(label)._base_manager.filter(**{field: person.pk})
        counts[key] = rows.count()
    return {key: count for key, count in counts.items() if count}


def test_everything_of_a_world_goes_over_and_nothing_points_at_the_double(cast, private):
    add_roles(cast)
    cast_world(cast)
    Leaver.objects.update(undone_at=NOW)
    for other in (cast.stranger, cast.deputy):
        low, high = sorted((cast.mentee.pk, other.pk))
        DoNotPair.objects.get_or_create(low_id=low, high_id=high, defaults={"created_at": NOW})
    before = pointing_at(cast.mentee)

    merge = merged(cast, private, cast.mentee)

    assert pointing_at(cast.mentee) == {}
    after = pointing_at(private)
    assert len(before) > 25
    gone = {"accounts.PersonalAccessToken.user", "meetings.CalendarFeed.user"}
    assert set(before) - set(after) <= gone
    assert set(MatchMember.objects.filter(match=cast.match).values_list("user", "role")) == {
        (cast.mentor.pk, "mentor"),
        (private.pk, "mentee"),
    }
    assert ThreadMessage.objects.get().author == private
    assert not CalendarFeed.objects.exists()
    assert merge.counts["participants.Enrolment.user"] == 1


def test_carried_rows_are_protected_again_after_the_merge(cast, private):
    add_roles(cast)
    cast_world(cast)
    Leaver.objects.update(undone_at=NOW)
    merged(cast, private, cast.mentee)

    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        ThreadMessage.objects.update(author=cast.mentor)


def test_double_is_switched_off_and_points_to_the_kept_account(cast, private):
    manager = make_person("boss@example.org", "Big Boss")
    level = Level.objects.create(name="Grade 3", rank=3)
    User.objects.filter(pk=private.pk).update(
        employee_id="E77", manager=manager, level=level, job_title="Analyst", department="Law"
    )
    EmailAddress.objects.create(user=private, email=private.email, verified=True, primary=True)

    merge = merged(cast, cast.mentee, private, reason="Phone call")

    kept, double = (User.objects.get(pk=person.pk) for person in (cast.mentee, private))
    assert (double.is_active, double.merged_into, double.employee_id) == (False, kept, "")
    assert not double.has_usable_password()
    assert double.email == "priya.raman@home.example"
    assert (kept.employee_id, kept.manager, kept.level) == ("E77", manager, level)
    assert (kept.job_title, kept.department) == ("Analyst", "Finance")
    assert not EmailAddress.objects.filter(user=double).exists()
    event = AuditEvent.objects.get(action="person.merged")
    assert (event.object_id, event.actor) == (str(kept.pk), cast.it_administrator)
    assert event.detail == {"double": double.pk}  # numbers would tell of discreet programs
    assert merge.counts
    assert merge.reason == "Phone call"


def test_double_is_signed_out_and_its_address_leads_to_the_kept_account(cast, private):
    browser = Client()
    browser.force_login(private, backend="accounts.backends.PersonBackend")

    merged(cast, cast.mentee, private)

    assert browser.get("/").status_code == 302
    assert account_with("PRIYA.RAMAN@home.example") == cast.mentee


def test_both_addresses_are_told(cast, private, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        merge = merged(cast, cast.mentee, private)

    message = Message.objects.get(kind="support.accounts_merged")
    assert (message.recipient, message.object_id) == (cast.mentee, merge.pk)
    (letter,) = [one for one in mail.outbox if one.to == ["priya.raman@home.example"]]
    assert letter.subject == "Your two accounts for mentoring are one now"
    assert "sign in with that address from now on" in letter.body
    assert "priya@example.org" in letter.body


def test_profile_keeps_what_it_says_and_fills_what_is_empty(cast, private):
    Profile.objects.filter(user=cast.mentee).update(bio="Mine", languages=[])
    Profile.objects.filter(user=private).update(
        bio="Other", goal_text="Lead", languages=["de"], language_levels={"de": "C1"}
    )

    merged(cast, cast.mentee, private)

    profile = Profile.objects.get(user=cast.mentee)
    assert (profile.bio, profile.goal_text) == ("Mine", "Lead")
    assert profile.spoken() == {"de": "C1"}
    assert not Profile.objects.filter(user=private).exists()


def test_place_given_up_goes_and_the_live_one_stays_with_its_matches(cast, private):
    live = enrol(cast.cohort, private, "mentee")
    Enrolment.objects.filter(pk=cast.mentee_enrolment.pk).update(status="withdrawn")
    cast.match.members.update(left_at=NOW)
    MatchMember.objects.filter(match=cast.match, user=cast.mentor).update(left_at=NOW)

    merged(cast, cast.mentee, private)

    place = Enrolment.objects.get(cohort=cast.cohort, role="mentee")
    assert (place.pk, place.user, place.status) == (live.pk, cast.mentee, "enrolled")
    member = MatchMember.objects.get(match=cast.match, role="mentee")
    assert (member.user, member.enrolment) == (cast.mentee, place)


def test_mail_sent_to_the_double_is_not_sent_again(cast, private):
    for person in (cast.mentee, private):
        queue_message(kind="matching.matched", recipient=person, object_id=7, now=NOW)
    queue_message(kind="matching.matched", recipient=private, object_id=8, now=NOW)
    Message.objects.filter(object_id=8).update(state=MessageState.SENT)

    merged(cast, cast.mentee, private)

    rows = Message.objects.filter(kind="matching.matched").order_by("pk")
    assert [(row.recipient_id, row.state) for row in rows] == [
        (cast.mentee.pk, "due"),
        (cast.mentee.pk, "skipped"),
        (cast.mentee.pk, "sent"),
    ]
    again = {"kind": "matching.matched", "recipient": cast.mentee, "object_id": 8, "now": NOW}
    assert queue_message(**again) is False


def test_two_answers_to_one_question_stand_under_each_other(cast, private):
    phase = Phase.objects.create(
        cohort=cast.cohort, name="Start", starts_on=NOW.date(), ends_on=NOW.date()
    )
    for person, text in ((cast.mentee, "I listen."), (private, "I ask.")):
        Reflection.objects.create(
            phase=phase, author=person, question="?", text=text, written_at=NOW, changed_at=NOW
        )

    merged(cast, cast.mentee, private)

    assert [row.text for row in Reflection.objects.filter(author=cast.mentee)] == [
        "I listen.\n\nI ask."
    ]


def test_pairs_to_avoid_go_over_once_and_in_order(cast, private):
    for first, second in ((cast.mentee, cast.stranger), (private, cast.stranger)):
        low, high = sorted((first.pk, second.pk))
        DoNotPair.objects.create(low_id=low, high_id=high, created_at=NOW)
    low, high = sorted((private.pk, cast.mentee.pk))
    DoNotPair.objects.create(low_id=low, high_id=high, created_at=NOW)

    merged(cast, cast.mentee, private)

    assert {(row.low_id, row.high_id) for row in DoNotPair.objects.all()} == {
        tuple(sorted((cast.mentee.pk, cast.stranger.pk)))
    }


def test_seat_in_a_circle_tells_the_kept_account_why(cast, private):
    cohort = make_cohort(cast.program, name="Rounds")
    lead = enrol(cohort, make_person("lead@example.org", "Lea Lead"), "mentor")
    told = [{"kind": "skills", "seat": private.pk}, {"kind": "skills", "seat": lead.user_id}]
    match = make_match(lead, enrol(cohort, private, "mentee"), contributions=told)

    merged(cast, cast.mentee, private)

    match.refresh_from_db()
    assert [part["seat"] for part in match.contributions] == [cast.mentee.pk, lead.user_id]


def test_match_that_a_pair_to_avoid_forbids_stops_the_merge(cast, private):
    low, high = sorted((private.pk, cast.mentor.pk))
    DoNotPair.objects.create(low_id=low, high_id=high, created_at=NOW)

    with pytest.raises(DomainError, match="A rule of pairing keeps") as refused:
        merged(cast, private, cast.mentee)

    assert refused.value.code == "pairing_refuses"
    assert User.objects.get(pk=cast.mentee.pk).is_active
    assert Enrolment.objects.get(pk=cast.mentee_enrolment.pk).user == cast.mentee


def test_outcome_of_screening_that_is_later_stays(cast, private):
    step = ScreeningStep.objects.create(
        program=cast.program, kind="reference", name="Reference", text="?", audience="both"
    )
    for person, day in ((cast.mentee, NOW), (private, NOW + timedelta(days=3))):
        ScreeningResult.objects.create(
            user=person, step=step, state="passed", decided_by=cast.hr_analyst, decided_at=day
        )

    merged(cast, cast.mentee, private)

    result = ScreeningResult.objects.get()
    assert (result.user, result.decided_at) == (cast.mentee, NOW + timedelta(days=3))


def test_people_who_report_to_the_double_report_to_the_kept_account(cast, private):
    User.objects.filter(pk=cast.stranger.pk).update(manager=private)

    merged(cast, cast.mentee, private)

    assert User.objects.get(pk=cast.stranger.pk).manager == cast.mentee


def test_account_merged_twice_leads_to_the_last_one(cast, private):
    third = make_person("p.raman@example.com", "Priya Raman")
    merged(cast, cast.mentee, private)
    merged(cast, third, cast.mentee)

    assert User.objects.get(pk=private.pk).merged_into == third
    assert account_with(private.email) == third


def test_erasing_the_kept_account_takes_the_name_of_the_double_too(cast, private):
    merged(cast, cast.mentee, private)
    asked = ErasureRequest.objects.create(
        user=cast.mentee, asked_at=NOW, due_at=NOW + timedelta(days=7)
    )

    erase_person(pk=asked.pk, now=NOW + timedelta(days=8))

    double = User.objects.get(pk=private.pk)
    assert (double.email, double.get_full_name()) == (
        f"former-{private.pk}@erased.invalid",
        "Former participant",
    )
    assert AccountMerge.objects.get().reason == ""


def test_merged_account_is_not_switched_on_and_gets_no_place(cast, private):
    merged(cast, cast.mentee, private)
    double = User.objects.get(pk=private.pk)

    with pytest.raises(DomainError, match="stays switched off"):
        change_person(person=double, actor=cast.it_administrator, now=NOW, is_active=True)
    with pytest.raises(IntegrityError, match="enrolment_merged"), transaction.atomic():
        enrol(make_cohort(cast.program, name="Winter"), double, "mentee")


@pytest.mark.parametrize("who", ["program_manager", "hr_analyst", "stranger", "mentor"])
def test_merge_by_somebody_without_the_right_is_refused(cast, private, who):
    with pytest.raises(NotAllowed, match="other people"):
        merged(cast, cast.mentee, private, actor=getattr(cast, who))
    with pytest.raises(NotAllowed, match="other people"):
        keep_apart(first=cast.mentee, second=private, actor=getattr(cast, who), now=NOW)


def test_merge_of_ones_own_account_is_refused(cast, private):
    with pytest.raises(NotAllowed, match="Nobody merges their own account"):
        merged(cast, cast.it_administrator, private)


# What stands in the way.


def test_nothing_stands_in_the_way_of_two_plain_accounts(
    cast, private, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        assert told(cast.mentee, private) == []


def test_both_in_one_cohort_and_role_is_an_obstacle(cast, private):
    enrol(cast.cohort, private, "mentee")

    assert told(cast.mentee, private) == [
        "Both accounts take part in Autumn 2026 of Rising Leaders as Mentee. A program manager has "
        "to withdraw one of the two first."
    ]
    with pytest.raises(DomainError) as refused:
        merged(cast, cast.mentee, private)
    assert refused.value.code == "obstacle"


def test_obstacle_in_a_discreet_program_names_neither_program_nor_cohort(cast, private):
    enrol(cast.cohort, private, "mentee")
    type(cast.program).objects.filter(pk=cast.program.pk).update(is_discreet=True)

    assert told(cast.mentee, private) == [
        "Both accounts take part in one cohort in the same role. They have to withdraw one of the "
        "two first."
    ]


def test_screening_with_two_outcomes_is_an_obstacle(cast, private):
    step = ScreeningStep.objects.create(
        program=cast.program, kind="reference", name="Reference", text="?", audience="both"
    )
    for person, state in ((cast.mentee, "passed"), (private, "failed")):
        ScreeningResult.objects.create(
            user=person,
            step=step,
            state=state,
            decided_by=cast.hr_analyst,
            decided_at=NOW,
            reason="x",
        )

    assert told(cast.mentee, private) == [
        "Both accounts went through “Reference” of Rising Leaders. A program manager has to bring "
        "the two in line first."
    ]


def test_partners_of_each_other_are_an_obstacle(cast):
    assert told(cast.mentee, cast.mentor) == [
        "The two were in one match: they are two people. Say below that they are not the same."
    ]


def test_roles_of_the_double_are_an_obstacle_and_those_of_the_kept_are_not(cast, private):
    grant(private, "hr_analyst", cast.program)

    assert told(cast.mentee, private) == [
        "priya.raman@home.example has roles. Keep that account, or give the roles to the other one "
        "and take them away here first."
    ]
    assert told(private, cast.mentee) == []
    merged(cast, private, cast.mentee)
    assert RoleGrant.objects.filter(user=private).count() == 1


def test_superuser_on_either_side_is_an_obstacle(cast, private):
    User.objects.filter(pk=private.pk).update(is_superuser=True)
    private.refresh_from_db()
    sentence = "A superuser’s account is not merged. A superuser has to give that up first."

    assert told(cast.mentee, private) == told(private, cast.mentee) == [sentence]


def test_two_employee_numbers_are_an_obstacle(cast, private):
    for person, number in ((cast.mentee, "E2"), (private, "E9")):
        User.objects.filter(pk=person.pk).update(employee_id=number)
        person.refresh_from_db()

    assert told(cast.mentee, private) == [
        "HR knows both by an employee number: E2 and E9. Ask HR which one holds, and empty the "
        "other first."
    ]


def test_one_above_the_other_is_an_obstacle_also_through_others(cast, private):
    User.objects.filter(pk=cast.stranger.pk).update(manager=private)
    User.objects.filter(pk=cast.mentee.pk).update(manager=cast.stranger)
    cast.mentee.refresh_from_db()
    sentence = (
        "One of the two stands above the other in the reporting line. Correct who is the manager "
        "of whom first."
    )

    assert told(cast.mentee, private) == told(private, cast.mentee) == [sentence]


def test_account_about_to_be_deleted_or_leaving_is_an_obstacle(cast, private):
    ErasureRequest.objects.create(user=private, asked_at=NOW, due_at=NOW + timedelta(days=7))
    Leaver.objects.create(
        person=cast.mentee, leaves_on=NOW.date(), closes_on=NOW.date(), recorded_at=NOW
    )

    assert told(cast.mentee, private) == [
        "One of the two is about to be deleted, as its owner asked. Wait for that, or let them "
        "undo it first.",
        "One of the two is recorded as leaving. Wait until that is closed, or undo it first.",
    ]


def test_account_from_outside_is_not_kept_for_one_of_the_organisation(cast, private):
    User.objects.filter(pk=private.pk).update(
        is_external=True,
        organisation="Alumni",
        works_until=NOW.date() + timedelta(days=90),
        vouched_by=cast.mentee,
    )
    private.refresh_from_db()

    assert told(private, cast.mentee) == [
        "priya.raman@home.example is from outside. Keep the account of the organisation."
    ]
    merged(cast, cast.mentee, private)
    assert User.objects.get(pk=private.pk).merged_into == cast.mentee


def test_kept_account_that_is_switched_off_is_an_obstacle(cast, private):
    private.is_active = False
    private.save()

    assert told(private, cast.mentee) == [
        "priya.raman@home.example is switched off. Keep the other account, or switch this one on "
        "first."
    ]
    assert told(cast.mentee, private) == []


def test_contact_for_help_is_an_obstacle(cast, private):
    HelpContact.objects.create(
        program=cast.program, position=1, person=private, about="HR", deputy=cast.hr_analyst
    )

    assert told(cast.mentee, private) == [
        "priya.raman@home.example is a contact for help, or the deputy of one. Keep that account, "
        "or have somebody else named there first."
    ]


def test_meetings_at_the_same_time_are_an_obstacle(cast, private):
    mentor = enrol(cast.other_cohort, cast.stranger, "mentor")
    match = make_match(mentor, enrol(cast.other_cohort, private, "mentee"))
    for at, person in ((cast.match, cast.mentee), (match, private)):
        meeting = Meeting.objects.create(match=at, status="planned", starts_at=NOW, minutes=60)
        MeetingAttendee.objects.create(
            meeting=meeting, user=person, during=(NOW, NOW + timedelta(hours=1)), is_confirmed=True
        )

    assert told(cast.mentee, private) == [
        "Each account has a confirmed meeting at the same time. One of the two meetings has to be "
        "moved or cancelled first."
    ]


# Two at once.


@pytest.mark.django_db(transaction=True)
def test_merge_tried_both_ways_from_two_connections_happens_once(cast, private):
    barrier, outcomes = threading.Barrier(2), []

    def run(keep, double):
        try:
            barrier.wait(5)
            merged(cast, keep, double)
            outcomes.append("merged")
        except Conflict as error:
            outcomes.append(str(error))
        finally:
            connection.close()

    pairs = ((cast.mentee, private), (private, cast.mentee))
    threads = [threading.Thread(target=run, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(outcomes) == [
        "Somebody else has merged one of these accounts meanwhile.",
        "merged",
    ]
    assert User.objects.filter(merged_into__isnull=False).count() == 1


@pytest.mark.django_db(transaction=True)
def test_enrolment_that_begins_during_a_merge_waits_and_is_refused(cast, private):
    began, outcomes = threading.Event(), []

    def join():
        try:
            began.wait(5)
            enrol(cast.other_cohort, private, "mentee")
            outcomes.append("enrolled")
        except IntegrityError as error:
            outcomes.append("refused" if "enrolment_merged" in str(error) else str(error))
        finally:
            connection.close()

    thread = threading.Thread(target=join)
    thread.start()
    with transaction.atomic():
        merged(cast, cast.mentee, private)
        began.set()
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(10)

    assert outcomes == ["refused"]


# Lists that still say the address of the double.


def test_import_and_list_from_hr_find_the_kept_account_by_the_old_address(cast, private):
    merged(cast, cast.mentee, private)
    row = ParsedRow(2, {"email": "priya.raman@home.example"})

    in_cohort = known.look_up([row], cohort=cast.cohort, role="mentee")
    in_list = feed_known.look_up([row])

    assert in_cohort.find(row).user["id"] == cast.mentee.pk
    assert in_list.find(row)["id"] == cast.mentee.pk


def test_somebody_enrolled_by_the_old_address_is_the_kept_account(cast, private):
    cohort = make_cohort(cast.program, name="Winter")
    merged(cast, cast.mentee, private)

    enrolment = enrol_person(
        cohort=cohort,
        email="Priya.Raman@home.example",
        role="mentee",
        first_name="P",
        last_name="R",
        capacity=1,
        actor=cast.program_manager,
        now=NOW,
    )

    assert enrolment.user == cast.mentee
