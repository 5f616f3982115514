"""What `bin/test` makes of its arguments and of pytest's report."""

import pytest

from mentorship.launcher.checks import Wishes, executed_tests


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ("-m", "not slow")),
        (["tests/matching", "-k", "name"], ("-m", "not slow", "tests/matching", "-k", "name")),
        (["--all"], ()),
        (["--all", "tests/faults"], ("tests/faults",)),
        (["-m", "browser"], ("-m", "browser")),
    ],
)
def test_arguments_choose_the_tests(arguments, expected):
    assert Wishes.read(arguments).pytest_arguments == expected


BESIDE = ("-n", "2", "--dist", "worksteal", "-m", "not slow and not faults")


@pytest.mark.parametrize(
    ("arguments", "processes", "expected"),
    [
        ([], 2, [BESIDE, ("-m", "faults and not slow")]),
        (["--all"], 2, [BESIDE, ("-m", "slow or faults")]),
        ([], 1, [("-m", "not slow")]),
        (["tests/core"], 2, [("-m", "not slow", "tests/core")]),
        (["--all", "tests/faults"], 2, [("tests/faults",)]),
    ],
)
def test_whole_suite_runs_side_by_side_and_what_kills_servers_alone(arguments, processes, expected):
    assert Wishes.read(arguments).turns(processes) == expected


@pytest.mark.parametrize(
    ("arguments", "is_part"), [([], False), (["--all"], False), (["tests/core"], True)]
)
def test_named_tests_run_without_the_other_checks(arguments, is_part):
    assert bool(Wishes.read(arguments).selection) is is_part


@pytest.mark.parametrize(("tests", "skipped", "executed"), [(5, 2, 3), (4, 4, 0), (0, 0, 0)])
def test_skipped_tests_count_as_not_executed(tmp_path, tests, skipped, executed):
    report = tmp_path / "tests.xml"
    report.write_text(f'<testsuites><testsuite tests="{tests}" skipped="{skipped}"/></testsuites>')

    assert executed_tests(report) == executed
