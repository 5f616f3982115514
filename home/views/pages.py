"""The first page after signing in, and the page of a match."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from accounts.models import User
from core.clock import local_day, zone
from core.errors import Conflict, DomainError, NotAllowed
from core.http import is_looked_at
from feedback.selectors import fit_answers_of_match
from feedback.services import note_fits_read
from goals.selectors import cards_of_match, goals_for_manager, open_cards
from home import selectors
from home.context import chosen_enrolment, sheet_of
from home.services import end_with_words, leave_with_words
from home.sheet import OwnEnrolment, OwnMatch, Step
from home.words import (
    BEGINNING_MEETINGS,
    away_then,
    farewell_of,
    farewells,
    first_step_words,
    greeting,
    lede,
    phase_to_review,
    rest_words,
    status_words,
)
from matching.begin_steps import begin_steps
from matching.beginning import beginning_of
from matching.models import EndReason
from matching.reasons import Sentence, for_manager, told_to
from matching.seats import goes_on_without
from matching.services.closing import end_match, pause_match
from participants.hints import hints_of
from programs.models import CohortStatus
from programs.selectors import cohorts_for_manager
from programs.services.cohorts import next_step
from sessions.selectors import (
    Partner,
    Partnered,
    Planned,
    planned_for,
    unanswered_for_matches,
)
from support.health import TONES
from support.leavers import who_leaves
from support.queue import count_by_cohort, items, lines
from support.selectors import health_of, turns_of
from support.services import take_up_match

MOST_DOTS = 20
WAITING_SHOWN = 5
COHORTS_SHOWN = 50
PEOPLES_REASONS = tuple(
    choice for choice in EndReason.choices if choice[0] not in ("completed", "left")
)


@login_required
@require_safe
def home(request: PersonRequest) -> HttpResponse:
    """Show a participant where they are and what is next; staff find their programs."""
    sheet = sheet_of(request)
    now = timezone.now()
    enrolment = chosen_enrolment(request, sheet)
    is_manager = request.user.is_superuser or bool(sheet.roles & {"owner", "manager"})
    if enrolment is None and "hr_analyst" in sheet.roles and not is_manager:
        return redirect("reports:outcomes")
    context: dict[str, Any] = {
        "now": now,
        "greeting": greeting(request.user, now),
        "enrolment": enrolment,
        "is_manager": is_manager,
        "sheet": sheet,
        "drafts": sheet.drafts,
    }
    if enrolment is not None:
        context |= _participant(request, enrolment, now)
        return render(request, "home/participant.html", context)
    if is_manager:
        today = local_day(now, request.user.time_zone)
        waiting = items(request.user, view="waiting", today=today)[:WAITING_SHOWN]
        context["cohorts"] = _cohort_rows(request.user, today)
        context["waiting"] = lines(list(waiting), today=today)
    return render(request, "home/staff.html", context)


def _cohort_rows(user: User, today: date) -> list[dict[str, Any]]:
    """Return the cohorts that somebody runs, each with its next step and how much waits there."""
    waiting = count_by_cohort(user, today=today)
    rows = []
    for cohort in cohorts_for_manager(user)[:COHORTS_SHOWN]:
        step = next_step(cohort)
        rows.append(
            {
                "cohort": cohort,
                "next": CohortStatus(step).label if step else "",
                "waiting": waiting.get(cohort.pk, 0),
            }
        )
    return rows


def _participant(request: PersonRequest, enrolment: OwnEnrolment, now: datetime) -> dict[str, Any]:
    today = local_day(now, request.user.time_zone)
    matches = enrolment.open_matches
    match_ids = [match.id for match in matches]
    planned = planned_for(request.user, match_ids, now=now)
    offers = unanswered_for_matches(request.user, match_ids, now=now)
    goals = open_cards(request.user, match_ids)
    return {
        "today": today,
        "goals": goals,
        "review_phase": phase_to_review(enrolment, goals, today),
        "week": enrolment.week(today),
        "lede": lede(enrolment, today),
        "phases": phase_strip(enrolment.phases, today),
        "phase": enrolment.phase(today),
        "begun": [match for match in matches if match.has_begun_log],
        "has_met": any(match.meeting_count for match in matches),
        "cards": [
            {
                **_card(match, enrolment, request.user.pk, now),
                **_next(match, planned.get(match.id)),
                "offer": offers.get(match.id),
            }
            for match in matches
        ],
        "actions": selectors.open_actions(match_ids),
        "me": request.user.pk,
        "status": status_words(enrolment, today) if not matches else None,
        "hints": hints_of(request.user) if not matches and enrolment.status == "enrolled" else [],
    }


def _next(match: Partnered, row: Planned | None) -> dict[str, Any]:
    """Return the next meeting of a match, and who of it will be away."""
    return {"next": row, "away_then": away_then(match, row.day) if row else ""}


def _reasons(
    contributions: Sequence[dict[str, Any]], user_id: int, role: str, partners: Sequence[Partner]
) -> list[Sentence]:
    names = {partner.user_id: partner.short_name for partner in partners}
    return told_to(user_id, role, contributions, names=names)


def _card(match: OwnMatch, enrolment: OwnEnrolment, user_id: int, now: datetime) -> dict[str, Any]:
    partner = match.partners[0] if match.partners else None
    planned = enrolment.planned_meetings
    return {
        "match": match,
        "partner": partner,
        "clock": _clock(now, partner.time_zone) if partner else "",
        "reasons": _reasons(match.contributions, user_id, enrolment.role, match.partners),
        "begin": first_step_words(match),
        "rests": rest_words(match, match.status, enrolment.role),
        "planned": planned,
        "dots": [number < match.meeting_count for number in range(min(planned, MOST_DOTS))],
    }


def _clock(now: datetime, zone_name: str) -> str:
    """Return the time there; as text, since templates would move a moment to the reader's zone."""
    return now.astimezone(zone(zone_name)).strftime("%H:%M")


