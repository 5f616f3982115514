"""What was typed into the log form, kept while it is typed."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import PersonRequest
from core.errors import DomainError
from matching.access import get_own_match
from sessions import services
from sessions.views.logging import refused_log

KEPT_FIELDS = {
    "held_on",
    "start_time",
    "minutes",
    "other_minutes",
    "how",
    "summary",
    "private_note",
    "rating",
    "another_same_day",
}
ACTION_FIELDS = ("text", "owner", "due_on")


def typed_content(request: HttpRequest) -> dict[str, str]:
    """Return what a browser sent of the log form, its action items included."""
    content = {name: value for name, value in request.POST.items() if name in KEPT_FIELDS}
    for name, value in request.POST.items():
        prefix, _dash, field = name.rpartition("-")
        number = prefix.removeprefix("actions-")
        if field in ACTION_FIELDS and number.isdecimal() and len(number) < 3:
            content[name] = str(value)
    return {name: str(value) for name, value in content.items()}


def is_worth_keeping(content: dict[str, str]) -> bool:
    """Tell whether there are words or answers; days and owners alone come back by themselves."""
    return any(
        value.strip()
        for name, value in content.items()
        if name in {"summary", "private_note", "rating"} or name.endswith("-text")
    )


@login_required
@require_POST
def draft(request: PersonRequest, match_pk: int) -> HttpResponse:
    """Keep what was typed; for htmx while it is typed, or by the button “Finish later”."""
    match = get_own_match(request.user, match_pk)
    content = typed_content(request)
    content = content if is_worth_keeping(content) else {}
    kept = problem = None
    try:
        kept = services.keep_draft(
            match=match, actor=request.user, now=timezone.now(), content=content
        )
    except DomainError as error:
        problem = str(error)
    if request.htmx:
        return render(request, "meetings/_draft_said.html", {"kept": kept, "problem": problem})
    if problem:
        return refused_log(request, match.pk, problem)
    if kept:
        messages.success(request, _("Kept for you. Nobody else can read it."))
    return redirect("meetings:list")


@login_required
@require_POST
def drop_draft(request: PersonRequest, match_pk: int) -> HttpResponse:
    """Forget what was typed and begin anew."""
    match = get_own_match(request.user, match_pk)
    services.drop_draft(match=match, actor=request.user)
    return redirect("meetings:log", match_pk=match_pk)
