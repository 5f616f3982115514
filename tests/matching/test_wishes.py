"""Wishes and career path: said by people, carried to the pairing, told to no one who is named."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audit.models import AuditEvent
from matching.models import (
    DoNotPair,
    PairingPolicy,
    PairingWish,
    PolicyCriterion,
)
from matching.reasons import for_people
from matching.services.wishes import save_wishes, settle_wishes
from participants.models import Profile
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def wish(enrolment, *, gladly=(), not_with=()):
    save_wishes(
        enrolment=enrolment, actor=enrolment.user, now=NOW, gladly=gladly, not_with=not_with
    )


def only(pairing, kind):
    policy = pairing.cohort.policy
    policy.criteria.all().delete()
    policy.rules.all().delete()
    PairingPolicy.objects.filter(pk=policy.pk).update(minimum_fit=0, protects_worst=False)
    return PolicyCriterion.objects.create(policy=policy, kind=kind, weight=10)


def pairs(run):
    return set(run.proposals.values_list("mentee__user__email", "mentor__user__email"))


def test_whom_somebody_named_becomes_their_match(pairing):
    only(pairing, "preference")
    mentee, mentor = pairing.mentees[3], pairing.mentors[2]
    wish(mentee, gladly=["nobody@example.org", mentor.user.email.upper()])

    run = pairing.run()

    assert (mentee.user.email, mentor.user.email) in pairs(run)
    proposal = run.proposals.get(mentee=mentee)
    assert proposal.contributions[0]["facts"] == {"by": ["mentee"]}
    said = for_people(proposal.contributions)
    assert [sentence.icon for sentence in said] == ["shield-check"]  # no reporting line


def test_whom_somebody_would_rather_not_is_never_their_match(pairing):
    mentee, mentor = pairing.mentees[0], pairing.mentors[0]

    wish(mentee, not_with=[mentor.user.email])

    row = DoNotPair.objects.get()
    assert {row.low_id, row.high_id} == {mentee.user_id, mentor.user_id}
    assert (mentee.user.email, mentor.user.email) not in pairs(pairing.run())
    assert AuditEvent.objects.get(action="wishes.changed").detail == {"with": 0, "not_with": 1}


def test_a_wish_taken_back_leaves_what_a_manager_entered(pairing):
    mentee = pairing.mentees[0]
    first, second = (mentor.user for mentor in pairing.mentors[:2])
    low, high = sorted((mentee.user, second), key=lambda person: person.pk)
    DoNotPair.objects.create(low=low, high=high, created_by=pairing.manager, created_at=NOW)
    wish(mentee, not_with=[first.email, second.email])

    wish(mentee)

    assert [row.created_by for row in DoNotPair.objects.all()] == [pairing.manager]


def test_address_that_somebody_has_later_is_kept_apart_by_the_next_run(pairing):
    mentee, mentor = pairing.mentees[0], pairing.mentors[0]
    wish(mentee, not_with=["new@example.org"])
    assert DoNotPair.objects.count() == 0
    mentor.user.email = "new@example.org"
    mentor.user.save(update_fields=["email"])

    run = pairing.run()

    assert DoNotPair.objects.count() == 1
    assert (mentee.user.email, "new@example.org") not in pairs(run)


def test_a_wish_taken_back_leaves_what_the_other_one_asked_for(pairing):
    mentee, mentor = pairing.mentees[0], pairing.mentors[0]
    wish(mentee, not_with=[mentor.user.email])
    wish(mentor, not_with=[mentee.user.email])

    wish(mentee)

    assert [row.created_by for row in DoNotPair.objects.all()] == [mentor.user]
    wish(mentor)
    assert DoNotPair.objects.count() == 0


def test_wishes_are_settled_in_four_queries_for_any_number(pairing, django_assert_max_num_queries):
    for mentee, mentor in zip(pairing.mentees[:4], pairing.mentors[:4], strict=False):
        wish(mentee, not_with=[mentor.user.email, "nobody@example.org"])
    made = DoNotPair.objects.count()
    DoNotPair.objects.all().delete()

    with django_assert_max_num_queries(4):
        settle_wishes(cohort=pairing.cohort, now=NOW)

    assert DoNotPair.objects.count() == made > 1


def test_wishes_page_saves_and_shows_what_was_said(cast):
    client = cast.client("mentee")
    url = reverse("matching:wishes", args=(cast.mentee_enrolment.pk,))

    answer = client.post(url, {"with_0": "a@example.org", "not_with_0": "b@example.org"})

    assert answer.status_code == 302
    page = client.get(url).content.decode()
    assert 'value="a@example.org"' in page
    assert 'value="b@example.org"' in page
    assert PairingWish.objects.count() == 2


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"with_0": "a@example.org", "not_with_0": "a@example.org"}, "both lists"),
        ({"with_0": "own"}, "your own address"),
        ({"with_0": "no address"}, "valid email"),
    ],
)
def test_wishes_that_cannot_be_meant_are_refused(cast, given, sentence):
    own = cast.mentee_enrolment.user.email
    given = {name: own if value == "own" else value for name, value in given.items()}
    url = reverse("matching:wishes", args=(cast.mentee_enrolment.pk,))

    answer = cast.client("mentee").post(url, given)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert PairingWish.objects.count() == 0


def test_mentor_who_works_where_the_mentee_wants_to_go_is_their_match(pairing):
    only(pairing, "career_path")
    mentee, mentor = pairing.mentees[2], pairing.mentors[1]
    Profile.objects.update_or_create(
        user=mentee.user, defaults={"career_goal": "Negotiating", "function": "Law"}
    )
    Profile.objects.update_or_create(user=mentor.user, defaults={"function": "Negotiation skills"})

    run = pairing.run()

    proposal = run.proposals.get(mentee=mentee)
    assert proposal.mentor == mentor
    assert proposal.score == 900_000
    assert proposal.contributions[0]["facts"]["goal"] == "Negotiating"
