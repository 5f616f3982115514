"""What every browser test does: sign in, wait, and look a page over."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import ConsoleMessage, Page, Response, expect

from tests.smtp_sink import Received, SmtpSink

PATIENCE_SECONDS = 60
PATIENCE_MS = 30_000
AXE = (Path(__file__).parent.parent / "vendor" / "axe.min.js").read_text("utf-8")
RUN_AXE = """
async () => (await axe.run({resultTypes: ["violations"], preload: false})).violations.map(
    (rule) => rule.id + ": " + rule.nodes.map((node) => node.html.slice(0, 200)
        + " (" + (node.any[0] || node.all[0] || node.none[0] || {}).message + ")").join("; "))
"""
WIDER_THAN_THE_WINDOW = """
() => document.documentElement.scrollWidth > document.documentElement.clientWidth
    ? [...document.querySelectorAll("main *")]
        .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth)
        .slice(0, 5).map((e) => e.outerHTML.slice(0, 150))
        .concat(["page " + document.documentElement.scrollWidth])
    : []
"""
Found = TypeVar("Found")

expect.set_options(timeout=PATIENCE_MS)


def wait_for(look: Callable[[], Found], *, what: str) -> Found:
    """Return what ``look`` finds as soon as it finds something."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what} did not come within {PATIENCE_SECONDS} s"
        time.sleep(0.1)
    return found


def watch(page: Page) -> None:
    """Collect errors of scripts and of the content policy in ``page.findings``."""
    page.findings = []  # type: ignore[attr-defined]

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            note(page, [message.text], "console")

    page.on("console", listen)
    page.on("pageerror", lambda error: note(page, [str(error)], "script"))


def go(page: Page, path: str) -> Response:
    """Open an address that must answer with a page."""
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200, f"{path} answered {answer.status}"
    assert "/login/" not in page.url or "/login/" in path, f"{path} asks to sign in"
    return answer


def sign_in(page: Page, email: str, password: str) -> None:
    """Sign in by the page that everybody uses."""
    page.goto("/accounts/login/")
    page.get_by_label("Email", exact=True).fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile(r"^(?!.*/login/)"))
    assert "/confirm-email/" not in page.url, f"The address of {email} is not confirmed"


def look_over(page: Page) -> None:
    """Check the page with axe, wide and light, then as on a phone at night, and its width there.

    What is wrong goes into ``page.findings``, so that one run tells about all pages.
    """
    size = page.viewport_size
    assert size is not None
    for width, scheme in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        note(page, violations_of(page), f"at {width} px, {scheme}")
    note(page, page.evaluate(WIDER_THAN_THE_WINDOW), "scrolls sideways")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(size)


def note(page: Page, found: list[str], about: str) -> None:
    page.findings += [  # type: ignore[attr-defined]
        f"{page.url}, {about}: {line}" for line in found
    ]


def violations_of(page: Page) -> list[str]:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    return list(page.evaluate(RUN_AXE))


def mails_to(sink: SmtpSink, address: str, *, subject: str = "") -> list[Received]:
    return [
        received
        for received in list(sink.received)
        if received.recipient == address and subject in str(received.mail["Subject"])
    ]


def links_in(received: Received) -> list[str]:
    """Return the addresses in the mail's plain text."""
    body = received.mail.get_body(("plain",))
    assert body is not None
    return re.findall(r"https?://\S+", body.get_content())
