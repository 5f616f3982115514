"""The one mail of joining that goes to somebody who is nobody here yet."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, loader
from django.utils.translation import gettext as _

from notifications.letters import INLINER
from notifications.links import absolute
from participants.models import SignUpLink
from participants.tokens import Newcomer, address_token

TEMPLATE = "mail/participants/confirm_address"


def send_confirmation(*, newcomer: Newcomer, link: SignUpLink) -> None:
    """Mail the link that proves an address. Nothing is stored; never call it in a transaction."""
    context = {
        "recipient": newcomer,
        "organisation": settings.ORGANISATION_NAME,
        "base_url": settings.BASE_URL,
        "why": _("You get this because somebody typed this address on a sign-up page."),
        "settings_url": absolute("notifications:settings"),
        "stop_url": "",
        "language": newcomer.language,
        "program": link.cohort.program,
        "url": absolute("participants:confirm", address_token(newcomer)),
    }
    mail = EmailMultiAlternatives(
        subject=" ".join(_text(f"{TEMPLATE}.subject.txt", context).split()),
        body=_text(f"{TEMPLATE}.txt", context).strip() + "\n",
        to=[newcomer.email],
    )
    html = loader.render_to_string(f"{TEMPLATE}.html", context)
    mail.attach_alternative(INLINER.inline(html), "text/html")
    mail.send()


def _text(template_name: str, context: dict[str, Any]) -> str:
    engine_template: Any = loader.get_template(template_name)
    return str(engine_template.template.render(Context(context, autoescape=False)))
