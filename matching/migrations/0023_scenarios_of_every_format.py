"""Figures of scenarios tell who has a place: with a mentor, with a partner, or in a circle."""

from typing import Any

from django.db import migrations

RENAMED = {"pairs": "placed", "pairs_now": "placed_now"}
WITH_NOW, WITH_THEN = 1, 2


def tell_places(apps: Any, schema_editor: Any) -> None:
    """Rewrite the results that were kept; a row at a time, for there are few."""
    rows = apps.get_model("matching", "Scenario").objects.using(schema_editor.connection.alias)
    for scenario in rows.filter(result__has_key="pairs").iterator(100):
        scenario.result = _renamed(scenario.result)
        scenario.result["groups_made"] = scenario.result["placed"]
        for move in scenario.result["moves"]:
            for side in (WITH_NOW, WITH_THEN):
                move[side] = [] if move[side] is None else [move[side]]
        for name in ("draft", "then"):
            if name in scenario.result:
                scenario.result[name] = _measured(scenario.result[name])
        scenario.save(update_fields=["result"])


def drop_all(apps: Any, schema_editor: Any) -> None:
    """Drop what was tried: releases before this one read other figures. It can be tried again."""
    rows = apps.get_model("matching", "Scenario").objects.using(schema_editor.connection.alias)
    rows.all().delete()


def _renamed(figures: dict[str, Any]) -> dict[str, Any]:
    return {RENAMED.get(name, name): value for name, value in figures.items()}


def _measured(figures: dict[str, Any]) -> dict[str, Any]:
    groups = {kind: [_renamed(row) for row in rows] for kind, rows in figures["groups"].items()}
    return {**_renamed(figures), "groups": groups}


class Migration(migrations.Migration):
    dependencies = [("matching", "0022_leave_early")]

    operations = [migrations.RunPython(tell_places, drop_all)]
