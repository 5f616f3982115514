"""Which Chromium the browser tests drive."""

import contextlib
import os
import shutil
from pathlib import Path

from .problem import Problem

DEBIAN = "/usr/bin/chromium"
HOW_TO_GET_IT = (
    "There is no Chromium, so the browser tests are left out. To run them: apt install chromium,"
    " or .venv/bin/playwright install chromium, or name one: CHROMIUM=/path/to/chromium bin/test"
)


def find() -> str | None:
    """Return the program's path: CHROMIUM, Debian's, Chrome on PATH, or Playwright's own."""
    named = os.environ.get("CHROMIUM")
    if named:
        if not _is_program(named):
            raise Problem(f"CHROMIUM is {named!r}, which is no program.")
        return named
    if _is_program(DEBIAN):
        return DEBIAN
    return shutil.which("google-chrome") or _playwrights_own()


def _is_program(path: str) -> bool:
    return Path(path).is_file() and os.access(path, os.X_OK)


def _playwrights_own() -> str | None:
    """Ask Playwright where its download would be, and look whether it is there."""
    with contextlib.suppress(Exception):  # whatever is wrong with it: then it has no browser
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
        if _is_program(path):
            return path
    return None
