"""Makes the migrated, empty database that every test process copies: ``python -m tests.template``.

``TEST_TEMPLATE`` in the environment names it.
"""

from __future__ import annotations

import os

import django
from django.db import connection


def make() -> None:
    """Create the database, in place of an earlier one, and migrate it."""
    django.setup()
    connection.settings_dict["TEST"]["NAME"] = os.environ["TEST_TEMPLATE"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentorship.settings")
    make()
