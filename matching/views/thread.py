"""The messages of a match: read, write, take back."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.errors import DomainError, NotAllowed
from core.ui.forms import take_refusal
from matching import thread as reading
from matching.access import get_own_match
from matching.models import Match, ThreadMessage
from matching.services import thread as services
from matching.together_forms import MessageForm
from matching.views.together import about


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: PersonRequest, pk: int) -> HttpResponse:
    """Show the newest messages, or those before one; take a new one."""
    match = get_own_match(request.user, pk)
    if request.method == "POST":
        return _send(request, match)
    return _show(request, match, MessageForm())


def _show(
    request: PersonRequest, match: Match, form: MessageForm, status: int = 200
) -> HttpResponse:
    before = _id(request, "before")
    page = reading.thread_page(match, request.user, now=timezone.now(), before=before)
    if page.last is not None and _is_looked_at(request):
        services.mark_read(match=match, reader=request.user, until=page.last.sent_at)
    context = {
        **about(request, match),
        "page": page,
        "form": form,
        "is_newest": before is None,
        "is_open": match.status != "ended",
        "wants_words": reading.wants_words(request.user),
    }
    return render(request, "matching/together/thread.html", context, status=status)


def _send(request: PersonRequest, match: Match) -> HttpResponse:
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _show(request, match, form, status=422)
    try:
        services.write_message(
            match=match, actor=request.user, text=form.cleaned_data["text"], now=timezone.now()
        )
    except NotAllowed as error:
        return render(request, "403.html", {"message": str(error)}, status=403)
    except DomainError as error:
        take_refusal(form, error)
        return _show(request, match, form, status=422)
    return redirect(f"{reverse('together:thread', args=(match.pk,))}#write")


@never_cache
@login_required
@require_safe
def thread_new(request: PersonRequest, pk: int) -> HttpResponse:
    """Return what came after a message, for a page that is open; 204 when nothing did."""
    match = get_own_match(request.user, pk)
    after = _id(request, "after")
    entries = reading.messages_after(match, request.user, after=after, now=timezone.now())
    if not entries:
        return HttpResponse(status=204)
    last = entries[-1].message
    if _is_looked_at(request):
        services.mark_read(match=match, reader=request.user, until=last.sent_at)
    context = {**about(request, match), "entries": entries, "last": last, "is_open": True}
    return render(request, "matching/together/_entries.html", context)


@login_required
@require_POST
def remove_message(request: PersonRequest, pk: int, message_pk: uuid.UUID) -> HttpResponse:
    """Take one's own message back."""
    match = get_own_match(request.user, pk)
    message = (
        ThreadMessage.objects.select_related("match").filter(pk=message_pk, match=match).first()
    )
    if message is None:
        raise Http404
    try:
        services.remove_message(message=message, actor=request.user, now=timezone.now())
    except NotAllowed as error:
        return render(request, "403.html", {"message": str(error)}, status=403)
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(request, _("Removed."))
    return redirect("together:thread", pk=pk)


@login_required
@require_POST
def words_in_mail(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask for the words of messages in one's mail, or for none of them."""
    match = get_own_match(request.user, pk)
    is_wanted = request.POST.get("words") == "yes"
    services.choose_words_in_mail(user=request.user, is_wanted=is_wanted, now=timezone.now())
    messages.success(request, _("Saved. It holds from now on."))
    return redirect("together:thread", pk=match.pk)


def _is_looked_at(request: PersonRequest) -> bool:
    """Tell a person who looks from a browser that fetches ahead."""
    purpose = request.headers.get("Sec-Purpose", "")
    return request.method != "HEAD" and "prefetch" not in purpose


def _id(request: PersonRequest, name: str) -> uuid.UUID | None:
    value: Any = request.GET.get(name)
    if not value:
        return None
    try:
        return uuid.UUID(value)
    except ValueError:
        raise Http404 from None
