from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.db.utils import ProgrammingError

from audit.models import AuditEvent
from core.errors import Conflict, DomainError, NotAllowed
from goals.models import Goal, GoalConfirmation, GoalVersion, Milestone, ProgressUpdate
from goals.selectors import goals_for_manager
from goals.services import (
    GoalText,
    add_milestone,
    add_progress,
    change_goal,
    confirm_goal,
    forget_removed,
    move_goal,
    move_milestone,
    remove_milestone,
    remove_progress,
    restore_progress,
)
from matching.services.closing import end_match
from notifications.models import Message
from tests.conftest import NOW

TODAY = NOW.date()
IN_NUMBERS = {"start_number": Decimal(2), "target_number": Decimal(10), "unit": "talks"}


def kinds_to(person) -> list[str]:
    return list(Message.objects.filter(recipient=person).values_list("kind", flat=True))


def test_set_goal_shared_asks_the_partner_to_confirm(cast, make_goal):
    goal = make_goal()

    assert (goal.status, goal.progress, goal.current.title) == ("open", 0, "zebra-title")
    assert kinds_to(cast.mentor) == ["goals.confirm"]
    assert kinds_to(cast.mentee) == []


def test_set_goal_private_tells_nobody_and_no_program(cast, make_goal):
    goal = make_goal(visibility="me")

    event = AuditEvent.objects.get(action="goal.set", object_id=str(goal.pk))
    assert kinds_to(cast.mentor) == []
    assert (event.program_id, event.detail) == (None, {})


@pytest.mark.parametrize("who", ["stranger", "program_manager", "hr_analyst"])
def test_set_goal_by_somebody_outside_the_match_is_refused(cast, make_goal, who):
    with pytest.raises(NotAllowed):
        make_goal(who=who)


def test_set_goal_for_managers_needs_a_cohort_that_says_so(cast, make_goal):
    with pytest.raises(DomainError, match="Managers see no goals in this cohort"):
        make_goal(visibility="manager")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"why": "x" * 2_001}, "why"),
        ({"target_number": Decimal(3)}, "start_number"),
        ({"start_number": Decimal(3)}, "target_number"),
        ({"start_number": Decimal(3), "target_number": Decimal(3)}, "target_number"),
    ],
)
def test_set_goal_with_words_that_do_not_add_up_names_the_field(cast, make_goal, words, field):
    with pytest.raises(DomainError) as caught:
        make_goal(**words)

    assert caught.value.field == field


def test_set_goal_beyond_twenty_open_ones_is_refused(cast, make_goal):
    for number in range(20):
        make_goal(title=f"Goal {number}")

    with pytest.raises(DomainError, match="You have 20 open goals here"):
        make_goal()


def test_set_goal_in_an_ended_match_is_refused(cast, make_goal):
    end_match(match=cast.match, actor=cast.mentor, now=NOW, reason="no_time")
    cast.match.refresh_from_db()

    with pytest.raises(DomainError, match="has ended"):
        make_goal()


def test_database_refuses_a_goal_of_somebody_outside_the_match(cast):
    with pytest.raises(IntegrityError, match="goal_owner"), transaction.atomic():
        Goal.objects.create(match=cast.match, owner=cast.stranger, visibility="me", created_at=NOW)


def test_database_keeps_versions_as_they_are(cast, make_goal):
    goal = make_goal()

    with (
        pytest.raises((InternalError, ProgrammingError, IntegrityError)),
        transaction.atomic(),
    ):
        GoalVersion.objects.filter(goal=goal).update(number=9)


def test_change_goal_keeps_the_earlier_version_and_asks_anew_for_a_new_target(cast, make_goal):
    goal = make_goal(measure="before")
    confirm_goal(goal=goal, actor=cast.mentor, now=NOW, version=1)

    changed = change_goal(
        goal=goal,
        actor=cast.mentee,
        now=NOW,
        visibility="us",
        text=GoalText(title="zebra-title", measure="after"),
        base=1,
    )

    assert changed.target_version == 2
    assert [v.measure for v in changed.versions.order_by("number")] == ["before", "after"]
    assert not GoalConfirmation.objects.filter(version__gte=changed.target_version).exists()
    assert kinds_to(cast.mentor) == ["goals.confirm", "goals.confirm"]


