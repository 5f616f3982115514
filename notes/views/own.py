"""Private notes: list, search, write, change, take away."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
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
from notes.forms import NoteForm

A_PAGE = 20


@login_required
@require_safe
def own(request: PersonRequest) -> HttpResponse:
    """Show the person's own notes, and find words in them."""
    query = request.GET.get("q", "").strip()[:200]
    match_pk = whole_number(request.GET.get("match"))
    rows = selectors.own_notes(request.user, query=query, match_pk=match_pk)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    matches = selectors.matches_to_note(request.user)
    context = {"page_obj": page, "query": query, "matches": matches, "match_pk": match_pk}
    return render(request, "notes/own.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PersonRequest, match_pk: int) -> HttpResponse:
    match = get_own_match(request.user, match_pk)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.write_note(
                match=match, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Noted. Only you can read it."))
            return redirect("notes:own")
    names = selectors.names_in(match, request.user)
    context = {"form": form, "match": match, "names": names}
    return render(request, "notes/form.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PersonRequest, pk: UUID) -> HttpResponse:
    note = access.get_own_note(request.user, pk)
    form = NoteForm(request.POST or None, initial={"text": note.text})
    if request.method == "POST" and form.is_valid():
        try:
            services.change_note(
                note=note, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("notes:own")
    names = selectors.names_in(note.match, request.user)
    context = {"form": form, "note": note, "match": note.match, "names": names}
    return render(request, "notes/form.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def remove(request: PersonRequest, pk: UUID) -> HttpResponse:
    note = access.get_own_note(request.user, pk)
    services.remove_note(note=note, actor=request.user, now=timezone.now())
    messages.success(request, with_undo(request, _("Removed."), "notes:restore", pk))
    return redirect("notes:own")


@login_required
@require_POST
def restore(request: PersonRequest, pk: UUID) -> HttpResponse:
    note = access.get_own_note(request.user, pk)
    services.restore_note(note=note, actor=request.user)
    messages.success(request, _("It is back."))
    return redirect("notes:own")
