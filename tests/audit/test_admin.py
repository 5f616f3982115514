"""Who reads which rows of the audit log."""

from __future__ import annotations

import pytest

from accounts.models import Role
from audit.models import AuditEvent
from audit.services import record
from matching.models import Match, PairingRun, Proposal
from sessions.models import Meeting
from tests.conftest import NOW, enrol, grant, make_match, make_person

URL = "/admin/audit/auditevent/"


@pytest.fixture
def events(cast):
    def row(action, program):
        program_id = program.pk if program else None
        return record(
            actor=cast.program_manager,
            action=action,
            about=cast.match,
            now=NOW,
            program_id=program_id,
        )

    return {
        "own": row("own.act", cast.program),
        "other": row("other.act", cast.other_program),
        "none": row("unbound.act", None),
    }


def seen_by(client):
    page = client.get(URL).content.decode()
    return {name for name in ("own.act", "other.act", "unbound.act") if name in page}


@pytest.mark.parametrize(
    ("who", "rows"),
    [
        ("program_manager", {"own.act"}),
        ("other_program_manager", {"other.act"}),
        ("it_administrator", {"own.act", "other.act", "unbound.act"}),
    ],
)
def test_audit_list_shows_rows_by_role(cast, events, who, rows):
    assert seen_by(cast.client(who)) == rows


def test_audit_list_for_an_organisation_wide_owner_has_every_program(cast, events):
    cast.chief = make_person("chief@example.org", "Chief Owner")
    grant(cast.chief, Role.OWNER, None)

    assert seen_by(cast.client("chief")) == {"own.act", "other.act"}


@pytest.mark.parametrize("who", ["hr_analyst", "mentor", "stranger"])
def test_audit_list_is_closed_to_others(cast, events, who):
    assert cast.client(who).get(URL).status_code == 403


def test_audit_row_of_another_program_is_not_reached_by_its_address(cast, events):
    client = cast.client("program_manager")

    assert client.get(f"{URL}{events['own'].pk}/change/").status_code == 200
    assert client.get(f"{URL}{events['other'].pk}/change/").status_code == 302


def test_audit_row_cannot_be_added_changed_or_deleted(cast, events):
    client = cast.client("it_administrator")
    row = events["own"]

    assert client.get(f"{URL}add/").status_code == 403
    assert client.post(f"{URL}{row.pk}/change/", {"action": "x"}).status_code == 403
    assert client.post(f"{URL}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert AuditEvent.objects.count() == 3


@pytest.mark.parametrize(
    ("query", "found"), [("q=own", {"own.act"}), ("days=7", {"own.act"}), ("days=x", {"own.act"})]
)
def test_audit_list_searches_within_own_rows(cast, events, query, found):
    page = cast.client("program_manager").get(f"{URL}?{query}").content.decode()

    assert {name for name in ("own.act", "other.act") if name in page} <= found


def test_audit_list_asks_a_constant_number_of_queries(cast, events, django_assert_max_num_queries):
    client = cast.client("it_administrator")
    client.get(URL)
    for _number in range(20):
        record(actor=cast.mentor, action="more", about=cast.match, now=NOW)

    with django_assert_max_num_queries(15):
        client.get(URL)


@pytest.fixture
def two_matches(cast):
    """A manager's own match and somebody else's, with what happened in each."""
    grant(cast.mentor, Role.MANAGER, cast.program)
    mentor = enrol(cast.cohort, make_person("ulf@example.org", "Ulf Berg"), "mentor")
    mentee = enrol(cast.cohort, make_person("uma@example.org", "Uma Lind"), "mentee")
    run = PairingRun.objects.create(cohort=cast.cohort, created_at=NOW)
    for name, match in (("mine", cast.match), ("theirs", make_match(mentor, mentee))):
        seats = {seat.role: seat.enrolment for seat in match.members.select_related("enrolment")}
        proposal = Proposal.objects.create(run=run, score=500_000, **seats)
        meeting = Meeting.objects.create(match=match, held_on=NOW.date())
        event(cast, f"match.{name}", match)
        event(cast, f"proposal.{name}", proposal)
        event(cast, f"meeting.{name}", meeting, match=match.pk)
    own = cast.match.members.get(user=cast.mentor).enrolment_id
    event(cast, "proposal.swap_of_mine", proposal, **{"from": own, "to": mentor.pk})
    return cast


def event(cast, action, about, **detail):
    return record(
        actor=cast.program_manager,
        action=action,
        about=about,
        now=NOW,
        program_id=cast.program.pk,
        detail=detail,
    )


ACTS = {
    "match.mine",
    "proposal.mine",
    "meeting.mine",
    "proposal.swap_of_mine",
    "match.theirs",
    "proposal.theirs",
    "meeting.theirs",
}


def test_audit_rows_about_ones_own_match_are_hidden_from_who_runs_the_program(two_matches):
    page = two_matches.client("mentor").get(URL).content.decode()

    assert {act for act in ACTS if act in page} == {
        "match.theirs",
        "proposal.theirs",
        "meeting.theirs",
    }


def test_audit_rows_about_a_match_are_read_by_who_is_not_in_it(two_matches):
    page = two_matches.client("program_manager").get(URL).content.decode()

    assert {act for act in ACTS if act in page} == ACTS


def test_audit_row_about_ones_own_match_cannot_be_opened_by_its_address(two_matches):
    mine, theirs = (
        AuditEvent.objects.get(action=f"match.{name}", object_type=Match._meta.label_lower)
        for name in ("mine", "theirs")
    )
    client = two_matches.client("mentor")

    assert client.get(f"{URL}{theirs.pk}/change/").status_code == 200
    assert client.get(f"{URL}{mine.pk}/change/").status_code == 302
