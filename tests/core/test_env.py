"""Typed reading of the environment: a bad value stops the start with a sentence that names it."""

from __future__ import annotations

import base64

import pytest
from django.core.exceptions import ImproperlyConfigured

from mentorship import env


@pytest.fixture
def put(monkeypatch):
    return lambda value: monkeypatch.setenv("THING", value)


def test_text_missing_names_the_variable(monkeypatch):
    monkeypatch.delenv("THING", raising=False)

    with pytest.raises(ImproperlyConfigured, match="THING is not set"):
        env.text("THING")
    assert env.text("THING", "other") == "other"


@pytest.mark.parametrize("value", ["1", "true", "YES", " on "])
def test_flag_yes(put, value):
    put(value)
    assert env.flag("THING") is True


@pytest.mark.parametrize("value", ["0", "false", "No", "off", ""])
def test_flag_no(put, value):
    put(value)
    assert env.flag("THING", default=True) is False


def test_flag_of_anything_else_is_refused(put):
    put("maybe")
    with pytest.raises(ImproperlyConfigured, match="THING must be 1 or 0, not 'maybe'"):
        env.flag("THING")


@pytest.mark.parametrize("value", ["", "-1", "1.5", "ten", "4"])
def test_number_below_the_least_or_odd_is_refused(put, value):
    put(value)
    with pytest.raises(ImproperlyConfigured, match="THING must be a whole number of 5 or more"):
        env.number("THING", 10, least=5)


def test_number_is_read(put):
    put("12")
    assert env.number("THING", 10) == 12


def test_words_are_trimmed_and_empty_ones_dropped(put):
    put(" a, ,b,")
    assert env.words("THING") == ["a", "b"]


def test_url_of_another_scheme_is_refused(put):
    put("ftp://host")
    with pytest.raises(ImproperlyConfigured, match="starts with one of: http, https"):
        env.url("THING", schemes={"https", "http"})


def test_keys_keep_their_order(put):
    first, second = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    put(f"k2:{second},k1:{first.rstrip('=')}")

    assert list(env.keys("THING").items()) == [("k2", b"\2" * 32), ("k1", b"\1" * 32)]


@pytest.mark.parametrize("value", ["k1", "k1:short", "k 1:" + "A" * 43, ":" + "A" * 43, "k1:ü"])
def test_keys_of_another_form_are_refused_without_showing_them(put, value):
    put(value)
    with pytest.raises(ImproperlyConfigured, match="THING must hold pairs of id:key") as refusal:
        env.keys("THING")
    assert "A" * 43 not in str(refusal.value)


def test_database_by_socket_and_by_host(put):
    put("postgres://us%40er:p%2Fw@/name?host=/run/my%20socket&sslmode=require")
    assert env.database("THING") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "name",
        "USER": "us@er",
        "PASSWORD": "p/w",
        "HOST": "/run/my socket",
        "PORT": "",
        "OPTIONS": {"sslmode": "require"},
    }
    put("postgresql://u@db.example.org:6432/x")
    read = env.database("THING")
    assert (read["HOST"], read["PORT"], read["OPTIONS"]) == ("db.example.org", "6432", {})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("smtp://mail", ("mail", 587, "", "")),
        ("smtps://u:p%40@mail", ("mail", 465, "u", "implicit")),
        ("smtp+starttls://u:p@mail:25", ("mail", 25, "u", "starttls")),
    ],
)
def test_mail_by_server(put, value, expected):
    put(value)
    read = env.mail("THING", "")
    assert (read["host"], read["port"], read["user"], read["tls"]) == expected


def test_mail_to_a_folder(put):
    put("file:///var/mail")
    assert env.mail("THING", "")["folder"] == "/var/mail"


def test_celery_broker_reads_a_socket_path():
    assert (
        env.celery_broker("unix:///run/valkey.sock?db=2")
        == "redis+socket:///run/valkey.sock?virtual_host=2"
    )
    assert env.celery_broker("redis://host/1") == "redis://host/1"
