"""The running product with its demo, and the tools from outside that look it over."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mentorship.launcher import folders
from tests.launcher.serving import Serving, free_port

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def site() -> Iterator[Serving]:
    """Run the product from nothing, as `bin/serve` does, with nobody counting API requests."""
    folder = Path(tempfile.mkdtemp(prefix="alongside-slow-", dir=folders.short_temporary()))
    folder.chmod(folders.PASSABLE)
    var = folders.own_folder(folder / "var", mode=folders.PASSABLE)
    site = Serving(var, free_port(), API_RATE="1000000/minute", LOG_LEVEL="WARNING")
    try:
        site.start()
        yield site
    finally:
        if site.process is not None and site.process.poll() is None:
            site.stop()
        shutil.rmtree(folder, ignore_errors=True)
