"""Say in the help of the format that flash matches end by themselves."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0015_explain_formats"),
    ]

    operations = [
        migrations.AlterField(
            model_name="program",
            name="format",
            field=models.CharField(
                choices=[
                    ("one_to_one", "One to one"),
                    ("reverse", "Reverse: juniors mentor seniors"),
                    ("flash", "Flash: short and focused"),
                    ("peer", "Peers: two equals, no mentors"),
                    ("group", "Circles: one to three mentors with several mentees"),
                ],
                default="one_to_one",
                help_text="In a program of peers everybody enrols alike, and a match is two of them who learn from each other. A circle is a match of one to three mentors with three to eight mentees. In a reverse program the usual policy looks for mentors who stand below their mentees; in a flash program for who knows and has time, in any department, and a match ends by itself a week after its last meeting. The format stays once people have been paired.",
                max_length=20,
                verbose_name="format",
            ),
        ),
    ]
