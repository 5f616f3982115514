"""Answer a check-in by a mail's link or signed in, and read the answers as a manager."""

from __future__ import annotations

from datetime import UTC, date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.errors import DomainError
from core.http import is_looked_at
from feedback import access, selectors, services
from feedback.forms import AnswerForm
from feedback.models import CheckIn, CheckInAnswer, FitAnswer
from feedback.tokens import LinkExpired

PER_PAGE = 50
SAID_HERE = "check_in_said_here"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, or take the answer, without signing in. Only the button's POST changes anything.

    Whoever got the link from somebody else does not learn what was answered: that is shown in the
    browser that answered, and to the person signed in.
    """
    try:
        check_in = access.get_check_in_by_token(token, visitor=request.user)
    except LinkExpired:
        return _closed(request, "expired", status=410)
    except access.ForeignLink:
        return _closed(request, "foreign", status=403)
    if check_in is None:
        return _closed(request, "unknown", status=404)
    said_here = request.session.get(SAID_HERE, [])
    knows = request.user.is_authenticated or check_in.pk in said_here
    if request.method != "POST":
        return _ask(request, check_in, knows=knows)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _ask(request, check_in, knows=knows, is_missing=True, status=422)
    try:
        services.answer_check_in(check_in=check_in, now=timezone.now(), **form.cleaned_data)
    except DomainError:
        return _closed(request, "closed", status=410)
    if not knows:
        request.session[SAID_HERE] = [*said_here[-9:], check_in.pk]
    return redirect(request.path)


@login_required
@require_safe
def mine(request: PersonRequest) -> HttpResponse:
    open_ones, answered = selectors.questions_of(request.user, today=_today())
    fits, said = selectors.fit_cards_of(request.user, today=_today())
    pulses = selectors.pulse_cards_of(request.user, today=_today())
    context = {
        "open": open_ones,
        "answered": answered,
        "answers": CheckInAnswer,
        "fits": fits,
        "said": said,
        "fit_answers": FitAnswer,
        "pulses": [card for card in pulses if not card.is_answered],
        "given_pulses": [card for card in pulses if card.is_answered],
    }
    return render(request, "feedback/mine.html", context)


@login_required
@require_POST
def give(request: PersonRequest, pk: int) -> HttpResponse:
    """Take the answer of somebody who is signed in."""
    check_in = access.get_check_in_for(request.user, pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the three answers."))
        return redirect("feedback:mine")
    try:
        services.answer_check_in(check_in=check_in, now=timezone.now(), **form.cleaned_data)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Thanks. Your answer is saved."))
    return redirect("feedback:mine")


@login_required
@require_safe
def cohort(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a program manager who answered what."""
    cohort = access.get_cohort_for(request.user, pk)
    chosen = request.GET.get("answer", "")
    rows = selectors.answers_for_manager(
        user=request.user, cohort=cohort, today=_today(), answer=chosen
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "cohort": cohort,
        "page_obj": page,
        "questions": selectors.with_partners(list(page)),
        "answers": CheckInAnswer,
        "chosen": chosen,
        "rates": selectors.check_in_rates(cohort, user=request.user),
    }
    if is_looked_at(request):
        services.note_check_ins_read(
            check_ins=page.object_list, reader=request.user, now=timezone.now()
        )
    return render(request, "feedback/cohort.html", context)


def _ask(
    request: HttpRequest,
    check_in: CheckIn,
    *,
    knows: bool,
    is_missing: bool = False,
    status: int = 200,
) -> HttpResponse:
    question = selectors.question(check_in)
    if not CheckIn.objects.answerable(today=_today()).filter(pk=check_in.pk).exists():
        return _closed(request, "closed", status=410)
    program = check_in.match.cohort.program
    offered = request.GET.get("a", "")
    context = {
        "question": question,
        "person": check_in.user,
        "program": program,
        "readers": selectors.readers_of(program, [check_in.match_id]),
        "answers": sorted(CheckInAnswer, key=lambda answer: answer.value != offered),
        "offered": offered if offered in CheckInAnswer.values else "",
        "is_missing": is_missing,
        "knows": knows,
    }
    return render(request, "feedback/answer.html", context, status=status)


def _closed(request: HttpRequest, why: str, *, status: int) -> HttpResponse:
    return render(request, "feedback/closed.html", {"why": why}, status=status)


def _today() -> date:
    return timezone.now().astimezone(UTC).date()
