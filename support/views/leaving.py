"""Note that somebody leaves, undo it, and the clock of those who wait for a new match."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from accounts.models import User
from core.clock import local_day
from core.errors import DomainError
from feedback.access import get_cohort_for
from programs.models import Program
from support import services
from support.access import get_enrolment_for, get_leaver_for
from support.forms import LeaverForm
from support.leavers import last_day_of, open_notes, resting_in
from support.models import Leaver
from support.rematching import rematch_queue


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leaver(request: PersonRequest, pk: int) -> HttpResponse:
    """Say from which day on somebody is gone; their matches rest then, and partners are told."""
    enrolment = get_enrolment_for(request.user, pk)
    now = timezone.now()
    today = local_day(now, enrolment.user.time_zone)
    noted = _open_note(enrolment.user, enrolment.cohort.program)
    by_hr = _open_note(enrolment.user, None)
    form = LeaverForm(request.POST or None, initial={"on": today})
    if request.method == "POST" and form.is_valid():
        try:
            services.record_leaver(
                person=enrolment.user,
                on=form.cleaned_data["on"],
                program=enrolment.cohort.program,
                actor=request.user,
                now=now,
            )
        except DomainError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, _("Noted. You can undo it for a week."))
            return redirect("support:leaver", pk=pk)
    context = {
        "form": form,
        "enrolment": enrolment,
        "cohort": enrolment.cohort,
        "noted": noted,
        "by_hr": by_hr,
        "is_kept": by_hr is not None and enrolment.cohort.program_id in by_hr.kept_programs,
        "resting": resting_in(by_hr, enrolment.cohort.program) if by_hr else 0,
        "left_on": None if noted else last_day_of(enrolment, today=today),
        "today": today,
    }
    return render(request, "support/leaver.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def undo_leaver(request: PersonRequest, pk: int) -> HttpResponse:
    """Take it back while the matches only rest."""
    row, enrolment = get_leaver_for(request.user, pk)
    try:
        undone = services.undo_leaver(leaver=row, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        say_undone(request, undone)
    return redirect("support:leaver", pk=enrolment.pk)


@login_required
@require_POST
def stays(request: PersonRequest, pk: int) -> HttpResponse:
    """Let somebody of whom HR says that they leave stay in this program."""
    enrolment = get_enrolment_for(request.user, pk)
    try:
        undone = services.keep_in_program(
            person=enrolment.user,
            program=enrolment.cohort.program,
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        if undone.cohorts_left or undone.matches_left:
            say_undone(request, undone)
        else:
            text = _("Noted. They stay in %(program)s.")
            messages.success(request, text % {"program": enrolment.cohort.program})
    return redirect("support:leaver", pk=pk)


def _open_note(person: User, program: Program | None) -> Leaver | None:
    notes = open_notes(everywhere_only=False)
    return notes.filter(person=person, program=program).first()


def say_undone(request: PersonRequest, undone: services.Undone) -> None:
    """Tell what goes on, and what could not be brought back."""
    if not undone.cohorts_left and not undone.matches_left:
        messages.success(request, _("Undone. What rested goes on."))
        return
    cohorts = get_text_list(list(undone.cohorts_left), _("and")) or _("a cohort that is over")
    text = _("Undone. What rested goes on, but not in %(cohorts)s, which is over meanwhile.")
    messages.warning(request, text % {"cohorts": cohorts}, extra_tags="stay")


@login_required
@require_safe
def rematch(request: PersonRequest, pk: int) -> HttpResponse:
    """Show who of a cohort waits for a new match, longest first."""
    cohort = get_cohort_for(request.user, pk)
    today = local_day(timezone.now(), request.user.time_zone)
    context = {"cohort": cohort, "clock": rematch_queue(cohort, user=request.user, today=today)}
    return render(request, "support/rematch.html", context)
