"""Ask for a pairing run, compute it in a worker, cancel it, try again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from audit.services import record
from core import jobs
from core.errors import Conflict, DomainError
from core.jobs import JobCancelled, JobLost, JobStatus, Lease
from core.wake import wake
from matching.circles import locked_circles, shape_of, standing_circles, store_circles
from matching.engine import (
    Cancelled,
    EngineError,
    Pool,
    Scored,
    Solution,
    Violation,
    check,
    check_circles,
    check_peers,
    score_pool,
    solve,
    solve_circles,
    solve_peers,
)
from matching.failures import sentence_for
from matching.heartbeat import heartbeat
from matching.models import PairingRun, Proposal, ProposalState
from matching.peers import store_peers
from matching.pool import take_snapshot
from matching.refused import refused_pairs, without_refused
from matching.results import store_solution
from matching.selectors import is_publishing, pool_counts
from matching.services.freezing import freeze_traits
from matching.services.policy import (
    engine_policy,
    ensure_policy,
    policy_snapshot,
    related_in,
)
from matching.services.texts import forget_unused_vectors
from matching.services.wishes import settle_wishes
from matching.standing import IdPair, change_since, is_small, open_draft, standing_pairs
from matching.warm import WARM
from programs.models import Cohort, CohortStatus

CAN_PAIR = (CohortStatus.PAIRING, CohortStatus.ACTIVE)


@transaction.atomic
def request_run(
    *,
    cohort: Cohort,
    actor: User | None,
    now: datetime,
    seed: int = 0,
    changes_little: bool = False,
) -> PairingRun:
    """Queue one computation of proposals for a cohort.

    With ``changes_little`` pairs of the open draft stand, unless a change brings a pair five points
    or gives somebody a mentor; without an open draft it is a run like any other.

    Raises:
        DomainError: the cohort is not being paired, nobody is there to pair, nothing counts.
        Conflict: a run is waiting or running already, or pairs are being published.
    Effects: one row, one audit row; wakes a worker after the commit.
    """
    if cohort.status not in CAN_PAIR:
        raise DomainError(
            _("Move the cohort to “Pairing” first; then people can be paired."), code="not_pairing"
        )
    if is_publishing(run__cohort=cohort):
        raise Conflict(_("Pairs of this cohort are being published just now."))
    _require_people(cohort)
    settle_wishes(cohort=cohort, now=now)
    policy = ensure_policy(cohort=cohort)
    if not policy.criteria.exists():
        raise DomainError(
            _("The pairing policy has no criterion. Add one that makes a pair better first."),
            code="no_criterion",
        )
    try:
        with transaction.atomic():
            run = PairingRun.objects.create(
                cohort=cohort,
                requested_by=actor,
                seed=seed,
                policy_snapshot=policy_snapshot(policy)
                | _what_stands(cohort, changes_little)
                | _what_stays_out(cohort),
                created_at=now,
            )
    except IntegrityError as error:
        raise Conflict(_("A pairing run is under way for this cohort already.")) from error
    record(
        actor=actor,
        action="run.requested",
        about=run,
        now=now,
        program_id=cohort.program_id,
        detail={"seed": seed, "changes_little": changes_little},
    )
    wake(PairingRun.task_name, run.pk)
    return run


def _what_stands(cohort: Cohort, changes_little: bool) -> dict[str, int]:
    draft = open_draft(cohort) if changes_little else None
    return {"keeps": draft.pk} if draft is not None else {}


def _what_stays_out(cohort: Cohort) -> dict[str, list[IdPair]]:
    refused = refused_pairs(cohort)
    return {"refused": refused} if refused else {}


def _require_people(cohort: Cohort) -> None:
    """Refuse a run without a mentee who waits or a mentor who has a seat."""
    counts = pool_counts(cohort)
    if cohort.program.is_of_peers:
        _require_peers(counts)
        return
    if cohort.program.is_of_circles and counts["mentors"] and counts["mentees"]:
        _require_circle(cohort, counts)
    if not counts["mentors"]:
        sentence = _untrained(counts["untrained_mentors"])
        sentence = sentence or _unscreened(counts["unscreened_mentors"])
        sentence = sentence or _("There is no mentor to pair. Import or add mentors first.")
    elif not counts["mentees"]:
        sentence = _untrained(counts["untrained_mentees"])
        sentence = sentence or _unscreened(counts["unscreened_mentees"])
        sentence = sentence or _("There is no mentee to pair. Import or add mentees first.")
    elif not counts["seats"]:
        sentence = _("Every mentor has as many mentees as they can take. Add mentors first.")
    else:
        return
    raise DomainError(sentence, code="nobody")


def _require_circle(cohort: Cohort, counts: dict[str, int]) -> None:
    """Refuse a run that could not form even one circle."""
    shape = ensure_policy(cohort=cohort)
    if counts["mentees"] < shape.circle_least:
        sentence = ngettext(
            "A circle needs at least %(least)d mentee, and %(count)d waits. Add mentees, or let "
            "circles be smaller in the pairing policy.",
            "A circle needs at least %(least)d mentees, and %(count)d wait. Add mentees, or let "
            "circles be smaller in the pairing policy.",
            shape.circle_least,
        )
        said = {"least": shape.circle_least, "count": counts["mentees"]}
        raise DomainError(sentence % said, code="nobody")
    if counts["mentors"] < shape.circle_mentors:
        sentence = _(
            "A circle needs %(needed)d mentors, and there are %(count)d. Add mentors, or let "
            "circles have fewer in the pairing policy."
        )
        said = {"needed": shape.circle_mentors, "count": counts["mentors"]}
        raise DomainError(sentence % said, code="nobody")


def _require_peers(counts: dict[str, int]) -> None:
    """Refuse a run of peers unless two wait."""
    if counts["mentees"] > 1:
        return
    sentence = _untrained(counts["untrained_mentees"])
    sentence = sentence or _unscreened(counts["unscreened_mentees"])
    sentence = sentence or _("There are not two people to pair. Import or add people first.")
    raise DomainError(sentence, code="nobody")


def _untrained(count: int) -> str:
    """Say that training alone leaves a side empty; empty where it leaves out nobody."""
    if not count:
        return ""
    return ngettext(
        "%(count)d person has not finished the required training, so there is nobody to pair."
        " Excuse them, or let pairing not wait for it, on the page “Training”.",
        "%(count)d people have not finished the required training, so there is nobody to pair."
        " Excuse them, or let pairing not wait for it, on the page “Training”.",
        count,
    ) % {"count": count}


def _unscreened(count: int) -> str:
    """Say that screening alone leaves a side empty; empty where it leaves out nobody."""
    if not count:
        return ""
    return ngettext(
        "A screening step of %(count)d person is open, so there is nobody to pair. Note what "
        "became of it on the page “Screening”.",
        "Screening steps of %(count)d people are open, so there is nobody to pair. Note what "
        "became of them on the page “Screening”.",
        count,
    ) % {"count": count}


def perform_run(run_id: int, *, clock: Callable[[], datetime]) -> None:
    """Carry out a run: freeze the pool, solve, check, store once. Safe to call twice.

    A worker that lost the row writes nothing. A failure leaves a sentence that says what to do, in
    the language of the person who asked.
    """
    run = jobs.claim(PairingRun, run_id, now=clock())
    if run is None:
        return
    person = run.requested_by
    with translation.override(person.language if person else None):
        is_kept = _perform(run, Lease(run, clock=clock))
    if is_kept:
        forget_unused_vectors(today=clock().date())


def _perform(run: PairingRun, lease: Lease) -> bool:
    """Compute and close the run; False when the row was lost."""
    try:
        _compute(run, lease)
    except JobLost:
        return False
    except (JobCancelled, Cancelled):
        lease.finish(JobStatus.CANCELLED)
    except EngineError as error:
        lease.finish(JobStatus.FAILED, error=sentence_for(error))
    return True


def _compute(run: PairingRun, lease: Lease) -> None:
    lease.report("people", 0, 1)
    if not run.pool_snapshot:
        _freeze(run)
    policy = engine_policy(run.policy_snapshot, related=related_in(run.pool_snapshot))
    with heartbeat(run):
        pool = WARM.of(run).with_overrides(run.pool_snapshot["overrides"], policy)
        pool = without_refused(pool, run.policy_snapshot)
        run.pool_snapshot["people"] = []  # the pool holds them; huge ones would not fit twice
        scored = score_pool(pool, policy)
        before = standing_pairs(run, pool)
        find = _finder(run)
        found = find(run, lease, scored, before)
    if found.violations:
        codes = ", ".join(sorted({violation.code for violation in found.violations}))
        lease.finish(
            JobStatus.FAILED,
            error=_("The result did not pass its check (%(codes)s). Nothing was stored.")
            % {"codes": codes},
        )
        return
    lease.report("storing", 0, 1)
    with transaction.atomic():
        lease.hold()
        result = found.store()
        if not lease.finish(JobStatus.DONE, result=result):
            raise JobLost


@dataclass(frozen=True)
class Found:
    """What the engine answered: how it is stored, and what the check has against it."""

    violations: list[Violation]
    store: Callable[[], dict[str, Any]]


def _find_pairs(run: PairingRun, lease: Lease, scored: Scored, before: list[IdPair]) -> Found:
    pool, policy = scored.pool, scored.policy
    solution = _solve(run, lease, scored, before)
    violations = check(pool, policy, solution)
    change = _change(run, lease, scored, before, solution) if before else {}
    return Found(violations, lambda: store_solution(run, pool, policy, solution) | change)


def _find_peers(run: PairingRun, lease: Lease, scored: Scored, before: list[IdPair]) -> Found:
    pool, policy = scored.pool, scored.policy
    solution = solve_peers(
        pool,
        policy,
        scored=scored,
        locked=_locked_pairs(run, pool),
        previous=before,
        seed=run.seed,
        progress=lambda stage, done, total: lease.report(stage, done, max(total, 1)),
    )
    violations = check_peers(pool, policy, solution)
    return Found(violations, lambda: store_peers(run, pool, policy, solution))


def _find_circles(run: PairingRun, lease: Lease, scored: Scored, before: list[IdPair]) -> Found:
    pool, policy, shape = scored.pool, scored.policy, shape_of(run)
    solution = solve_circles(
        pool,
        policy,
        shape,
        scored=scored,
        locked=locked_circles(run, pool),
        previous=standing_circles(run),
        seed=run.seed,
        progress=lambda stage, done, total: lease.report(stage, done, max(total, 1)),
    )
    violations = check_circles(pool, policy, shape, solution)
    return Found(violations, lambda: store_circles(run, pool, policy, solution))


def _finder(run: PairingRun) -> Callable[[PairingRun, Lease, Scored, list[IdPair]], Found]:
    if run.is_of_peers:
        return _find_peers
    return _find_circles if run.is_of_circles else _find_pairs


@transaction.atomic
def _freeze(run: PairingRun) -> None:
    """Keep who is there and what they said, for this run and all that is asked of it later."""
    run.pool_snapshot = take_snapshot(run.cohort)
    mine = PairingRun.objects.filter(pk=run.pk, attempt=run.attempt)
    if mine.update(pool_snapshot=run.pool_snapshot):
        freeze_traits(run)


def _change(
    run: PairingRun, lease: Lease, scored: Scored, before: list[IdPair], solution: Solution
) -> dict[str, Any]:
    """Return what changed since the draft before; in a small pool also what pairing anew would."""
    anew = _solve(run, lease, scored, []) if is_small(scored.pool) else None
    return {"change": change_since(scored, before, solution, anew)}


def _solve(run: PairingRun, lease: Lease, scored: Scored, before: list[IdPair]) -> Solution:
    pool, policy = scored.pool, scored.policy
    lifts_worst = run.policy_snapshot["protects_worst"] and policy.objective == "coverage"
    return solve(
        pool,
        policy,
        scored=scored,
        previous=before or None,
        locked=_locked_pairs(run, pool),
        floor=True if lifts_worst else None,
        seed=run.seed,
        progress=lambda stage, done, total: lease.report(stage, done, max(total, 1)),
    )


def _locked_pairs(run: PairingRun, pool: Pool) -> list[tuple[int, int]]:
    """Return the pairs that were locked in the last draft and whose people are in the pool.

    Once the last draft is published, its locks and those of drafts before it count no more.
    """
    previous = (
        PairingRun.objects.filter(cohort=run.cohort_id, pk__lt=run.pk, status=JobStatus.DONE)
        .defer("pool_snapshot")
        .order_by("-pk")
        .first()
    )
    if previous is None or previous.published_at is not None:
        return []
    locked = Proposal.objects.filter(run=previous, state=ProposalState.LOCKED)
    mentees, mentors = set(pool.mentees.id), set(pool.mentors.id)
    return [
        (mentee, mentor)
        for mentee, mentor in locked.values_list("mentee_id", "mentor_id").order_by("pk")
        if mentee in mentees and mentor in mentors
    ]


def cancel_run(*, run: PairingRun, actor: User, now: datetime) -> None:
    """Ask a waiting or running run to stop. Effects: at most one row changed, one audit row."""
    if not run.is_open:
        raise Conflict(_("This run has ended already."))
    with transaction.atomic():
        jobs.request_cancel(run, now=now)
        record(
            actor=actor,
            action="run.cancelled",
            about=run,
            now=now,
            program_id=run.cohort.program_id,
        )


def retry_run(*, run: PairingRun, actor: User, now: datetime) -> None:
    """Put a failed or cancelled run back into the queue.

    Raises:
        Conflict: it is in another state, or another run is under way.
    """
    try:
        with transaction.atomic():
            if not jobs.retry(run, now=now):
                raise Conflict(_("This run does not need another try."))
            record(
                actor=actor,
                action="run.retried",
                about=run,
                now=now,
                program_id=run.cohort.program_id,
            )
            wake(PairingRun.task_name, run.pk)
    except IntegrityError as error:
        raise Conflict(_("A pairing run is under way for this cohort already.")) from error
