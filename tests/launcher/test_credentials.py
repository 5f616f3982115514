import json
import os
import stat

import pytest

from mentorship.launcher import credentials
from mentorship.launcher.problem import Problem


def mode(path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_secrets_made_once_are_readable_by_their_owner_only(tmp_path):
    previous = os.umask(0)
    try:
        made = credentials.load_or_create(tmp_path / "secrets.json")
    finally:
        os.umask(previous)

    assert mode(tmp_path / "secrets.json") == "0o600"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secrets.json"]
    assert credentials.load_or_create(tmp_path / "secrets.json") == made


def test_secrets_of_two_installations_share_nothing():
    one, two = credentials.generate(), credentials.generate()

    assert not set(vars(one).values()) & set(vars(two).values())


def test_secrets_with_a_loose_mode_are_tightened(tmp_path):
    path = tmp_path / "secrets.json"
    made = credentials.load_or_create(path)
    path.chmod(0o644)

    assert credentials.load_or_create(path) == made
    assert mode(path) == "0o600"


@pytest.mark.parametrize("content", ["", "{", "[]", json.dumps({"secret_key": "x"})])
def test_secrets_that_are_damaged_are_refused_and_never_replaced(tmp_path, content):
    path = tmp_path / "secrets.json"
    path.write_text(content)

    with pytest.raises(Problem, match="keys of the private notes"):
        credentials.load_or_create(path)
    assert path.read_text() == content


def test_field_key_is_read_by_settings(monkeypatch):
    from mentorship import env

    monkeypatch.setenv("FIELD_KEYS", credentials.generate().field_keys)

    assert [(name, len(key)) for name, key in env.keys("FIELD_KEYS").items()] == [("k1", 32)]
