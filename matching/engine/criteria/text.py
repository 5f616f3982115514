"""The criterion about meaning: the mentee's goal against what the mentor writes.

Vectors that somebody else made of the texts (whole numbers, of one length) are taken where both
sides bring them. Texts without one are compared with each other by TF-IDF over words (Salton and
Buckley 1988): weight of a word = (1 + ln count) * (1 + ln((1 + n) / (1 + texts with it))), n
counting these texts with words.

Either way each vector is brought to one length and rounded to whole numbers such that a product is
the points earned.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matching.engine.columns import Bools, filled
from matching.engine.criteria.base import Measure, criterion
from matching.engine.criteria.stopwords import STOPWORDS
from matching.engine.errors import InvalidPool
from matching.engine.features import Cells, Features, Term, Worth, dense, matched
from matching.engine.model import Vector

LONGEST = 2**11
"""Vectors of at most this length have products below 2**23: exact in float32, rounding included."""
Rows = NDArray[np.int16]
Vectors = Sequence[Vector | None]
WORD = re.compile(r"[^\W\d_]{2,}")


def words(text: str) -> list[str]:
    """Return the words that carry meaning, in lower case."""
    return [word for word in WORD.findall(text.casefold()) if word not in STOPWORDS]


def word_vectors(texts: Sequence[str]) -> list[dict[str, float]]:
    """Return each text as words with weights, of length 1. Linear in the number of words."""
    counts = [Counter(words(text)) for text in texts]
    spread = Counter(word for count in counts for word in count)
    n = sum(1 for count in counts if count)
    rarity = {word: 1.0 + math.log((1 + n) / (1 + found)) for word, found in spread.items()}
    return [_unit(count, rarity) for count in counts]


def _unit(count: Mapping[str, int], rarity: Mapping[str, float]) -> dict[str, float]:
    weights = {word: (1.0 + math.log(times)) * rarity[word] for word, times in count.items()}
    length = math.sqrt(math.fsum(weight * weight for weight in weights.values()))
    return {word: weight / length for word, weight in weights.items()}


def scale_of(points: int, full_at: float) -> tuple[float, int]:
    """Return the length of vectors and a power of two such that product * power is the points."""
    power = 1
    while points / full_at / power > LONGEST**2:
        power *= 2
    return math.sqrt(points / full_at / power), power


def _stacked(vectors: Vectors) -> Rows:
    """Return vectors as rows; zeros where there is none."""
    rows = [
        np.frombuffer(vector, dtype=np.int8)
        if isinstance(vector, bytes)
        else np.asarray([] if vector is None else vector)
        for vector in vectors
    ]
    widths = {len(row) for row in rows} - {0}
    if len(widths) > 1:
        raise InvalidPool("The vectors of texts differ in length:", sorted(widths))
    stacked = np.zeros((len(rows), max(widths, default=0)), dtype=np.int16)
    filled = [place for place, row in enumerate(rows) if len(row)]
    if filled:
        stacked[filled] = np.stack([rows[place] for place in filled])
    return stacked


def _quantised(vectors: Rows, length: float) -> Rows:
    squares = np.einsum("ij,ij->i", vectors, vectors, dtype=np.int64)
    norms = np.sqrt(np.maximum(squares, 1).astype(np.float64))
    quantised = np.empty(vectors.shape, dtype=np.int16)
    for start in range(0, len(vectors), 4096):
        here = slice(start, start + 4096)
        quantised[here] = np.rint(length * vectors[here] / norms[here, None])
    return quantised


def _wordy(texts: Sequence[str], vectors: Vectors) -> list[str]:
    """Return the texts without a vector; empty in place of the others."""
    return [text if vector is None else "" for text, vector in zip(texts, vectors, strict=True)]


def _are_filled(vectors: Rows) -> Bools:
    return np.asarray(vectors.any(axis=1), dtype=bool)


@criterion
class GoalText(Measure):
    """Cosine of the two texts; a cosine of ``full_at`` and more counts as 1."""

    kind = "goal_text"
    needs = ("goal", "about", "goal_vector", "about_vector")
    defaults = {"full_at": 0.35}
    features: tuple[Features, ...]
    left_words: Sequence[Mapping[str, float]]

    def prepare(self) -> None:
        self.full_at = self.read.positive("full_at")
        self.goals, self.abouts = self.pool.mentees.goal, self.pool.mentors.about
        goals, abouts = self.pool.mentees.goal_vector, self.pool.mentors.about_vector
        self.by_vector = any(one is not None for one in goals) and any(
            one is not None for one in abouts
        )
        self._count_words(*self.pool.remember("words of texts", self._words))
        if self.by_vector:
            self._take(_stacked(goals), _stacked(abouts))

    def _words(self) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
        """Return the words of the texts that are not compared by a vector."""
        goals: Sequence[str] = self.goals
        abouts: Sequence[str] = self.abouts
        if self.by_vector:
            goals = _wordy(goals, self.pool.mentees.goal_vector)
            abouts = _wordy(abouts, self.pool.mentors.about_vector)
        found = word_vectors([*goals, *abouts])
        return found[: len(goals)], found[len(goals) :]

    def _take(self, left: Rows, right: Rows) -> None:
        if left.shape[1] != right.shape[1]:
            widths = [left.shape[1], right.shape[1]]
            raise InvalidPool("The vectors of texts differ in length:", widths)
        self.left_told |= _are_filled(left)
        self.right_told |= _are_filled(right)
        length, _ = scale_of(self.points, self.full_at)
        vectors = dense(_quantised(left, length), _quantised(right, length), LONGEST**2)
        self.features = (*self.features, vectors)

    def _count_words(
        self, left: Sequence[Mapping[str, float]], right: Sequence[Mapping[str, float]]
    ) -> None:
        self.left_words = left
        self.left_told, self.right_told = filled(self.left_words), filled(right)
        length, _ = scale_of(self.points, self.full_at)
        left_cells, right_cells = (
            Cells.of_numbers(
                [{word: round(length * part) for word, part in own.items()} for own in side]
            )
            for side in (self.left_words, right)
        )
        self.features = (matched(left_cells, right_cells, LONGEST**2),)

    def worth(self) -> Iterable[Worth]:
        """Each pair has something in one of the features at most: vectors, or words."""
        _, power = scale_of(self.points, self.full_at)
        yield Term(tuple(part.scaled(power) for part in self.features), low=0, high=self.points)

    def facts(self, mentee: int, mentor: int) -> tuple[str, dict[str, object]]:
        weight = self.left_words[mentee] or Counter(words(self.goals[mentee]))
        common = weight.keys() & set(words(self.abouts[mentor]))
        return "goal_text", {"words": sorted(common, key=lambda word: (-weight[word], word))[:5]}
