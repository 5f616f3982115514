"""Offer times, answer an offer, book what is agreed, and the fixed room of a match."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.clock import local_day, zone_city
from core.errors import DomainError
from core.numbers import whole_number
from core.ui.forms import take_refusal
from sessions import access, selectors, services
from sessions.models import Meeting, ProposedSlot
from sessions.plan_forms import (
    USUAL_MINUTES,
    BookForm,
    ProposeForm,
    RoomForm,
    plan_initial,
)
from sessions.selectors import PlanSheet
from sessions.selectors.plans import when_for

# Suggested times hold for every usual length up to an hour.
SUGGESTED_MINUTES = 60


@login_required
@require_safe
def choose_for_offer(request: PersonRequest) -> HttpResponse:
    """Go to the offer form of the person's match; who has several chooses one."""
    rows = selectors.matches_to_log(request.user)
    if len(rows) == 1:
        return redirect("meetings:propose", match_pk=rows[0][0])
    return render(request, "meetings/choose.html", {"rows": rows, "is_offer": True})


def sheet_or_404(request: PersonRequest, match_pk: int) -> PlanSheet:
    sheet = selectors.plan_sheet(request.user, match_pk)
    if sheet is None:
        raise Http404
    return sheet


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: PersonRequest, match_pk: int) -> HttpResponse:
    """Offer up to three times, suggested ones or one's own; with ``moves``, for a meeting."""
    sheet = sheet_or_404(request, match_pk)
    moves = _moved_meeting(request, sheet)
    now = timezone.now()
    zone_name = request.user.time_zone
    if request.method != "POST":
        form = ProposeForm(initial=_initial(sheet, moves), zone_name=zone_name)
        return _propose_page(request, sheet, form, now, moves)
    form = ProposeForm(request.POST, zone_name=zone_name)
    if form.is_valid():
        try:
            offered = services.propose_times(
                match=sheet.match,
                actor=request.user,
                now=now,
                starts=form.cleaned_data["starts"],
                plan=form.plan(),
                note=form.cleaned_data["note"],
                moves=moves,
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(
                request, _("%(names)s gets your times by mail.") % {"names": sheet.short_names}
            )
            return redirect("meetings:offer", pk=offered.pk)
    return _propose_page(request, sheet, form, now, moves, status=422)


def _moved_meeting(request: PersonRequest, sheet: PlanSheet) -> Meeting | None:
    """Return the planned meeting that the offer is to move, when the address names one."""
    pk = whole_number(request.GET.get("moves"))
    if pk is None:
        return None
    meeting = access.get_own_meeting(request.user, pk)
    return meeting if meeting.match_id == sheet.match.pk and meeting.is_planned else None


def _initial(sheet: PlanSheet, moves: Meeting | None = None) -> dict[str, Any]:
    if moves is not None:
        return plan_initial(minutes=moves.minutes, how=moves.how, kind=moves.kind)
    how = sheet.how or ("video" if sheet.room else "")
    return plan_initial(minutes=sheet.minutes, how=how, link=sheet.room)


def _propose_page(
    request: PersonRequest,
    sheet: PlanSheet,
    form: ProposeForm,
    now: datetime,
    moves: Meeting | None,
    status: int = 200,
) -> HttpResponse:
    minutes = max(SUGGESTED_MINUTES, sheet.minutes or USUAL_MINUTES)
    found = selectors.suggestions_for(request.user, sheet.people, now=now, minutes=minutes)
    picked = set(form.picked)
    moments = {one.starts_at: one.suits_all for one in found}
    for text in picked:  # what was ticked stays on the page
        moments.setdefault(_moment(text) or now, True)
    rows = [
        {
            "value": starts_at.isoformat(),
            "when": when_for(starts_at, None, request.user, sheet.partners),
            "suits_all": suits_all,
            "is_best": bool(found) and starts_at == found[0].starts_at,
            "is_picked": starts_at.isoformat() in picked,
        }
        for starts_at, suits_all in sorted(moments.items())
        if starts_at > now
    ]
    context = {
        "sheet": sheet,
        "form": form,
        "suggestions": rows,
        "place": zone_city(request.user.time_zone),
        "moves": moves,
    }
    return render(request, "meetings/propose.html", context, status=status)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


@login_required
@require_safe
def offer(request: PersonRequest, pk: int) -> HttpResponse:
    """An offer with its times on every clock; a link never answers it, only the buttons do."""
    return _offer_page(request, pk)


def _offer_page(
    request: PersonRequest, pk: int, refusal: str = "", chosen: int = 0, status: int = 200
) -> HttpResponse:
    shown = selectors.offer_sheet(request.user, pk, now=timezone.now())
    if shown is None:
        raise Http404
    context = {"offer": shown, "refusal": refusal, "chosen": chosen}
    return render(request, "meetings/offer.html", context, status=status)


@login_required
@require_POST
def accept(request: PersonRequest, pk: int) -> HttpResponse:
    proposal = access.get_own_offer(request.user, pk)
    slot_pk = whole_number(request.POST.get("slot")) or 0
    slot = ProposedSlot.objects.filter(pk=slot_pk, proposal=proposal).first()
    if slot is None:
        return _offer_page(request, pk, _("Choose one of the times."), status=422)
    slot.proposal = proposal
    try:
        meeting = services.accept_time(slot=slot, actor=request.user, now=timezone.now())
    except DomainError as error:
        return _offer_page(request, pk, str(error), slot.pk, status=422)
    messages.success(request, _("It is a date. The invitation comes by mail."))
    return redirect("meetings:detail", pk=meeting.pk)


@login_required
@require_POST
def decline(request: PersonRequest, pk: int) -> HttpResponse:
    proposal = access.get_own_offer(request.user, pk)
    try:
        services.decline_times(proposal=proposal, actor=request.user, now=timezone.now())
    except DomainError as error:
        return _offer_page(request, pk, str(error), status=422)
    messages.info(request, _("Said kindly for you. Offer times of your own, if you like."))
    return redirect("meetings:propose", match_pk=proposal.match_id)


@login_required
@require_POST
def withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    proposal = access.get_own_offer(request.user, pk)
    try:
        services.withdraw_times(proposal=proposal, actor=request.user, now=timezone.now())
    except DomainError as error:
        return _offer_page(request, pk, str(error), status=422)
    messages.success(request, _("Your offer is withdrawn."))
    return redirect("meetings:list")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: PersonRequest, match_pk: int) -> HttpResponse:
    """Book a time that is agreed on already, once or as a series."""
    sheet = sheet_or_404(request, match_pk)
    zone_name = request.user.time_zone
    if request.method != "POST":
        form = BookForm(initial=_initial(sheet), zone_name=zone_name)
        return _book_page(request, sheet, form)
    form = BookForm(request.POST, zone_name=zone_name)
    if form.is_valid():
        try:
            target = _book(request, sheet, form)
        except DomainError as error:
            take_refusal(form, error, instead="time")
        else:
            return target
    return _book_page(request, sheet, form, status=422)


