"""System checks: contradictions in the settings, with a hint that says what to do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from matching import meaning


@register(deploy=True)
def check_mail_leaves_the_machine(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.MAIL["folder"] and not settings.DEMO:
        return [
            Warning(
                "Mail is written to a folder and reaches nobody.",
                hint="Set MAIL_URL to your mail server, for example smtp+starttls://user:pass@host.",
                id="alongside.W001",
            )
        ]
    return []


@register(deploy=True)
def check_demo_is_off_behind_https(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.DEMO and settings.IS_HTTPS:
        return [
            Warning(
                "DEMO is on for a public address: the sign-in page would show demo logins.",
                hint="Set DEMO=0.",
                id="alongside.W002",
            )
        ]
    return []


@register()
def check_field_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.FIELD_KEYS:
        return [
            Error(
                "FIELD_KEYS is empty: private words cannot be stored.",
                hint='Make one with: python -c "import base64,os;'
                "print('k1:'+base64.urlsafe_b64encode(os.urandom(32)).decode())\"",
                id="alongside.E001",
            )
        ]
    return []


@register()
def check_admin_path(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    path = settings.ADMIN_PATH
    if not (path.startswith("/") and path.endswith("/") and len(path) > 2):
        return [
            Error(
                "ADMIN_PATH must start and end with a slash.",
                hint='For example "/admin/".',
                id="alongside.E002",
            )
        ]
    return []


@register()
def check_text_meaning(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.TEXT_MEANING and not meaning.is_installed():
        return [
            Warning(
                "wordllama is not installed: pairing compares goals word by word.",
                hint="Install the requirements, or set TEXT_MEANING=off where no wheel exists.",
                id="alongside.W003",
            )
        ]
    return []
