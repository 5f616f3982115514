"""Tools that no Python package brings: found on this machine, or the test is left out in words."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

VNU = "vnu-jar@26.9.27"
LIGHTHOUSE = "lighthouse@12.8.2"
JAVA_NEEDED = "needs Java: apt install default-jre-headless"
NODE_NEEDED = "needs Node 18.16 or newer with npm: apt install nodejs npm"


def program(name: str, *, needed: str) -> str:
    """Return where a program is; without it the test is left out, except under CI=true."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"This test {needed}")
        pytest.skip(f"This test {needed}")
    return found


def npm_package(wanted: str) -> Path:
    """Return the folder of a package of the npm registry, kept beside Python's packages."""
    npm = program("npm", needed=NODE_NEEDED)
    home = Path(sys.prefix) / "node" / wanted.replace("@", "-")
    package = home / "node_modules" / wanted.partition("@")[0]
    if not (package / "package.json").exists():
        home.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [npm, "install", "--prefix", str(home), "--ignore-scripts", "--no-audit", wanted],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=600,
        )
    return package
