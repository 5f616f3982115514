"""Take the pulse by a mail's link or signed in, and read what five and more say together."""

from __future__ import annotations

from datetime import UTC, date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import PersonRequest
from core.errors import DomainError
from feedback import access, selectors, services
from feedback.forms import PulseForm
from feedback.models import Pulse
from feedback.selectors import PulseCard
from feedback.tokens import LinkExpired

SAID_HERE = "pulse_said_here"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, or take the answers, without signing in. Only the button's POST changes anything.

    What was answered is shown in the browser that answered and to the person signed in, so that a
    mail that is forwarded tells nobody.
    """
    try:
        pulse = access.get_pulse_by_token(token, visitor=request.user)
    except LinkExpired:
        return _closed(request, "expired", status=410)
    except access.ForeignLink:
        return _closed(request, "foreign", status=403)
    if pulse is None:
        return _closed(request, "unknown", status=404)
    said_here = request.session.get(SAID_HERE, [])
    knows = request.user.is_authenticated or pulse.pk in said_here
    if request.method != "POST":
        return _ask(request, pulse, knows=knows)
    response = _take(request, pulse, knows=knows)
    if response.status_code == 302 and not knows:
        request.session[SAID_HERE] = [*said_here[-9:], pulse.pk]
    return response


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: PersonRequest, pk: int) -> HttpResponse:
    """Take the answers of somebody who is signed in, and show them back."""
    pulse = access.get_pulse_for(request.user, pk)
    if request.method == "POST":
        return _take(request, pulse, knows=True)
    return _ask(request, pulse, knows=True)


@login_required
@require_safe
def cohort(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a program manager the averages of each pulse, and words that bear a name."""
    cohort = access.get_cohort_for(request.user, pk)
    context = {
        "cohort": cohort,
        "waves": selectors.waves_of(cohort, reader=request.user),
        "said": selectors.pulse_words_for_manager(cohort, user=request.user),
    }
    return render(request, "feedback/cohort_pulse.html", context)


def _take(request: HttpRequest, pulse: Pulse, *, knows: bool) -> HttpResponse:
    form = PulseForm(request.POST)
    if form.is_valid():
        words = form.cleaned_data["words"]
        try:
            services.answer_pulse(
                pulse=pulse,
                scales=form.scales(),
                words=words if words or knows else None,
                shows_name=form.cleaned_data["shows_name"],
                now=timezone.now(),
            )
        except services.PulseClosed:
            return _closed(request, "closed", status=410)
        except DomainError as error:
            form.add_error(error.field or None, str(error))
        else:
            if request.user.is_authenticated:
                messages.success(request, _("Thanks. Your answer is saved."))
            return redirect(request.path)
    return _ask(request, pulse, knows=knows, form=form, status=422)


def _ask(
    request: HttpRequest,
    pulse: Pulse,
    *,
    knows: bool,
    form: PulseForm | None = None,
    status: int = 200,
) -> HttpResponse:
    card = PulseCard(pulse)
    is_open = Pulse.objects.answerable(today=_today()).filter(pk=pulse.pk).exists()
    if not is_open and not (knows and card.is_answered):
        return _closed(request, "closed", status=410)
    shows = knows and card.is_answered and form is None
    context = {
        "card": card,
        "person": pulse.enrolment.user,
        "program": pulse.enrolment.cohort.program,
        "is_open": is_open,
        "shows_answers": shows,
        "form": form or PulseForm(initial=_initial(card) if shows else None),
    }
    return render(request, "feedback/pulse.html", context, status=status)


def _initial(card: PulseCard) -> dict[str, object]:
    """Return what the person said themselves; nothing is chosen for anybody else."""
    return {
        **{name: getattr(card.pulse, name) for name in PulseForm.SCALES},
        "words": card.words,
        "shows_name": card.shows_name,
    }


def _closed(request: HttpRequest, why: str, *, status: int) -> HttpResponse:
    return render(request, "feedback/fit_closed.html", {"why": why}, status=status)


def _today() -> date:
    return timezone.now().astimezone(UTC).date()
