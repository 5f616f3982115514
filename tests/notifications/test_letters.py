from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from notifications import registry
from notifications.letters import write_letter
from notifications.transport import file_name
from tests.conftest import NOW, make_person
from tests.notifications.conftest import queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(kinds, settings):
    settings.BASE_URL = "https://mentoring.example.org"
    settings.DEFAULT_FROM_EMAIL = "Alongside <mentoring@example.org>"

    def write(person, kind="test.required"):
        message = queue(person, kind=kind)
        letter = write_letter(message, registry.get(kind), now=NOW)
        return letter, message_from_bytes(letter.content, policy=default)

    return write


def test_letter_has_both_parts_and_says_who_what_and_why(cast, write):
    letter, mail = write(cast.mentor)

    assert letter.sender == "mentoring@example.org"
    assert letter.recipient == "daniel@example.org"
    assert mail["To"] == "Daniel Osei <daniel@example.org>"
    assert mail["From"] == "Alongside <mentoring@example.org>"
    assert mail["Date"] == "Wed, 18 Nov 2026 09:30:00 +0000"
    assert mail["Message-ID"] == letter.message_id
    assert mail["Message-ID"].endswith("@example.org>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    text = mail.get_body(("plain",)).get_content()
    assert text.startswith("Hello Daniel,\r\n")
    assert "You get this because of a test." in text
    assert "https://mentoring.example.org/messages/settings/" in text


def test_letter_of_a_required_kind_cannot_be_stopped(cast, write):
    _letter, mail = write(cast.mentor)

    assert mail["List-Unsubscribe"] is None
    assert "stop" not in mail.get_body(("plain",)).get_content().lower()


def test_letter_that_may_stop_has_one_click_unsubscribe(cast, write):
    _letter, mail = write(cast.mentor, "test.nudge")

    header = mail["List-Unsubscribe"]
    assert header.startswith("<https://mentoring.example.org/messages/stop/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert header.strip("<>") in mail.get_body(("plain",)).get_content()


def test_letter_text_is_not_escaped_and_html_is(cast, kinds, write):
    kinds.context = {"cohort": {"name": "R&D <1>"}, "url": "https://example.org/?a=1&b=2"}
    _letter, mail = write(make_person("aoife@example.org", "Aoife O'Brien"))

    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "R&D <1>" in text
    assert "https://example.org/?a=1&b=2" in text
    assert "R&amp;D &lt;1&gt;" in html
    assert "<1>" not in html


def test_letter_html_has_its_styles_inline_and_a_dark_theme(cast, write):
    _letter, mail = write(cast.mentor)

    html = mail.get_body(("html",)).get_content()
    assert '<html lang="en">' in html
    assert 'content="light dark"' in html
    assert "prefers-color-scheme" in html
    assert "max-width: 560px" in html
    assert "<script" not in html
    assert "<img" not in html


def test_letter_speaks_the_recipients_language(cast, write):
    person = make_person("bernd@example.org", "Bernd Beispiel", language="de")

    _letter, mail = write(person)

    assert mail["Content-Language"] == "de"
    assert '<html lang="de">' in mail.get_body(("html",)).get_content()


@pytest.mark.parametrize(
    ("name", "email", "header"),
    [
        ("Zoë Müller", "zoe@example.org", "Zoë Müller <zoe@example.org>"),
        ("Evil\r\nBcc: all@example.org", "e@example.org", None),
        ("", "nameless@example.org", "nameless@example.org"),
        ("Jörg Weiß", "joerg@bücher.example", "Jörg Weiß <joerg@xn--bcher-kva.example>"),
    ],
)
def test_letter_to_unusual_names_has_clean_headers(cast, write, name, email, header):
    _letter, mail = write(make_person(email, name))

    assert mail["Bcc"] is None
    assert header is None or mail["To"] == header


def test_letter_lines_are_short_enough_for_every_server(cast, kinds, write):
    kinds.context = {"cohort": {"name": "ü" * 3_000}, "url": "x"}
    letter, mail = write(cast.mentor)

    assert max(len(line) for line in letter.content.split(b"\r\n")) <= 998
    assert "ü" * 3_000 in mail.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("message_id", "name"),
    [
        ("<abc-1@example.org>", "abc-1_example.org.eml"),
        ("<../../etc/passwd>", "_.._etc_passwd.eml"),
        ("<a/b c>", "a_b_c.eml"),
    ],
)
def test_file_name_stays_in_its_folder(message_id, name):
    assert file_name(message_id) == name


def test_letter_of_an_invitation_has_it_as_a_part_and_as_a_file(cast, write, kinds):
    content = b"BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n"
    registry.register(
        replace(
            registry.get("test.required"),
            name="test.invitation",
            calendar=lambda message: registry.CalendarPart("CANCEL", content),
        )
    )

    _letter, mail = write(cast.mentor, "test.invitation")

    alternative, attached = mail.iter_parts()
    assert mail.get_content_type() == "multipart/mixed"
    kinds_of_part = [part.get_content_type() for part in alternative.iter_parts()]
    assert kinds_of_part == ["text/plain", "text/html", "text/calendar"]
    part = list(alternative.iter_parts())[2]
    assert (part.get_param("method"), part.get_payload(decode=True)) == ("CANCEL", content)
    assert attached.get_filename() == "cancelled.ics"
    assert attached.get_payload(decode=True) == content


def test_letter_whose_kind_has_no_invitation_this_time_is_plain(cast, write, kinds):
    registry.register(
        replace(registry.get("test.required"), name="test.maybe", calendar=lambda message: None)
    )

    _letter, mail = write(cast.mentor, "test.maybe")

    assert mail.get_content_type() == "multipart/alternative"