def test_change_goal_of_its_reason_alone_leaves_the_confirmation(cast, make_goal):
    goal = make_goal()
    confirm_goal(goal=goal, actor=cast.mentor, now=NOW, version=1)

    changed = change_goal(
        goal=goal,
        actor=cast.mentee,
        now=NOW,
        visibility="us",
        text=GoalText(title="zebra-title", why="because"),
        base=1,
    )

    assert (changed.current.number, changed.target_version) == (2, 1)
    assert GoalConfirmation.objects.filter(version__gte=changed.target_version).count() == 1


def test_change_goal_from_an_older_version_is_a_conflict(cast, make_goal):
    goal = make_goal()
    given = {"goal": goal, "actor": cast.mentee, "now": NOW, "visibility": "us", "base": 1}
    change_goal(**given, text=GoalText(title="One"))

    with pytest.raises(Conflict):
        change_goal(**given, text=GoalText(title="Two"))


def test_change_goal_without_a_difference_writes_nothing(cast, make_goal):
    goal = make_goal()

    change_goal(
        goal=goal,
        actor=cast.mentee,
        now=NOW,
        visibility="us",
        text=GoalText(title="zebra-title"),
        base=1,
    )

    assert goal.versions.count() == 1


def test_change_goal_by_the_partner_is_refused(cast, make_goal):
    with pytest.raises(NotAllowed):
        change_goal(
            goal=make_goal(),
            actor=cast.mentor,
            now=NOW,
            visibility="us",
            text=GoalText(title="Mine now"),
            base=1,
        )


def test_confirm_goal_after_a_new_target_is_a_conflict(cast, make_goal):
    goal = make_goal()
    change_goal(
        goal=goal,
        actor=cast.mentee,
        now=NOW,
        visibility="us",
        text=GoalText(title="zebra-title", target="more"),
        base=1,
    )

    with pytest.raises(Conflict):
        confirm_goal(goal=goal, actor=cast.mentor, now=NOW, version=1)


def test_confirm_goal_twice_and_taken_back_leaves_nothing(cast, make_goal):
    goal = make_goal()
    for _time in range(2):
        confirm_goal(goal=goal, actor=cast.mentor, now=NOW, version=1)
    assert goal.confirmations.count() == 1

    confirm_goal(goal=goal, actor=cast.mentor, now=NOW, version=1, is_realistic=False)

    assert goal.confirmations.count() == 0


def test_confirm_goal_that_is_private_is_refused(cast, make_goal):
    with pytest.raises(DomainError, match="not shared"):
        confirm_goal(goal=make_goal(visibility="me"), actor=cast.mentee, now=NOW, version=1)


@pytest.mark.parametrize(
    ("start", "target", "value", "expected"),
    [
        (2, 10, 4, 25),
        (2, 10, 1, 0),
        (2, 10, 12, 100),
        (10, 2, 4, 75),
        (0, 3, 2, 66),
        (-4, 4, 0, 50),
    ],
)
def test_add_progress_by_number_is_the_share_of_the_way(
    cast, make_goal, start, target, value, expected
):
    goal = make_goal(start_number=Decimal(start), target_number=Decimal(target))

    add_progress(goal=goal, actor=cast.mentee, now=NOW, day=TODAY, value=Decimal(value))

    goal.refresh_from_db()
    assert goal.progress == expected


def test_add_progress_for_an_earlier_day_does_not_overrule_a_later_one(cast, make_goal):
    goal = make_goal()
    add_progress(goal=goal, actor=cast.mentee, now=NOW, day=TODAY, progress=75)

    add_progress(goal=goal, actor=cast.mentee, now=NOW, day=TODAY - timedelta(days=9), progress=25)

    goal.refresh_from_db()
    assert goal.progress == 75


def test_remove_progress_goes_back_and_restore_brings_it_again(cast, make_goal):
    goal = make_goal()
    add_progress(goal=goal, actor=cast.mentee, now=NOW, day=date(2026, 11, 2), progress=25)
    last = add_progress(goal=goal, actor=cast.mentee, now=NOW, day=TODAY, progress=50)

    remove_progress(update=last, actor=cast.mentee, now=NOW)
    goal.refresh_from_db()
    assert goal.progress == 25

    restore_progress(update=last, actor=cast.mentee, now=NOW)
    goal.refresh_from_db()
    assert goal.progress == 50


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"day": TODAY + timedelta(days=1), "progress": 25}, "day"),
        ({"day": TODAY}, "progress"),
        ({"day": TODAY, "progress": 101}, "progress"),
    ],
)
def test_add_progress_that_says_nothing_or_lies_ahead_names_the_field(
    cast, make_goal, values, field
):
    with pytest.raises(DomainError) as caught:
        add_progress(goal=make_goal(), actor=cast.mentee, now=NOW, **values)

    assert caught.value.field == field


