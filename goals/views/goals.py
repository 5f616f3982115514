"""The list of goals, a goal, and what its people do with it as a whole."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.clock import local_day
from core.errors import DomainError
from core.numbers import whole_number
from core.ui.forms import take_refusal
from core.ui.undo import with_undo
from goals import access, selectors, services
from goals.drawing import progress_chart
from goals.forms import GoalForm, MilestoneForm
from goals.models import GoalStatus
from goals.services.goals import text_of
from goals.suggestions import suggestions_for
from matching.access import get_own_match
from matching.models import Match

A_PAGE = 20
TABS = {
    "open": (GoalStatus.OPEN,),
    "reached": (GoalStatus.REACHED,),
    "aside": (GoalStatus.ARCHIVED,),
}


@login_required
@require_safe
def goals(request: PersonRequest) -> HttpResponse:
    """Show the person's own goals and those that are shared with them."""
    shown = request.GET.get("show", "open")
    shown = shown if shown in TABS else "open"
    rows = selectors.goals_for(request.user, statuses=TABS[shown])
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    matches = selectors.matches_for_goals(request.user)
    context = {
        "page_obj": page,
        "cards": selectors.cards(page.object_list, request.user),
        "shown": shown,
        "tabs": [("open", _("Open")), ("reached", _("Reached")), ("aside", _("Put aside"))],
        "matches": matches,
        "today": local_day(timezone.now(), request.user.time_zone),
    }
    return render(request, "goals/list.html", context)


@login_required
@require_safe
def choose(request: PersonRequest) -> HttpResponse:
    """Ask in which match a new goal belongs; with one match there is nothing to ask."""
    matches = selectors.matches_for_goals(request.user)
    if len(matches) == 1:
        return redirect("goals:new", matches[0][0].pk)
    return render(request, "goals/choose.html", {"matches": matches})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PersonRequest, match_pk: int) -> HttpResponse:
    """Set a goal, from scratch or from a suggestion of the program."""
    match = get_own_match(request.user, match_pk)
    names, role = _place(request, match)
    given: Any = {"managers_see": match.cohort.managers_see_goals, "names": names}
    offers = suggestions_for(match.cohort.program, role=role)
    context: dict[str, Any] = {"match": match, "names": names, "offers": offers, "role": role}
    if request.method == "POST":
        form = GoalForm(request.POST, **given)
        if form.is_valid():
            try:
                goal = services.set_goal(
                    match=match,
                    actor=request.user,
                    now=timezone.now(),
                    visibility=form.cleaned_data["visibility"],
                    text=form.text,
                )
            except DomainError as error:
                take_refusal(form, error)
            else:
                messages.success(request, _("Your goal is set. Small steps are fine."))
                return redirect("goals:detail", goal.pk)
        return render(request, "goals/form.html", {**context, "form": form}, status=422)
    chosen = next((offer for offer in offers if offer.key == request.GET.get("from")), None)
    initial = (
        {"title": chosen.title, "why": chosen.why, "measure": chosen.measure} if chosen else {}
    )
    context["chosen"] = chosen
    return render(
        request, "goals/form.html", {**context, "form": GoalForm(initial=initial, **given)}
    )


def _place(request: PersonRequest, match: Match) -> tuple[str, str]:
    """Return the names of the others in the match, and the person's own role there."""
    for other, names, role in selectors.matches_for_goals(request.user):
        if other.pk == match.pk:
            return names, role
    raise Http404


@login_required
@require_safe
def detail(request: PersonRequest, pk: int) -> HttpResponse:
    goal = access.get_goal_for(request.user, pk)
    return show_goal(request, selectors.goal_sheet(goal, request.user))


def show_goal(
    request: PersonRequest,
    sheet: selectors.GoalSheet,
    *,
    step_form: MilestoneForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Answer with the page of a goal."""
    today = local_day(timezone.now(), request.user.time_zone)
    context = {
        "sheet": sheet,
        "goal": sheet.goal,
        "version": sheet.version,
        "chart": progress_chart(sheet, today=today, zone_name=request.user.time_zone),
        "form": step_form or MilestoneForm(),
        "today": today,
    }
    return render(request, "goals/detail.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Word a goal anew; earlier versions are kept."""
    goal = access.get_own_goal(request.user, pk)
    sheet = selectors.goal_sheet(goal, request.user)
    names = sheet.partner_names or selectors.partner_names(goal.match, request.user)
    given: Any = {"managers_see": goal.match.cohort.managers_see_goals, "names": names}
    context = {"goal": goal, "match": goal.match, "names": names, "version": sheet.version}
    if request.method == "POST":
        form = GoalForm(request.POST, **given)
        if form.is_valid():
            try:
                services.change_goal(
                    goal=goal,
                    actor=request.user,
                    now=timezone.now(),
                    visibility=form.cleaned_data["visibility"],
                    text=form.text,
                    base=whole_number(request.POST.get("base")) or 0,
                )
            except DomainError as error:
                take_refusal(form, error)
            else:
                messages.success(request, _("Goal changed. Its earlier wording is kept."))
                return redirect("goals:detail", pk)
        return render(request, "goals/form.html", {**context, "form": form}, status=422)
    initial = {**vars(text_of(sheet.version)), "visibility": goal.visibility}
    return render(
        request, "goals/form.html", {**context, "form": GoalForm(initial=initial, **given)}
    )


@login_required
@require_POST
def move(request: PersonRequest, pk: int) -> HttpResponse:
    """Reach a goal, put it aside, or take it up again; each can be undone."""
    goal = access.get_own_goal(request.user, pk)
    before, status = goal.status, request.POST.get("status", "")
    said = {
        "open": _("Your goal is open again."),
        "reached": _("You have reached it. That took something."),
        "archived": _("Put aside. You find it under “Put aside”."),
    }
    if status not in said:
        return HttpResponse(status=422)
    try:
        services.move_goal(goal=goal, actor=request.user, now=timezone.now(), status=status)
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        if before != status:
            undo = with_undo(request, said[status], "goals:move", goal.pk, status=before)
            messages.success(request, undo)
    return redirect("goals:detail", pk)


@login_required
@require_POST
def confirm(request: PersonRequest, pk: int) -> HttpResponse:
    """Say that a shared goal is realistic, or take that back."""
    goal = access.get_goal_for(request.user, pk)
    is_realistic = request.POST.get("realistic", "1") == "1"
    try:
        services.confirm_goal(
            goal=goal,
            actor=request.user,
            now=timezone.now(),
            version=whole_number(request.POST.get("version")) or 0,
            is_realistic=is_realistic,
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(request, _("Noted.") if is_realistic else _("Taken back."))
    return redirect("goals:detail", pk)
