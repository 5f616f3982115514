"""Lets 0007 be reversed: before it, a kind could be stopped once, by mail alone."""

from django.db import migrations


def drop_stops_of_the_inbox(apps, schema_editor):
    stops = apps.get_model("notifications", "MessageStop").objects.using(
        schema_editor.connection.alias
    )
    stops.filter(channel="inbox").delete()


class Migration(migrations.Migration):
    dependencies = [("notifications", "0007_inbox")]

    operations = [migrations.RunPython(migrations.RunPython.noop, drop_stops_of_the_inbox)]
