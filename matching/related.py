"""Skills written differently: which names of the vocabulary stand close to which.

Three signs, strongest first: the same words in another form ("Excel" and "MS Excel", "Negotiating"
and "Negotiation skills"), names of one family ("Public speaking", "Presenting"; see ``families``),
and vectors that point the same way ("Electric cars", "Electric vehicles"). Their threshold comes
from names judged by hand: bench/text.py prints what it finds and what it gets wrong.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from matching.families import FAMILIES
from matching.meaning import Vectors, cosines

Table = dict[str, dict[str, float]]

Stems = frozenset[str]

SAME_WORDS = 0.9
SAME_FAMILY = 0.75
CLOSE = 0.5
LEAST_COSINE = 0.7
NAME = re.compile(r"[^\W_]+[+#]*")
ENDINGS = re.compile(
    r"(?<=.{3})(?:ations?|ating|ation|ated|ates?|itions?|ions?|ings?|ments?|ers?|ors?|ed|es|e|s|y)$"
)
# Words that make a name longer and not another.
_FILLING = """
a advanced an and applied basic basics better digital effective for general giving good in
introduction into microsoft modern ms my of on online own practical professional programming skill
skills team the to with
"""
FILLING = frozenset(_FILLING.split())


def related_skills(names: Sequence[str], vectors: Vectors | None = None) -> Table:
    """Return for each name the others that are close to it, with a credit from 0 to 1; symmetric.

    ``vectors`` are those of the names in lower case, one row a name; without them, meaning is not
    compared. Linear in the number of names but for one product of the vectors.
    """
    table: Table = defaultdict(dict)
    for credit, pairs in (
        (CLOSE, () if vectors is None else _close(names, vectors)),
        (SAME_FAMILY, _together([(name, family) for name in names for family in _families(name)])),
        (SAME_WORDS, _together([(name, stems(name)) for name in names])),
    ):
        for one, other in pairs:
            table[one][other] = table[other][one] = credit
    return {name: dict(sorted(table[name].items())) for name in sorted(table)}


def _together(keyed: Iterable[tuple[str, object]]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of names that share a key."""
    groups: dict[object, list[str]] = defaultdict(list)
    for name, key in keyed:
        groups[key].append(name)
    for group in groups.values():
        yield from ((one, other) for at, one in enumerate(group) for other in group[at + 1 :])


def _close(names: Sequence[str], vectors: Vectors) -> Iterator[tuple[str, str]]:
    """Yield the pairs whose vectors point the same way.

    Not where one name stands within the other: there vectors are always close, and cannot tell
    "Marketing, digital marketing" from "Sales, sales tax".
    """
    lefts, rights = np.nonzero(np.triu(cosines(vectors, vectors) >= LEAST_COSINE, k=1))
    for left, right in zip(lefts.tolist(), rights.tolist(), strict=True):
        if not is_nested(names[left], names[right]):
            yield names[left], names[right]


def is_same(one: str, other: str) -> bool:
    """Tell whether two names have the same words, grammar and filling words aside."""
    return stems(one) == stems(other)


def is_nested(one: str, other: str) -> bool:
    """Tell whether all words of one name stand in the other."""
    return stems(one) <= stems(other) or stems(other) <= stems(one)


def _families(name: str) -> frozenset[int]:
    return _families_by_stems().get(stems(name), frozenset())


@lru_cache(maxsize=1)
def _families_by_stems() -> dict[Stems, frozenset[int]]:
    found: dict[Stems, frozenset[int]] = defaultdict(frozenset)
    for number, family in enumerate(FAMILIES.split("\n\n")):
        for name in family.split(","):
            found[stems(name)] |= {number}
    return dict(found)


@lru_cache(maxsize=10_000)
def stems(name: str) -> Stems:
    """Return the words of a name without what changes with grammar, and without filling words."""
    words = NAME.findall(name.casefold())
    telling = [word for word in words if word not in FILLING] or words
    return frozenset(stem(word) for word in telling)


def stem(word: str) -> str:
    """Return a word without its ending: "negotiating" and "negotiation" become one."""
    bare = ENDINGS.sub("", ENDINGS.sub("", word))
    return bare[:-1] if len(bare) > 3 and bare[-1] == bare[-2] else bare
