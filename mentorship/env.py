"""Typed reading of the environment: a bad value stops the start with a sentence that names it."""

from __future__ import annotations

import base64
import os
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. See deploy/env.example.")
    return value


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "1" if default else "0").strip().lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")
    return value in TRUE


def number(name: str, default: int, *, least: int = 0) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdigit() or int(value) < least:
        raise ImproperlyConfigured(f"{name} must be a whole number of {least} or more.")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def url(name: str, default: str | None = None, *, schemes: set[str]) -> str:
    value = text(name, default)
    if urlsplit(value).scheme not in schemes:
        allowed = ", ".join(sorted(schemes))
        raise ImproperlyConfigured(f"{name} must be an address that starts with one of: {allowed}.")
    return value


def keys(name: str) -> dict[str, bytes]:
    """Read ``id:base64,id:base64``; the first key seals, the others only open."""
    found: dict[str, bytes] = {}
    for word in words(name):
        key_id, _, encoded = word.partition(":")
        try:
            key = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except ValueError:
            key = b""
        if not key_id.isalnum() or len(key) != 32:
            raise ImproperlyConfigured(
                f"{name} must hold pairs of id:key, each key being 32 bytes in base64."
            )
        found[key_id] = key
    return found


def database(name: str) -> dict[str, Any]:
    """Read ``postgres://user:password@host:port/name?host=/socket/folder``."""
    value = url(name, schemes={"postgres", "postgresql"})
    parts = urlsplit(value)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = query.pop("host", None) or parts.hostname or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host),
        "PORT": str(parts.port or ""),
        "OPTIONS": query,
    }


def mail(name: str, default: str) -> dict[str, Any]:
    """Read ``smtp://user:password@host:port``, ``smtps://``, ``smtp+starttls://`` or ``file:///``."""
    value = url(name, default, schemes={"smtp", "smtps", "smtp+starttls", "file"})
    parts = urlsplit(value)
    if parts.scheme == "file":
        return {"folder": parts.path, "host": "", "port": 0, "user": "", "password": "", "tls": ""}
    return {
        "folder": "",
        "host": parts.hostname or "localhost",
        "port": parts.port or (465 if parts.scheme == "smtps" else 587),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "tls": {"smtps": "implicit", "smtp+starttls": "starttls"}.get(parts.scheme, ""),
    }


MAIL_PROVIDERS = ("brevo", "mailjet", "postmark", "sendgrid", "sparkpost")


def inbound(name: str) -> dict[str, str]:
    """Read ``postmark://user:password@in.example.org/calendar``; empty where it is not set."""
    value = os.environ.get(name, "").strip()
    if not value:
        return {"provider": "", "secret": "", "address": ""}
    parts = _by_provider(name, value)
    box = parts.path.strip("/")
    if not (parts.username and parts.password and parts.hostname and box):
        raise ImproperlyConfigured(
            f"{name} needs a user, a password and an address, for example "
            "postmark://hook:password@in.example.org/calendar."
        )
    return {
        "provider": parts.scheme,
        "secret": f"{unquote(parts.username)}:{unquote(parts.password)}",
        "address": f"{box}@{parts.hostname}",
    }


def mail_events(name: str) -> dict[str, str]:
    """Read ``postmark://user:password@``; empty where it is not set."""
    value = os.environ.get(name, "").strip()
    if not value:
        return {"provider": "", "secret": ""}
    parts = _by_provider(name, value)
    if not (parts.username and parts.password):
        raise ImproperlyConfigured(
            f"{name} needs a user and a password, for example postmark://hook:password@."
        )
    return {
        "provider": parts.scheme,
        "secret": f"{unquote(parts.username)}:{unquote(parts.password)}",
    }


def _by_provider(name: str, value: str) -> SplitResult:
    parts = urlsplit(value)
    if parts.scheme not in MAIL_PROVIDERS:
        known = ", ".join(MAIL_PROVIDERS)
        raise ImproperlyConfigured(f"{name} must start with one of: {known}.")
    return parts


def celery_broker(redis_url: str) -> str:
    """Translate ``unix:///path?db=0`` to the form that Celery's transport reads."""
    if redis_url.startswith("unix://"):
        parts = urlsplit(redis_url)
        virtual_host = parse_qs(parts.query).get("db", ["0"])[-1]
        return f"redis+socket://{parts.path}?virtual_host={virtual_host}"
    return redis_url
