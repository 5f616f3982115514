from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from goals.models import Goal, GoalReview, GoalSuggestion, Milestone
from goals.services import (
    GoalText,
    add_milestone,
    add_progress,
    change_goal,
    confirm_goal,
    move_goal,
    remove_milestone,
)
from programs.models import Phase
from tests.conftest import NOW, enrol, grant, make_match, make_person
from tests.goals.conftest import typed

TODAY = NOW.date()
PAGES = ("detail", "edit", "progress")


def url(name: str, *args) -> str:
    return reverse(f"goals:{name}", args=args)


def test_list_shows_own_goals_and_shared_ones_and_no_private_one_of_others(cast, make_goal):
    make_goal(title="Mine shared")
    make_goal(title="Mine alone", visibility="me")
    make_goal(who="mentor", title="Theirs shared")
    make_goal(who="mentor", title="Theirs alone", visibility="me")

    page = cast.client("mentee").get(url("list")).content.decode()

    assert [t for t in ("Mine shared", "Mine alone", "Theirs shared") if t in page] == [
        "Mine shared",
        "Mine alone",
        "Theirs shared",
    ]
    assert "Theirs alone" not in page


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("open", "No goal yet"),
        ("reached", "None reached yet"),
        ("aside", "Nothing is put aside"),
        ("nonsense", "No goal yet"),
    ],
)
def test_list_that_is_empty_says_what_is_normal(cast, at_now, shown, text):
    page = cast.client("mentee").get(url("list"), {"show": shown})

    assert text in page.content.decode()


@pytest.mark.parametrize("extra", [0, 3])
def test_pages_take_the_same_queries_for_any_number(
    cast, make_goal, extra, django_assert_num_queries
):
    goal = make_goal()
    for number in range(extra):
        make_goal(title=f"Goal {number}")
        add_milestone(goal=goal, actor=cast.mentee, now=NOW, text="Step")
        add_progress(goal=goal, actor=cast.mentee, now=NOW, day=TODAY, progress=25)
    client = cast.client("mentee")
    client.get(url("list"))

    with django_assert_num_queries(6):
        client.get(url("list"))
    with django_assert_num_queries(8):
        client.get(url("detail", goal.pk))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("who", ["stranger", "program_manager", "other_program_manager"])
def test_pages_of_a_shared_goal_do_not_exist_outside_the_match(cast, make_goal, who, name):
    assert cast.client(who).get(url(name, make_goal().pk)).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_a_private_goal_do_not_exist_for_the_partner(cast, make_goal, name):
    goal = make_goal(visibility="me")

    assert cast.client("mentor").get(url(name, goal.pk)).status_code == 404


@pytest.mark.parametrize("name", ["edit", "progress"])
def test_changing_pages_are_forbidden_to_the_partner(cast, make_goal, name):
    assert cast.client("mentor").get(url(name, make_goal().pk)).status_code == 403


@pytest.mark.parametrize("name", ["move", "confirm", "add_milestone"])
def test_acts_answer_posts_only(cast, make_goal, name):
    assert cast.client("mentee").get(url(name, make_goal().pk)).status_code == 405


def test_new_offers_suggestions_and_fills_in_the_chosen_one(cast, at_now):
    client = cast.client("mentee")

    page = client.get(url("new", cast.match.pk)).content.decode()
    assert "Be ready for my next role" in page
    assert "Listen longer before I advise" not in page

    chosen = client.get(url("new", cast.match.pk), {"from": "next-role"})
    assert chosen.context["form"].initial["title"] == "Be ready for my next role"


def test_new_offers_the_programs_own_suggestions_instead(cast, at_now):
    GoalSuggestion.objects.create(program=cast.program, audience="mentee", title="House goal")

    page = cast.client("mentee").get(url("new", cast.match.pk)).content.decode()

    assert "House goal" in page
    assert "Be ready for my next role" not in page


