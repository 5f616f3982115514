"""Pages: the queue, one item, what one does with it, and what counts as healthy."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from matching.models import Match
from sessions.models import Meeting
from support.models import HealthRule, WorkItem
from support.services import judge_all, raise_items, set_rules
from support.services.rules import Wish
from tests.conftest import NOW, enrol, make_match, make_person

pytestmark = pytest.mark.django_db
QUEUE = "/support/queue/"


@pytest.fixture
def silence(cast):
    now = timezone.now()
    Match.objects.update(started_on=now.date() - timedelta(days=90))
    Meeting.objects.create(match=cast.match, held_on=now.date() - timedelta(days=30))
    judge_all(now=now)
    raise_items(now=now)
    WorkItem.objects.exclude(kind="stalled").delete()
    return WorkItem.objects.get()


def text(response):
    return response.content.decode()


def test_queue_shows_who_needs_somebody_and_why(cast, silence):
    page = text(cast.client("program_manager").get(QUEUE))

    assert "Priya Raman and Daniel Osei" in page
    assert "No meeting for 30 days. Agreed: a meeting every 2 weeks." in page
    assert "What needs you" in text(cast.client("program_manager").get("/"))


def test_queue_is_grouped_most_urgent_first_and_what_is_closed_is_not(cast, silence):
    WorkItem.objects.create(
        cohort=cast.cohort, kind="unmatched", enrolment=cast.mentee_enrolment, opened_at=NOW
    )
    WorkItem.objects.create(cohort=cast.cohort, kind="help", match=cast.match, opened_at=NOW)
    client = cast.client("program_manager")

    answer = client.get(QUEUE)

    groups = [(kind, len(lines)) for kind, lines in answer.context["groups"]]
    assert groups == [("Asked for help", 1), ("Stalled", 1), ("Without a match", 1)]
    page = text(answer)
    assert page.index("Asked for help</h2>") < page.index("Stalled</h2>")
    assert 'class="pill pill-' not in page
    client.post(f"{QUEUE}{silence.pk}/close/", {"outcome": "talked"})
    closed = client.get(QUEUE, {"view": "closed"}).context["groups"]
    assert [(kind, len(lines)) for kind, lines in closed] == [("", 1)]
    assert 'class="pill pill-' in text(client.get(QUEUE, {"view": "closed"}))


def test_queue_of_a_manager_without_work_says_so(cast):
    assert "Nobody needs you right now" in text(cast.client("program_manager").get(QUEUE))


def test_queue_is_for_managers(cast):
    assert cast.client("mentee").get(QUEUE).status_code == 403
    assert cast.client("hr_analyst").get(QUEUE).status_code == 403


def test_queue_narrowed_to_a_cohort_of_others_is_not_found(cast):
    client = cast.client("program_manager")

    assert client.get(QUEUE, {"cohort": cast.other_cohort.pk}).status_code == 404
    assert client.get(QUEUE, {"cohort": "x"}).status_code == 200


def test_item_is_taken_noted_and_closed(cast, silence):
    client = cast.client("program_manager")
    path = f"{QUEUE}{silence.pk}/"
    client.post(f"{path}take/")
    client.post(f"{path}note/", {"text": "Call <both>"})
    page = text(client.get(path))
    assert "Marta Kowalczyk takes care" in page
    assert "Call &lt;both&gt;" in page

    answer = client.post(f"{path}close/", {"outcome": "talked"}, follow=True)

    assert "Nobody needs you right now" in text(answer)
    assert "Talked with them" in text(client.get(QUEUE, {"view": "closed"}))
    client.post(f"{path}reopen/")
    silence.refresh_from_db()
    assert silence.is_open


def test_item_rests_and_wakes(cast, silence):
    client = cast.client("program_manager")
    path = f"{QUEUE}{silence.pk}/"
    client.post(f"{path}snooze/", {"days": "7"})

    assert "Priya Raman" not in text(client.get(QUEUE))
    assert "Priya Raman" in text(client.get(QUEUE, {"view": "resting"}))
    client.post(f"{path}wake/")
    assert "Priya Raman" in text(client.get(QUEUE))


@pytest.mark.parametrize(
    ("what", "data", "told"),
    [
        ("note", {"text": " "}, "Please fill this in"),
        ("note", {"text": "x" * 4_001}, "at most 4000 characters"),
        ("close", {}, "Please choose"),
        ("close", {"outcome": "settled"}, "Select a valid choice"),
        ("snooze", {"until": "2020-01-01"}, "from tomorrow on"),
        ("hand-over", {"owner": "999999"}, "Select a valid choice"),
    ],
)
def test_item_tells_what_is_wrong_and_changes_nothing(cast, silence, what, data, told):
    answer = cast.client("program_manager").post(f"{QUEUE}{silence.pk}/{what}/", data)

    assert answer.status_code == 422
    assert told in text(answer)
    silence.refresh_from_db()
    assert (silence.outcome, silence.snoozed_until, silence.owner) == ("", None, None)


def test_item_knows_no_other_acts(cast, silence):
    client = cast.client("program_manager")

    assert client.post(f"{QUEUE}{silence.pk}/burn/").status_code == 404
    assert client.get(f"{QUEUE}{silence.pk}/take/").status_code == 405


def test_pages_of_the_queue_make_as_many_queries_for_many_items(
    cast, silence, django_assert_max_num_queries
):
    now = timezone.now()
    for number in range(12):
        mentor = enrol(cast.cohort, make_person(f"m{number}@example.org", "Mo M"), "mentor")
        mentee = enrol(cast.cohort, make_person(f"n{number}@example.org", "Ni N"), "mentee")
        make_match(mentor, mentee, started_on=now.date() - timedelta(days=40))
    judge_all(now=now)
    raise_items(now=now)
    client = cast.client("program_manager")

    with django_assert_max_num_queries(8):
        page = client.get(QUEUE)
    assert text(page).count("Ni N and Mo M") >= 12
    with django_assert_max_num_queries(11):
        client.get(f"{QUEUE}{silence.pk}/")


def test_match_page_tells_its_manager_the_health_and_when_it_turned(cast, silence):
    page = text(cast.client("program_manager").get(f"/matches/{cast.match.pk}/"))

    assert "No meeting for 30 days." in page
    assert "Ask the mentee how it goes" in page
    assert "When it turned" in page
    assert "Only program managers see this." not in text(
        cast.client("mentee").get(f"/matches/{cast.match.pk}/")
    )


def rules_data(**changes):
    data = {
        "effect_help": "2",
        "number_help": "42",
        "effect_misfit": "2",
        "effect_dormant": "2",
        "number_dormant": "3",
        "effect_never_met": "2",
        "number_never_met": "10",
        "effect_long_gap": "2",
        "number_long_gap": "2",
        "effect_gap": "1",
        "number_gap": "1.5",
        "effect_slipped": "1",
        "number_slipped": "2",
        "effect_not_yet": "1",
        "number_not_yet": "2",
        "effect_unanswered": "1",
        "number_unanswered": "10",
        **{f"effect_{name}": "1" for name in ("no_goals", "still_goals", "unsigned")},
        **{f"number_{name}": "60" for name in ("no_goals", "still_goals", "unsigned")},
    }
    return {**data, **changes}


def test_rules_are_changed_and_set_back(cast, silence):
    client = cast.client("program_manager")
    path = f"/support/cohorts/{cast.cohort.pk}/rules/"
    assert "1 pair today" in text(client.get(path))

    client.post(path, rules_data(effect_long_gap="1", number_long_gap="2.5"))
    rule = HealthRule.objects.get()
    assert (rule.signal, rule.effect, rule.number) == ("long_gap", 1, Decimal("2.5"))
    assert "(35 days)" in text(client.get(path))

    client.post(f"{path}reset/")
    assert not HealthRule.objects.exists()


def test_rules_that_equal_the_defaults_are_not_stored(cast):
    client = cast.client("program_manager")

    answer = client.post(f"/support/cohorts/{cast.cohort.pk}/rules/", rules_data(), follow=True)

    assert not HealthRule.objects.exists()
    assert "Nothing was different." in text(answer)


@pytest.mark.parametrize("number", ["", "0", "-1", "abc", "400", "1.25"])
def test_rules_refuse_numbers_that_make_no_sense(cast, number):
    answer = cast.client("program_manager").post(
        f"/support/cohorts/{cast.cohort.pk}/rules/", rules_data(number_never_met=number)
    )

    assert answer.status_code == 422
    assert not HealthRule.objects.exists()


def test_setting_rules_is_recorded_with_the_names_of_the_signals(cast):
    changed = set_rules(
        cohort=cast.cohort,
        wishes={"gap": Wish(effect=0, number=Decimal("1.5"))},
        actor=cast.program_manager,
        now=NOW,
    )

    assert changed == ["gap"]
    assert HealthRule.objects.get().effect == 0
