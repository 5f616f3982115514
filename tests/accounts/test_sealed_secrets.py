"""Secrets of second factors: sealed in the database, opened by sign-in, renewed with the keys."""

from __future__ import annotations

from importlib import import_module
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.apps import apps
from django.core.management import call_command

from core import keys
from core.crypto import CannotOpen

OLD, NEW = b"o" * 32, b"n" * 32
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def totp(cast, settings):
    settings.FIELD_KEYS = {"old": OLD}
    return TOTP.activate(cast.mentor, SECRET).instance


def current_code():
    return format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time()))))


def test_secret_is_stored_sealed_and_still_checks_codes(totp):
    stored = Authenticator.objects.get(pk=totp.pk)

    assert SECRET not in str(stored.data)
    assert TOTP(stored).validate_code(current_code())
    assert not TOTP(stored).validate_code("000")


def test_recovery_codes_are_the_same_after_reading_them_again(cast, settings):
    settings.FIELD_KEYS = {"old": OLD}
    row = RecoveryCodes.activate(cast.mentor).instance
    codes = RecoveryCodes(row).generate_codes()

    again = Authenticator.objects.get(pk=row.pk)

    assert again.data["seed"].startswith("sealed:")
    assert RecoveryCodes(again).generate_codes() == codes


def test_secret_without_its_key_does_not_open(totp, settings):
    settings.FIELD_KEYS = {"new": NEW}

    with pytest.raises(CannotOpen):
        TOTP(totp).validate_code("123456")
    assert keys.missing_keys() == {"old"}


def test_rotate_seals_secrets_anew_so_that_the_old_key_may_go(totp, settings):
    settings.FIELD_KEYS = {"new": NEW, "old": OLD}
    output = StringIO()

    call_command("keys", "rotate", stdout=output)

    assert "mfa.authenticator.data: 1 sealed anew" in output.getvalue()
    assert "old: 0 values, not needed any more" in output.getvalue()
    settings.FIELD_KEYS = {"new": NEW}
    assert TOTP(Authenticator.objects.get(pk=totp.pk)).validate_code(current_code())
    assert list(keys.reseal_all()) == []


def test_secret_stored_in_clear_is_sealed_by_the_migration_and_opened_by_its_reverse(cast):
    row = Authenticator.objects.create(
        user=cast.mentor, type=Authenticator.Type.TOTP, data={"secret": SECRET}
    )
    migration = import_module("accounts.migrations.0002_seal_second_factors")

    migration.seal_secrets(apps, None)
    row.refresh_from_db()
    sealed = row.data["secret"]
    works = TOTP(row).validate_code(current_code())
    migration.open_secrets(apps, None)

    row.refresh_from_db()
    assert sealed.startswith("sealed:")
    assert works
    assert row.data == {"secret": SECRET}


def test_secret_in_clear_stops_no_start_before_the_migration_seals_it(cast):
    Authenticator.objects.create(
        user=cast.mentor, type=Authenticator.Type.TOTP, data={"secret": SECRET}
    )

    assert keys.missing_keys() == set()
    assert list(keys.reseal_all()) == []
