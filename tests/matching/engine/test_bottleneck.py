"""The highest floor of a large pool: the same as with all scores in memory, few pairs looked at."""

from __future__ import annotations

import numpy as np
import pytest

from matching.engine import solve_scores
from matching.engine.blocks import MatrixBlocks, OpenPairs, Rewards
from matching.engine.bottleneck import Bottleneck
from matching.engine.candidates import Candidates
from matching.engine.scoring import no_progress


class Counted(MatrixBlocks):
    """Scores that count how many cells were asked for."""

    asked = 0

    def block(self, rows, cols=None):
        found = super().block(rows, cols)
        self.asked += found.size
        return found


def search(scores, seats, keep):
    """Search from the best ``keep`` pairs of each row, with an exact bound on the others."""
    blocks = Counted(scores)
    rows, cols = map(np.arange, scores.shape)
    pairs = OpenPairs(blocks, rows, cols, least=0, rewards=Rewards.of({}))
    order = np.argsort(-scores, axis=1, kind="stable")
    col = order[:, :keep].ravel()
    row = np.repeat(rows, keep)
    known = Candidates(row, col, scores[row, col], scores[rows, order[:, keep]])
    search = Bottleneck(pairs, known.over(0), np.ones(len(rows), np.int64), seats, no_progress)
    return search, blocks


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("shape", [(60, 60, 1), (60, 20, 3), (60, 25, 2), (40, 60, 1)])
def test_floor_from_a_few_known_pairs_is_that_of_all_scores(shape, seed):
    mentees, mentors, seats = shape
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 30 if seed % 2 else 1_000_000, (mentees, mentors))
    scores[rng.random(scores.shape) < seed / 20] = -1
    dense = solve_scores(scores, capacity=seats, floor=True, solver="dense")

    found, _blocks = search(scores, np.full(mentors, seats), keep=3)

    assert found.highest() == dense.floor


def test_one_hard_mentee_settles_the_floor_without_a_look_at_all_pairs():
    rng = np.random.default_rng(4)
    scores = rng.integers(500_000, 1_000_000, (400, 400))
    scores[7] = rng.integers(0, 300_000, 400)

    found, blocks = search(scores, np.ones(400, np.int64), keep=20)

    assert found.highest() == scores[7].max()
    assert blocks.asked < 0.05 * scores.size
