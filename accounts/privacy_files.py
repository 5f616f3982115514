"""A person's data as a file, written piece by piece: JSON for programs, HTML for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone, translation
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.privacy import Exporter, Row, exporters
from core.clock import zone

# A page of its own: opened from a disk, it can read no style sheet of ours.
HEAD = (
    '<!doctype html>\n<html lang="{}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{}</title><style>'
    "body{{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;"
    "color:#1d1b16;background:#fff}}h1{{font-size:1.6rem}}h2{{font-size:1.2rem;margin-top:2.5rem;"
    "border-bottom:1px solid #ccc}}dl{{border:1px solid #ddd;border-radius:.5rem;"
    "padding:.75rem 1rem;margin:.75rem 0;break-inside:avoid}}dt{{font-size:.85rem;color:#555}}"
    "dd{{margin:0 0 .5rem;white-space:pre-line;overflow-wrap:anywhere}}</style></head><body>"
    "<h1>{}</h1><p>{}</p>\n"
)


def as_json(person: User, *, now: datetime) -> Iterator[str]:
    """Write everything as one JSON object with a list for each section."""
    head = {"made_at": now, "organisation": settings.ORGANISATION_NAME, "person": person.email}
    yield json.dumps(head, cls=DjangoJSONEncoder, ensure_ascii=False)[:-1]
    yield ', "sections": {'
    for at, section in enumerate(exporters()):
        yield f"{', ' if at else ''}{json.dumps(section.name)}: ["
        for number, row in enumerate(_rows(section, person)):
            text = json.dumps(_plain(section, row), cls=DjangoJSONEncoder, ensure_ascii=False)
            yield f"{', ' if number else ''}\n{text}"
        yield "]"
    yield "}}\n"


def as_html(person: User, *, now: datetime) -> Iterator[str]:
    """Write everything as one page that any browser opens, with nothing from elsewhere in it."""
    with _in_words_of(person):
        title = _("What %(organisation)s knows about you") % {
            "organisation": settings.ORGANISATION_NAME
        }
        yield format_html(
            HEAD,
            person.language,
            title,
            title,
            _("For %(name)s, made on %(moment)s.") % {"name": person, "moment": _said(now)},
        )
    for section in exporters():
        yield from _html_section(section, person)
    yield "</body></html>\n"


def _html_section(section: Exporter, person: User) -> Iterator[str]:
    found = False
    for row in _rows(section, person):
        with _in_words_of(person):
            if not found:
                yield format_html("<h2>{}</h2>\n", section.title)
            yield _html_row(section, row)
        found = True


def _html_row(section: Exporter, row: Row) -> str:
    said = [
        (label, _said(row.get(key)))
        for key, label in section.fields.items()
        if row.get(key) not in (None, "", [])
    ]
    return format_html("<dl>{}</dl>\n", format_html_join("", "<dt>{}</dt><dd>{}</dd>", said))


def _rows(section: Exporter, person: User) -> Iterator[Row]:
    """Read one row at a time, in the person's language."""
    rows = section.rows(person)
    while True:
        with _in_words_of(person):
            row = next(rows, None)
        if row is None:
            return
        yield row


def _plain(section: Exporter, row: Row) -> Row:
    return {key: row.get(key) for key in section.fields}


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, int | float):
        return number_format(value, use_l10n=True)
    if isinstance(value, list | tuple):
        return "\n".join(str(item) for item in value)
    return str(value)


class _in_words_of:
    """The person's language and zone, around one piece: between pieces others may be served."""

    def __init__(self, person: User) -> None:
        self.language = translation.override(person.language)
        self.zone = timezone.override(zone(person.time_zone))

    def __enter__(self) -> None:
        self.language.__enter__()
        self.zone.__enter__()

    def __exit__(self, *failure: Any) -> None:
        self.zone.__exit__(*failure)
        self.language.__exit__(*failure)


WRITERS: dict[str, tuple[str, Callable[..., Iterator[str]]]] = {
    "json": ("application/json", as_json),
    "html": ("text/html; charset=utf-8", as_html),
}
