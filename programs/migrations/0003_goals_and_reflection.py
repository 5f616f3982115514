from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0002_ask_whether_matches_fit"),
    ]

    operations = [
        migrations.AddField(
            model_name="cohort",
            name="managers_see_goals",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="People may then choose, goal by goal, that program managers see its title and progress. The form says so. Everything else about a goal stays with the match.",
                verbose_name="managers may see goals",
            ),
        ),
        migrations.AddField(
            model_name="phase",
            name="reflection_prompt",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Asked once in this phase. Each person answers for themselves; nobody else reads it.",
                max_length=300,
                verbose_name="question to think about",
            ),
        ),
    ]