def test_new_saves_and_shows_the_goal(cast, at_now):
    answer = cast.client("mentee").post(
        url("new", cast.match.pk), typed(start_number="2", target_number="8"), follow=True
    )

    goal = Goal.objects.get()
    assert answer.redirect_chain == [(url("detail", goal.pk), 302)]
    assert goal.current.target_number == Decimal("8.00")
    assert "Lead a project" in answer.content.decode()


def test_new_without_audience_is_refused_and_keeps_what_was_typed(cast, at_now):
    answer = cast.client("mentee").post(
        url("new", cast.match.pk), typed(visibility="", why="zebra-why")
    )

    assert answer.status_code == 422
    assert "Choose who sees this goal" in answer.content.decode()
    assert "zebra-why" in answer.content.decode()


def test_new_offers_managers_as_readers_only_where_the_cohort_says_so(cast, at_now):
    client = cast.client("mentee")
    assert "the program managers" not in client.get(url("new", cast.match.pk)).content.decode()

    cast.cohort.managers_see_goals = True
    cast.cohort.save(update_fields=["managers_see_goals"])
    assert "the program managers" in client.get(url("new", cast.match.pk)).content.decode()


def test_choose_leads_on_where_there_is_only_one_match(cast, at_now):
    answer = cast.client("mentee").get(url("choose"))

    assert answer.headers["Location"] == url("new", cast.match.pk)


def test_choose_lists_the_matches_of_a_mentor_of_two(cast, at_now):
    noor = make_person("noor@example.org", "Noor Haddad")
    make_match(cast.mentor_enrolment, enrol(cast.cohort, noor, "mentee"))

    page = cast.client("mentor").get(url("choose")).content.decode()

    assert ("Priya" in page, "Noor" in page) == (True, True)


def test_partner_reads_no_note_and_no_version_from_before_sharing(cast, make_goal):
    goal = make_goal(visibility="me", why="zebra-secret")
    add_progress(goal=goal, actor=cast.mentee, now=NOW, day=TODAY, progress=25, note="zebra-alone")
    change_goal(
        goal=goal,
        actor=cast.mentee,
        now=NOW,
        visibility="us",
        text=GoalText(title="zebra-title", why="zebra-open"),
        base=1,
    )
    add_progress(goal=goal, actor=cast.mentee, now=NOW, day=TODAY, progress=50, note="zebra-both")

    own = cast.client("mentee").get(url("detail", goal.pk)).content.decode()
    theirs = cast.client("mentor").get(url("detail", goal.pk)).content.decode()

    words = ("zebra-secret", "zebra-alone", "zebra-open", "zebra-both")
    assert [word for word in words if word in own] == list(words)
    assert [word for word in words if word in theirs] == ["zebra-open", "zebra-both"]


def test_detail_draws_progress_with_its_table(cast, make_goal):
    goal = make_goal(start_number=Decimal(2), target_number=Decimal(10), unit="talks")
    given = {"goal": goal, "actor": cast.mentee, "now": NOW}
    add_progress(**given, day=date(2026, 11, 1), value=Decimal(4))
    add_progress(**given, day=TODAY, value=Decimal("6.5"))

    page = cast.client("mentee").get(url("detail", goal.pk)).content.decode()

    assert (
        'aria-label="From 4 on 1 November 2026 to 6.5 on 18 November 2026; the target is 10."'
        in page
    )
    assert page.count('class="dot"') == 2
    assert "Show as table" in page


def test_edit_keeps_the_version_and_a_stale_one_is_refused(cast, make_goal):
    goal, client = make_goal(), cast.client("mentee")

    answer = client.post(url("edit", goal.pk), typed(title="Anew", base="1"))
    assert answer.headers["Location"] == url("detail", goal.pk)

    stale = client.post(url("edit", goal.pk), typed(title="Older", base="1"))
    assert stale.status_code == 422
    assert "changed this goal elsewhere" in stale.content.decode()