def phase_strip(phases: list[Step], today: date) -> list[dict[str, Any]]:
    """Return the phases as the strip draws them."""
    return [
        {
            "name": phase.name,
            "when": _("Now, until %(day)s") % {"day": _short(phase.ends_on)}
            if phase.state(today) == "now"
            else _("%(start)s to %(end)s")
            % {"start": _short(phase.starts_on), "end": _short(phase.ends_on)},
            "state": phase.state(today),
        }
        for phase in phases
    ]


def _short(day: date) -> str:
    return date_format(day, "j M")


@login_required
@require_safe
def match(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a match: to its people with words, to its manager without."""
    sheet = selectors.match_sheet(request.user, pk)
    if sheet is None:
        raise Http404
    now = timezone.now()
    today = local_day(now, request.user.time_zone)
    context = {"sheet": sheet, "match": sheet.match, "now": now, "today": today}
    if not sheet.is_member:
        context["goals"] = goals_for_manager(sheet.match)
        context["lines"] = for_manager(sheet.match.contributions)
        context["score"] = round((sheet.match.score or 0) / 10_000)
        context["reasons_to_end"] = EndReason.choices
        context["fits"] = fits = fit_answers_of_match(sheet.match)
        if is_looked_at(request):
            note_fits_read(fits=[card.question for card in fits], reader=request.user, now=now)
        health = health_of(sheet.match, today=today)
        context |= {
            "health": health,
            "health_tone": TONES[health.health][0] if health else "",
            "health_icon": TONES[health.health][1] if health else "",
            "health_reasons": health.told(today=today) if health else [],
            "health_turns": turns_of(sheet.match),
        }
        context["signed_at"] = beginning_of(sheet.match).signed_at
        return render(request, "home/match_manager.html", context)
    own = (row for row in sheet_of(request).enrolments if row.cohort_id == sheet.match.cohort_id)
    enrolment = next(own, None)
    match_id = sheet.match.pk
    context |= {
        **_next(sheet, planned_for(request.user, [match_id], now=now).get(match_id)),
        "rests": rest_words(sheet, sheet.match.status, sheet.role),
        "enrolment": enrolment,
        "offer": unanswered_for_matches(request.user, [match_id], now=now).get(match_id),
        **_beginning(request, sheet),
        "phase": enrolment.phase(today) if enrolment and not sheet.match.ended_on else None,
        "reasons": _reasons(sheet.match.contributions, request.user.pk, sheet.role, sheet.partners),
        "goals": cards_of_match(request.user, sheet.match),
        "clocks": [(person, _clock(now, person.time_zone)) for person in sheet.partners],
        "reasons_to_end": PEOPLES_REASONS,
        "contact": sheet.match.cohort.program.contact_name,
        "is_held": sheet.match.status == "paused" and who_leaves(sheet.match) is not None,
    }
    return render(request, "home/match.html", context)


def _beginning(request: PersonRequest, sheet: selectors.MatchSheet) -> dict[str, Any]:
    """Return where the people of a match stand at their beginning, and what is new to read."""
    beginning = beginning_of(sheet.match)
    steps = begin_steps(
        sheet.match,
        beginning,
        me=request.user.pk,
        names=sheet.short_names,
        has_met=bool(sheet.meeting_count),
    )
    own = (match for match in sheet_of(request).matches if match.id == sheet.match.pk)
    return {
        "begin_steps": steps,
        "shows_begin": sheet.match.status != "ended"
        and sheet.meeting_count < BEGINNING_MEETINGS
        and not all(step.is_done for step in steps),
        "beginning": beginning,
        "unread_count": next((match.unread_count for match in own), 0),
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask why and end a match; the people in it and its managers may.

    Who is in a circle that goes on without them leaves it instead.
    """
    sheet = selectors.match_sheet(request.user, pk)
    if sheet is None:
        if not _has_left(request, pk):
            raise Http404
        return redirect("home")
    if sheet.is_member and goes_on_without(sheet.match, request.user):
        return _leave(request, sheet)
    reasons = PEOPLES_REASONS if sheet.is_member else tuple(EndReason.choices)
    context = {
        "sheet": sheet,
        "match": sheet.match,
        "reasons_to_end": reasons,
        "farewells": farewells(sheet.short_names),
        "typed": request.POST,
    }
    if request.method != "POST":
        return render(request, "home/end.html", context)
    reason = request.POST.get("reason", "")
    chosen: dict[str, Any] = {
        "match": sheet.match,
        "actor": request.user,
        "now": timezone.now(),
        "reason": reason if reason in dict(reasons) else "",
    }
    try:
        if sheet.is_member:
            end_with_words(**chosen, words=farewell_of(request.POST))
        else:
            end_match(**chosen)
    except DomainError as error:
        return render(request, "home/end.html", {**context, "error": str(error)}, status=422)
    if sheet.is_member:
        messages.success(request, _("The match has ended. Thank you for the time you gave it."))
    else:
        messages.success(request, _("The match has ended."))
    return redirect("match", pk=pk)


def _has_left(request: PersonRequest, pk: int) -> bool:
    """Tell a second click on leaving from everybody else's; it is answered as the first."""
    if not request.user.memberships.filter(match=pk, left_early=True).exists():
        return False
    messages.info(request, _("You have left this circle."))
    return True


def _leave(request: PersonRequest, sheet: selectors.MatchSheet) -> HttpResponse:
    context = {
        "sheet": sheet,
        "match": sheet.match,
        "farewells": farewells(sheet.short_names),
        "typed": request.POST,
    }
    if request.method != "POST":
        return render(request, "home/leave_circle.html", context)
    try:
        leave_with_words(
            match=sheet.match,
            actor=request.user,
            words=farewell_of(request.POST),
            now=timezone.now(),
        )
    except DomainError as error:
        if isinstance(error, (Conflict, NotAllowed)) and _has_left(request, sheet.match.pk):
            return redirect("home")
        return render(request, "home/leave_circle.html", {**context, "error": error}, status=422)
    messages.success(request, _("You have left the circle. Thank you for the time you gave it."))
    return redirect("home")


@login_required
@require_POST
def pause(request: PersonRequest, pk: int) -> HttpResponse:
    """Pause an active match or take a paused one up again.

    Where it rests because somebody leaves, a manager says first whether they stay; its people are
    told that it rests, and not why.
    """
    sheet = selectors.match_sheet(request.user, pk)
    if sheet is None:
        raise Http404
    if not sheet.is_member and sheet.match.status == "paused":
        leaves = who_leaves(sheet.match)
        if leaves is not None:
            text = _("This match rests because %(name)s leaves. Say here if they stay.")
            messages.info(request, text % {"name": leaves.user}, extra_tags="stay")
            return redirect("support:leaver", pk=leaves.pk)
    act = take_up_match if sheet.match.status == "paused" else pause_match
    try:
        act(match=sheet.match, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        done = _("Welcome back.") if act is take_up_match else _("Paused. Nobody is reminded.")
        messages.success(request, done)
    return redirect("match", pk=pk)
