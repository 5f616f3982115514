from __future__ import annotations

from datetime import date

import pytest

from core.ui.lines import Point, line, nice_step


@pytest.mark.parametrize(
    ("span", "step"), [(8, 2), (1, 0.25), (100, 25), (7, 2), (0.3, 0.1), (12_345, 5_000)]
)
def test_nice_step_is_round_and_needs_at_most_five_lines(span, step):
    assert nice_step(span) == pytest.approx(step)
    assert span / nice_step(span) <= 4


def test_line_puts_the_first_day_left_and_the_last_right():
    points = [Point(date(2026, 1, 1), 0), Point(date(2026, 1, 11), 50)]

    drawn = line(points, last=date(2026, 1, 21), target=100, desc="Half <way>")

    assert 'aria-label="Half &lt;way&gt;"' in drawn
    assert 'cx="0.0%"' in drawn
    assert 'cx="50.0%"' in drawn
    assert drawn.count('class="stroke"') == 1
    assert drawn.count('class="target"') == 1


def test_line_of_one_point_is_a_dot_and_of_none_is_empty():
    one = line([Point(date(2026, 1, 1), 3)])

    assert (one.count('class="dot"'), one.count('class="stroke"')) == (1, 0)
    assert line([]).count('class="dot"') == 0


def test_line_draws_values_below_zero_and_equal_ones():
    points = [Point(date(2026, 1, 1), -4), Point(date(2026, 1, 2), -4)]

    assert line(points).count('class="dot"') == 2
