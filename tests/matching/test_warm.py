"""Frozen pools kept ready in the worker: read once, apart by what they hold, never too many."""

from __future__ import annotations

import pytest

from matching.drafts import Draft
from matching.models import OverridableRule, PairingRun, RuleOverride
from matching.pool import overrides_of
from matching.warm import BYTES_A_PERSON, WarmPools
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(pairing):
    return pairing.run()


def reread(run):
    return PairingRun.objects.defer("pool_snapshot").get(pk=run.pk)


def test_warm_pool_is_the_frozen_one_and_read_once(run, django_assert_num_queries):
    warm = WarmPools()
    first = warm.of(reread(run))

    with django_assert_num_queries(2):  # the run, and what its pool is told by
        again = warm.of(reread(run))

    assert again is first
    assert first.pool == Draft(reread(run)).pool


def test_warm_pool_of_which_somebody_was_erased_is_another(run):
    warm = WarmPools()
    before = warm.of(reread(run))
    snapshot = PairingRun.objects.get(pk=run.pk).pool_snapshot
    snapshot["people"][0]["goal"] = snapshot["people"][0]["about"] = "gone"
    PairingRun.objects.filter(pk=run.pk).update(pool_snapshot=snapshot)

    after = warm.of(reread(run))

    assert after is not before
    assert "gone" in (*after.pool.mentees.goal, *after.pool.mentors.about)


def test_warm_pools_hold_no_more_than_their_bytes(pairing, run):
    warm = WarmPools(most_bytes=BYTES_A_PERSON)

    assert len(warm.of(reread(run)).pool.mentees) == 4
    assert len(warm.kept) == 0


def test_warm_pool_nobody_asked_for_is_dropped(run):
    warm = WarmPools()
    frozen = warm.of(reread(run))
    warm.kept["other"] = frozen, -1_000_000.0

    warm.of(reread(run))

    assert len(warm.kept) == 1
    assert "other" not in warm.kept


def test_warm_pool_takes_exceptions_made_later(pairing, run):
    proposal = run.proposals.order_by("pk")[0]
    frozen, draft = WarmPools().of(reread(run)), Draft(reread(run))
    RuleOverride.objects.create(
        mentee=proposal.mentee,
        mentor=proposal.mentor,
        rule=OverridableRule.POLICY,
        reason="They asked for it.",
        created_by=pairing.manager,
        created_at=NOW,
    )

    pool = frozen.with_overrides(overrides_of(run.cohort), draft.policy)

    assert pool.overrides == draft.pool_with_overrides().overrides
    assert len(pool.overrides) == len(draft.policy.rules)
    assert frozen.pool.overrides == frozenset()
