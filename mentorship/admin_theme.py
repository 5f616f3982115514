"""The admin in the product's own colours: warm greys around one cool brand hue."""

from __future__ import annotations

from typing import Any

BRAND_HUE = 272
BASE_HUE = 85

_BASE = {
    "50": (0.982, 0.004),
    "100": (0.962, 0.005),
    "200": (0.912, 0.006),
    "300": (0.84, 0.008),
    "400": (0.70, 0.009),
    "500": (0.505, 0.012),
    "600": (0.42, 0.012),
    "700": (0.34, 0.010),
    "800": (0.252, 0.007),
    "900": (0.216, 0.006),
    "950": (0.178, 0.005),
}
_BRAND = {
    "50": (0.975, 0.012),
    "100": (0.958, 0.020),
    "200": (0.90, 0.045),
    "300": (0.82, 0.09),
    "400": (0.745, 0.115),
    "500": (0.65, 0.125),
    "600": (0.485, 0.165),
    "700": (0.435, 0.165),
    "800": (0.38, 0.14),
    "900": (0.33, 0.11),
    "950": (0.275, 0.045),
}


def _scale(shades: dict[str, tuple[float, float]], hue: int) -> dict[str, str]:
    return {name: f"oklch({light} {chroma} {hue})" for name, (light, chroma) in shades.items()}


def _icon(request: Any) -> str:
    return _static("icon.svg")


def _script(request: Any) -> str:
    return _static("admin.js")


def _style(request: Any) -> str:
    return _static("admin.css")


def _static(path: str) -> str:
    from django.templatetags.static import static  # settings import this module

    return static(path)


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Alongside",
    "SITE_HEADER": "Alongside",
    "SITE_URL": "/",
    "SITE_ICON": _icon,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _icon}],
    "SCRIPTS": [_script],
    "STYLES": [_style],
    "BORDER_RADIUS": "8px",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "SHOW_BACK_BUTTON": True,
    "COLORS": {"base": _scale(_BASE, BASE_HUE), "primary": _scale(_BRAND, BRAND_HUE)},
    # The palette finds pages only: its search of records has no limit and its answers are cached
    # for minutes, past a withdrawn role.
    "COMMAND": {"search_models": False, "show_history": False},
    "SIDEBAR": {"show_search": True, "command_search": True, "show_all_applications": False},
}
