"""What is posted to addresses that people give: in bounded time, and only where it may."""

from __future__ import annotations

import http.server
import time
from collections.abc import Callable, Iterator

import pytest

from core.outside import CannotReach, post
from tests.tls_site import tls_site

HOST = "hook.example.org"


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        if self.path == "/drip":
            for _turn in range(40):
                self.wfile.write(b"H")
                self.wfile.flush()
                time.sleep(0.1)
            return
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(int(self.path.strip("/")))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def say(tmp_path_factory) -> Iterator[Callable[..., int]]:
    with tls_site(tmp_path_factory.mktemp("tls"), HOST, _Handler) as (port, trust):
        yield lambda path, seconds=5.0: post(
            f"https://{HOST}:{port}/{path}",
            b"{}",
            headers={"Content-Type": "application/json"},
            resolve=lambda name, _port: ["127.0.0.1"],
            allows=lambda address: True,
            context=trust,
            seconds=seconds,
        )


def test_answer_is_the_status_and_no_redirect_is_followed(say):
    assert [say("200"), say("302"), say("503")] == [200, 302, 503]


def test_host_that_answers_byte_by_byte_is_left_at_the_deadline(say):
    started = time.monotonic()
    with pytest.raises(CannotReach):
        say("drip", seconds=0.7)

    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "url", ["https://hook.example.org:99999/", "https://[::1/", "https://hook.example.org:x/", ""]
)
def test_address_that_cannot_be_read_is_not_reached(url):
    with pytest.raises(CannotReach):
        post(url, b"{}", headers={})
