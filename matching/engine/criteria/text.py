"""The criterion about meaning: the mentee's goal against what the mentor writes.

TF-IDF over words (Salton and Buckley 1988): weight of a word = (1 + ln count) * (1 + ln((1 + n) /
(1 + texts with it))), vectors of unit length, kept in steps of 1/1024 so that every product is
exact and the same in any order. n counts the non-empty texts of the pool.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from matching.engine.columns import Floats, Index, Overlap
from matching.engine.criteria.base import Measure, criterion
from matching.engine.criteria.stopwords import STOPWORDS

STEPS = 1024
WORD = re.compile(r"[^\W\d_]{2,}")


def words(text: str) -> list[str]:
    """Return the words that carry meaning, in lower case."""
    return [word for word in WORD.findall(text.casefold()) if word not in STOPWORDS]


def word_vectors(texts: Sequence[str]) -> list[dict[str, int]]:
    """Return each text as words with whole-number weights; a length of 1024 stands for 1.

    Linear in the number of words.
    """
    counts = [Counter(words(text)) for text in texts]
    spread = Counter(word for count in counts for word in count)
    n = sum(1 for count in counts if count)
    rarity = {word: 1.0 + math.log((1 + n) / (1 + found)) for word, found in spread.items()}
    return [_unit(count, rarity) for count in counts]


def _unit(count: Mapping[str, int], rarity: Mapping[str, float]) -> dict[str, int]:
    weights = {word: (1.0 + math.log(times)) * rarity[word] for word, times in count.items()}
    length = math.sqrt(math.fsum(weight * weight for weight in weights.values()))
    return {word: round(STEPS * weight / length) for word, weight in weights.items()}


@criterion
class GoalText(Measure):
    """Cosine of the two texts; a cosine of ``full_at`` and more counts as 1."""

    kind = "goal_text"
    needs = ("goal", "about")
    defaults = {"full_at": 0.35}

    def prepare(self) -> None:
        self.full_at = self.read.positive("full_at")
        goals, abouts = self.pool.mentees.goal, self.pool.mentors.about
        vectors = word_vectors([*goals, *abouts])
        self.left, self.right = vectors[: len(goals)], vectors[len(goals) :]
        self.left_told = np.array([bool(vector) for vector in self.left], dtype=bool)
        self.right_told = np.array([bool(vector) for vector in self.right], dtype=bool)
        self.overlap = Overlap(self.left, self.right)

    def values(self, rows: Index, cols: Index) -> Floats:
        cosine = self.overlap.sums(rows, cols) / float(STEPS * STEPS)
        return np.minimum(cosine / self.full_at, 1.0)

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        left, right = self.left[mentee], self.right[mentor]
        common = sorted(left.keys() & right.keys(), key=lambda word: (-left[word], word))
        return "goal_text", {"words": common[:5]}
