"""Photos as people upload them, made small and bare.

Every picture is decoded and written anew: places, cameras and names that stand beside the pixels
are gone, and a file that only pretends to be a picture never reaches anybody.
"""

from __future__ import annotations

import io
import warnings
from typing import IO

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import DomainError
from participants.models import PHOTO_BYTES

UPLOAD_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
SIDE = 512
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITIES = (82, 60, 40)


def reencode(file: IO[bytes], *, size: int) -> bytes:
    """Return the picture as a square WebP of 512 pixels and at most 150 kB.

    Checks bytes before decoding and pixels before unpacking, so that a small file cannot grow into
    a large picture in memory.

    Raises:
        DomainError: it is no JPEG, PNG or WebP, too large, or broken.
    """
    if size > UPLOAD_BYTES:
        raise DomainError(
            _("This file is larger than 8 MB. Choose a smaller one."),
            code="photo_bytes",
            field="photo",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _written(_squared(file))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise DomainError(
            _("We cannot read this file as a picture. Choose a JPEG, PNG or WebP."),
            code="photo_unknown",
            field="photo",
        ) from None


def _squared(file: IO[bytes]) -> Image.Image:
    with Image.open(file, formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise _too_many_pixels()
        picture.draft("RGB", (2 * SIDE, 2 * SIDE))
        upright = ImageOps.exif_transpose(picture)
        flat = Image.new("RGB", upright.size, "white")
        with_alpha = upright.convert("RGBA")
        flat.paste(with_alpha, mask=with_alpha.getchannel("A"))
        return ImageOps.fit(flat, (SIDE, SIDE), Image.Resampling.LANCZOS, centering=(0.5, 0.4))


def _written(picture: Image.Image) -> bytes:
    content = b""
    for quality in QUALITIES:
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=quality)
        content = out.getvalue()
        if len(content) <= PHOTO_BYTES:
            break
    return content


def _too_many_pixels() -> DomainError:
    return DomainError(
        _("This picture has too many pixels. Make it smaller first."),
        code="photo_pixels",
        field="photo",
    )
