from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives

from notifications.backend import DirectBackend
from notifications.transport import (
    FolderTransport,
    OutcomeUnknown,
    Refused,
    SmtpTransport,
    TryLater,
    open_transport,
)

MAIL = {"folder": "", "host": "127.0.0.1", "port": 0, "user": "", "password": "", "tls": ""}


@contextmanager
def server(*answers: bytes) -> Iterator[dict]:
    """A server that gives these answers, one for each line it reads, and then hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _address = listener.accept()
        # The client may hang up first, with a reset: that is what some of these tests are about.
        with suppress(ConnectionError), line, line.makefile("rb") as lines:
            for answer in answers:
                line.sendall(answer)
                if answer.startswith(b"354"):
                    while lines.readline() not in (b".\r\n", b""):
                        pass
                else:
                    lines.readline()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield {**MAIL, "port": listener.getsockname()[1]}
    listener.close()
    thread.join(timeout=5)


def hand_over(mail: dict) -> None:
    transport = SmtpTransport(mail, timeout=2)
    try:
        transport.offer(sender="a@example.org", recipients=["b@example.org"])
        transport.deliver(b"Subject: x\n\nHello\n", name="<1@x>")
    finally:
        transport.close()


GREETING = (b"220 hello\r\n", b"250 hello\r\n")
OK = b"250 OK\r\n"


def test_line_that_dies_before_the_text_is_worth_another_try():
    with server(*GREETING, OK, OK) as mail, pytest.raises(TryLater) as caught:
        hand_over(mail)
    assert caught.value.is_server_trouble


def test_line_that_dies_after_the_text_leaves_it_unknown():
    with server(*GREETING, OK, OK, b"354 go on\r\n") as mail, pytest.raises(OutcomeUnknown):
        hand_over(mail)


def test_answer_that_cannot_be_read_leaves_it_unknown():
    answers = (*GREETING, OK, OK, b"354 go on\r\n", b"what?\r\n")
    with server(*answers) as mail, pytest.raises(OutcomeUnknown):
        hand_over(mail)


def test_server_that_refuses_the_text_has_taken_nothing():
    with server(*GREETING, OK, OK, b"554 no\r\n", OK, OK) as mail, pytest.raises(Refused):
        hand_over(mail)


@pytest.mark.parametrize("answers", [(b"554 go away\r\n",), (b"421 busy\r\n",), ()])
def test_server_that_does_not_greet_is_in_trouble(answers):
    with server(*answers) as mail, pytest.raises(TryLater) as caught:
        hand_over(mail)
    assert caught.value.is_server_trouble


def test_server_that_closes_with_421_is_in_trouble():
    with server(*GREETING, b"421 closing\r\n") as mail, pytest.raises(TryLater) as caught:
        hand_over(mail)
    assert caught.value.is_server_trouble


def test_server_that_says_nothing_is_given_up(settings):
    listener = socket.create_server(("127.0.0.1", 0))
    transport = SmtpTransport({**MAIL, "port": listener.getsockname()[1]}, timeout=0.2)
    with pytest.raises(TryLater):
        transport.offer(sender="a@example.org", recipients=["b@example.org"])
    listener.close()


def test_starttls_that_the_server_lacks_is_not_skipped():
    with server(*GREETING) as mail, pytest.raises(TryLater, match="STARTTLS"):
        hand_over({**mail, "tls": "starttls"})


def test_sign_in_that_the_server_lacks_is_not_skipped():
    with server(*GREETING) as mail, pytest.raises(TryLater, match="AUTH"):
        hand_over({**mail, "user": "me", "password": "secret"})


def test_tls_to_a_server_without_it_is_trouble():
    with server(*GREETING) as mail, pytest.raises(TryLater):
        hand_over({**mail, "tls": "implicit"})


def test_address_that_smtp_cannot_carry_is_refused(sink):
    transport = open_transport()
    with pytest.raises(Refused):
        transport.offer(sender="a@example.org", recipients=["jörg@example.org"])
    transport.close()


def test_kept_connection_that_died_is_opened_again(sink):
    transport = SmtpTransport(sink.settings, timeout=2)
    transport.offer(sender="a@example.org", recipients=["b@example.org"])
    transport.deliver(b"Message-ID: <1@x>\r\n\r\n1\r\n", name="<1@x>")
    transport._smtp.sock.shutdown(socket.SHUT_RDWR)

    transport.offer(sender="a@example.org", recipients=["b@example.org"])
    transport.deliver(b"Message-ID: <2@x>\r\n\r\n2\r\n", name="<2@x>")
    transport.close()

    assert [mail.message_id for mail in sink.received] == ["<1@x>", "<2@x>"]


def test_lines_that_begin_with_a_dot_arrive_as_they_were(sink):
    transport = open_transport()
    transport.offer(sender="a@example.org", recipients=["b@example.org"])
    transport.deliver(b"Message-ID: <1@x>\n\n.\n..two\nlast", name="<1@x>")
    transport.close()

    assert sink.received[0].mail.get_payload() == ".\r\n..two\r\nlast\r\n"


def test_folder_keeps_one_file_for_one_message_id(tmp_path):
    transport = FolderTransport(tmp_path / "mail")
    for text in (b"first", b"second"):
        transport.offer(sender="a@example.org", recipients=["b@example.org"])
        transport.deliver(text, name="<1@x>")
    transport.forget()
    transport.close()

    assert [path.name for path in (tmp_path / "mail").iterdir()] == ["1_x.eml"]
    assert (tmp_path / "mail" / "1_x.eml").read_bytes() == b"second"


def test_folder_that_cannot_be_made_is_worth_another_try(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    transport = FolderTransport(tmp_path / "file" / "mail")

    with pytest.raises(TryLater):
        transport.offer(sender="a@example.org", recipients=["b@example.org"])
    with pytest.raises(TryLater):
        transport.deliver(b"text", name="<1@x>")


def test_backend_sends_djangos_own_mails(sink):
    mail = EmailMultiAlternatives(
        "Grüße", "Text", "Alongside <mentoring@example.org>", ["Zoë <zoe@example.org>"]
    )
    mail.attach_alternative("<p>HTML</p>", "text/html")
    silent = EmailMultiAlternatives("Nobody", "Text", "a@example.org", [])

    assert DirectBackend().send_messages([mail, silent]) == 1

    assert sink.received[0].recipient == "zoe@example.org"
    assert sink.received[0].mail["Subject"] == "Grüße"
    assert sink.received[0].mail["Auto-Submitted"] == "auto-generated"


def test_backend_raises_unless_it_shall_fail_silently(sink):
    sink.rcpt_answers["zoe@example.org"] = "550 No"
    mail = EmailMultiAlternatives("Hello", "Text", "a@example.org", ["zoe@example.org"])

    with pytest.raises(Refused):
        DirectBackend().send_messages([mail])
    assert DirectBackend(fail_silently=True).send_messages([mail]) == 0


def test_backend_writes_files_in_a_demo(settings, tmp_path):
    settings.MAIL = {**MAIL, "host": "", "folder": str(tmp_path)}
    mail = EmailMultiAlternatives("Hello", "Text", "a@example.org", ["zoe@example.org"])

    assert DirectBackend().send_messages([mail]) == 1

    (path,) = Path(tmp_path).glob("*.eml")
    assert b"Subject: Hello" in path.read_bytes()
