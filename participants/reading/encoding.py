"""Which encoding the bytes of a CSV file are in: fixed rules first, a guess last."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from participants.reading.errors import UnreadableFile

# UTF-32 begins with the mark of UTF-16: longer marks first.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE_BYTES = 4_096
PIECE = 1_048_576
NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252 (Latin-1)",
}


def encoding_of(content: bytes) -> str:
    """Return the codec that reads all of ``content``.

    A byte-order mark decides; else the pattern of zero bytes tells UTF-16; else UTF-8 when every
    byte fits; else Windows-1252, which agrees with Latin-1 on all printable characters. Only
    where that fails too is the encoding guessed.

    Raises:
        UnreadableFile: the bytes fit no encoding, or hold a null character.
    """
    for mark, name in MARKS:
        if content.startswith(mark):
            return _checked(content, name)
    if b"\0" in content:
        return _checked(content, _utf16_without_mark(content))
    for name in ("utf-8", "cp1252"):
        if _fits(content, name):
            return name
    return _guess(content)


def _utf16_without_mark(content: bytes) -> str:
    sample = content[:SAMPLE_BYTES]
    half = max(1, len(sample) // 2)
    if sample[1::2].count(0) > 0.6 * half and not sample[::2].count(0):
        return "utf-16-le"
    if sample[::2].count(0) > 0.6 * half and not sample[1::2].count(0):
        return "utf-16-be"
    raise null_character(content)


def null_character(content: bytes) -> UnreadableFile:
    """Return the refusal of a file with a null byte, naming the line it stands in."""
    line = content.count(b"\n", 0, content.index(0)) + 1
    return UnreadableFile(
        _(
            "Line %(line)d holds a null byte, which is no text. "
            "Open the file in your spreadsheet program and save it again as CSV UTF-8."
        )
        % {"line": line},
        code="null_byte",
    )


def _checked(content: bytes, name: str) -> str:
    if not _fits(content, name):
        raise UnreadableFile(
            _(
                "The file says that it is %(encoding)s, but not all of it is. It may be damaged: "
                "export it again, best as CSV UTF-8."
            )
            % {"encoding": NAMES[name]},
            code="damaged_text",
        )
    if any("\0" in text for text in _decoded(content, name)):
        raise null_character(content.decode(name).encode())
    return name


def _fits(content: bytes, name: str) -> bool:
    try:
        for _text in _decoded(content, name):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _decoded(content: bytes, name: str) -> Iterator[str]:
    """Decode piece by piece: a large file never stands in memory twice."""
    decoder = codecs.getincrementaldecoder(name)()
    whole = memoryview(content)
    for start in range(0, len(content), PIECE):
        yield decoder.decode(whole[start : start + PIECE])
    yield decoder.decode(b"", final=True)


def _guess(content: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(content[: 64 * 1_024]).best()
    if best is None or not _fits(content, best.encoding):
        raise UnreadableFile(
            _("We cannot tell how the letters of this file are stored. Save it as CSV UTF-8."),
            code="unknown_encoding",
        )
    return best.encoding
