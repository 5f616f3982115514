"""Ask for help in private; read what one was asked; name whom people may ask."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.errors import DomainError
from programs.models import Program
from support import help as reading
from support import services
from support.forms import AskForm, CloseHelpForm, ContactsForm
from support.models import HelpOutcome

PER_PAGE = 30


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: PersonRequest) -> HttpResponse:
    """Show signposts at once, whom one may ask, and what one asked before."""
    desks = reading.desks_of(request.user)
    form = AskForm(request.POST or None, desks=desks)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.ask_for_help(
                asker=request.user,
                cohort=form.cleaned_data["contact"].cohort,
                contact=form.cleaned_data["contact"].contact,
                about=form.cleaned_data["about"],
                words=form.cleaned_data["words"],
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            name = row.contact.get_short_name()
            messages.success(request, _("Sent. %(name)s is told now.") % {"name": name})
            return redirect("support:help_request", pk=row.pk)
    context = {
        "desks": desks,
        "form": form,
        "can_ask": any(desk.contacts for desk in desks),
        "asked": list(reading.asked_by(request.user)[:20]),
        "is_contact": reading.is_contact(request.user),
        "signposts": desks[0].signposts if desks else reading.signposts_of(None),
    }
    return render(request, "support/help/ask.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def inbox(request: PersonRequest) -> HttpResponse:
    """List what one was asked, as contact or deputy."""
    if not reading.is_contact(request.user):
        raise PermissionDenied
    page = Paginator(reading.asked_of(request.user), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "support/help/inbox.html", {"page_obj": page})


@login_required
@require_safe
def help_request(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a request to the one who asked and to those who were asked."""
    return _request_page(request, pk)


def _request_page(
    request: PersonRequest, pk: int, *, form: CloseHelpForm | None = None, status: int = 200
) -> HttpResponse:
    row = reading.request_for(request.user, pk)
    if row is None:
        raise Http404
    is_mine = row.asker_id == request.user.pk
    if not is_mine and row.seen_at is None:
        row = services.mark_seen(request=row, actor=request.user, now=timezone.now())
    context = {
        "row": row,
        "is_mine": is_mine,
        "words": reading.words_of(row),
        "form": form or CloseHelpForm(),
        "withdrawn": HelpOutcome.WITHDRAWN,
    }
    return render(request, "support/help/request.html", context, status=status)


@login_required
@require_POST
def close_help(request: PersonRequest, pk: int) -> HttpResponse:
    """Close a request with an outcome, or take one's own back."""
    row = reading.request_for(request.user, pk)
    if row is None:
        raise Http404
    form = CloseHelpForm(request.POST)
    if not form.is_valid():
        return _request_page(request, pk, form=form, status=422)
    try:
        services.close_help(
            request=row,
            outcome=form.cleaned_data["outcome"],
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(request, _("Closed."))
    return redirect("support:help_request", pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def help_contacts(request: PersonRequest, pk: int) -> HttpResponse:
    """Name whom participants of a program may ask, and where urgent need is sent."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    form = ContactsForm(
        request.POST or None,
        contacts=reading.contacts_of(program),
        guide=reading.guide_of(program),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.name_contacts(
                program=program,
                contacts=form.named(),
                signposts=form.cleaned_data["signposts"],
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved. Participants see it on “Get help” from now on."))
            return redirect("support:help_contacts", pk=pk)
    context = {"program": program, "form": form, "default": reading.signposts_of(None)}
    status = 422 if form.errors else 200
    return render(request, "support/help/contacts.html", context, status=status)
