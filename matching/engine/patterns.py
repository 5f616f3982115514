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
    left, right = (_together(term, side) for side in ("left", "right"))
    if not _has_few(left) and not _has_few(right):
        return term
    our_codes, ours = _patterns(left)
    their_codes, theirs = _patterns(right)
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


def _has_few(people: csr_array) -> bool:
    """Tell whether there are few patterns; stops at the first that is one too many."""
    found = set()
    for row in range(people.shape[0]):
        found.add(_key(people, row))
        if len(found) > MOST_PATTERNS:
            return False
    return True


def _patterns(people: csr_array) -> tuple[Whole, csr_array]:
    """Return the pattern of each person and one row for each pattern."""
    numbers: dict[tuple[bytes, bytes], int] = {}
    codes = np.array(
        [numbers.setdefault(_key(people, row), len(numbers)) for row in range(people.shape[0])],
        dtype=np.int64,
    )
    _, first = np.unique(codes, return_index=True)
    return codes, people[first]


def _key(people: csr_array, row: int) -> tuple[bytes, bytes]:
    here = slice(people.indptr[row], people.indptr[row + 1])
    return people.indices[here].tobytes(), people.data[here].tobytes()
