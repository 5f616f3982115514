import re
from pathlib import Path

from mentorship.launcher.processes import CHECKOUT
from tests.launcher import compose

SECRETS = ("SECRET_KEY", "FIELD_KEYS", "DATABASE_PASSWORD", "POSTGRES_PASSWORD")


def variables_of_settings() -> set[str]:
    source = (CHECKOUT / "mentorship" / "settings.py").read_text()
    return set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))


def variables_of_example() -> set[str]:
    example = (CHECKOUT / "deploy" / "env.example").read_text()
    return set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE))


def test_compose_file_is_valid():
    assert compose.problems(compose.load()) == []


def test_compose_schema_refuses_a_wrong_file():
    document = compose.load()
    document["services"]["web"]["prots"] = ["8000:8000"]

    assert len(compose.problems(document)) == 1


def test_compose_file_has_every_role_and_a_health_check_for_what_stays():
    services = compose.load()["services"]

    assert sorted(services) == [
        *("beat", "db", "mail", "migrate", "redis", "web"),
        *("worker-default", "worker-heavy", "worker-mail"),
    ]
    without = [name for name, service in services.items() if "healthcheck" not in service]
    assert without == ["migrate"]


def test_compose_file_holds_no_secret():
    text = Path(compose.COMPOSE).read_text()

    for name in SECRETS:
        values = re.findall(rf"^\s*{name}:(.*)$", text, re.MULTILINE)
        assert all(value.strip().startswith('"${') for value in values), name
    assert re.findall(r":[^$/\s]+@db", text) == []


def test_every_variable_of_compose_is_explained():
    text = Path(compose.COMPOSE).read_text()
    named = set(re.findall(r"\$\{([A-Z_]+)", text))
    passed = set(re.findall(r"^    ([A-Z_]+):\s*$", text, re.MULTILINE))

    assert named | passed <= variables_of_example()


def test_every_variable_of_settings_is_explained():
    assert variables_of_settings() - variables_of_example() == set()
