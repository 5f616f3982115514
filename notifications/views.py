"""What I was sent, what I get by which way, how I stop it, and the mails of a demo."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from anymail.webhooks.base import AnymailBaseWebhookView
from django.conf import settings as django_settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.clock import zone_city
from core.csp import STRICT
from core.errors import DomainError
from core.numbers import whole_number
from core.ui.forms import take_refusal
from notifications import access, mailbox, selectors, services
from notifications.forms import ChoicesForm, TimesForm
from notifications.models import Channel
from notifications.quiet import preference_of

PER_PAGE = 25
EVENT_VIEWS = {
    "brevo": "anymail.webhooks.brevo.BrevoTrackingWebhookView",
    "mailjet": "anymail.webhooks.mailjet.MailjetTrackingWebhookView",
    "postmark": "anymail.webhooks.postmark.PostmarkTrackingWebhookView",
    "sendgrid": "anymail.webhooks.sendgrid.SendGridTrackingWebhookView",
    "sparkpost": "anymail.webhooks.sparkpost.SparkPostTrackingWebhookView",
}
# The preview runs nothing; its links open in the window that shows it.
SANDBOX = "allow-top-navigation-by-user-activation"
PREVIEW_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    f"frame-ancestors 'self'; sandbox {SANDBOX}"
)


@login_required
@require_safe
def inbox(request: PersonRequest) -> HttpResponse:
    """List what the person was sent, newest first; nobody else sees it."""
    rows = selectors.inbox_of(request.user)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "lines": selectors.inbox_lines(page.object_list),
        "newest": rows.first() if page.number > 1 else next(iter(page.object_list), None),
        "bounce": selectors.bounce_of(request.user),
    }
    return render(request, "notifications/inbox.html", context)


@login_required
@require_safe
def open_notice(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Lead to the page that a line is about, and note that it was opened."""
    notice = access.get_notice(request.user, pk)
    if request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        services.mark_read(notice=notice, now=timezone.now())
    return redirect(notice.path or reverse("notifications:inbox"))


@login_required
@require_POST
def mark(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Mark one line as read, or as new again."""
    notice = access.get_notice(request.user, pk)
    if request.POST.get("as") == "new":
        services.mark_unread(notice=notice)
    else:
        services.mark_read(notice=notice, now=timezone.now())
    return _back_to_inbox(request)


@login_required
@require_POST
def read_all(request: PersonRequest) -> HttpResponse:
    """Mark all as read that stood there when the page was shown; what came since stays new."""
    try:
        until = datetime.fromisoformat(request.POST.get("until", ""))
        if until.tzinfo is None:
            raise Http404
        moment = until.astimezone(UTC)  # PostgreSQL knows fewer offsets than Python
    except (ValueError, OverflowError) as error:
        raise Http404 from error
    services.mark_all_read(user=request.user, until=moment, now=timezone.now())
    return _back_to_inbox(request)


def _back_to_inbox(request: PersonRequest) -> HttpResponse:
    page = whole_number(request.POST.get("page")) or 1
    return redirect(reverse("notifications:inbox") + (f"?page={page}" if page > 1 else ""))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: PersonRequest) -> HttpResponse:
    """Show what mail the person gets, and let them switch kinds off."""
    choices = selectors.choices_of(request.user)
    form = ChoicesForm(choices=choices)
    if request.method == "POST":
        form = ChoicesForm(request.POST, choices=choices)
        if form.is_valid():
            now = timezone.now()
            offered = list(form.kinds.values())
            services.choose_kinds(user=request.user, offered=offered, wanted=form.wanted, now=now)
            services.choose_kinds(
                user=request.user,
                offered=offered,
                wanted=form.wanted_inbox,
                now=now,
                channel=Channel.INBOX,
            )
            services.choose_digests(user=request.user, wanted=form.wanted_daily, now=now)
            messages.success(request, _("Saved. It holds from now on."))
            return redirect("notifications:settings")
    return _settings_page(request, form=form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def times(request: PersonRequest) -> HttpResponse:
    """Keep quiet hours and days away."""
    if request.method != "POST":
        return redirect("notifications:settings")
    form = TimesForm(request.POST)
    if form.is_valid():
        try:
            services.set_preference(user=request.user, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Saved. It holds from now on."))
            return redirect("notifications:settings")
    return _settings_page(request, times_form=form, status=422)


def _settings_page(
    request: PersonRequest,
    *,
    form: ChoicesForm | None = None,
    times_form: TimesForm | None = None,
    status: int = 200,
) -> HttpResponse:
    chosen = preference_of(request.user)
    initial = {name: getattr(chosen, name) for name in TimesForm.base_fields}
    context = {
        "form": form or ChoicesForm(choices=selectors.choices_of(request.user)),
        "times": times_form or TimesForm(initial=initial),
        "fixed": selectors.fixed_kinds_of(request.user),
        "city": zone_city(request.user.time_zone),
        "organisation_region": django_settings.HOLIDAY_REGION,
    }
    return render(request, "notifications/settings.html", context, status=status)


@csrf_exempt  # Mail programs post here by themselves (RFC 8058); the token is the proof.
@never_cache
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop one kind of mail for its recipient. Looking at the page changes nothing."""
    found = access.get_stop(token)
    if found is None:
        return render(request, "notifications/stop_unknown.html", status=404)
    user, kinds = found
    state = "asked"
    if request.method == "POST" and request.POST.get("act") == "resume":
        for kind in kinds:
            services.resume_kind(user=user, kind=kind.name)
        state = "resumed"
    elif request.method == "POST":
        for kind in kinds:
            services.stop_kind(user=user, kind=kind.name, now=timezone.now())
        state = "stopped"
    title = ", ".join(kind.label for kind in kinds)
    return render(request, "notifications/stop.html", {"title": title, "state": state})


@csrf_exempt  # The provider proves itself by the user and password of MAIL_EVENTS.
def provider_events(request: HttpRequest) -> HttpResponseBase:
    """Take what the provider that sends for us tells of our mails; 404 where none is named."""
    told = django_settings.MAIL_EVENTS
    if not told["provider"]:
        raise Http404
    view: type[AnymailBaseWebhookView] = import_string(EVENT_VIEWS[told["provider"]])
    answer: Any = view.as_view(basic_auth=[told["secret"]], warn_if_no_basic_auth=False)(request)
    return answer


@require_safe
def demo_mail(request: HttpRequest) -> HttpResponse:
    _only_in_demo()
    return render(request, "notifications/demo_mail.html", {"mails": mailbox.read_mails()})


@require_safe
def demo_mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    mail = _demo_mail(name)
    response = render(
        request, "notifications/demo_mail_detail.html", {"mail": mail, "sandbox": SANDBOX}
    )
    response["Content-Security-Policy"] = f"{STRICT}; frame-src 'self'"
    return response


@require_safe
@xframe_options_exempt  # Who may frame it is said by its own policy: this site only.
def demo_mail_html(request: HttpRequest, name: str) -> HttpResponse:
    html = _demo_mail(name).html.replace("<head>", '<head><base target="_top">', 1)
    return HttpResponse(html, headers={"Content-Security-Policy": PREVIEW_POLICY})


def _only_in_demo() -> None:
    if not django_settings.DEMO or not django_settings.MAIL["folder"]:
        raise Http404


def _demo_mail(name: str) -> mailbox.Mail:
    _only_in_demo()
    mail = mailbox.find_mail(name)
    if mail is None:
        raise Http404
    return mail
