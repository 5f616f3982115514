"""The variables that settings read, filled where the person has set none."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from .credentials import Credentials

# What a private test run must not take over from the shell it is started in.
PRODUCT_VARIABLES = (
    *("DATABASE_URL", "DATABASE_DIRECT_URL", "REDIS_URL", "CACHE_URL", "BROKER_URL"),
    *("SECRET_KEY", "SECRET_KEY_FALLBACKS", "FIELD_KEYS", "DEBUG", "DEMO", "BASE_URL"),
    *("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "VAR_DIR", "MAIL_URL", "MAIL_FROM", "MAIL_TIMEOUT"),
    *("SECURE_COOKIES", "SSL_REDIRECT", "BEHIND_PROXY", "STAFF_SECOND_FACTOR", "HOST", "PORT"),
    *("ORGANISATION_NAME", "PASSWORD_LENGTH", "SWEEP_SECONDS", "API_RATE", "LOG_LEVEL"),
)
FIXED = {
    "DJANGO_SETTINGS_MODULE": "mentorship.settings",
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",
}


def _base(var: Path) -> dict[str, str]:
    """Return the shell's environment with what an empty one lacks."""
    return {
        "PATH": os.defpath,
        "HOME": str(var),
        **os.environ,
        **FIXED,
    }


def for_serve(
    *, var: Path, credentials: Credentials, address: str, host: str, servers: Mapping[str, str]
) -> dict[str, str]:
    """Return what web, workers and beat run with; what the person has set wins."""
    names = {"127.0.0.1", "localhost", "[::1]", host.strip("[]") or "127.0.0.1"}
    defaults = {
        "SECRET_KEY": credentials.secret_key,
        "FIELD_KEYS": credentials.field_keys,
        "DEBUG": "0",
        "DEMO": "1",
        "BASE_URL": address,
        "ALLOWED_HOSTS": ",".join(sorted(names)),
        "MAIL_URL": f"file://{var / 'mail'}",
        **servers,
    }
    chosen = {name: os.environ.get(name) or value for name, value in defaults.items()}
    return {**_base(var), **chosen, "VAR_DIR": str(var)}


def for_tests(*, folder: Path, servers: Mapping[str, str], chromium: str) -> dict[str, str]:
    """Return what the checks run with: nothing of the product's from outside."""
    inherited = _base(folder)
    for name in (*PRODUCT_VARIABLES, "PYTHONDONTWRITEBYTECODE"):  # many processes, the same code
        inherited.pop(name, None)
    key = secrets.token_urlsafe(32)
    return {
        **inherited,
        **servers,
        "SECRET_KEY": secrets.token_urlsafe(64),
        "FIELD_KEYS": f"test:{key}",
        "VAR_DIR": str(folder / "var"),
        "MAIL_URL": f"file://{folder / 'var' / 'mail'}",
        "BASE_URL": "http://127.0.0.1:8000",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # Playwright's event loop in the tests' thread
        "CHROMIUM": chromium,
        "PYTEST_PLUGINS": "tests.side_by_side",  # must be there before settings are read
    }


def for_production_check(env: Mapping[str, str]) -> dict[str, str]:
    """Return settings as an installation behind TLS has them."""
    unsafe = "DJANGO_ALLOW_ASYNC_UNSAFE"
    return {
        **{name: value for name, value in env.items() if name != unsafe},
        "DEBUG": "0",
        "DEMO": "0",
        "BASE_URL": "https://mentoring.example.org",
        "ALLOWED_HOSTS": "mentoring.example.org",
        "MAIL_URL": "smtp+starttls://mentoring:password@mail.example.org:587",
        "BEHIND_PROXY": "1",
    }
