from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("support", "0011_addresses_to_tell"),
    ]

    operations = [
        migrations.AddField(
            model_name="leaver",
            name="kept_programs",
            field=ArrayField(base_field=models.BigIntegerField(), default=list, size=None),
        ),
        migrations.AddConstraint(
            model_name="leaver",
            constraint=models.CheckConstraint(
                condition=models.Q(program__isnull=True) | models.Q(kept_programs=[]),
                name="leaver_kept_by_others_only",
            ),
        ),
    ]
