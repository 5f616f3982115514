"""Where the mail provider hands in what calendars answer."""

from __future__ import annotations

from typing import Any

from anymail.webhooks.base import AnymailBaseWebhookView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt

VIEWS = {
    "brevo": "anymail.webhooks.brevo.BrevoInboundWebhookView",
    "mailjet": "anymail.webhooks.mailjet.MailjetInboundWebhookView",
    "postmark": "anymail.webhooks.postmark.PostmarkInboundWebhookView",
    "sendgrid": "anymail.webhooks.sendgrid.SendGridInboundWebhookView",
    "sparkpost": "anymail.webhooks.sparkpost.SparkPostInboundWebhookView",
}


@csrf_exempt
def inbound(request: HttpRequest) -> HttpResponseBase:
    """Take what the configured provider hands in; 404 where none is configured.

    The provider proves itself by the user and password of ``INBOUND_MAIL``.
    """
    provider = settings.INBOUND_MAIL["provider"]
    if not provider:
        raise Http404
    view: type[AnymailBaseWebhookView] = import_string(VIEWS[provider])
    answer: Any = view.as_view()(request)
    return answer
