"""Note who left a match that went on: what came after is not theirs to read, also at its end."""

from django.db import migrations, models

NOTE = """
    UPDATE matching_matchmember mm SET left_early = true
    FROM matching_match m
    WHERE m.id = mm.match_id AND mm.left_at IS NOT NULL
      AND (m.status <> 'ended' OR mm.left_at < (
          SELECT max(other.left_at) FROM matching_matchmember other WHERE other.match_id = m.id))
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0021_welcome_in_circles")]

    operations = [
        migrations.AddField(
            model_name="matchmember",
            name="left_early",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.RunSQL(NOTE, migrations.RunSQL.noop),
    ]
