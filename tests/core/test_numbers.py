import pytest

from core.numbers import whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("42", 42),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", None),
        ("1" * 5000, None),
        ("-1", None),
        ("1.0", None),
        ("", None),
        (None, None),
    ],
)
def test_whole_number_reads_what_the_database_could_hold(text, number):
    assert whole_number(text) == number


def test_whole_number_over_the_most_is_none():
    assert whole_number("11", most=10) is None
