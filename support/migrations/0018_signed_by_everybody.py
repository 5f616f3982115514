"""Gather a match anew when somebody joins or leaves it: an agreement counts by everybody in it."""

from django.db import migrations

TOUCH = """
    CREATE TRIGGER support_touch
        AFTER INSERT OR UPDATE OF left_at
        ON matching_matchmember FOR EACH ROW EXECUTE FUNCTION support_touch_match();

    INSERT INTO support_touchedmatch (match_id)
    SELECT DISTINCT version.match_id FROM matching_agreementversion version;
"""
FORGET = "DROP TRIGGER support_touch ON matching_matchmember"


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0021_welcome_in_circles"),
        ("support", "0017_gather_what_was_touched"),
    ]

    operations = [migrations.RunSQL(TOUCH, FORGET)]
