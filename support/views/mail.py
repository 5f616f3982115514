"""What mail a cohort's people were sent, and holding it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PersonRequest
from core.errors import DomainError
from core.numbers import whole_number
from notifications import services as ledger
from programs.access import get_managed_cohort
from support import mail as reading
from support import services
from support.chat import channel_of
from support.forms import MailFilterForm, PauseForm
from support.forms.mail import PROGRAM, SCOPE_OF
from support.mail import Look

PER_PAGE = 40


@login_required
@require_safe
def mail(request: PersonRequest, pk: int) -> HttpResponse:
    """List a cohort's rows of the ledger: of everybody, of one person or of one match."""
    return _page(request, _look(request, pk))


def _look(request: PersonRequest, pk: int) -> Look:
    cohort = get_managed_cohort(request.user, pk)
    found = reading.look_at(
        cohort, request.user, person=_number(request, "person"), match=_number(request, "match")
    )
    if found is None:
        raise Http404
    return found


def _number(request: PersonRequest, name: str) -> int | None:
    return whole_number(request.GET.get(name) or request.POST.get(name))


def _page(
    request: PersonRequest, look: Look, *, pause_form: PauseForm | None = None, status: int = 200
) -> HttpResponse:
    filters = MailFilterForm(request.GET)
    rows = filters.narrow(reading.messages_of(look, request.user))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    pauses = [
        (pause, reading.may_end(request.user, pause))
        for pause in reading.pauses_of(look, request.user)
    ]
    context = {
        "cohort": look.cohort,
        "look": look,
        "names": reading.partner_names(look.match) if look.match else "",
        "filters": filters,
        "is_filtered": any(request.GET.get(name) for name in filters.fields),
        "page_obj": page,
        "lines": reading.lines(list(page.object_list)),
        "pauses": pauses,
        "bounces": list(reading.bounces_of(look)[:20]),
        "chat": channel_of(look.cohort.program_id),
        "pause_form": pause_form or PauseForm(scopes=_scopes(request, look)),
    }
    return render(request, "support/mail.html", context, status=status)


def _scopes(request: PersonRequest, look: Look) -> list[tuple[str, Any]]:
    if look.person is not None:
        return [("person", _("All mail of this program to %(name)s") % {"name": look.person})]
    if look.match is not None:
        return [("match", _("All mail about this match"))]
    scopes = [("cohort", _("All mail of this cohort")), (PROGRAM, _("All mail of this program"))]
    if reading.may_pause_everything(request.user):
        scopes.append(("all", _("All mail of the organisation")))
    return scopes


@login_required
@require_POST
def mail_act(request: PersonRequest, pk: int, what: str) -> HttpResponse:
    """Pause, end a pause, lift an address, or send again."""
    look = _look(request, pk)
    doing = ACTS.get(what)
    if doing is None:
        raise Http404
    try:
        answer = doing(request, look)
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        answer = None
    return answer or redirect(reverse("support:mail", args=[pk]) + look.query)


def _pause(request: PersonRequest, look: Look) -> HttpResponse | None:
    form = PauseForm(request.POST, scopes=_scopes(request, look))
    if not form.is_valid():
        return _page(request, look, pause_form=form, status=422)
    chosen, cohort = form.cleaned_data["scope"], look.cohort
    ledger.pause_messages(
        scope=SCOPE_OF[chosen],
        why=form.cleaned_data["why"],
        actor=request.user,
        now=timezone.now(),
        person=look.person,
        match_id=look.match.pk if look.match else None,
        cohort_id=cohort.pk if chosen == "cohort" else None,
        program_id=None if chosen == "all" else cohort.program_id,
    )
    messages.success(request, _("Held back from now on. Urgent mail still goes."))
    return None


def _resume(request: PersonRequest, look: Look) -> None:
    pause = reading.pauses_of(look, request.user).filter(pk=_number(request, "row") or 0).first()
    if pause is None:
        raise Http404
    if not reading.may_end(request.user, pause):
        raise PermissionDenied
    ledger.end_pause(pause=pause, actor=request.user, now=timezone.now())
    messages.success(request, _("Mail goes again. What nobody needs any more is skipped."))


def _lift(request: PersonRequest, look: Look) -> None:
    bounce = reading.bounces_of(look).filter(pk=_number(request, "row") or 0).first()
    if bounce is None:
        raise Http404
    ledger.lift_bounce(bounce=bounce, actor=request.user, now=timezone.now())
    messages.success(request, _("Mail goes to %(address)s again.") % {"address": bounce.address})


def _again(request: PersonRequest, look: Look) -> None:
    row = reading.messages_of(look, request.user).filter(pk=_number(request, "row") or 0).first()
    if row is None:
        raise Http404
    ledger.send_again(message=row, actor=request.user, now=timezone.now())
    messages.success(request, _("It goes out again."))


def _try_chat(request: PersonRequest, look: Look) -> None:
    channel = channel_of(look.cohort.program_id)
    if channel is None:
        raise Http404
    services.try_channel(channel=channel, actor=request.user, now=timezone.now())
    messages.success(request, _("A test is on its way. Look into the channel."))


ACTS: dict[str, Any] = {
    "pause": _pause,
    "resume": _resume,
    "lift": _lift,
    "again": _again,
    "chat": _try_chat,
}
