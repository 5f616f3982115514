"""Does comparing texts by meaning help? ``python bench/text.py``. Takes a few seconds.

Ranks all mentor texts of bench/data/goals.toml for each goal, by word overlap, by TF-IDF as the
engine weighs words, and by the vectors of ``matching.meaning``; says where the right mentor comes
out. Then the same for German, what a choice of ``full_at`` does, and which pairs of skill names of
bench/data/skills.toml are taken for close.
"""

from __future__ import annotations

import math
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from matching import related
from matching.engine.criteria.text import word_vectors, words
from matching.meaning import cosines, vectors_of

Likeness = NDArray[np.float64]
DATA = Path(__file__).parent / "data"


def read(name: str) -> dict:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def by_overlap(goals: Sequence[str], texts: Sequence[str]) -> Likeness:
    """Share of the words of both that both have (Jaccard)."""
    left, right = ([set(words(text)) for text in side] for side in (goals, texts))
    return np.array([[len(a & b) / max(len(a | b), 1) for b in right] for a in left])


def by_tfidf(goals: Sequence[str], texts: Sequence[str]) -> Likeness:
    """Cosine of the engine's word vectors."""
    vectors = [_unit(vector) for vector in word_vectors([*goals, *texts])]
    left, right = vectors[: len(goals)], vectors[len(goals) :]
    return np.array([[sum(w * b.get(k, 0) for k, w in a.items()) for b in right] for a in left])


def _unit(vector: dict[str, float]) -> dict[str, float]:
    length = math.hypot(*vector.values()) or 1.0
    return {word: weight / length for word, weight in vector.items()}


def by_meaning(goals: Sequence[str], texts: Sequence[str]) -> Likeness:
    return cosines(vectors_of(goals), vectors_of(texts))


def by_meaning_whatever_the_language(goals: Sequence[str], texts: Sequence[str]) -> Likeness:
    from matching.meaning import _sums, quantised

    return cosines(quantised(_sums(list(goals))), quantised(_sums(list(texts))))


METHODS = {"word overlap": by_overlap, "TF-IDF": by_tfidf, "meaning": by_meaning}


def ranks(likeness: Likeness) -> Likeness:
    """Return the rank of the right text of each goal, row k; ties count half."""
    own = likeness.diagonal()[:, None]
    return 1 + (likeness > own).sum(axis=1) + ((likeness == own).sum(axis=1) - 1) / 2


def auc(likeness: Likeness) -> float:
    """Return how often a right pair is above a wrong one."""
    own = likeness.diagonal()
    others = likeness[~np.eye(*likeness.shape, dtype=bool)]
    return float(np.mean([(one > others).mean() + (one == others).mean() / 2 for one in own]))


def line(name: str, likeness: Likeness) -> str:
    rank = ranks(likeness)
    return (
        f"{name:<28} mean reciprocal rank {(1 / rank).mean():.2f}, "
        f"first {(rank <= 1).mean():4.0%}, in five {(rank <= 5).mean():4.0%}, "
        f"median rank {np.median(rank):4.1f}, "
        f"AUC {auc(likeness):.2f}"
    )


def interval(gains: Likeness) -> tuple[float, float]:
    """Return the 95 % interval of a mean by bootstrap over goals."""
    rng = np.random.default_rng(0)
    means = gains[rng.integers(0, len(gains), (10_000, len(gains)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def bench_goals() -> None:
    cases = read("goals.toml")["case"]
    goals = [case["goal"] for case in cases]
    texts = [case["right"] for case in cases] + [case["near"] for case in cases]
    print(f"{len(goals)} goals, {len(texts)} mentor texts, English")
    found = {name: method(goals, texts) for name, method in METHODS.items()}
    for name, likeness in found.items():
        print(" ", line(name, likeness))
    gains = 1 / ranks(found["meaning"]) - 1 / ranks(found["TF-IDF"])
    low, high = interval(gains)
    print(f"  meaning over TF-IDF: {gains.mean():+.2f} ({low:+.2f} to {high:+.2f}, 95 %)")
    kinds = list(dict.fromkeys(case["kind"] for case in cases))
    for kind in kinds:
        rows = [row for row, case in enumerate(cases) if case["kind"] == kind]
        parts = [f"{name} {(1 / ranks(at)[rows]).mean():.2f}" for name, at in found.items()]
        print(f"    {kind:<12} {', '.join(parts)}")
    bench_full_at(found["meaning"])


def bench_full_at(likeness: Likeness) -> None:
    print("  full_at: right and wrong pairs that count as 1; mean value of right and wrong pairs;")
    print("           right pairs of the best assignment of all goals")
    own = np.eye(*likeness.shape, dtype=bool)
    for full_at in (0.2, 0.25, 0.3, 0.35, 0.4, 0.5):
        value = np.clip(likeness / full_at, 0, 1)
        rows, cols = linear_sum_assignment(value, maximize=True)
        full = [(value[which] >= 1).mean() for which in (own, ~own)]
        print(
            f"    {full_at:.2f}  {full[0]:4.0%} {full[1]:6.1%}   "
            f"{value[own].mean():.2f} {value[~own].mean():.2f}   {(rows == cols).sum()}"
        )


def bench_german() -> None:
    cases = read("goals_de.toml")["case"]
    goals = [case["goal"] for case in cases]
    texts = [case["right"] for case in cases] + [case["near"] for case in cases]
    print(f"{len(goals)} goals, {len(texts)} mentor texts, German")
    print(" ", line("TF-IDF", by_tfidf(goals, texts)))
    forced = by_meaning_whatever_the_language(goals, texts)
    print(" ", line("meaning, if it were used", forced))
    wrong = forced[~np.eye(*forced.shape, dtype=bool)]
    print(f"  median cosine of wrong pairs then: {np.median(wrong):.2f}")


def bench_skills() -> None:
    pairs = read("skills.toml")
    total = f"of {len(pairs['close'])} close pairs, %d of {len(pairs['apart'])} pairs apart"

    def show(name: str, is_close: Callable[[str, str], bool]) -> None:
        hits, mistakes = (sum(is_close(*pair) for pair in pairs[k]) for k in ("close", "apart"))
        print(f"  {name:<42} {hits:>2} {total % mistakes}")

    print("Skills written differently")
    for least in (0.5, 0.6, 0.65, 0.7, 0.75, 0.8):
        show(f"meaning alone, cosine from {least}", lambda a, b, c=least: _cosine(a, b) >= c)
    for least in (0.6, 0.7, 0.8):
        show(
            f"same words, or meaning from {least}, not nested",
            lambda a, b, c=least: (
                related.is_same(a, b) or (_cosine(a, b) >= c and not related.is_nested(a, b))
            ),
        )
    show("and the list of families", lambda a, b: b in _related(a, b).get(a, {}))


def _cosine(one: str, other: str) -> float:
    vectors = vectors_of([one.lower(), other.lower()])
    return float(cosines(vectors[:1], vectors[1:])[0, 0])


def _related(one: str, other: str) -> related.Table:
    return related.related_skills([one, other], vectors_of([one.lower(), other.lower()]))


def bench_speed() -> None:
    cases = read("goals.toml")["case"]
    texts = [f"{case[k]} {n}" for n in range(60) for case in cases for k in ("goal", "right")]
    vectors_of(texts[:1])
    start = time.process_time()
    vectors_of(texts[:7_200])
    seconds = (time.process_time() - start) / 7_200 * 10_000
    print(f"10,000 texts: {seconds:.1f} s of processor time")


if __name__ == "__main__":
    bench_goals()
    bench_german()
    bench_skills()
    bench_speed()
