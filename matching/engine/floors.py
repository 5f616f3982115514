"""The search for the highest floor: the highest worst score that the most pairs can have."""

from __future__ import annotations

from collections.abc import Callable


def highest_reached(steps: int, is_reached: Callable[[int], bool]) -> int:
    """Return the last step that is reached, the first for sure; reached steps come first.

    Goes down from the last in growing strides and closes in by bisection.
    """
    high = low = steps - 1
    stride = 1
    while low > 0 and not is_reached(low):
        high, low, stride = low - 1, max(0, low - stride), stride * 2
    while low < high:
        middle = (low + high + 1) // 2
        if is_reached(middle):
            low = middle
        else:
            high = middle - 1
    return low
