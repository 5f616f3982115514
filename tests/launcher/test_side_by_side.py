"""Each process of a parallel run has a queue of its own."""

import pytest

from tests.side_by_side import moved


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("unix:///tmp/run/valkey.sock", "unix:///tmp/run/valkey.sock?db=1"),
        ("unix:///tmp/run/valkey.sock?db=3", "unix:///tmp/run/valkey.sock?db=4"),
        ("redis://127.0.0.1:6379", "redis://127.0.0.1:6379/1"),
        ("rediss://user:word@host:6379/2", "rediss://user:word@host:6379/3"),
    ],
)
def test_queue_moves_to_the_next_database(url, expected):
    assert moved(url, by=1) == expected
