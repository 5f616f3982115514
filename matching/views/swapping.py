"""Another mentor for a mentee of a draft: a free one, or that of another pair in exchange."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonRequest
from core.errors import DomainError
from core.numbers import whole_number
from matching import listing
from matching.access import get_managed_pair, get_managed_proposal
from matching.changes import Changes
from matching.exchanges import Exchange, exchanges_of
from matching.forms import MentorForm
from matching.frozen import is_huge
from matching.models import LIVE, PairingRun, Proposal
from matching.peer_exchanges import PeerExchange, PeerExchanges, PeerOther
from matching.services.exchanging import exchange_peers
from matching.services.review import BrokenRules, exchange_mentors, swap_mentor
from matching.views.proposals import answer, place, status
from participants.models import Enrolment, MemberRole


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def swap(request: PersonRequest, pk: int) -> HttpResponse:
    """Give a mentee another mentor, chosen in the list or by a button beside the pair."""
    proposal = get_managed_proposal(request.user, pk)
    if proposal.is_of_peers:
        return _swap_of_peers(request, proposal)
    if request.method == "POST" and request.htmx:
        return _swap_to(request, proposal, _mentor_of(proposal.run, request.POST.get("mentor")))
    try:
        choices, exchanges = _offers(request, proposal)
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        return redirect(place(request, proposal))
    form = MentorForm(request.POST or None, choices=choices)
    if request.method == "POST" and form.is_valid():
        try:
            swap_mentor(
                proposal=proposal, mentor=form.chosen, actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            form.add_error("mentor" if isinstance(error, BrokenRules) else None, str(error))
        else:
            messages.success(request, _swapped(proposal))
            return redirect(place(request, proposal))
    context = {
        "form": form,
        "has_choices": bool(choices),
        "exchanges": exchanges,
        "proposal": proposal,
        "run": proposal.run,
        "cohort": proposal.run.cohort,
        "card": listing.card(proposal, proposal.run),
    }
    return render(request, "matching/swap.html", context, status=status(form))


def _offers(
    request: PersonRequest, proposal: Proposal
) -> tuple[list[listing.HandChoice], list[Exchange]]:
    """Return mentors with a seat, and pairs to exchange with. The pool is read and scored once."""
    if is_huge(proposal.run):  # too many to compare while somebody waits
        choices = listing.hand_choices(proposal.run, proposal.mentee, request.user)
        others = [one for one in choices if one.mentor.pk != proposal.mentor_id]
        return [one for one in others if not one.is_blocked], []
    changes = Changes(proposal)
    return listing.swap_choices(changes, request.user), exchanges_of(changes, request.user)


def _swap_to(request: PersonRequest, proposal: Proposal, mentor: Enrolment) -> HttpResponse:
    try:
        swap_mentor(proposal=proposal, mentor=mentor, actor=request.user, now=timezone.now())
    except DomainError as error:
        return answer(request, proposal, error=error)
    return answer(request, proposal, said=_swapped(proposal), act="swap")


def _swapped(proposal: Proposal) -> str:
    return _("%(mentee)s is with %(mentor)s now, and locked.") % {
        "mentee": proposal.mentee.user,
        "mentor": proposal.mentor.user,
    }


def _mentor_of(run: PairingRun, value: str | None) -> Enrolment:
    found = None
    pk = whole_number(value)
    if pk is not None:
        found = (
            run.cohort.enrolments.filter(pk=pk, role=MemberRole.MENTOR)
            .select_related("user")
            .first()
        )
    if found is None:
        raise Http404
    return found


@login_required
@require_POST
def exchange(request: PersonRequest, pk: int) -> HttpResponse:
    """Let two pairs exchange their mentors."""
    proposal = get_managed_pair(request.user, pk)
    other = get_managed_pair(request.user, whole_number(request.POST.get("other")) or 0)
    if other.run_id != proposal.run_id:
        raise Http404
    try:
        exchange_mentors(proposal=proposal, other=other, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        return redirect("matching:swap", pk=proposal.pk)
    messages.success(request, f"{_swapped(proposal)} {_swapped(other)}")
    return redirect(place(request, proposal))


def _swap_of_peers(request: PersonRequest, proposal: Proposal) -> HttpResponse:
    """Let two peers exchange partners with another pair, or with somebody who waits."""
    if request.method == "POST":
        return _exchange_peers(request, proposal)
    offered: list[PeerExchange] = []
    others: list[tuple[Enrolment, list[PeerOther]]] = []
    if proposal.state in LIVE:
        try:
            found = PeerExchanges(proposal)
            offered, others = found.offered_to(request.user), found.others_for(request.user)
        except DomainError as error:
            messages.error(request, str(error), extra_tags="stay")
            return redirect(place(request, proposal))
    context = {
        "exchanges": offered,
        "others": others,
        "proposal": proposal,
        "run": proposal.run,
        "cohort": proposal.run.cohort,
        "card": listing.card(proposal, proposal.run),
    }
    return render(request, "matching/swap_peers.html", context)


def _exchange_peers(request: PersonRequest, proposal: Proposal) -> HttpResponse:
    chosen = [_peer_of(proposal.run, request.POST.get(name)) for name in ("keeps", "partner")]
    try:
        made = exchange_peers(
            proposal=proposal,
            keeps=chosen[0],
            partner=chosen[1],
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        return redirect("matching:swap", pk=proposal.pk)
    for new in made:
        messages.success(
            request,
            _("%(one)s is with %(other)s now, and locked.")
            % {"one": new.mentee.user, "other": new.mentor.user},
        )
    return redirect(place(request, made[0]))


def _peer_of(run: PairingRun, value: str | None) -> Enrolment:
    found = None
    pk = whole_number(value)
    if pk is not None:
        found = run.cohort.enrolments.filter(pk=pk).select_related("user").first()
    if found is None:
        raise Http404
    return found
