"""A cohort's policy in short, and its runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PersonRequest
from core.errors import Conflict, DomainError
from matching.models import Objective, PairingPolicy, PairingRun, RuleKind
from matching.reasons import SHORT
from matching.selectors import pool_counts
from matching.services.lists import suggest_policy
from matching.services.runs import CAN_PAIR, request_run
from programs.access import get_managed_cohort

RUNS_A_PAGE = 20
LEVELS_OR_HOURS = {RuleKind.LEVEL_GAP, RuleKind.SHARED_HOURS}


@dataclass(frozen=True)
class PolicyView:
    """A policy in words: weights in percent, rules, aim."""

    weights: list[tuple[str, int]]
    rules: list[str]
    aim: str
    minimum_fit: int
    protects_worst: bool

    @classmethod
    def of(cls, snapshot: dict[str, Any]) -> PolicyView:
        total = sum(row["weight"] for row in snapshot["criteria"]) or 1
        return cls(
            weights=[
                (_criterion_label(row), round(100 * row["weight"] / total))
                for row in snapshot["criteria"]
            ],
            rules=[_rule_label(row) for row in snapshot["rules"]],
            aim=str(Objective(snapshot["objective"]).label),
            minimum_fit=snapshot["minimum_fit"],
            protects_worst=snapshot["protects_worst"],
        )


def _criterion_label(row: dict[str, Any]) -> str:
    return str(row["question"] or SHORT.get(row["kind"], row["kind"]))


def _rule_label(row: dict[str, Any]) -> str:
    label = str(RuleKind(row["kind"]).label)
    low, high = row["minimum"], row["maximum"]
    if row["kind"] not in LEVELS_OR_HOURS or (low is None and high is None):
        return label
    if high is None:
        return _("%(rule)s: at least %(low)d") % {"rule": label, "low": low}
    if low is None:
        return _("%(rule)s: at most %(high)d") % {"rule": label, "high": high}
    return _("%(rule)s: %(low)d to %(high)d") % {"rule": label, "low": low, "high": high}


def stored_policy(policy: PairingPolicy | None) -> PolicyView | None:
    if policy is None:
        return None
    rows = {
        "criteria": [
            {"kind": row.kind, "weight": row.weight, "question": row.question_key}
            for row in policy.criteria.all()
        ],
        "rules": list(policy.rules.values("kind", "minimum", "maximum")),
        "objective": policy.objective,
        "minimum_fit": policy.minimum_fit,
        "protects_worst": policy.protects_worst,
    }
    return PolicyView.of(rows)


@login_required
@require_safe
def cohort(request: PersonRequest, pk: int) -> HttpResponse:
    """Show who is there to be paired, what counts, and the runs so far."""
    found = get_managed_cohort(request.user, pk)
    policy = PairingPolicy.objects.filter(cohort=found).first()
    runs = (
        PairingRun.objects.filter(cohort=found)
        .select_related("requested_by", "published_by")
        .defer("pool_snapshot", "policy_snapshot")
    )
    page = Paginator(runs, RUNS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "cohort": found,
        "counts": pool_counts(found),
        "match_count": found.matches.open().count(),
        "policy": policy,
        "view": stored_policy(policy),
        "page": page,
        "open_run": next((run for run in page.object_list if run.is_open), None),
        "can_pair": found.status in CAN_PAIR,
    }
    return render(request, "matching/cohort.html", context)


@login_required
@require_POST
def suggest(request: PersonRequest, pk: int) -> HttpResponse:
    """Give the cohort the usual policy to start from."""
    found = get_managed_cohort(request.user, pk)
    suggest_policy(cohort=found, actor=request.user, now=timezone.now())
    messages.success(request, _("These criteria and rules are set. Change what you like."))
    return redirect("matching:cohort", pk=found.pk)


@login_required
@require_POST
def start(request: PersonRequest, pk: int) -> HttpResponse:
    """Queue a run and show its progress; when one is under way, show that one."""
    found = get_managed_cohort(request.user, pk)
    try:
        run = request_run(cohort=found, actor=request.user, now=timezone.now())
    except Conflict as error:
        messages.info(request, str(error))
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        return redirect(reverse("matching:review", args=(run.pk,)))
    return redirect("matching:cohort", pk=found.pk)
