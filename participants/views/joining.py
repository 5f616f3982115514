"""Ways in: the page of a sign-up link, the proof of an address, a personal invitation."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.adapter import to_password_page
from accounts.models import User
from core.errors import DomainError
from core.ui.forms import take_refusal
from participants import access
from participants.forms import NewcomerForm
from participants.joining import link_is_open
from participants.letters import send_confirmation
from participants.models import Enrolment, SignUpLink
from participants.services import answering, arriving
from participants.tokens import Newcomer, read_address_token
from participants.views.people import INVALID

GONE = 410
SENT = "join_sent"  # where the session keeps to which address we wrote


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Say what the cohort is; take the address of a stranger, or let somebody known begin."""
    link = access.get_link(token)
    if not link_is_open(link, timezone.now()):
        return _closed(request, link)
    if request.user.is_authenticated:
        return _join_known(request, link, request.user)
    form = NewcomerForm(request.POST or None)
    if form.is_valid() and _may_mail(request, link, form):
        request.session[SENT] = {"address": form.cleaned_data["email"], "path": request.path}
        return redirect("participants:join_sent")
    return _join_page(request, link, form)


def _join_page(
    request: HttpRequest, link: SignUpLink, form: NewcomerForm | None, error: str = ""
) -> HttpResponse:
    is_refused = bool(error) or (form is not None and form.is_bound)
    context = {
        "link": link,
        "cohort": link.cohort,
        "program": link.cohort.program,
        "closes_on": min(filter(None, (link.closes_on, link.cohort.enrolment_closes_on))),
        "form": form,
        "error": error,
        "sign_in_url": f"{reverse('account_login')}?{urlencode({'next': request.path})}",
    }
    status = INVALID if is_refused else 200
    return render(request, "participants/join.html", context, status=status)


def _join_known(request: HttpRequest, link: SignUpLink, user: User) -> HttpResponse:
    if request.method != "POST":
        return _join_page(request, link, None)
    try:
        arriving.check_address(link, user.email)
        begun = answering.begin(link=link, user=user, now=timezone.now())
    except DomainError as error:
        return _join_page(request, link, None, str(error))
    return redirect(_next_page(begun))


def _next_page(begun: Any) -> str:
    """Return the page where somebody goes on: the form, or where they stand."""
    if isinstance(begun, Enrolment) and begun.status != "invited":
        return reverse("enrolment_status", args=(begun.pk,))
    return reverse("participants:apply", args=(begun.cohort_id, begun.role))


def _may_mail(request: HttpRequest, link: SignUpLink, form: NewcomerForm) -> bool:
    """Mail the proof of the address; refuse what cannot be, saying nothing about who exists."""
    try:
        arriving.check_address(link, form.cleaned_data["email"])
        answering.check_link_has_room(link)
    except DomainError as error:
        take_refusal(form, error)
        return False
    address = form.cleaned_data["email"].lower()
    if not ratelimit.consume(request, action="join", key=address):
        form.add_error(None, _("We have written a few times already. Try again in an hour."))
        return False
    newcomer = Newcomer(
        link_id=link.pk, language=translation.get_language() or "en", **form.cleaned_data
    )
    send_confirmation(newcomer=newcomer, link=link)
    return True


@require_safe
def join_sent(request: HttpRequest) -> HttpResponse:
    """Say where a mail is on its way to, whoever the address belongs to."""
    return render(request, "participants/join_sent.html", {"sent": request.session.get(SENT)})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button to whoever followed the link in our mail; the button lets them in."""
    newcomer = read_address_token(token)
    link = SignUpLink.objects.select_related("cohort__program").filter(
        pk=newcomer.link_id if newcomer else 0
    )
    found = link.first()
    if newcomer is None or found is None:
        return render(request, "participants/link_over.html", status=GONE)
    if request.method != "POST":
        context = {"newcomer": newcomer, "program": found.cohort.program}
        return render(request, "participants/confirm.html", context)
    try:
        user, begun = arriving.admit(newcomer=newcomer, link=found, now=timezone.now())
    except DomainError as error:
        return render(request, "participants/link_over.html", {"error": str(error)}, status=GONE)
    return _go_on(request, user, _next_page(begun))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show a personal invitation; a button takes it, another turns it down."""
    now = timezone.now()
    found = access.get_invitation(token, now=now)
    if found is None:
        return render(request, "participants/link_over.html", status=GONE)
    enrolment = found.enrolment
    if request.method != "POST":
        context = {
            "invitation": found,
            "enrolment": enrolment,
            "cohort": enrolment.cohort,
            "program": enrolment.cohort.program,
        }
        return render(request, "participants/invitation.html", context)
    try:
        if request.POST.get("answer") == "no":
            arriving.turn_down(invitation=found, now=now)
            return render(request, "participants/turned_down.html", {"enrolment": enrolment})
        user = arriving.welcome(invitation=found, now=now)
    except DomainError as error:
        return render(request, "participants/link_over.html", {"error": str(error)}, status=GONE)
    return _go_on(request, user, _next_page(enrolment))


def _go_on(request: HttpRequest, user: User, page: str) -> HttpResponse:
    """Lead somebody whose address is proved to their page, by way of signing in where needed."""
    if request.user.is_authenticated:
        if request.user.pk == user.pk:
            return redirect(page)
        return render(request, "participants/someone_else.html", {"user_asked": user}, status=403)
    if not user.has_usable_password():
        return redirect(to_password_page(request, user, then=page))
    messages.info(request, _("You have an account. Sign in to go on."))
    return redirect(f"{reverse('account_login')}?{urlencode({'next': page})}")


def _closed(request: HttpRequest, link: SignUpLink) -> HttpResponse:
    context = {"program": link.cohort.program}
    return render(request, "participants/link_over.html", context, status=GONE)