def test_reached_goal_is_celebrated_and_can_be_undone(cast, make_goal):
    goal, client = make_goal(), cast.client("mentee")

    page = client.post(url("move", goal.pk), {"status": "reached"}, follow=True).content.decode()
    assert "You have reached this" in page
    assert 'name="status" value="open"' in page

    client.post(url("move", goal.pk), {"status": "open"})
    goal.refresh_from_db()
    assert goal.status == "open"


def test_move_to_a_state_that_does_not_exist_is_refused(cast, make_goal):
    answer = cast.client("mentee").post(url("move", make_goal().pk), {"status": "won"})

    assert answer.status_code == 422


def test_partner_confirms_and_both_see_it(cast, make_goal):
    goal = make_goal()

    page = cast.client("mentor").post(
        url("confirm", goal.pk), {"version": "1", "realistic": "1"}, follow=True
    )
    assert "You find it realistic" in page.content.decode()
    assert (
        "Daniel finds it realistic"
        in cast.client("mentee").get(url("detail", goal.pk)).content.decode()
    )


def test_steps_are_added_ticked_changed_removed_and_restored(cast, make_goal):
    goal, client = make_goal(), cast.client("mentee")

    client.post(url("add_milestone", goal.pk), {"text": "Find a sponsor", "due_on": "2026-12-01"})
    step = Milestone.objects.get()
    assert (step.text, step.due_on) == ("Find a sponsor", date(2026, 12, 1))

    part = client.post(
        url("tick_milestone", step.pk), {"done": "1"}, headers={"hx-request": "true"}
    )
    assert b"<html" not in part.content
    assert 'aria-pressed="true"' in part.content.decode()

    client.post(url("change_milestone", step.pk), {"text": "Find two"})
    step.refresh_from_db()
    assert (step.text, step.due_on) == ("Find two", None)

    page = client.post(url("remove_milestone", step.pk), follow=True).content.decode()
    assert url("restore_milestone", step.pk) in page
    client.post(url("restore_milestone", step.pk))
    step.refresh_from_db()
    assert step.removed_at is None


def test_step_without_words_shows_its_error_on_the_goal(cast, make_goal):
    answer = cast.client("mentee").post(url("add_milestone", make_goal().pk), {"text": " "})

    assert answer.status_code == 422
    assert "Please fill this in" in answer.content.decode()


@pytest.mark.parametrize("name", ["tick_milestone", "remove_milestone", "move_milestone"])
def test_steps_of_others_are_forbidden_to_the_partner(cast, make_goal, name):
    step = add_milestone(goal=make_goal(), actor=cast.mentee, now=NOW, text="A")

    assert cast.client("mentor").post(url(name, step.pk)).status_code == 403
    assert cast.client("stranger").post(url(name, step.pk)).status_code == 404


def test_removed_step_is_shown_nowhere(cast, make_goal):
    goal = make_goal()
    step = add_milestone(goal=goal, actor=cast.mentee, now=NOW, text="zebra-step")
    remove_milestone(milestone=step, actor=cast.mentee, now=NOW)

    page = cast.client("mentee").get(url("detail", goal.pk)).content.decode()

    assert "zebra-step" not in page


def test_progress_page_saves_and_shows_what_is_wrong(cast, make_goal):
    goal, client = make_goal(), cast.client("mentee")
    assert client.get(url("progress", goal.pk)).status_code == 200

    wrong = client.post(url("progress", goal.pk), {"day": "2026-11-19", "progress": "50"})
    assert wrong.status_code == 422
    assert "still to come" in wrong.content.decode()

    client.post(url("progress", goal.pk), {"day": "2026-11-18", "progress": "50"})
    goal.refresh_from_db()
    assert goal.progress == 50


def _phases(cast) -> Phase:
    given = {"cohort": cast.cohort}
    Phase.objects.create(
        **given, name="Start", starts_on=date(2026, 9, 28), ends_on=date(2026, 11, 20)
    )
    return Phase.objects.create(
        **given, name="Stretch", starts_on=date(2026, 11, 17), ends_on=date(2027, 6, 1)
    )


