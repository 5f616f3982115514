"""How people join a cohort: links, invitations, rules, and decisions about sign-ups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PersonRequest
from core.errors import DomainError
from core.numbers import whole_number
from core.ui.forms import take_refusal
from notifications.links import absolute
from participants import access, selectors
from participants.forms import (
    AskForm,
    DecisionForm,
    ExternalForm,
    InviteForm,
    JoiningForm,
    LinkForm,
)
from participants.joining import link_is_open, takes_invited
from participants.models import SignUpLink
from participants.services import asking, deciding, inviting, links, places
from participants.services.deciding_together import decide_together, undo_together
from participants.services.inviting import Invited
from participants.views.people import INVALID, enrolment_page
from programs.models import Cohort
from programs.services.cohorts import set_joining_rules

INVITED_SHOWN = 50
REFUSED_SHOWN = 5


@login_required
@require_safe
def joining(request: PersonRequest, pk: int) -> HttpResponse:
    """Show how people come in, and let the manager change it."""
    return joining_page(request, access.get_managed_cohort(request.user, pk))


@login_required
@require_POST
def make_link(request: PersonRequest, pk: int) -> HttpResponse:
    """Make the sign-up link of a role."""
    cohort = access.get_managed_cohort(request.user, pk)
    form = LinkForm(request.POST, cohort=cohort)
    if form.is_valid():
        try:
            link = links.make_link(
                cohort=cohort, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            _say_link(request, link)
            return redirect("participants:joining", pk)
    return joining_page(request, cohort, link_form=form)


def _say_link(request: PersonRequest, link: SignUpLink) -> None:
    """Say that a link is ready; or that it leads nowhere on this day, and what mends it."""
    if link_is_open(link, timezone.now()):
        messages.success(request, _("The link is ready. Copy it to where people will see it."))
        return
    cohort = link.cohort
    text = _(
        "The link is made, but lets nobody in today: people sign up from %(first)s to %(last)s,"
        " while the cohort is enrolling. Move these days in the set-up."
    )
    days = {
        "first": date_format(cohort.enrolment_opens_on, "DATE_FORMAT"),
        "last": date_format(cohort.enrolment_closes_on, "DATE_FORMAT"),
    }
    messages.warning(request, text % days, extra_tags="stay")


@login_required
@require_POST
def revoke_link(request: PersonRequest, pk: int) -> HttpResponse:
    """Let a link lead nowhere from now on."""
    link = access.get_managed_link(request.user, pk)
    links.revoke_link(link=link, actor=request.user, now=timezone.now())
    messages.success(request, _("The link leads nowhere any more. Who has joined by it stays."))
    return redirect("participants:joining", link.cohort_id)


@login_required
@require_POST
def joining_rules(request: PersonRequest, pk: int) -> HttpResponse:
    """Set who decides about sign-ups, and how many people fit."""
    cohort = access.get_managed_cohort(request.user, pk)
    form = JoiningForm(request.POST, instance=cohort)
    if form.is_valid():
        set_joining_rules(
            cohort=cohort, actor=request.user, now=timezone.now(), **form.cleaned_data
        )
        messages.success(request, _("Saved."))
        return redirect("participants:joining", pk)
    return joining_page(request, cohort, rules_form=form)


@login_required
@require_POST
def invite(request: PersonRequest, pk: int) -> HttpResponse:
    """Invite people by mail."""
    cohort = access.get_managed_cohort(request.user, pk)
    form = InviteForm(request.POST, cohort=cohort)
    if form.is_valid():
        try:
            result = inviting.invite_people(
                cohort=cohort, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            _tell_invited(request, result)
            return redirect("participants:joining", pk)
    return joining_page(request, cohort, invite_form=form)


def _tell_invited(request: PersonRequest, result: Invited) -> None:
    if result.sent:
        sent = ngettext(
            "%(count)d invitation is on its way.",
            "%(count)d invitations are on their way.",
            len(result.sent),
        )
        messages.success(request, sent % {"count": len(result.sent)})
    if result.known:
        known = ", ".join(result.known[:10])
        messages.info(request, _("Here already: %(emails)s.") % {"emails": known})
    for email, why in list(result.refused.items())[:5]:
        messages.warning(request, f"{email}: {why}", extra_tags="stay")


@login_required
@require_POST
def invite_again(request: PersonRequest, pk: int) -> HttpResponse:
    """Send somebody's invitation once more."""
    found = access.get_managed_enrolment(request.user, pk)
    try:
        inviting.send_again(enrolment=found, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(request, _("The invitation is on its way again."))
    return redirect("participants:joining", found.cohort_id)


@login_required
@require_POST
def take_back(request: PersonRequest, pk: int) -> HttpResponse:
    """Stop expecting somebody; the link in their mail leads nowhere."""
    found = access.get_managed_enrolment(request.user, pk)
    try:
        inviting.take_back(enrolment=found, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(request, _("The invitation is taken back. Nobody is told."))
    return redirect("participants:joining", found.cohort_id)


@login_required
@require_POST
def decide(request: PersonRequest, pk: int) -> HttpResponse:
    """Say yes or no to a sign-up; a no has a reason that the person reads."""
    found = access.get_managed_enrolment(request.user, pk)
    form = DecisionForm(request.POST)
    now = timezone.now()
    try:
        if request.POST.get("answer") == "yes":
            moved = deciding.approve(enrolment=found, actor=request.user, now=now)
            messages.success(request, _decided(moved.status) % {"person": moved.user})
            return redirect("participants:enrolment", pk)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            moved = deciding.decline(enrolment=found, reason=reason, actor=request.user, now=now)
            messages.success(request, _("%(person)s is told, kindly.") % {"person": moved.user})
            return redirect("participants:enrolment", pk)
    except DomainError as error:
        if not form.is_bound or error.field not in form.fields:
            messages.error(request, str(error), extra_tags="stay")
            return redirect("participants:enrolment", pk)
        form.full_clean()
        take_refusal(form, error)
    return enrolment_page(request, found, decision_form=form)


@login_required
@require_POST
def ask_more(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask somebody something before the decision about their sign-up."""
    found = access.get_managed_enrolment(request.user, pk)
    form = AskForm(request.POST)
    if form.is_valid():
        try:
            asking.ask_for_more(
                enrolment=found,
                text=form.cleaned_data["text"],
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            said = _("%(person)s is asked. Their answer comes here.") % {"person": found.user}
            messages.success(request, said)
            return redirect("participants:enrolment", pk)
    return enrolment_page(request, found, ask_form=form)


@login_required
@require_POST
def decide_many(request: PersonRequest, pk: int) -> HttpResponse:
    """Say yes or no to those who are ticked, or take that back before anybody is told."""
    cohort = access.get_managed_cohort(request.user, pk)
    here = f"{reverse('participants:people', args=(pk,))}?status=applied"
    now = timezone.now()
    try:
        if "undo" in request.POST:
            decision = access.get_decision(cohort, request.POST["undo"])
            count = undo_together(decision=decision, actor=request.user, now=now)
            said = ngettext(
                "Taken back: %(count)d sign-up waits for a decision again, and no mail went out.",
                "Taken back: %(count)d sign-ups wait for a decision again, and no mail went out.",
                count,
            )
            messages.success(request, said % {"count": count})
            return redirect(here)
        found = decide_together(
            cohort=cohort,
            enrolment_ids=_numbers(request.POST.getlist("who")),
            says_yes=request.POST.get("answer") == "yes",
            reason=request.POST.get("reason", ""),
            actor=request.user,
            now=now,
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        return redirect(here)
    for name, why in list(found.refused.items())[:REFUSED_SHOWN]:
        messages.warning(request, f"{name}: {why}", extra_tags="stay")
    return redirect(f"{here}&decided={found.decision.pk}" if found.decision else here)


def _numbers(texts: Iterable[str]) -> list[int]:
    return [number for text in texts if (number := whole_number(text))]


def _decided(status: str) -> str:
    if status == "waitlisted":
        return _("Every place is taken, so %(person)s is on the waitlist and has been told.")
    return _("%(person)s is in and has been told.")


@login_required
@require_POST
def offer(request: PersonRequest, pk: int) -> HttpResponse:
    """Keep a place for somebody on the waitlist."""
    found = access.get_managed_enrolment(request.user, pk)
    try:
        places.offer_place(enrolment=found, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(
            request, _("The place is kept; %(person)s is told.") % {"person": found.user}
        )
    return redirect("participants:enrolment", pk)


def joining_page(request: PersonRequest, cohort: Cohort, **bound: Any) -> HttpResponse:
    """Show how people come in, with forms that are new or, when refused, as they were sent."""
    forms = {
        "link_form": LinkForm(initial=_link_initial(request, cohort), cohort=cohort),
        "invite_form": InviteForm(cohort=cohort),
        "rules_form": JoiningForm(instance=cohort),
        "external_form": ExternalForm(cohort=cohort, initial={"voucher": request.user.email}),
        **bound,
    }
    own_links = list(selectors.links_of(cohort))
    for link in own_links:
        link.url = absolute("participants:join", link.token)
    invited = selectors.open_invitations(cohort)
    recommended = selectors.open_recommendations(cohort)
    context = {
        "cohort": cohort,
        "recommended": recommended[:INVITED_SHOWN],
        "recommended_count": recommended.count(),
        "links": own_links,
        "has_all_links": len(own_links) == (1 if cohort.program.is_of_peers else 2),
        "invited": invited[:INVITED_SHOWN],
        "invited_count": invited.count(),
        "takes_invited": takes_invited(cohort),
        "now": timezone.now(),
        "form": next(iter(bound.values()), None),
        **forms,
    }
    status = INVALID if bound else 200
    return render(request, "participants/joining.html", context, status=status)


def _link_initial(request: PersonRequest, cohort: Cohort) -> dict[str, Any]:
    """Start with the manager's own domain, so that a link keeps strangers out unless widened."""
    return {"email_domains": request.user.email.rpartition("@")[2]}