def test_new_numbers_count_progress_anew_from_the_last_value(cast, make_goal):
    goal = make_goal(**IN_NUMBERS)
    add_progress(goal=goal, actor=cast.mentee, now=NOW, day=TODAY, value=Decimal(6))

    changed = change_goal(
        goal=goal,
        actor=cast.mentee,
        now=NOW,
        visibility="us",
        text=GoalText(
            title="zebra-title", unit="talks", start_number=Decimal(2), target_number=Decimal(6)
        ),
        base=1,
    )

    assert changed.progress == 100


def test_numbers_given_later_leave_what_was_said_in_per_cent(cast, make_goal):
    goal = make_goal()
    add_progress(goal=goal, actor=cast.mentee, now=NOW, day=date(2026, 11, 2), progress=50)
    text = GoalText(
        title="zebra-title", unit="talks", start_number=Decimal(0), target_number=Decimal(4)
    )

    goal = change_goal(goal=goal, actor=cast.mentee, now=NOW, visibility="us", text=text, base=1)
    assert goal.progress == 50

    said = add_progress(goal=goal, actor=cast.mentee, now=NOW, day=TODAY, value=Decimal(4))
    remove_progress(update=said, actor=cast.mentee, now=NOW)

    goal.refresh_from_db()
    assert goal.progress == 50


def test_move_goal_to_reached_tells_the_partner_once(cast, make_goal):
    goal = make_goal()
    for status in ("reached", "reached", "open", "reached"):
        move_goal(goal=goal, actor=cast.mentee, now=NOW, status=status)

    goal.refresh_from_db()
    assert (goal.status, goal.reached_at) == ("reached", NOW)
    assert kinds_to(cast.mentor).count("goals.reached") == 1


def test_move_goal_that_is_private_to_reached_tells_nobody(cast, make_goal):
    move_goal(goal=make_goal(visibility="me"), actor=cast.mentee, now=NOW, status="reached")

    assert kinds_to(cast.mentor) == []


def test_move_goal_from_put_aside_to_reached_is_refused(cast, make_goal):
    goal = make_goal()
    move_goal(goal=goal, actor=cast.mentee, now=NOW, status="archived")

    with pytest.raises(DomainError):
        move_goal(goal=goal, actor=cast.mentee, now=NOW, status="reached")


def test_move_milestone_swaps_neighbours_and_stops_at_the_ends(cast, make_goal):
    goal = make_goal()
    given = {"actor": cast.mentee, "now": NOW}
    first, second = (add_milestone(goal=goal, text=text, **given) for text in ("a", "b"))

    move_milestone(milestone=second, up=True, **given)
    assert [step.text for step in goal.milestones.all()] == ["b", "a"]

    move_milestone(milestone=second, up=True, **given)
    move_milestone(milestone=first, up=False, **given)
    assert [step.text for step in goal.milestones.all()] == ["b", "a"]


def test_sweep_forgets_what_was_removed_a_day_ago(cast, make_goal):
    goal = make_goal()
    given = {"actor": cast.mentee, "now": NOW}
    remove_milestone(milestone=add_milestone(goal=goal, text="a", **given), **given)
    update = add_progress(goal=goal, day=TODAY, progress=25, **given)
    remove_progress(update=update, **given)

    assert forget_removed(now=NOW + timedelta(hours=23)) == 0
    assert forget_removed(now=NOW + timedelta(hours=25)) == 2
    assert (Milestone.objects.count(), ProgressUpdate.objects.count()) == (0, 0)


def test_managers_read_titles_only_while_the_cohort_says_so(cast, make_goal):
    cast.cohort.managers_see_goals = True
    cast.cohort.save(update_fields=["managers_see_goals"])
    cast.match.cohort.refresh_from_db()
    make_goal(visibility="manager", title="Seen")
    make_goal(visibility="us", title="Ours")
    make_goal(visibility="me", title="Mine")

    assert [goal.title for goal in goals_for_manager(cast.match)] == ["Seen"]

    cast.cohort.managers_see_goals = False
    cast.cohort.save(update_fields=["managers_see_goals"])
    assert goals_for_manager(cast.match) == []


def test_goal_that_is_deleted_takes_its_versions_along(cast, make_goal):
    goal = make_goal()
    goal.delete()

    assert GoalVersion.objects.count() == 0
