"""Strings that people paste, type or try: every text field has to survive each of them.

``STORED`` come back as they were written. ``REFUSED`` hold control characters and are answered with
400, whatever the field. ``ENDLESS`` is longer than any field takes: a message, never a fault.
"""

from __future__ import annotations

STORED = {
    "right to left": "مرحبا بك في برنامج الإرشاد",
    "names from right to left": "نور الدين بن علي",
    "hebrew with marks": "שָׁלוֹם עוֹלָם",
    "mixed directions": "Priya (فريا) says שלום to Daniel",
    "override of direction": "\u202eevil\u202c and \u2066isolated\u2069",
    "combining marks": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!",
    "decomposed accents": "Zoe\u0308 Mu\u0308ller",
    "emoji": "👩🏽‍💻 🏳️‍🌈 👨‍👩‍👧‍👦 🇩🇪 1️⃣",
    "beyond the basic plane": "𝕬𝖑𝖔𝖓𝖌𝖘𝖎𝖉𝖊 𠜎𠜱𠝹",
    "chinese and japanese": "指導プログラム 指导计划",
    "no-break and zero-width": "a\u00a0b\u200bc\u200d\ufeffd",
    "markup": "<script>alert('x')</script><img src=x onerror=alert(1)>",
    "closing markup": "</textarea></title></p><b>bold",
    "template language": "{{ request.user.password }}{% load i18n %}",
    "quotes": "'; DROP TABLE accounts_user; -- \" ` \\",
    "formula": '=HYPERLINK("http://example.org","x")',
    "formula with sign": "+1+1|cmd|' /C calc'!A0",
    "format strings": "%s %(name)s %d {0} {name} ${jndi:ldap://x}",
    "path": "../../../../etc/passwd",
    "numbers that are none": "NaN Infinity -0 1e309 0x7fffffff",
    "words of programs": "null undefined None true NULL",
    "line breaks": "one\ntwo\tthree",
    "separators of lines": "one\u2028two\u2029three\u0085four",
    "ligatures and widths": "ﬁﬂ ＦＵＬＬ ﷽",
    "casing": "ıİßẞΣς",
    "private use and not a character": "\ue000\ufffe\uffff",
}
REFUSED = {
    "nul": "a\x00b",
    "bell": "a\x07b",
    "escape": "\x1b[31mred\x1b[0m",
    "delete": "a\x7fb",
    "form feed": "a\x0cb",
}
ENDLESS = "ä" * 100_000
