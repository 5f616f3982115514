"""Small groups are combined, never hidden: the total minus the rest would reveal them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

SMALLEST_GROUP = 5

GroupT = TypeVar("GroupT")


def combine_small(
    groups: Sequence[GroupT],
    *,
    size: Callable[[GroupT], int],
    merge: Callable[[GroupT, GroupT], GroupT],
    least: int = SMALLEST_GROUP,
) -> list[GroupT]:
    """Merge groups of fewer than ``least`` people with the next smallest until none is left.

    The order of the input breaks ties, so that the same figures always give the same groups. When
    all people together are fewer than ``least``, nothing is returned: nobody could hide there.
    """
    left = sorted(enumerate(groups), key=lambda pair: (size(pair[1]), pair[0]))
    while len(left) > 1 and size(left[0][1]) < least:
        (at, smallest), (_, neighbour) = left[0], left[1]
        left[:2] = [(at, merge(smallest, neighbour))]
        left.sort(key=lambda pair: (size(pair[1]), pair[0]))
    return [group for _, group in sorted(left, key=lambda pair: pair[0]) if size(group) >= least]
