"""What each role reads through the API: what they may see in the browser, and nothing else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.models import Role
from matching.models import Match
from participants.models import Enrolment
from programs.models import Cohort
from sessions.models import ActionItem, Meeting, MeetingRating, PrivateNote, SharedSummary
from tests.conftest import NOW, enrol, grant, make_match, make_person


@pytest.fixture
def meeting(cast):
    meeting = Meeting.objects.create(
        match=cast.match,
        held_on=date(2026, 11, 9),
        minutes=45,
        how="video",
        logged_by=cast.mentor,
        logged_at=NOW,
    )
    SharedSummary.objects.create(
        meeting=meeting, text="We spoke of panels", changed_by=cast.mentor, changed_at=NOW
    )
    for author, text in ((cast.mentor, "mentor thinks"), (cast.mentee, "mentee thinks")):
        PrivateNote.objects.create(meeting=meeting, author=author, text=text, changed_at=NOW)
    MeetingRating.objects.create(meeting=meeting, author=cast.mentor, rating=5)
    ActionItem.objects.create(
        match=cast.match,
        meeting=meeting,
        owner=cast.mentee,
        text="Write a draft",
        due_on=date(2026, 11, 20),
        created_by=cast.mentor,
        created_at=NOW,
    )
    return meeting


def ids(answer):
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("mentor", ["Autumn 2026"]),
        ("mentee", ["Autumn 2026"]),
        ("program_manager", ["Autumn 2026"]),
        ("other_program_manager", ["Cohort 4"]),
        ("hr_analyst", ["Autumn 2026"]),
        ("it_administrator", []),
        ("stranger", []),
    ],
)
def test_cohorts_are_those_one_takes_part_in_manages_or_reports_on(api, who, seen):
    answer = api(who).get("cohorts/")

    assert [row["name"] for row in answer.json()["results"]] == seen


def test_cohort_in_detail(cast, api):
    answer = api("mentee").get(f"cohorts/{cast.cohort.pk}/")

    assert answer.json() == {
        "id": cast.cohort.pk,
        "name": "Autumn 2026",
        "program": {"id": cast.program.pk, "name": "Rising Leaders", "format": "one_to_one"},
        "status": "active",
        "enrolment_opens_on": "2026-08-19",
        "enrolment_closes_on": "2026-09-14",
        "starts_on": "2026-09-28",
        "ends_on": "2027-06-28",
        "rhythm_days": 14,
    }


@pytest.mark.parametrize(
    ("who", "roles"),
    [
        ("mentor", ["mentor"]),
        ("mentee", ["mentee"]),
        ("program_manager", ["mentee", "mentor"]),
        ("other_program_manager", []),
        ("hr_analyst", []),
        ("it_administrator", []),
    ],
)
def test_enrolments_are_ones_own_and_those_one_manages(api, who, roles):
    answer = api(who).get("enrolments/")

    assert [row["role"] for row in answer.json()["results"]] == roles


def test_enrolment_in_detail(cast, api):
    answer = api("program_manager").get(f"enrolments/{cast.mentor_enrolment.pk}/")

    assert answer.json() == {
        "id": cast.mentor_enrolment.pk,
        "cohort": cast.cohort.pk,
        "person": {"id": cast.mentor.pk, "name": "Daniel Osei", "email": "daniel@example.org"},
        "role": "mentor",
        "status": "enrolled",
        "capacity": 2,
        "enrolled_at": "2026-11-18T09:30:00Z",
        "status_changed_at": "2026-11-18T09:30:00Z",
    }


@pytest.mark.parametrize(
    ("who", "count", "is_mine"),
    [
        ("mentor", 1, True),
        ("mentee", 1, True),
        ("program_manager", 1, False),
        ("other_program_manager", 0, None),
        ("hr_analyst", 0, None),
        ("it_administrator", 0, None),
        ("stranger", 0, None),
    ],
)
def test_matches_are_ones_own_and_those_one_manages(api, who, count, is_mine):
    rows = api(who).get("matches/").json()["results"]

    assert [row["is_mine"] for row in rows] == [is_mine] * count


def test_match_names_its_members(cast, api):
    match = api("mentee").get(f"matches/{cast.match.pk}/").json()

    assert [(member["name"], member["role"]) for member in match["members"]] == [
        ("Priya Raman", "mentee"),
        ("Daniel Osei", "mentor"),
    ]


def test_match_tells_its_members_why_and_nobody_else(cast, api):
    path = f"matches/{cast.match.pk}/"

    assert api("mentee").get(path).json()["reasons"] == ["No reporting line connects you."]
    assert api("program_manager").get(path).json()["reasons"] == []


def test_reason_for_ending_is_for_managers_only(cast, api):
    Match.objects.update(status="ended", ended_on=NOW.date(), end_reason="no_fit")
    path = f"matches/{cast.match.pk}/"

    assert api("program_manager").get(path).json()["end_reason"] == "no_fit"
    assert api("mentor").get(path).json()["end_reason"] == ""


def test_manager_in_a_match_reads_it_as_a_member(cast, api):
    grant(cast.mentor, Role.MANAGER, cast.program)
    Match.objects.update(status="ended", ended_on=NOW.date(), end_reason="no_fit")

    match = api("mentor").get(f"matches/{cast.match.pk}/").json()

    assert (match["is_mine"], match["end_reason"]) == (True, "")


def test_meeting_shows_its_words_to_its_members_only_in_detail(cast, api, meeting):
    shown = api("mentor").get(f"meetings/{meeting.pk}/").json()

    item = shown["words"]["action_items"][0]
    assert shown["words"] == {
        "summary": "We spoke of panels",
        "private_note": "mentor thinks",
        "rating": 5,
        "action_items": [
            {
                "id": item["id"],
                "text": "Write a draft",
                "owner": cast.mentee.pk,
                "due_on": "2026-11-20",
                "done_at": None,
            }
        ],
    }
    assert "words" not in api("mentor").get("meetings/").json()["results"][0]


def test_meeting_shows_each_member_their_own_note_and_rating(api, meeting):
    words = api("mentee").get(f"meetings/{meeting.pk}/").json()["words"]

    assert (words["private_note"], words["rating"]) == ("mentee thinks", None)


def test_meeting_shows_its_manager_day_and_minutes_and_no_word(cast, api, meeting):
    shown = api("program_manager").get(f"meetings/{meeting.pk}/").json()

    assert shown == {
        "id": meeting.pk,
        "match": cast.match.pk,
        "status": "held",
        "held_on": "2026-11-09",
        "starts_at": None,
        "minutes": 45,
        "how": "",
        "logged_by": None,
        "is_mine": False,
        "words": None,
    }


@pytest.mark.parametrize("path", ["cohorts", "enrolments", "matches", "meetings"])
@pytest.mark.parametrize("who", ["other_program_manager", "it_administrator", "stranger"])
def test_guessed_address_of_somebody_elses_row_is_not_found(cast, api, meeting, path, who):
    row = {
        "cohorts": cast.cohort,
        "enrolments": cast.mentor_enrolment,
        "matches": cast.match,
        "meetings": meeting,
    }[path]

    answer = api(who).get(f"{path}/{row.pk}/")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    ("path", "query", "count"),
    [
        ("cohorts/", {"status": "active"}, 1),
        ("cohorts/", {"status": "draft"}, 0),
        ("cohorts/", {"since": "2026-09-29"}, 0),
        ("enrolments/", {"role": "mentor"}, 1),
        ("enrolments/", {"status": "withdrawn"}, 0),
        ("enrolments/", {"since": "2026-11-18"}, 2),
        ("enrolments/", {"since": "2026-11-19"}, 0),
        ("matches/", {"status": "active", "since": "2026-09-28"}, 1),
        ("matches/", {"status": "ended"}, 0),
        ("meetings/", {"since": "2026-11-09", "status": "held"}, 1),
        ("meetings/", {"since": "2026-11-10"}, 0),
    ],
)
def test_filters_narrow_a_list(api, meeting, path, query, count):
    assert len(ids(api("program_manager").get(path, **query))) == count


@pytest.mark.parametrize("path", ["enrolments/", "matches/", "meetings/"])
def test_filter_by_cohort(cast, api, meeting, path):
    manager = api("program_manager")

    assert ids(manager.get(path, cohort=cast.cohort.pk))
    assert not ids(manager.get(path, cohort=cast.other_cohort.pk))


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("cohorts/", {"status": "odd"}, "status"),
        ("meetings/", {"since": "yesterday"}, "since"),
        ("matches/", {"cohort": "x"}, "cohort"),
        ("matches/", {"cohort": "9" * 400}, "cohort"),
        ("meetings/", {"page_size": "null"}, "page_size"),
        ("meetings/", {"page_size": "0"}, "page_size"),
        ("meetings/", {"page_size": "-1"}, "page_size"),
        ("meetings/", {"page_size": "٣"}, "page_size"),
    ],
)
def test_filter_with_a_bad_value_names_it(api, path, query, field):
    answer = api("mentor").get(path, **query)

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]


def test_pages_follow_each_other_newest_first(cast, api):
    people = [make_person(f"p{n}@example.org", f"P {n}") for n in range(5)]
    made = [enrol(cast.cohort, person, "mentee").pk for person in people]
    manager = api("program_manager")

    first = manager.get("enrolments/", page_size=4).json()
    second = manager.client.get(first["next"], headers=manager._headers).json()

    seen = [row["id"] for row in first["results"] + second["results"]]
    expected = [*reversed(made), cast.mentee_enrolment.pk, cast.mentor_enrolment.pk]
    assert seen == expected
    assert (first["previous"], second["next"]) == (None, None)


@pytest.mark.parametrize(
    ("size", "count"), [("", 2), ("1", 1), ("0001", 1), ("200", 2), ("9" * 400, 2)]
)
def test_page_size_is_obeyed_up_to_its_maximum(api, size, count):
    assert len(ids(api("program_manager").get("enrolments/", page_size=size))) == count


def _more(cast, number):
    mentor = enrol(cast.cohort, make_person(f"a{number}@example.org", f"A {number}"), "mentor")
    mentee = enrol(cast.cohort, make_person(f"b{number}@example.org", f"B {number}"), "mentee")
    match = make_match(mentor, mentee)
    Meeting.objects.create(
        match=match, held_on=NOW.date() - timedelta(days=number), logged_by=mentor.user
    )
    Cohort.objects.create(
        program=cast.program,
        name=f"C {number}",
        enrolment_opens_on=NOW.date(),
        enrolment_closes_on=NOW.date(),
        starts_on=NOW.date(),
        ends_on=NOW.date() + timedelta(days=30),
    )


@pytest.mark.parametrize(
    ("path", "queries"), [("cohorts/", 3), ("enrolments/", 3), ("matches/", 4), ("meetings/", 3)]
)
@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_a_constant_number_of_queries(
    cast, api, meeting, path, queries, rows, django_assert_num_queries
):
    for number in range(rows):
        _more(cast, number)
    manager = api("program_manager")
    manager.get(path)  # the token notes its first use

    with django_assert_num_queries(queries):
        assert len(ids(manager.get(path))) > rows


def test_lists_never_open_what_is_sealed(api, meeting, settings):
    settings.FIELD_KEYS = {}

    assert len(ids(api("mentor").get("meetings/"))) == 1


def test_enrolment_of_ones_own_stays_after_leaving(cast, api):
    Enrolment.objects.filter(pk=cast.mentee_enrolment.pk).update(status="withdrawn")

    assert len(ids(api("mentee").get("enrolments/"))) == 1
