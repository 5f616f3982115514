"""Schemathesis tries the running API against its own schema: no fault, no undocumented answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.slow.visiting import make_token, sign_in

CASES = 100  # at random, of each of the nine operations, beside some 1,800 that are thought out
# A valid request may still be refused by a rule: a day in the future, a match of somebody else.
LEFT_OUT = "positive_data_acceptance"


@pytest.mark.parametrize("role", ["mentor", "program_manager"])
def test_api_answers_nothing_but_what_its_schema_says(site, tmp_path, capsys, role):
    token = make_token(site, sign_in(site, role))
    done = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("schemathesis")), "run"),
            *(f"{site.address}/api/schema/", "--header", f"Authorization: Bearer {token}"),
            *("--max-examples", str(CASES), "--exclude-checks", LEFT_OUT),
            "--continue-on-failure",
            *("--no-shrink", "--suppress-health-check", "all", "--warnings", "off"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    with capsys.disabled():
        print(f"\n    Schemathesis as {role}: {done.stdout[-1_500:]}")

    assert done.returncode == 0, f"{done.stdout[-12_000:]}\n{site.said[-2_000:]}"
