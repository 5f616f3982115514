"""Action items: tick them, change them, take them away."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.errors import DomainError
from core.numbers import whole_number
from core.ui.forms import take_refusal
from sessions import access, selectors, services
from sessions.forms import MOST_ACTIONS, ActionForm, ChangeActionForm
from sessions.models import ActionItem


@login_required
@require_safe
def action_row(request: PersonRequest, match_pk: int) -> HttpResponse:
    """One more empty row for an action item, for htmx."""
    sheet = selectors.log_sheet(request.user, match_pk)
    if sheet is None:
        raise Http404
    number = whole_number(request.GET.get("number", "0"), most=MOST_ACTIONS - 1)
    if number is None:
        return HttpResponse(status=204)
    form = ActionForm(prefix=f"actions-{number}", people=sheet.people, me=request.user.pk)
    form.fields["text"].widget.attrs["data-focus"] = True
    context = {"form": form, "number": number + 1, "match": sheet.match, "is_new": True}
    return render(request, "meetings/_action_row.html", context)


@login_required
@require_POST
def tick(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Tick an action item, or take the tick back."""
    action = access.get_own_action(request.user, pk)
    services.set_action_done(
        action=action,
        actor=request.user,
        now=timezone.now(),
        is_done=request.POST.get("done") == "1",
    )
    target = _back(request, action)
    if request.htmx:
        shown = selectors.action_row(action)
        context = {"action": shown, "me": request.user.pk, "has_focus": True, "back": target}
        return render(request, "meetings/_action.html", context)
    return redirect(target)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_action(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Change what was promised, by whom and until when."""
    action = access.get_own_action(request.user, pk)
    people = selectors.people_of_match(action.match)
    given = {"people": people, "me": request.user.pk}
    target = _back(request, action)
    if request.method == "POST":
        form = ChangeActionForm(request.POST, **given)
        if form.is_valid():
            try:
                services.change_action(
                    action=action, actor=request.user, now=timezone.now(), **form.cleaned_data
                )
            except DomainError as error:
                take_refusal(form, error)
            else:
                messages.success(request, _("Action item changed."))
                return redirect(target)
        return _change_page(request, action, form, target, status=422)
    initial = {"text": action.text, "owner": action.owner_id, "due_on": action.due_on}
    return _change_page(request, action, ChangeActionForm(initial=initial, **given), target)


def _change_page(
    request: PersonRequest, action: ActionItem, form: ActionForm, back: str, status: int = 200
) -> HttpResponse:
    context = {"form": form, "action": action, "back": back}
    return render(request, "meetings/action.html", context, status=status)


@login_required
@require_POST
def remove_action(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Take an action item away for everybody of the match."""
    action = access.get_own_action(request.user, pk)
    services.remove_action(action=action, actor=request.user, now=timezone.now())
    messages.success(request, _("Action item removed."))
    return redirect(_back(request, action))


def _back(request: PersonRequest, action: ActionItem) -> str:
    """Return where the person came from, if that is a page of ours; else the match."""
    target = request.POST.get("next") or request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return target
    return reverse("match", args=(action.match_id,))
