"""When a list waits for somebody to look at the names, and what its preview may tell."""

from __future__ import annotations

import pytest

from accounts.models import User
from core.errors import DomainError
from support.feed.impact import matches_that_would_rest
from support.feed_pages import why_held
from support.models import FeedSettings
from support.services.feeding import (
    confirm_feed,
    look_again,
)
from tests.conftest import NOW, enrol, make_person
from tests.support.listing import (
    DANIEL,
    PRIYA,
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


def test_last_day_brought_forward_counts_for_the_hold(cast):
    """Also that of somebody who is missing before the last day that was told."""
    applied("E1,2026-12-31", "E2,2026-12-31", head="employee id,last day")
    FeedSettings.objects.update(hold_percent=2)

    later = previewed(sheet("E1,2027-01-31", head="employee id,last day"))
    sooner = previewed(sheet("E1,2026-12-30", head="employee id,last day"))
    missing = previewed(sheet(PRIYA), kind="full")

    found = [(feed.counts["leaving_people"], feed.is_held) for feed in (later, sooner, missing)]
    assert found == [(0, False), (1, True), (1, True)]


def test_share_of_those_who_take_part_holds_a_list_however_many_wait(cast):
    """Fifty applicants must not hide that one of the two who take part would leave."""
    FeedSettings.objects.update(hold_percent=10)
    for number in range(50):
        enrol(cast.cohort, make_person(f"w{number}@x.org", "W"), "mentee", status="applied")

    feed = previewed(sheet("E1,left", head="employee id,status"))

    assert (feed.counts["participants"], feed.counts["taking_part"]) == (52, 2)
    assert feed.counts["exceeded"] == ["leaving_taking_part"]
    assert why_held(feed) == ["1 of 2 people who take part would leave, 50.0 percent."]


def test_full_list_that_misses_too_many_whom_hr_knows_is_held_though_none_takes_part(cast):
    FeedSettings.objects.update(hold_percent=10)
    for number in range(8):
        make_person(f"k{number}@example.org", f"Known {number}", employee_id=f"K{number}")
    for number in range(40):
        make_person(f"x{number}@example.org", f"External {number}")

    feed = previewed(sheet(DANIEL, PRIYA, *(f"K{n},,,,," for n in range(6))), kind="full")

    assert (feed.is_held, feed.counts["exceeded"]) == (True, ["missing"])
    assert why_held(feed) == ["2 of 10 people whom HR knows have no row, 20.0 percent."]


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


def test_preview_of_one_row_does_not_tell_who_is_in_a_discreet_program(cast):
    """Neither a number nor being held may differ from the same row of somebody in no program."""
    cast.program.is_discreet = True
    cast.program.save(update_fields=["is_discreet"])
    FeedSettings.objects.update(hold_percent=20)
    make_person("pat@example.org", "Pat Moss", employee_id="E7")
    head = "employee id,status"
    feed, other = previewed(sheet("E1,left", head=head)), previewed(sheet("E7,left", head=head))

    assert (feed.counts, feed.is_held) == (other.counts, False)
    assert feed.counts["participants"] == 0
    unnamed = matches_that_would_rest(feed, viewer=cast.it_administrator)
    assert (list(unnamed.lines), unnamed.more) == ([], 0)
    named = matches_that_would_rest(feed, viewer=cast.program_manager)
    assert (len(named.lines), named.more) == (1, 0)
