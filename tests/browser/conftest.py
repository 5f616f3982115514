"""A real Chromium against a live server, with real workers and a real mail server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from mentorship.launcher.chromium import HOW_TO_GET_IT
from tests.browser.driving import PATIENCE_MS, watch
from tests.faults.workers import environment, workers
from tests.smtp_sink import SmtpSink

HERE = Path(__file__).parent
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Playwright runs an event loop in the thread in which the tests ask the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, and leave all out when there is nothing to drive."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not os.environ.get("CHROMIUM"):
                item.add_marker(pytest.mark.skip(reason=HOW_TO_GET_IT))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report: Any = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": os.environ["CHROMIUM"], "args": ARGUMENTS, "headless": True}


@pytest.fixture(scope="session")
def playwright(playwright: Playwright, django_db_blocker: Any) -> Iterator[Playwright]:
    """Stop Playwright with the connection closed that this thread opened beside its event loop.

    Connections are kept apart with and without a loop: afterwards nobody would find this one.
    """
    yield playwright
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture(autouse=True)
def _folder_of_static_files() -> None:
    """WhiteNoise warns without it; the files themselves come from where they are written."""
    Path(django_settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def mail_server(settings) -> Iterator[SmtpSink]:
    """Take the mail of this process, and of workers who are given its address."""
    with SmtpSink() as sink:
        settings.EMAIL_BACKEND = "notifications.backend.DirectBackend"
        settings.MAIL = sink.settings
        yield sink


@pytest.fixture
def site(live_server, settings) -> str:
    """Return the address of the running product; links in mail lead there."""
    settings.BASE_URL = live_server.url
    return str(live_server.url)


@pytest.fixture
def working(site, mail_server, tmp_path) -> Iterator[None]:
    """Run real workers and beat for all queues."""
    env = environment(
        folder=tmp_path,
        BASE_URL=site,
        ALLOWED_HOSTS="127.0.0.1,localhost",
        MAIL_URL=mail_server.url,
        DEBUG="0",
        SWEEP_SECONDS="5",
    )
    log = tmp_path / "workers.log"
    with workers(queues="mail,urgent,default,heavy", processes=2, env=env, log=log):
        yield


@pytest.fixture
def open_page(
    browser: Browser, site: str, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Open pages, each in a browser profile of its own; a failed test leaves pictures and traces.

    What is wrong with a page is collected in ``page.findings``.
    """
    contexts: list[BrowserContext] = []

    def make(*, width: int = 1280, height: int = 900, **options: Any) -> Page:
        context = browser.new_context(
            base_url=site,
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        context.tracing.start(screenshots=False, snapshots=True)
        contexts.append(context)
        page = context.new_page()
        watch(page)
        return page

    yield make
    has_failed = request.node.stash.get(FAILED, True)
    for number, context in enumerate(contexts):
        _put_away(context, f"{request.node.name}-{number}", keep=has_failed)


def _put_away(context: BrowserContext, name: str, *, keep: bool) -> None:
    folder = Path(django_settings.VAR_DIR) / "browser"
    if keep:
        for number, page in enumerate(context.pages):
            print("\n".join(page.findings))  # type: ignore[attr-defined]
            page.screenshot(path=folder / f"{name}-{number}.png", full_page=True)
        context.tracing.stop(path=folder / f"{name}.zip")
        print(f"Look at {folder / name}.zip with: playwright show-trace")
    else:
        context.tracing.stop()
    context.close()
