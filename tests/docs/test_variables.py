"""Every variable that the settings read is explained to the person who sets it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r'env\.(?:text|flag|number|words|url|keys|database|mail)\(\s*"([A-Z_]+)"')
VARIABLES = sorted(set(READ.findall((ROOT / "mentorship" / "settings.py").read_text())))


def test_settings_read_the_variables_that_this_test_finds():
    assert {"SECRET_KEY", "FIELD_KEYS", "DATABASE_URL", "MAIL_FROM", "API_RATE"} <= set(VARIABLES)


@pytest.mark.parametrize("name", VARIABLES)
def test_variable_stands_in_the_example_and_in_the_guide(name):
    example = (ROOT / "deploy" / "env.example").read_text()
    guide = (ROOT / "docs" / "install.md").read_text()
    assert re.search(rf"^(# )?{name}=", example, re.MULTILINE)
    assert re.search(rf"^\| `{name}`", guide, re.MULTILINE)
