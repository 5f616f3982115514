"""What no template may contain, and what the static files must hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

TEMPLATES = Path(settings.BASE_DIR) / "templates"
STATIC = Path(settings.BASE_DIR) / "static"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if "mail" not in path.parts)
ICON = re.compile(r"""{%\s*icon\s+["']([a-z0-9-]+)["']|\bicon=["']([a-z0-9-]+)["']""")
SCRIPT = re.compile(r"<script\b([^>]*)>")
NO_SAFE = re.compile(r"\|\s*safe\b|{%\s*autoescape\s+off")
MAY_USE_SAFE: set[str] = set()
CSS_LIMIT = 60_000


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _name(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


def test_templates_are_found():
    assert len(PAGES) > 50


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_template_compiles(path):
    get_template(_name(path))


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_template_has_no_inline_style_or_script(path):
    text = _read(path)
    assert not re.search(r"""\sstyle\s*=""", text)
    assert "<style" not in text
    for attributes in SCRIPT.findall(text):
        assert "src=" in attributes or 'type="application/json"' in attributes
    assert not re.search(r"""\son[a-z]+\s*=\s*["']""", text)


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_template_asks_htmx_for_nothing_that_needs_eval(path):
    text = _read(path)
    assert "hx-on" not in text
    assert "js:" not in text
    assert not re.search(r"hx-trigger=\"[^\"]*\[", text)


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_template_escapes_everything(path):
    if _name(path) not in MAY_USE_SAFE:
        assert not NO_SAFE.search(_read(path))


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_template_fetches_nothing_from_elsewhere(path):
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", _read(path))


def test_icons_named_in_templates_are_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([^"]+)"', _read(STATIC / "icons.svg")))
    named = {first or second for path in PAGES for first, second in ICON.findall(_read(path))}
    assert sorted(named - sprite) == []


def test_icons_listed_for_python_are_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([^"]+)"', _read(STATIC / "icons.svg")))
    lines = _read(STATIC / "icons.txt").splitlines()
    listed = {word for line in lines for word in line.partition("#")[0].split()}
    assert sorted(listed - sprite) == []


def test_sprite_has_nothing_but_drawings():
    sprite = _read(STATIC / "icons.svg")
    assert "<script" not in sprite
    assert "style=" not in sprite
    assert "href=" not in sprite


def test_style_sheet_stays_small():
    assert (STATIC / "app.css").stat().st_size <= CSS_LIMIT


def test_style_sheet_uses_only_vendored_files():
    for address in re.findall(r"url\(([^)]*)\)", _read(STATIC / "app.css")):
        assert (STATIC / address.strip("\"'")).is_file()


def test_server_error_page_renders_without_context_or_database():
    page = get_template("500.html").render()
    assert "Something went wrong on our side" in page
    assert 'href="/"' in page


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("400.html", "We could not read this"),
        ("403.html", "This is not open to you"),
        ("403_csrf.html", "This form was open for too long"),
        ("404.html", "We cannot find this page"),
    ],
)
def test_error_page_renders_without_a_request(name, sentence):
    assert sentence in get_template(name).render({})


def test_bad_request_page_shows_the_reason_escaped():
    page = get_template("400.html").render({"message": "<b>No</b>"})
    assert "&lt;b&gt;No&lt;/b&gt;" in page
