"""The variables that the processes of a start are given."""

from pathlib import Path

from mentorship.launcher import credentials, environment

VAR = Path("/srv/alongside/var")
OURS = {"DATABASE_URL": "postgres://ours", "REDIS_URL": "unix:///ours"}


def for_serve(**changes) -> dict[str, str]:
    values = {
        "var": VAR,
        "credentials": credentials.generate(),
        "address": "http://127.0.0.1:8000",
        "host": "127.0.0.1",
        "servers": OURS,
    }
    return environment.for_serve(**{**values, **changes})


def test_serve_fills_what_the_person_left_out(monkeypatch):
    for name in environment.PRODUCT_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    secrets = credentials.generate()

    env = for_serve(credentials=secrets)

    product = {name: env[name] for name in environment.PRODUCT_VARIABLES if name in env}
    assert product == {
        **OURS,
        "SECRET_KEY": secrets.secret_key,
        "FIELD_KEYS": secrets.field_keys,
        "DEBUG": "0",
        "DEMO": "1",
        "BASE_URL": "http://127.0.0.1:8000",
        "ALLOWED_HOSTS": "127.0.0.1,[::1],localhost",
        "MAIL_URL": "file:///srv/alongside/var/mail",
        "VAR_DIR": "/srv/alongside/var",
    }


def test_serve_obeys_what_the_person_set(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://theirs")
    monkeypatch.setenv("DEMO", "0")
    monkeypatch.setenv("BASE_URL", "https://mentoring.example.org")

    env = for_serve()

    assert env["DATABASE_URL"] == "postgres://theirs"
    assert env["DEMO"] == "0"
    assert env["BASE_URL"] == "https://mentoring.example.org"


def test_tests_take_nothing_of_the_product_from_the_shell(monkeypatch, tmp_path):
    for name in environment.PRODUCT_VARIABLES:
        monkeypatch.setenv(name, "from-the-shell")

    env = environment.for_tests(folder=tmp_path, servers=OURS, chromium="")

    taken = [name for name in environment.PRODUCT_VARIABLES if env.get(name) == "from-the-shell"]
    assert taken == []


def test_production_check_runs_without_the_leave_that_browser_tests_need(tmp_path):
    env = environment.for_tests(folder=tmp_path, servers=OURS, chromium="")

    assert "DJANGO_ALLOW_ASYNC_UNSAFE" in env
    assert "DJANGO_ALLOW_ASYNC_UNSAFE" not in environment.for_production_check(env)
