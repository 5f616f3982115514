"""Say how a match fits, by a mail's link or signed in, and read the answers as a manager."""

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
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import PersonRequest
from core.errors import DomainError
from core.http import is_looked_at
from feedback import access, selectors, services
from feedback.forms import FitForm, MisfitForm
from feedback.models import FitAnswer, FitQuestion, FitStatus
from feedback.tokens import LinkExpired
from matching.access import get_own_match
from matching.selectors import partners_of

PER_PAGE = 50
SAID_HERE = "fit_said_here"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, or take the answer, without signing in. Only the button's POST changes anything.

    Whoever got the link from somebody else does not learn what was answered: that is shown in the
    browser that answered, and to the person signed in.
    """
    try:
        question = access.get_fit_by_token(token, visitor=request.user)
    except LinkExpired:
        return _closed(request, "expired", status=410)
    except access.ForeignLink:
        return _closed(request, "foreign", status=403)
    if question is None:
        return _closed(request, "unknown", status=404)
    said_here = request.session.get(SAID_HERE, [])
    knows = request.user.is_authenticated or question.pk in said_here
    if request.method == "POST":
        response = _take(request, question, knows=knows)
        if response.status_code == 302 and not knows:
            request.session[SAID_HERE] = [*said_here[-9:], question.pk]
        return response
    return _ask(request, question, knows=knows)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: PersonRequest, pk: int) -> HttpResponse:
    """Take the answer of somebody who is signed in, and show it back to them."""
    question = access.get_fit_for(request.user, pk)
    if request.method == "POST":
        return _take(request, question, knows=True)
    return _ask(request, question, knows=True)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def misfit(request: PersonRequest, match_pk: int) -> HttpResponse:
    """Let a member say in confidence, unasked, that the match does not fit."""
    match = get_own_match(request.user, match_pk)
    form = MisfitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["words"]
        try:
            question = services.say_misfit(
                match=match, actor=request.user, words=words, now=timezone.now()
            )
        except DomainError:
            return _closed(request, "closed", status=410)
        return redirect("feedback:fit", pk=question.pk)
    program = match.cohort.program
    context = {
        "form": form,
        "match": match,
        "partners": selectors.short_names(
            member.user for member in partners_of(match, request.user)
        ),
        "program": program,
        "readers": selectors.readers_of(program, [match.pk]),
    }
    return render(request, "feedback/misfit.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def cohort(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a program manager who said what last, what does not fit first."""
    cohort = access.get_cohort_for(request.user, pk)
    chosen = request.GET.get("answer", "")
    rows = selectors.fit_answers_for_manager(user=request.user, cohort=cohort, answer=chosen)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "cohort": cohort,
        "page_obj": page,
        "cards": selectors.fit_cards(list(page)),
        "answers": FitAnswer,
        "chosen": chosen,
        "rate": selectors.fit_rate(cohort, user=request.user),
    }
    if is_looked_at(request):
        services.note_fits_read(fits=page.object_list, reader=request.user, now=timezone.now())
    return render(request, "feedback/cohort_fit.html", context)


def _take(request: HttpRequest, question: FitQuestion, *, knows: bool) -> HttpResponse:
    form = FitForm(request.POST)
    if not form.is_valid():
        return _ask(request, question, knows=knows, form=form, status=422)
    words = form.cleaned_data["words"]
    try:
        services.answer_fit(
            question=question,
            answer=form.cleaned_data["answer"],
            words=words if words or (knows and "words" in request.POST) else None,
            now=timezone.now(),
        )
    except DomainError:
        return _closed(request, "closed", status=410)
    if request.user.is_authenticated:
        messages.success(request, _("Thanks. Your answer is saved."))
    return redirect(request.path)


def _ask(
    request: HttpRequest,
    question: FitQuestion,
    *,
    knows: bool,
    form: FitForm | None = None,
    status: int = 200,
) -> HttpResponse:
    if not FitQuestion.objects.answerable(today=_today()).filter(pk=question.pk).exists():
        return _closed(request, "closed", status=410)
    card = selectors.fit_card(question)
    program = question.match.cohort.program
    offered = request.GET.get("a", "") if form is None else request.POST.get("answer", "")
    offered = offered if offered in FitAnswer.values else ""
    answered = question.status == FitStatus.ANSWERED
    said = question.answer if answered and knows else ""
    context = {
        "card": card,
        "person": question.user,
        "program": program,
        "readers": selectors.readers_of(program, [question.match_id]),
        "answers": sorted(FitAnswer, key=lambda answer: answer.value != offered),
        "offered": offered,
        "is_answered": answered,
        "said": said,
        "form": form or FitForm(initial={"words": card.words if said else ""}),
        "is_missing": form is not None and "answer" in form.errors,
    }
    return render(request, "feedback/fit.html", context, status=status)


def _closed(request: HttpRequest, why: str, *, status: int) -> HttpResponse:
    return render(request, "feedback/fit_closed.html", {"why": why}, status=status)


def _today() -> date:
    return timezone.now().astimezone(UTC).date()
