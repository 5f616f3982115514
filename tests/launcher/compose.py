"""Validates docker-compose.yml against the schema of the Compose Specification.

`python -m tests.launcher.compose` prints what is wrong and fails then.
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator

HERE = Path(__file__).parent
COMPOSE = HERE.parents[1] / "docker-compose.yml"


def load() -> dict[str, Any]:
    """Return the compose file as Compose reads it, its anchors resolved."""
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))


def problems(document: dict[str, Any]) -> list[str]:
    schema = json.loads((HERE / "compose-spec.json").read_text(encoding="utf-8"))
    errors = Draft7Validator(schema).iter_errors(document)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]


def main() -> int:
    found = problems(load())
    print("\n".join(found) or f"{COMPOSE.name} is valid.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
