"""Notes that the people of a match write together."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.errors import DomainError
from core.numbers import whole_number
from core.ui.forms import take_refusal
from core.ui.undo import with_undo
from matching.access import get_own_match
from notes import access, selectors, services
from notes.forms import SharedNoteForm


@login_required
@require_safe
def shared(request: PersonRequest, match_pk: int) -> HttpResponse:
    """Show the notes of a match."""
    match = get_own_match(request.user, match_pk)
    context = {
        "match": match,
        "names": selectors.names_in(match, request.user),
        "versions": selectors.shared_versions(match),
    }
    return render(request, "notes/shared.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: PersonRequest, match_pk: int) -> HttpResponse:
    match = get_own_match(request.user, match_pk)
    form = SharedNoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            note = services.start_shared(
                match=match, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Saved. Everybody in your match can read and write it."))
            return redirect("notes:note", note.pk)
    names = selectors.names_in(match, request.user)
    context = {"form": form, "match": match, "names": names}
    return render(request, "notes/shared_form.html", context, status=422 if form.is_bound else 200)


@login_required
@require_safe
def note(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a note with everything it ever said."""
    found = access.get_shared_note(request.user, pk)
    if found.removed_at is not None:
        raise Http404
    versions = selectors.history_of(found)
    context = {
        "note": found,
        "match": found.match,
        "names": selectors.names_in(found.match, request.user),
        "version": versions[0],
        "earlier": versions[1:],
    }
    return render(request, "notes/note.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def save(request: PersonRequest, pk: int) -> HttpResponse:
    """Change a note. When somebody saved it meanwhile, both texts are shown and none is lost."""
    found = access.get_shared_note(request.user, pk)
    names = selectors.names_in(found.match, request.user)
    context: dict[str, Any] = {"note": found, "match": found.match, "names": names}
    context["base"] = found.version
    if request.method == "POST":
        form = SharedNoteForm(request.POST)
        context["base"] = whole_number(request.POST.get("base")) or 0
        if form.is_valid():
            try:
                services.save_shared(
                    note=found,
                    actor=request.user,
                    now=timezone.now(),
                    base=context["base"],
                    **form.cleaned_data,
                )
            except services.NoteChanged as error:
                form.add_error(None, str(error))
                context |= {"theirs": error.version, "base": error.version.number}
            except DomainError as error:
                take_refusal(form, error)
            else:
                messages.success(request, _("Saved. The earlier version is kept."))
                return redirect("notes:note", pk)
        return render(request, "notes/shared_form.html", {**context, "form": form}, status=422)
    newest = selectors.history_of(found)[0]
    form = SharedNoteForm(initial={"title": newest.title, "text": newest.text})
    return render(request, "notes/shared_form.html", {**context, "form": form})


@login_required
@require_POST
def remove_shared(request: PersonRequest, pk: int) -> HttpResponse:
    found = access.get_shared_note(request.user, pk)
    services.remove_shared(note=found, actor=request.user, now=timezone.now())
    messages.success(request, with_undo(request, _("Removed."), "notes:restore_shared", pk))
    return redirect("notes:shared", found.match_id)


@login_required
@require_POST
def restore_shared(request: PersonRequest, pk: int) -> HttpResponse:
    found = access.get_shared_note(request.user, pk)
    services.restore_shared(note=found, actor=request.user, now=timezone.now())
    messages.success(request, _("It is back."))
    return redirect("notes:note", pk)
