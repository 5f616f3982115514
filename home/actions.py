"""Everything that people of one's matches said they would do, in one list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.clock import local_day
from core.errors import DomainError
from core.names import listed
from core.ui.forms import take_refusal
from core.ui.undo import with_undo
from home.forms import NewActionForm
from matching.access import get_own_match
from matching.models import Match
from sessions.access import get_own_action
from sessions.models import ActionItem
from sessions.selectors import action_row, matches_to_log, people_of_match
from sessions.services.actions import remove_action
from sessions.services.agreeing import agree_action, keep_for_undo, restore_action

A_PAGE = 25


@login_required
@require_safe
def actions(request: PersonRequest) -> HttpResponse:
    """Show what is open, mine or theirs, and what is done."""
    shown = request.GET.get("show", "mine")
    shown = shown if shown in ("mine", "theirs", "done") else "mine"
    page = Paginator(_rows(request, shown), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "actions": [action_row(action) for action in page.object_list],
        "shown": shown,
        "tabs": [("mine", _("Mine")), ("theirs", _("Theirs")), ("done", _("Done"))],
        "matches": matches_to_log(request.user),
        "me": request.user.pk,
        "today": local_day(timezone.now(), request.user.time_zone),
    }
    return render(request, "home/actions.html", context)


def _rows(request: PersonRequest, shown: str) -> QuerySet[ActionItem]:
    rows = ActionItem.objects.filter(match__in=Match.objects.of(request.user))
    rows = rows.select_related("owner")
    if shown == "done":
        return rows.filter(done_at__isnull=False).order_by("-done_at")
    rows = rows.filter(done_at__isnull=True)
    mine = rows.filter(owner=request.user)
    theirs = rows.exclude(owner=request.user)
    chosen = mine if shown == "mine" else theirs
    return chosen.order_by(F("due_on").asc(nulls_last=True), "created_at")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_action(request: PersonRequest, match_pk: int) -> HttpResponse:
    """Write down what somebody of the match will do."""
    match = get_own_match(request.user, match_pk)
    people = people_of_match(match)
    given: dict[str, Any] = {"people": people, "me": request.user.pk}
    form = NewActionForm(request.POST if request.method == "POST" else None, **given)
    if request.method == "POST" and form.is_valid():
        try:
            agree_action(match=match, actor=request.user, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Written down."))
            return redirect("actions")
    names = listed([person.short_name for person in people if person.user_id != request.user.pk])
    context = {"form": form, "match": match, "names": names}
    return render(request, "home/action_new.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def drop_action(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Take an action item away for everybody of the match; it can be brought back."""
    action = get_own_action(request.user, pk)
    kept = keep_for_undo(action, actor=request.user)
    remove_action(action=action, actor=request.user, now=timezone.now())
    messages.success(request, with_undo(request, _("Removed."), "action_restore", kept=kept))
    return redirect("actions")


@login_required
@require_POST
def bring_back(request: PersonRequest) -> HttpResponse:
    """Bring back what the person has just taken away."""
    kept = request.POST.get("kept", "")
    try:
        restore_action(kept=kept, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(request, _("It is back."))
    return redirect("actions")
