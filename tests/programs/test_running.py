"""What is said before a running cohort changes, previews, objectives, late joiners."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from home.sheet import read_sheet
from programs.models import MeetingAgenda, Objective, Phase
from programs.services.cohorts import ensure_form
from sessions.guides import suggested_agenda
from sessions.models import Meeting
from tests.conftest import NOW, enrol, make_match, make_person
from tests.programs.test_admin import cohort_data

pytestmark = pytest.mark.django_db


def test_change_to_a_running_cohort_says_whom_it_touches_before_it_is_saved(cast):
    client = cast.client("program_manager")
    url = reverse("admin:programs_cohort_change", args=(cast.cohort.pk,))
    posted = cohort_data(
        cast.program,
        name=cast.cohort.name,
        rhythm_days="21",
        enrolment_opens_on=cast.cohort.enrolment_opens_on,
        enrolment_closes_on=cast.cohort.enrolment_closes_on,
        starts_on=cast.cohort.starts_on,
        ends_on=cast.cohort.ends_on,
        has_fit_questions="on",
        needs_approval="on",
    )

    told = client.post(url, posted)
    cast.cohort.refresh_from_db()
    assert b"1 match is asked after 21 days instead of 14" in told.content
    assert cast.cohort.rhythm_days == 14

    assert client.post(url, {**posted, "_told": "1"}).status_code == 302
    cast.cohort.refresh_from_db()
    assert cast.cohort.rhythm_days == 21


def test_preview_shows_each_role_its_own_words(cast):
    cohort = cast.cohort
    Phase.objects.create(
        cohort=cohort,
        name="Start",
        mentor_guide="Ask first",
        mentee_guide="Write three sentences",
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
    )
    ensure_form(cohort).questions.create(key="goal", label="Your goal?", kind="text")
    client = cast.client("program_manager")
    page = {
        role: client.get(reverse("cohort_preview", args=(cohort.pk, role))).content.decode()
        for role in ("mentor", "mentee")
    }

    assert "Ask first" in page["mentor"]
    assert "Ask first" not in page["mentee"]
    assert "Write three sentences" in page["mentee"]
    assert all("Your goal?" in text for text in page.values())
    unknown = client.get(reverse("cohort_preview", args=(cohort.pk, "manager")))
    assert unknown.status_code == 404


def test_objectives_stand_beside_the_figures_of_the_cohort(cast, django_assert_max_num_queries):
    for at, (measure, target) in enumerate(
        (("paired", 90), ("first_meeting", 80), ("meetings", 2), ("stayed", 80), ("goals", 50))
    ):
        Objective.objects.create(
            cohort=cast.cohort, text=f"Aim {at}", measure=measure, target=target, position=at
        )
    Objective.objects.create(
        cohort=cast.cohort, text="Own", measure="own", target=30, own_result=31, position=9
    )
    enrol(cast.cohort, make_person("w@example.org", "Wanda Waits"), "mentee")
    Meeting.objects.create(
        match=cast.match,
        held_on=cast.match.started_on + timedelta(days=4),
        logged_by=cast.mentee,
        status="held",
    )
    client = cast.client("program_manager")
    url = reverse("reports:objectives", args=(cast.cohort.pk,))
    client.get(url)
    with django_assert_max_num_queries(20):
        page = client.get(url)
    figures = [line.figure for line in page.context["lines"]]
    assert figures == [50, 100, 1, 100, None, 31]


def test_late_joiners_phases_begin_with_their_match(cast):
    first = Phase.objects.create(
        cohort=cast.cohort,
        name="Start",
        agenda="Say hello",
        starts_on=cast.cohort.starts_on,
        ends_on=cast.cohort.starts_on + timedelta(days=27),
    )
    Phase.objects.create(
        cohort=cast.cohort,
        name="Later",
        agenda="Go on",
        starts_on=cast.cohort.starts_on + timedelta(days=28),
        ends_on=cast.cohort.ends_on,
    )
    late = cast.cohort.starts_on + timedelta(days=42)
    mentor = enrol(cast.cohort, make_person("m2@example.org", "Mo Mentor"), "mentor")
    mentee = enrol(cast.cohort, make_person("l2@example.org", "Lea Late"), "mentee")
    match = make_match(mentor, mentee, started_on=late)

    (own,) = read_sheet(mentee.user).enrolments
    assert own.phases[0].starts_on == late
    assert own.ends_on == cast.cohort.ends_on + timedelta(days=42)
    (usual,) = read_sheet(cast.mentee).enrolments
    assert usual.phases[0].starts_on == first.starts_on
    assert suggested_agenda(Meeting(match=match, kind="talk"), now=NOW) == ["Say hello"]
    assert suggested_agenda(Meeting(match=cast.match, kind="talk"), now=NOW) == ["Go on"]
    MeetingAgenda.objects.create(cohort=cast.cohort, kind="review", lines="First\nSecond")
    assert suggested_agenda(Meeting(match=match, kind="review"), now=NOW) == ["First", "Second"]


def test_admin_opens_with_ones_own_cohorts(cast):
    page = cast.client("program_manager").get(reverse("admin:index")).content.decode()
    assert "Rising Leaders, Autumn 2026" in page
    assert "Women in Engineering" not in page
    assert reverse("programs:setup", args=(cast.cohort.pk,)) in page
    page = cast.client("it_administrator").get(reverse("admin:index")).content.decode()
    assert "Rising Leaders" not in page


def as_shown(client, url: str) -> dict[str, str]:
    """Return what a browser sends when nobody changed anything: lines end as on the web."""
    page = client.get(url)
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    sent = {}
    for form in forms:
        for field in form:
            value = field.value()
            if isinstance(value, bool):
                value = "on" if value else None
            if value is not None:
                sent[field.html_name] = "\r\n".join(str(value).splitlines())
    return sent


@pytest.fixture
def phased(cast):
    Phase.objects.create(
        cohort=cast.cohort,
        name="Start",
        agenda="Say hello\nAgree on a day",
        starters="First?\r\nSecond?",
        starts_on=cast.cohort.starts_on,
        ends_on=cast.cohort.ends_on,
    )
    return reverse("admin:programs_cohort_change", args=(cast.cohort.pk,))


def test_lines_that_nobody_touched_count_as_unchanged(cast, phased):
    client = cast.client("program_manager")

    answer = client.post(phased, as_shown(client, phased))

    assert answer.status_code == 302
    changed = {**as_shown(client, phased), "phases-0-agenda": "Say hello\r\nAnd more"}
    told = client.post(phased, changed)
    assert "read other phases or guides" in told.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("has_pulse", None, "2 people are not asked how it goes any more"),
        ("mentor_capacity", "4", "Mentors who join from now on start with 4; who is in keeps"),
        ("ends_on", "2027-05-01", "This phase ends after the new last day: Start. Move it too."),
    ],
)
def test_what_else_a_change_does_is_said_before(cast, phased, field, value, sentence):
    client = cast.client("program_manager")
    sent = as_shown(client, phased)
    if value is None:
        del sent[field]
    else:
        sent[field] = value

    told = client.post(phased, sent)

    assert told.status_code == 200
    assert sentence in told.content.decode()
