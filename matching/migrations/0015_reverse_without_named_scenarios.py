from __future__ import annotations

from typing import Any

from django.db import migrations


def drop_named(apps: Any, schema_editor: Any) -> None:
    """Before names, a manager had one scenario of a draft; those with a name stand in the way."""
    apps.get_model("matching", "Scenario").objects.exclude(name="").delete()


class Migration(migrations.Migration):
    dependencies = [("matching", "0014_name_scenarios")]

    operations = [migrations.RunPython(migrations.RunPython.noop, drop_named)]
