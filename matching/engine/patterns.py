"""Terms that are cut become linear where few different people stand on one side.

Whoever brings the same numbers to a term is one pattern. With few patterns on one side a table of
what patterns are worth to each other, cut once, says the same as a product cut for each pair.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, hstack

from matching.engine.features import Matrix, Term, Whole, Worth, tabled

MOST_PATTERNS = 48


def simplified(term: Worth, *, at_most: int | None = None) -> Worth:
    """Return a term as a table if it is cut and one side has few patterns; else as it is.

    ``at_most`` cuts the table further, where nobody asks how much more a pair is worth.
    """
    if not isinstance(term, Term) or term.is_linear:
        return term
    sides = [_together(term, side) for side in ("left", "right")]
    (our_codes, ours), (their_codes, theirs) = map(_patterns, sides)
    if min(ours.shape[0], theirs.shape[0]) > MOST_PATTERNS:
        return term
    table = np.asarray((ours.astype(np.int64) @ theirs.astype(np.int64).T).toarray())
    for high in (term.high, at_most):
        table = table if high is None else np.minimum(table, high)
    table = table if term.low is None else np.maximum(table, term.low)
    return Term((tabled(our_codes, their_codes, table),))


def _together(term: Term, side: str) -> csr_array:
    parts: list[Matrix] = [getattr(part, side) for part in term.features]
    together = csr_array(hstack([csr_array(part) for part in parts], format="csr"))
    together.sort_indices()
    return together


def _patterns(people: csr_array) -> tuple[Whole, csr_array]:
    """Return the pattern of each person and one row for each pattern.

    Rows are told apart by a sum of products with fixed random numbers. Should two different rows
    have one sum, everybody becomes a pattern of their own, which is as right.
    """
    draw = np.random.default_rng(people.shape[1])
    numbers = draw.integers(-(2**62), 2**62, people.shape[1])
    sums = people.astype(np.int64) @ numbers
    _, first, codes = np.unique(sums, return_index=True, return_inverse=True)
    found = people[first]
    if (people != found[codes]).nnz:
        return np.arange(people.shape[0]), people
    return codes, found