def _book(request: PersonRequest, sheet: PlanSheet, form: BookForm) -> HttpResponse:
    given: dict[str, Any] = {"match": sheet.match, "actor": request.user, "now": timezone.now()}
    values = form.cleaned_data
    if not form.is_repeating:
        meeting = services.book_meeting(**given, starts_at=values["starts_at"], plan=form.plan())
        messages.success(request, _("Booked. The invitation comes by mail."))
        return redirect("meetings:detail", pk=meeting.pk)
    booked = services.book_series(**given, **series_values(form))
    say_series(request, booked)
    return redirect("meetings:list")


def series_values(form: BookForm) -> dict[str, Any]:
    """Return what a series is booked with."""
    values = form.cleaned_data
    return {
        "rule": values["repeat"],
        "starts_on": values["day"],
        "start_time": values["time"],
        "ends_on": values["until"],
        "plan": form.plan(),
    }


def say_series(request: PersonRequest, booked: Any) -> None:
    """Say how many meetings stand in the calendar, and which days are left out."""
    count = len(booked.meetings)
    messages.success(
        request,
        ngettext(
            "Booked: one meeting so far, later ones follow by themselves.",
            "Booked: %(count)d meetings so far, later ones follow by themselves.",
            count,
        )
        % {"count": count},
    )
    if booked.left_out:
        days = "; ".join(date_format(day) for day in booked.left_out)
        messages.warning(
            request,
            _("Left out, because not everybody is free: %(days)s.") % {"days": days},
            extra_tags="stay",
        )


def _book_page(
    request: PersonRequest, sheet: PlanSheet, form: BookForm, status: int = 200
) -> HttpResponse:
    context = {
        "sheet": sheet,
        "form": form,
        "place": zone_city(request.user.time_zone),
        "today": local_day(timezone.now(), request.user.time_zone),
    }
    return render(request, "meetings/book.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def room(request: PersonRequest, match_pk: int) -> HttpResponse:
    """The one video room that a match always meets in."""
    sheet = sheet_or_404(request, match_pk)
    form = RoomForm(request.POST or None, initial={"link": sheet.room})
    if request.method == "POST" and form.is_valid():
        try:
            services.set_room(
                match=sheet.match, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Saved. New meetings start with this link."))
            return redirect("match", pk=match_pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "meetings/room.html", {"sheet": sheet, "form": form}, status=status)
