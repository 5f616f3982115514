"""Remember which pairs somebody rejected for their own sake, so that later drafts leave them out."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matching", "0023_scenarios_of_every_format")]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="is_refused",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_refused", False), ("state", "rejected"), _connector="OR"),
                name="proposal_refused_is_rejected",
            ),
        ),
    ]
