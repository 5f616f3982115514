"""German is complete: every sentence has its translation, and pages use it."""

from __future__ import annotations

import ast
import gettext
import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation.template import templatize

FOLDER = Path(settings.BASE_DIR) / "locale" / "de" / "LC_MESSAGES"
NOT_OURS = {".venv", ".git", "var", "tests", "bench", "node_modules", "locale", "static"}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")
LITERAL = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL = re.compile(rf"\b(?:_|n?gettext)\(\s*({LITERAL})", re.DOTALL)
WORDS_OF = {"gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}

Entry = dict[str, str]


def read_po(text: str) -> Iterator[Entry]:
    """Yield each entry: its keywords with their texts, and its flags."""
    entry: Entry = {"flags": ""}
    keyword = ""
    for line in [*text.splitlines(), ""]:
        if line.startswith("#,"):
            entry["flags"] += line
        elif line.startswith('"'):
            entry[keyword] += ast.literal_eval(line)
        elif line.startswith("msg"):
            keyword, literal = line.split(" ", 1)
            entry[keyword] = ast.literal_eval(literal)
        elif not line and "msgid" in entry:
            yield entry
            entry = {"flags": ""}


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    found = [entry for entry in read_po((FOLDER / "django.po").read_text()) if entry["msgid"]]
    assert len(found) > 1500
    return found


def translations(entry: Entry) -> list[str]:
    if "msgid_plural" in entry:
        return [entry["msgstr[0]"], entry["msgstr[1]"]]
    return [entry["msgstr"]]


def test_german_every_sentence_is_translated(entries):
    missing = [entry["msgid"] for entry in entries if not all(translations(entry))]
    unsure = [entry["msgid"] for entry in entries if "fuzzy" in entry["flags"]]

    assert missing == []
    assert unsure == []


def test_german_sentences_keep_their_placeholders(entries):
    wrong = []
    for entry in entries:
        many = set(PLACEHOLDER.findall(entry.get("msgid_plural", entry["msgid"])))
        *singular, last = [set(PLACEHOLDER.findall(text)) for text in translations(entry)]
        if last != many or any(not one <= many for one in singular):
            wrong.append(entry["msgid"])

    assert wrong == []


def test_german_compiled_catalogue_equals_its_source(entries):
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog

    expected = {}
    for entry in entries:
        if "msgid_plural" in entry:
            expected |= {(entry["msgid"], n): entry[f"msgstr[{n}]"] for n in (0, 1)}
        else:
            context = f"{entry['msgctxt']}\x04" if "msgctxt" in entry else ""
            expected[context + entry["msgid"]] = entry["msgstr"]
    compiled.pop("")
    assert compiled == expected, "run: python manage.py compilemessages -l de"


def our_files(*endings: str) -> Iterator[Path]:
    for folder, inner, names in os.walk(settings.BASE_DIR):
        inner[:] = [name for name in inner if name not in NOT_OURS and not name.startswith(".")]
        yield from (Path(folder, name) for name in names if name.endswith(endings))


def sentences_of_template(path: Path) -> Iterator[str]:
    for literal in CALL.findall(templatize(path.read_text(), origin=str(path))):
        yield ast.literal_eval(literal)


def sentences_of_module(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in WORDS_OF
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            text = node.args[0] if node.args else None
            if name in names | WORDS_OF and isinstance(text, ast.Constant):
                yield text.value


def test_german_knows_every_sentence_of_the_product(entries):
    known = {entry["msgid"] for entry in entries}
    missing = {
        sentence: path.relative_to(settings.BASE_DIR).as_posix()
        for endings, read in (
            ((".html", ".txt"), sentences_of_template),
            ((".py",), sentences_of_module),
        )
        for path in our_files(*endings)
        for sentence in read(path)
        if sentence not in known
    }

    assert missing == {}, "run: python manage.py makemessages -l de --no-obsolete --no-location"


@pytest.mark.django_db
def test_sign_in_page_for_a_german_browser_is_german():
    html = Client().get("/accounts/login/", headers={"accept-language": "de"}).content.decode()

    assert '<html lang="de"' in html
    assert "Melde dich mit deiner beruflichen E-Mail an." in html
    assert "Sign in with your work email." not in html


def test_home_of_a_person_who_chose_german_is_german(cast):
    cast.mentee.language = "de"
    cast.mentee.save()

    html = cast.client("mentee").get("/", headers={"accept-language": "en"}).content.decode()

    assert '<html lang="de"' in html
    assert "Dein Mentor" in html
    assert "Die meisten Tandems treffen sich innerhalb von zehn Tagen." in html
    assert "Your mentor" not in html


def test_manager_overview_in_german_is_german(cast):
    cast.program_manager.language = "de"
    cast.program_manager.save()

    html = cast.client("program_manager").get("/").content.decode()

    assert "Deine Jahrgänge" in html or "Aktive Tandems" in html
    assert "Active pairs" not in html


def test_no_word_of_the_product_answers_for_the_month_of_may():
    with translation.override("de"):
        assert date_format(date(2027, 5, 17), "j M") == "17 Mai"
