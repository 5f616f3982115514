"""Template tags of the design system; built in, so no template loads them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.ui import charts, forms, lines
from core.ui.intervals import interval

register = template.Library()

THEMES = ("light", "dark")
HUES = 8
# Looked for in this order: most browsers also carry the names of those they descend from.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)

register.simple_tag(charts.columns, name="chart_columns")
register.simple_tag(charts.bar, name="chart_bar")
register.simple_tag(lines.line, name="chart_line")
register.simple_tag(charts.weeks, name="chart_weeks")
register.simple_tag(charts.week_axis, name="chart_week_axis")
register.simple_tag(interval, name="chart_interval")


@lru_cache(maxsize=1)
def sprite_url() -> str:
    """Return the address of the icon sprite; looked up once in a process."""
    return static("icons.svg")


@register.simple_tag
def icon(name: str, cls: str = "", label: str = "") -> SafeString:
    """Draw an icon of the sprite; without a label it is hidden from screen readers."""
    said = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"')
    )
    classes = f"i {cls}" if cls else "i"
    return format_html(
        '<svg class="{}" {}><use href="{}#{}"/></svg>', classes, said, sprite_url(), name
    )


def initials(name: str) -> str:
    """Return the first letters of the first and last word, or of the one word, or a dot.

    Of several names: those of the first.
    """
    words = name.partition(",")[0].replace("-", " ").split()
    if not words:
        return "·"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.simple_tag
def av(name: object, cls: str = "") -> SafeString:
    """Draw a person's initials in a circle; the name must stand beside it in words."""
    text = str(name)
    hue = sum(map(ord, text)) % HUES + 1
    classes = f"av hue{hue} {cls}".strip()
    return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, initials(text))


@register.simple_tag
def outside(person: Any) -> SafeString:
    """Mark somebody from outside with where they come from; of everybody else say nothing."""
    organisation = getattr(person, "organisation", "")
    if not organisation:
        return mark_safe("")
    return format_html(
        '<span class="pill">{}{} · {}</span>', icon("building-2"), _("External"), organisation
    )


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """Return the theme the person chose, or an empty string for the device's own."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "") if request else ""
    return chosen if chosen in THEMES else ""


@register.simple_tag
def field(bound: BoundField, **options: Any) -> SafeString:
    """Draw a field with its label, help and errors.

    Options: ``label`` and ``note`` replace the label and the word beside it, ``label_class`` and
    ``cls`` add classes, ``placeholder`` replaces the widget's own.
    """
    if "placeholder" in options:
        bound.field.widget.attrs["placeholder"] = options["placeholder"] or False
    return render_to_string("forms/field.html", {"field": bound, **options})


@register.simple_tag
def control(bound: BoundField) -> str:
    """Draw only the widget of a field."""
    return forms.styled(bound)


@register.filter
def layout(bound: BoundField) -> str:
    """Say which layout a field needs."""
    return forms.kind(bound)


@register.inclusion_tag("forms/errors.html")
def error_summary(*things: Any) -> dict[str, Any]:
    """List every error of the given forms and formsets, each leading to its field."""
    return {"problems": forms.all_problems(things)}


@register.simple_tag
def problems_of(*things: Any) -> list[dict[str, Any]]:
    """Return the errors of the given forms and formsets."""
    return forms.all_problems(things)


@register.inclusion_tag("parts/sort_header.html", takes_context=True)
def sort_header(
    context: Context, key: str, label: str, sort: str = "", *, numeric: bool = False
) -> dict[str, Any]:
    """Draw a table heading that sorts by ``key``; ``sort`` is the order now, "-" descending."""
    request = context.get("request")
    query = request.GET.copy() if request else None
    direction = {key: "ascending", f"-{key}": "descending"}.get(sort or "", "")
    following = f"-{key}" if direction == "ascending" else key
    if query is not None:
        query["sort"] = following
        query.pop("page", None)
    return {
        "label": label,
        "direction": direction,
        "numeric": numeric,
        "url": f"?{query.urlencode()}" if query is not None else f"?sort={following}",
    }


@register.filter
def grouped(value: object) -> object:
    """Write a whole number in groups of thousands, as the reader's language does."""
    return number_format(value, force_grouping=True) if isinstance(value, int) else value


@register.filter
def device(user_agent: str) -> str:
    """Name a browser and its system in words people use; an unknown one keeps its first word."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or user_agent.partition("/")[0][:40]


@register.filter
def inline_svg(markup: str) -> SafeString:
    """Put a drawing made by our own libraries (a QR code) into the page, without its XML header."""
    return mark_safe(markup[markup.index("<svg") :])  # noqa: S308 - drawn by the server
