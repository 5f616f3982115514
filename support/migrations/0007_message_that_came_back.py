from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("support", "0006_name_partners_and_misfits_once"),
    ]

    operations = [
        migrations.AddField(
            model_name="announcement",
            name="came_back",
            field=models.CharField(
                blank=True,
                choices=[
                    ("over", "The cohort was over when its moment came, so nobody got it."),
                    (
                        "author",
                        "Whoever wrote it does not manage this program any more, so nobody got it.",
                    ),
                ],
                db_default="",
                default="",
                editable=False,
                max_length=8,
                verbose_name="why it did not go out",
            ),
        ),
    ]