def test_home_asks_to_look_at_goals_when_a_phase_began_since_and_once(cast, make_goal):
    phase = _phases(cast)
    Phase.objects.filter(name="Start").update(ends_on=date(2026, 11, 16))
    Goal.objects.filter(pk=make_goal().pk).update(created_at=NOW.replace(day=2))
    client = cast.client("mentee")

    assert "Stretch has begun." in client.get(reverse("home")).content.decode()

    client.post(url("review", phase.pk))
    assert "Stretch has begun." not in client.get(reverse("home")).content.decode()
    client.post(url("review", phase.pk))
    assert GoalReview.objects.count() == 1


def test_home_does_not_ask_about_a_goal_set_in_this_phase(cast, make_goal):
    _phases(cast)
    Phase.objects.filter(name="Start").update(ends_on=date(2026, 11, 16))
    make_goal()

    page = cast.client("mentee").get(reverse("home")).content.decode()

    assert "zebra-title" in page
    assert "has begun." not in page


def test_review_of_a_phase_of_others_does_not_exist(cast, at_now):
    assert cast.client("stranger").post(url("review", _phases(cast).pk)).status_code == 404


def test_match_page_shows_shared_goals_and_the_manager_only_titles_that_are_shown(cast, make_goal):
    cast.cohort.managers_see_goals = True
    cast.cohort.save(update_fields=["managers_see_goals"])
    cast.match.cohort.refresh_from_db()
    make_goal(title="zebra-shown", visibility="manager", why="zebra-why")
    make_goal(title="zebra-ours")
    match_url = reverse("match", args=(cast.match.pk,))

    partner = cast.client("mentor").get(match_url).content.decode()
    manager = cast.client("program_manager").get(match_url).content.decode()

    words = ("zebra-shown", "zebra-ours", "zebra-why")
    assert [word for word in words if word in partner] == ["zebra-shown", "zebra-ours"]
    assert [word for word in words if word in manager] == ["zebra-shown"]


def test_manager_who_takes_part_sees_no_more_than_a_member(cast, make_goal):
    grant(cast.mentor, "manager", cast.program)
    make_goal(visibility="me")

    page = cast.client("mentor").get(reverse("match", args=(cast.match.pk,))).content.decode()

    assert "zebra-title" not in page


def test_suggestions_become_the_programs_own_once(cast, at_now):
    client = cast.client("program_manager")
    assert "Make them ours" in client.get(url("suggestions", cast.program.pk)).content.decode()

    for _time in range(2):
        client.post(url("suggestions", cast.program.pk))

    assert GoalSuggestion.objects.filter(program=cast.program).count() == 10
    page = client.get(url("suggestions", cast.program.pk)).content.decode()
    assert "Edit in the admin" in page


@pytest.mark.parametrize(
    ("who", "status"), [("mentee", 403), ("stranger", 404), ("other_program_manager", 404)]
)
def test_suggestions_are_for_managers_of_the_program(cast, at_now, who, status):
    assert cast.client(who).get(url("suggestions", cast.program.pk)).status_code == status


def test_goal_that_is_put_aside_is_under_its_own_tab(cast, make_goal):
    move_goal(goal=make_goal(), actor=cast.mentee, now=NOW, status="archived")
    client = cast.client("mentee")

    assert "zebra-title" not in client.get(url("list")).content.decode()
    assert "zebra-title" in client.get(url("list"), {"show": "aside"}).content.decode()


def test_confirmation_is_no_longer_asked_for_after_it_was_given(cast, make_goal):
    goal = make_goal()
    assert "Is it realistic?" in cast.client("mentor").get(url("list")).content.decode()

    confirm_goal(goal=goal, actor=cast.mentor, now=NOW, version=1)

    assert "Is it realistic?" not in cast.client("mentor").get(url("list")).content.decode()
