import pytest

from mentorship.launcher import chromium
from mentorship.launcher.problem import Problem


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "some-chromium"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_named_chromium_comes_before_any_other(monkeypatch, program):
    monkeypatch.setenv("CHROMIUM", str(program))

    assert chromium.find() == str(program)


def test_named_chromium_that_is_missing_is_told_instead_of_replaced(monkeypatch, tmp_path):
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "nothing"))

    with pytest.raises(Problem, match="is no program"):
        chromium.find()


def test_debians_chromium_comes_before_chrome(monkeypatch, program, tmp_path):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "DEBIAN", str(program))
    monkeypatch.setenv("PATH", str(tmp_path))
    program.with_name("google-chrome").symlink_to(program)

    assert chromium.find() == str(program)


def test_chrome_on_path_is_found_without_debians(monkeypatch, program, tmp_path):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "DEBIAN", str(tmp_path / "nothing"))
    monkeypatch.setenv("PATH", str(tmp_path))
    chrome = program.rename(tmp_path / "google-chrome")

    assert chromium.find() == str(chrome)
