"""Names of languages in English and German, as codes."""

from __future__ import annotations

import re

from django.utils.translation import get_language_info, gettext

from core.names import sort_key

NAMES = {
    "ar": "arabic|arabisch",
    "bg": "bulgarian|bulgarisch",
    "bn": "bengali|bengalisch",
    "cs": "czech|tschechisch",
    "cy": "welsh|walisisch",
    "da": "danish|danisch",
    "de": "german|deutsch",
    "el": "greek|griechisch",
    "en": "english|englisch",
    "es": "spanish|spanisch|espanol",
    "et": "estonian|estnisch",
    "fa": "persian|farsi|persisch",
    "fi": "finnish|finnisch",
    "fr": "french|franzosisch|francais",
    "ga": "irish|irisch",
    "gu": "gujarati",
    "he": "hebrew|hebraisch",
    "hi": "hindi",
    "hr": "croatian|kroatisch",
    "hu": "hungarian|ungarisch",
    "id": "indonesian|indonesisch",
    "it": "italian|italienisch|italiano",
    "ja": "japanese|japanisch",
    "ko": "korean|koreanisch",
    "lt": "lithuanian|litauisch",
    "lv": "latvian|lettisch",
    "nl": "dutch|niederlandisch|hollandisch",
    "no": "norwegian|norwegisch",
    "pa": "punjabi|panjabi",
    "pl": "polish|polnisch|polski",
    "pt": "portuguese|portugiesisch",
    "ro": "romanian|rumanisch",
    "ru": "russian|russisch",
    "sk": "slovak|slowakisch",
    "sl": "slovenian|slowenisch",
    "sq": "albanian|albanisch",
    "sr": "serbian|serbisch",
    "sv": "swedish|schwedisch",
    "sw": "swahili|suaheli",
    "ta": "tamil|tamilisch",
    "th": "thai|thailandisch",
    "tr": "turkish|turkisch",
    "uk": "ukrainian|ukrainisch",
    "ur": "urdu",
    "vi": "vietnamese|vietnamesisch",
    "zh": "chinese|chinesisch|mandarin",
}
CODES = {word: code for code, words in NAMES.items() for word in words.split("|")}
CODE = re.compile(r"[a-z]{2,3}(?:[-_][a-z]{2,4})?")


def language_code(text: str) -> str | None:
    """Return the code of a language given by name or code, without region; None if unknown."""
    word = sort_key(text)
    if word in CODES:
        return CODES[word]
    if CODE.fullmatch(word):
        code = re.split("[-_]", word)[0]
        return code if code in NAMES or (len(code) == 3 and word == code) else None
    return None


def language_name(code: str) -> str:
    """Return what a language is called in the language of the page."""
    try:
        return str(gettext(get_language_info(code)["name"]))
    except KeyError:
        return NAMES.get(code, code).split("|")[0].title()


def language_choices() -> list[tuple[str, str]]:
    """Return every language we know by name, sorted as people read."""
    return sorted(((code, language_name(code)) for code in NAMES), key=lambda row: sort_key(row[1]))
