"""The colours of static/app.css hold WCAG AA in both themes, whatever hue a customer chooses."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from django.conf import settings

CSS = (Path(settings.BASE_DIR) / "static" / "app.css").read_text(encoding="utf-8")
TOKEN = re.compile(
    r"--([a-z0-9-]+):light-dark\(oklch\(([^)]*(?:\([^)]*\))?[^)]*)\),oklch\((.*?)\)\);"
)
BRAND_HUE = 272
TEXT_PAIRS = [
    (text, ground, least)
    for ground in ("canvas", "surface", "sunken")
    for text, least in (
        ("ink", 7),
        ("ink-2", 4.5),
        ("ink-3", 4.5),
        ("brand-ink", 4.5),
        ("line-strong", 3),
    )
]
STATE_PAIRS = [
    pair
    for state in ("good", "warn", "bad")
    for pair in (
        (f"{state}-ink", f"{state}-soft", 4.5),
        (f"{state}-ink", "surface", 4.5),
        (state, "surface", 3),
        ("ink-2", f"{state}-soft", 4.5),
    )
]
BRAND_PAIRS = [
    ("on-brand", "brand", 4.5),
    ("on-brand", "brand-hover", 4.5),
    ("brand-ink", "brand-soft", 4.5),
    ("ink-2", "brand-soft", 4.5),
    ("brand", "surface", 3),
    ("brand-mid", "surface", 3),
]


def _tokens(hue: int) -> dict[str, tuple[tuple[float, ...], tuple[float, ...]]]:
    def numbers(text: str) -> tuple[float, ...]:
        return tuple(float(part) for part in text.replace("var(--brand-h)", str(hue)).split())

    found: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {}
    for name, light, dark in TOKEN.findall(CSS):
        found.setdefault(name, (numbers(light), numbers(dark)))
    return found


def _linear(light: float, chroma: float, hue: float) -> list[float]:
    """Turn OKLCH into linear sRGB by the published OKLab matrices."""
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return [
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    ]


def _luminance(colour: tuple[float, ...]) -> float:
    light, chroma, hue = colour
    while chroma > 0 and not all(-1e-4 <= part <= 1.0001 for part in _linear(light, chroma, hue)):
        chroma -= 0.002  # what browsers do: keep the lightness, cut the chroma
    red, green, blue = (min(1, max(0, part)) for part in _linear(light, max(chroma, 0), hue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _ratio(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    brighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_tokens_are_read_from_the_style_sheet():
    assert len(_tokens(BRAND_HUE)) == 23


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_and_states_hold_their_contrast(theme):
    tokens = _tokens(BRAND_HUE)
    weak = [
        (text, ground)
        for text, ground, least in TEXT_PAIRS + STATE_PAIRS + BRAND_PAIRS
        if _ratio(tokens[text][theme], tokens[ground][theme]) < least
    ]
    assert weak == []


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_any_brand_hue_holds_its_contrast(theme):
    weak = []
    for hue in range(0, 360, 5):
        tokens = _tokens(hue)
        weak += [
            (hue, text, ground)
            for text, ground, least in BRAND_PAIRS
            if _ratio(tokens[text][theme], tokens[ground][theme]) < least
        ]
    assert weak == []
