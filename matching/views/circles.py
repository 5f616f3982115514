"""Decisions about circles: each is a POST, answered by the page at the circle it is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonRequest
from core.errors import Conflict, DomainError
from core.numbers import whole_number
from matching import listing, selectors
from matching.access import (
    get_managed_circle,
    get_managed_run,
    get_managed_seat,
    get_waiting_mentee,
)
from matching.circle_listing import (
    SeatOffer,
    circle_cards,
    circle_counts,
    circles_for,
    idle_mentors,
    seats_for,
)
from matching.models import LIVE, MatchStatus, PairingRun, ProposedCircle
from matching.services.circles import (
    dissolve_circle,
    lock_circle,
    move_seat,
    seat_by_hand,
    take_out,
    unlock_circle,
)
from matching.services.joining import join_circle
from matching.standing_circles import Room, rooms_for
from participants.models import Enrolment, MemberRole

CIRCLES_A_PAGE = 10
MOST_WAITING = 50
MOST_OFFERS = 30
Act = Callable[..., ProposedCircle]
ACTS: dict[str, tuple[Act, str | Promise]] = {
    "lock": (lock_circle, gettext_lazy("Locked. The next run keeps this circle.")),
    "unlock": (unlock_circle, gettext_lazy("Unlocked. The next run may change this circle.")),
}


def circles_context(request: PersonRequest, run: PairingRun) -> dict[str, Any]:
    """Return what the review page of circles shows."""
    user = request.user
    circles = circles_for(run, user)
    number = request.GET.get("page") or _page_with(circles, request.GET.get("circle"))
    page = Paginator(circles, CIRCLES_A_PAGE).get_page(number)
    return {
        "page": page,
        "circles": circle_cards(page.object_list, run),
        "waiting": listing.waiting_mentees(run, user, limit=MOST_WAITING),
        "idle": list(idle_mentors(run, user)[:MOST_WAITING]),
        "idle_count": idle_mentors(run, user).count(),
        "counts": circle_counts(run, user),
    }


def _page_with(circles: Any, circle: str | None) -> int:
    pk = whole_number(circle)
    if pk is None:
        return 1
    places = {found: place for place, found in enumerate(circles.values_list("pk", flat=True))}
    return places.get(pk, 0) // CIRCLES_A_PAGE + 1


@login_required
@require_POST
def decide(request: PersonRequest, pk: int, act: str) -> HttpResponse:
    """Lock or unlock a circle."""
    circle = get_managed_circle(request.user, pk)
    perform, said = ACTS[act]
    try:
        perform(circle=circle, actor=request.user, now=timezone.now())
    except DomainError as error:
        _refused(request, error)
    else:
        messages.success(request, str(said))
    return redirect(_place(circle))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def dissolve(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask whether to take a circle out of the draft, then do it."""
    circle = get_managed_circle(request.user, pk)
    run = circle.run
    (card,) = circle_cards(circles_for(run, request.user).filter(pk=pk), run) or (None,)
    if card is None or not card.is_open:
        messages.info(request, _("This circle is not in the draft any more."))
        return redirect("matching:review", pk=run.pk)
    if request.method != "POST":
        context = {"card": card, "run": run, "cohort": run.cohort}
        return render(request, "matching/dissolve.html", context)
    try:
        dissolve_circle(circle=circle, actor=request.user, now=timezone.now())
    except DomainError as error:
        _refused(request, error)
        return redirect(_place(circle))
    messages.success(request, _("The circle is dissolved. Its people wait again."))
    return redirect("matching:review", pk=run.pk)


