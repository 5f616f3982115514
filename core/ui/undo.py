"""A sentence for a toast, with a button that takes the act back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


def with_undo(
    request: HttpRequest, said: str, view_name: str, *args: Any, **fields: str
) -> SafeString:
    """Return ``said`` with a small form that posts ``fields`` to the named view."""
    hidden = format_html_join(
        "", '<input type="hidden" name="{}" value="{}">', sorted(fields.items())
    )
    return format_html(
        '{} <form class="undo" method="post" action="{}">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">{}'
        '<button type="submit" class="linklike">{}</button></form>',
        said,
        reverse(view_name, args=args),
        get_token(request),
        hidden,
        _("Undo"),
    )
