"""What a draft would be under other weights: asked for, computed in a worker, applied or left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core import jobs
from core.errors import Conflict, DomainError
from core.jobs import JobCancelled, JobLost, JobStatus, Lease
from core.wake import wake
from matching.engine import Cancelled, EngineError, score_pool
from matching.failures import sentence_for
from matching.heartbeat import heartbeat
from matching.labels import criterion_key
from matching.measuring import fair_groups, measured
from matching.models import (
    CriterionKind,
    FrozenTraits,
    Objective,
    PairingPolicy,
    PairingRun,
    PolicyCriterion,
    Scenario,
    aim_refusal,
)
from matching.pool import overrides_of
from matching.publishing import draft_mark
from matching.refused import without_refused
from matching.selectors import is_publishing
from matching.services.policy import engine_policy, policy_snapshot
from matching.services.runs import request_run
from matching.warm import WARM
from matching.ways import way_of
from matching.whatif import compare_with_draft

KEPT_FOR = timedelta(days=7)


def changed_policy(
    snapshot: Mapping[str, Any],
    *,
    weights: Mapping[str, int],
    rules: Collection[str],
    objective: str,
) -> dict[str, Any]:
    """Return the snapshot with other weights by criterion key, fewer rules, and another aim.

    A weight of 0 leaves the criterion out; a criterion that is not named keeps its weight.

    Raises:
        DomainError: nothing would count, a weight is out of range, or the aim is unknown.
    """
    criteria = [
        {**row, "weight": weights.get(criterion_key(row), row["weight"])}
        for row in snapshot["criteria"]
    ]
    if any(not 0 <= row["weight"] <= 100 for row in criteria):
        raise DomainError(_("A weight lies from 0 to 100."), code="weight")
    if not any(row["weight"] for row in criteria):
        raise DomainError(_("Give at least one criterion a weight above 0."), code="no_weight")
    if objective not in Objective:
        raise DomainError(_("Choose one of the aims."), code="objective", field="objective")
    return {
        **snapshot,
        "objective": objective,
        "criteria": [row for row in criteria if row["weight"]],
        "rules": [row for row in snapshot["rules"] if row["kind"] in rules],
    }


@transaction.atomic
def request_scenario(
    *,
    run: PairingRun,
    actor: User,
    now: datetime,
    weights: Mapping[str, int],
    rules: Collection[str],
    objective: str,
) -> Scenario:
    """Queue the computation of a draft under another policy; replaces what the actor tried before.

    Raises:
        Conflict: the run has no open draft.
        DomainError: the policy cannot be; see :func:`changed_policy`.
    Effects: one row; wakes a worker after the commit. A worker on the row before finds it gone.
    """
    require_draft(run)
    if refusal := aim_refusal(run.cohort, objective):
        raise DomainError(refusal, code="objective", field="objective")
    snapshot = changed_policy(
        run.policy_snapshot, weights=weights, rules=rules, objective=objective
    )
    PairingRun.objects.select_for_update().only("pk").get(pk=run.pk)
    # Whoever takes a trait back holds this row: they end first, or find the scenario made here.
    list(FrozenTraits.objects.select_for_update().filter(run=run).values_list("pk"))
    Scenario.objects.filter(run=run, requested_by=actor, name="").delete()
    scenario = Scenario.objects.create(
        run=run, requested_by=actor, policy_snapshot=snapshot, created_at=now
    )
    wake(Scenario.task_name, scenario.pk)
    return scenario


def require_draft(run: PairingRun) -> None:
    """Refuse what is published, or is being published: then its row is locked for a while."""
    if run.status != JobStatus.DONE or run.published_at is not None or is_publishing(run=run):
        raise Conflict(_("Only a draft that is not published yet can be tried with other weights."))


def perform_scenario(scenario_id: int, *, clock: Callable[[], datetime]) -> None:
    """Compute a scenario and keep how it differs from the draft. Safe to call twice.

    What stopped it is stored in the language of the person who asked.
    """
    scenario = jobs.claim(Scenario, scenario_id, now=clock())
    if scenario is None:
        return
    with translation.override(scenario.requested_by.language):
        _perform(scenario, Lease(scenario, clock=clock))


def _perform(scenario: Scenario, lease: Lease) -> None:
    try:
        with heartbeat(scenario):
            result = _compute(scenario, lease)
        if PairingRun.objects.filter(pk=scenario.run_id, published_at__isnull=False).exists():
            late = _("The draft was published before this was computed.")
            lease.finish(JobStatus.CANCELLED, error=late)
        else:
            lease.finish(JobStatus.DONE, result=result)
    except JobLost:
        return
    except (JobCancelled, Cancelled):
        lease.finish(JobStatus.CANCELLED)
    except EngineError as error:
        lease.finish(JobStatus.FAILED, error=sentence_for(error))


def _compute(scenario: Scenario, lease: Lease) -> dict[str, Any]:
    run = PairingRun.objects.defer("pool_snapshot").select_related("cohort__program")
    run = run.get(pk=scenario.run_id)
    frozen = WARM.of(run)
    overrides = overrides_of(run.cohort)
    policy = engine_policy(scenario.policy_snapshot, related=frozen.related)
    pool = without_refused(frozen.with_overrides(overrides, policy), run.policy_snapshot)
    scored = score_pool(pool, policy)
    way = way_of(run)
    found = way.find(
        run,
        scored,
        scenario.policy_snapshot,
        lambda stage, done, total: lease.report(stage, done, max(total, 1)),
    )
    if found.violations:
        codes = [one.code for one in found.violations]
        raise EngineError("The result did not pass its check:", codes)
    draft = way.live(run)
    result = compare_with_draft(pool, way.measure(scored, draft), found)
    if scenario.name:
        own = engine_policy(run.policy_snapshot, related=frozen.related)
        own_scored = score_pool(frozen.with_overrides(overrides, own), own)
        groups = fair_groups(own_scored.pool, _traits_in(run.policy_snapshot))
        now, then = way.measure(own_scored, draft), way.measure(own_scored, found.ids)
        result["draft"] = {**measured(pool, now, groups), "mark": draft_mark(run)}
        result["then"] = measured(pool, then, groups)
    return result


def _traits_in(snapshot: Mapping[str, Any]) -> list[str]:
    rows = snapshot["criteria"]
    return [row["question"] for row in rows if row["kind"] == CriterionKind.TRAIT]


@transaction.atomic
def apply_scenario(*, scenario: Scenario, actor: User, now: datetime) -> PairingRun:
    """Make the scenario's weights, rules and aim the cohort's policy and start a run with them.

    Raises:
        Conflict: it is not computed yet, the draft is published, the policy was changed since the
            draft, or a run is under way.
    Effects: the policy, one audit row; the new run as :func:`request_run` makes it.
    """
    require_draft(scenario.run)
    run = PairingRun.objects.select_for_update(of=("self",)).select_related("cohort")
    run = run.defer("pool_snapshot").get(pk=scenario.run_id)
    require_draft(run)
    if scenario.status != JobStatus.DONE:
        raise Conflict(_("Only a draft that is not published yet can be tried with other weights."))
    policy = PairingPolicy.objects.select_for_update().get(cohort=run.cohort_id)
    if _what_counts(policy_snapshot(policy)) != _what_counts(run.policy_snapshot):
        raise Conflict(
            _("The policy was changed since this draft. Start a new run and try again there.")
        )
    tried = {criterion_key(row): row["weight"] for row in scenario.policy_snapshot["criteria"]}
    for row in PolicyCriterion.objects.filter(policy=policy):
        weight = tried.get(criterion_key({"kind": row.kind, "question": row.question_key}))
        if weight is None:
            row.delete()
        elif row.weight != weight:
            row.weight = weight
            row.save(update_fields=["weight"])
    kept = [row["kind"] for row in scenario.policy_snapshot["rules"]]
    dropped = [row["kind"] for row in run.policy_snapshot["rules"] if row["kind"] not in kept]
    policy.rules.filter(kind__in=dropped).delete()
    policy.objective = scenario.policy_snapshot["objective"]
    policy.save(update_fields=["objective"])
    record(
        actor=actor,
        action="pairingpolicy.changed",
        about=policy,
        now=now,
        program_id=run.cohort.program_id,
        detail={"scenario": scenario.pk, "run": run.pk, "rules_dropped": dropped},
    )
    return request_run(cohort=run.cohort, actor=actor, now=now, seed=run.seed)


def _what_counts(snapshot: dict[str, Any]) -> tuple[Any, ...]:
    """Return what a scenario may change, so that nobody's later change is overwritten unseen."""
    criteria = sorted((criterion_key(row), row["weight"]) for row in snapshot["criteria"])
    return criteria, sorted(row["kind"] for row in snapshot["rules"]), snapshot["objective"]


def forget_scenario(*, run: PairingRun, actor: User) -> None:
    """Drop what the actor tried on a draft; a worker that computes it finds it gone."""
    Scenario.objects.filter(run=run, requested_by=actor, name="").delete()


def forget_old_scenarios(*, now: datetime) -> int:
    """Delete what somebody tried more than a week ago and did not name; returns how many."""
    old = Scenario.objects.filter(created_at__lt=now - KEPT_FOR, name="")
    deleted, _by_model = old.delete()
    return deleted