@login_required
@require_POST
def leave(request: PersonRequest, pk: int) -> HttpResponse:
    """Take a mentee out of their circle."""
    seat = get_managed_seat(request.user, pk)
    try:
        take_out(seat=seat, actor=request.user, now=timezone.now())
    except DomainError as error:
        _refused(request, error)
    else:
        said = _("%(mentee)s waits again, and can have a seat in another circle.")
        messages.success(request, said % {"mentee": seat.mentee.user})
    return redirect(_place(get_managed_circle(request.user, seat.circle_id or 0)))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: PersonRequest, pk: int) -> HttpResponse:
    """Offer the other circles with room to somebody who has a seat."""
    seat = get_managed_seat(request.user, pk)
    run = seat.run
    if seat.state not in LIVE or run.published_at is not None:
        messages.info(request, _("This seat is not in the draft any more."))
        return redirect("matching:review", pk=run.pk)

    def sit(circle: ProposedCircle) -> None:
        move_seat(seat=seat, to=circle, actor=request.user, now=timezone.now())

    return _choose(request, run, seat.mentee, sit, seat=seat)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def give_seat(request: PersonRequest, pk: int, mentee_pk: int) -> HttpResponse:
    """Offer the circles with room to somebody who waits."""
    run = get_managed_run(request.user, pk)
    mentees = run.cohort.enrolments.filter(role=MemberRole.MENTEE).exclude(user=request.user)
    mentee = mentees.filter(pk=mentee_pk).select_related("user").first()
    if mentee is None:
        raise Http404
    if not selectors.undecided_mentees(run).filter(pk=mentee.pk).exists():
        messages.info(request, _("This person is not waiting for a seat any more."))
        return redirect("matching:review", pk=run.pk)

    def sit(circle: ProposedCircle) -> None:
        seat_by_hand(circle=circle, mentee=mentee, actor=request.user, now=timezone.now())

    return _choose(request, run, mentee, sit)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: PersonRequest, pk: int) -> HttpResponse:
    """Offer the circles that work already to somebody who waits."""
    mentee = get_waiting_mentee(request.user, pk)
    cohort = mentee.cohort
    matches = cohort.matches.filter(status=MatchStatus.ACTIVE).managed_by(request.user)
    refusal, rooms = "", list[Room]()
    if request.method == "POST":
        match = matches.filter(pk=whole_number(request.POST.get("match")) or 0).first()
        if match is None:
            raise Http404
        try:
            join_circle(match=match, mentee=mentee, actor=request.user, now=timezone.now())
        except DomainError as error:
            refusal = _sentence(error)
        else:
            said = _("%(mentee)s is in this circle now. Everybody in it is told.")
            messages.success(request, said % {"mentee": mentee.user})
            return redirect("match", pk=match.pk)
    try:
        rooms = rooms_for(mentee, matches)
    except DomainError as error:
        refusal = refusal or str(error)
    context = {"cohort": cohort, "mentee": mentee, "rooms": rooms[:MOST_OFFERS], "refusal": refusal}
    status = 422 if request.method == "POST" else 200
    return render(request, "matching/join.html", context, status=status)


def _choose(
    request: PersonRequest,
    run: PairingRun,
    mentee: Enrolment,
    sit: Callable[[ProposedCircle], None],
    **more: Any,
) -> HttpResponse:
    """Show the circles with room; by POST sit down in the one chosen."""
    refusal, offers = "", list[SeatOffer]()
    if request.method == "POST":
        circle = get_managed_circle(request.user, whole_number(request.POST.get("circle")) or 0)
        try:
            sit(circle)
        except DomainError as error:
            refusal = _sentence(error)
        else:
            said = _("%(mentee)s has a seat in this circle now, and it is locked.")
            messages.success(request, said % {"mentee": mentee.user})
            return redirect(_place(circle))
    try:
        offers = seats_for(run, mentee, request.user)
    except DomainError as error:
        refusal = refusal or str(error)
    context = {
        "run": run,
        "cohort": run.cohort,
        "mentee": mentee,
        "offers": offers[:MOST_OFFERS],
        "refusal": refusal,
        **more,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "matching/seats.html", context, status=status)


def _refused(request: PersonRequest, error: DomainError) -> None:
    messages.error(request, _sentence(error), extra_tags="stay")


def _sentence(error: DomainError) -> str:
    now = _("This is how it stands now.") if isinstance(error, Conflict) else ""
    return f"{error} {now}".strip()


def _place(circle: ProposedCircle) -> str:
    url = reverse("matching:review", args=(circle.run_id,), query={"circle": circle.pk})
    return f"{url}#circle-{circle.pk}"
