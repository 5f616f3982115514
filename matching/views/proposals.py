"""Decisions about single pairs. Each is a POST; htmx gets the pair back, others the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.errors import Conflict, DomainError
from matching import listing, selectors
from matching.access import get_managed_pair, get_managed_proposal, get_managed_run
from matching.forms import HandForm, MentorForm
from matching.models import PairingRun, Proposal, ProposalState
from matching.others import alternatives as others_of
from matching.services.review import (
    BrokenRules,
    accept_held,
    lock_proposal,
    pair_by_hand,
    pair_peers,
    reject_proposal,
    restore_rejected,
    unlock_proposal,
)
from participants.models import Enrolment, MemberRole

Act = Callable[..., Proposal]
ACTS: dict[str, tuple[Act, str | Promise]] = {
    "lock": (lock_proposal, gettext_lazy("Locked. The next run keeps this pair.")),
    "unlock": (unlock_proposal, gettext_lazy("Unlocked. The next run may change this pair.")),
    "reject": (reject_proposal, gettext_lazy("Rejected. Both people are free again.")),
    "restore": (restore_rejected, gettext_lazy("The pair is back in the draft.")),
    "accept": (accept_held, gettext_lazy("Accepted. The pair is in the draft now.")),
}


@login_required
@require_POST
def decide(request: PersonRequest, pk: int, act: str) -> HttpResponse:
    """Lock, unlock, reject or accept one pair."""
    proposal = get_managed_proposal(request.user, pk)
    perform, said = ACTS[act]
    try:
        perform(proposal=proposal, actor=request.user, now=timezone.now())
    except DomainError as error:
        return answer(request, proposal, error=error)
    return answer(request, proposal, said=str(said), act=act)


def answer(
    request: PersonRequest,
    proposal: Proposal,
    *,
    said: str = "",
    act: str = "",
    error: DomainError | None = None,
) -> HttpResponse:
    """Show the pair as it stands now: alone for htmx, else on its page."""
    if not request.htmx:
        if error:
            messages.error(request, _sentence(error), extra_tags="stay")
        else:
            messages.success(request, said)
        return redirect(place(request, proposal))
    fresh = get_managed_proposal(request.user, proposal.pk)
    context = {
        "run": fresh.run,
        "cohort": fresh.run.cohort,
        "card": listing.card(fresh, fresh.run),
        "counts": listing.draft_counts(fresh.run, request.user),
        "said": said,
        "act": act,
        "error": _sentence(error) if error else "",
        "sort": request.POST.get("sort", ""),
        "page_number": request.POST.get("page", ""),
    }
    return render(request, "matching/_answer.html", context, status=422 if error else 200)


def _sentence(error: DomainError) -> str:
    if isinstance(error, Conflict):
        now = _("This is how it stands now.")
        return f"{error} {now}"
    return str(error)


def place(request: PersonRequest, proposal: Proposal) -> str:
    kept = {name: request.POST[name] for name in ("sort", "page") if request.POST.get(name)}
    if "page" not in kept:
        kept["pair"] = str(proposal.pk)
    url = reverse("matching:review", args=(proposal.run_id,), query=kept)
    fragment = "pairs" if proposal.state == ProposalState.REJECTED else f"pair-{proposal.pk}"
    return f"{url}#{fragment}"


@login_required
@require_safe
def others(request: PersonRequest, pk: int) -> HttpResponse:
    """Show the next best mentors for a mentee and what stands in the way of each."""
    proposal = get_managed_pair(request.user, pk)
    if request.htmx and "hide" in request.GET:
        return HttpResponse("")
    refusal, found = "", []
    try:
        found = others_of(proposal.run, proposal, viewer=request.user)
    except DomainError as error:
        refusal = str(error)
    context = {
        "proposal": proposal,
        "run": proposal.run,
        "cohort": proposal.run.cohort,
        "card": listing.card(proposal, proposal.run),
        "alternatives": [one for one in found if one.mentor.user_id != request.user.pk],
        "refusal": refusal,
    }
    name = "matching/_others.html" if request.htmx else "matching/others.html"
    return render(request, name, context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def by_hand(request: PersonRequest, pk: int, mentee_pk: int) -> HttpResponse:
    """Pair a mentee without a proposal; a broken rule asks for a reason, where one helps."""
    run = get_managed_run(request.user, pk)
    if run.is_of_circles:
        return redirect("matching:give_seat", pk=run.pk, mentee_pk=mentee_pk)
    mentees = run.cohort.enrolments.filter(role=MemberRole.MENTEE).exclude(user=request.user)
    found = mentees.filter(pk=mentee_pk).select_related("user").first()
    if found is None:
        raise Http404
    if not selectors.undecided_mentees(run).filter(pk=found.pk).exists():
        messages.info(request, _("This person is not waiting for a match any more."))
        return redirect("matching:review", pk=run.pk)
    try:
        choices = listing.hand_choices(run, found, request.user)
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        return redirect("matching:review", pk=run.pk)
    form = HandForm(request.POST or None, choices=choices, is_of_peers=run.is_of_peers)
    context: dict[str, Any] = {"form": form, "run": run, "cohort": run.cohort, "mentee": found}
    context["asks_reason"] = bool(form.data.get("override_reason"))
    if request.method == "POST" and form.is_valid():
        proposal = _pair(request, run, found, form, context)
        if proposal is not None:
            messages.success(request, _("The pair is in the draft, and locked."))
            return redirect(place(request, proposal))
    return render(request, "matching/by_hand.html", context, status=status(form))


def _pair(
    request: PersonRequest,
    run: PairingRun,
    mentee: Enrolment,
    form: HandForm,
    context: dict[str, Any],
) -> Proposal | None:
    try:
        if run.is_of_peers:
            return pair_peers(
                run=run,
                one=mentee,
                other=form.chosen,
                actor=request.user,
                now=timezone.now(),
                override_reason=form.cleaned_data["override_reason"],
            )
        return pair_by_hand(
            run=run,
            mentee=mentee,
            mentor=form.chosen,
            actor=request.user,
            now=timezone.now(),
            override_reason=form.cleaned_data["override_reason"],
        )
    except BrokenRules as error:
        context["asks_reason"] = error.may_override
        form.add_error("mentor", str(error))
        if error.may_override:
            form.add_error("override_reason", _("Say why, if you want this pair all the same."))
    except DomainError as error:
        form.add_error(None, str(error))
    return None


def status(form: MentorForm) -> int:
    return 422 if form.is_bound and not form.is_valid() else 200
