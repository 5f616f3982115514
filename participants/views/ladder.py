"""The organisation's ladder of levels: add several at once, in their places."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.http import PersonRequest
from accounts.models import Level
from core.errors import DomainError
from core.ui.forms import take_refusal
from participants.forms import LevelsForm
from participants.importing.values import level_key
from participants.services.ladder import MOST_LEVELS, extend_ladder, may_extend_ladder

INVALID = 422


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def levels(request: PersonRequest) -> HttpResponse:
    """Show the ladder with the levels that ``?add=`` names at its end; a post adds what is new."""
    if not may_extend_ladder(request.user):
        raise PermissionDenied
    ladder = list(Level.objects.values_list("name", flat=True))
    known = {level_key(name) for name in ladder}
    asked = [name for name in request.GET.getlist("add") if level_key(name) not in known]
    wanted = asked[:MOST_LEVELS]
    form = LevelsForm(request.POST or None, initial={"levels": "\n".join([*ladder, *wanted])})
    if form.is_valid():
        try:
            names = form.cleaned_data["levels"]
            added = extend_ladder(names=names, actor=request.user, now=timezone.now())
        except DomainError as error:
            take_refusal(form, error, instead="levels")
        else:
            messages.success(request, _said(len(added)))
            return redirect("participants:levels")
    context = {"form": form, "wanted": wanted}
    return render(
        request, "participants/ladder.html", context, status=INVALID if form.is_bound else 200
    )


def _said(count: int) -> str:
    text = ngettext(
        "%(count)d level is added to the ladder.",
        "%(count)d levels are added to the ladder.",
        count,
    )
    return text % {"count": count}
