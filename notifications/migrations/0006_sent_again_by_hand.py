from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0005_webhooks"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="by_hand",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="It waits for no share of the week.",
                verbose_name="sent again by a person",
            ),
        ),
        migrations.AlterField(
            model_name="webhook",
            name="program_id",
            field=models.BigIntegerField(
                blank=True,
                help_text="Its number; empty means all. Nothing is told of discreet programs.",
                null=True,
                verbose_name="only this program",
            ),
        ),
    ]
