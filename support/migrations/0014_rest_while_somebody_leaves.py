from django.db import migrations

MAKE = """
    CREATE FUNCTION support_match_rests() RETURNS trigger AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM support_leaver l
                   JOIN matching_matchmember m ON m.user_id = l.person_id
                   WHERE m.match_id = NEW.id AND m.left_at IS NULL
                     AND l.undone_at IS NULL AND l.closed_at IS NULL
                     AND l.rested_at IS NOT NULL AND NEW.id = ANY (l.rested_matches)) THEN
            RAISE EXCEPTION 'match_rests: it rests because somebody in it leaves'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$ LANGUAGE plpgsql;
    CREATE TRIGGER support_match_rests BEFORE UPDATE OF status ON matching_match
        FOR EACH ROW WHEN (OLD.status = 'paused' AND NEW.status = 'active')
        EXECUTE FUNCTION support_match_rests();
"""
DROP = """
    DROP TRIGGER support_match_rests ON matching_match;
    DROP FUNCTION support_match_rests();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("support", "0013_what_holds_a_list"),
        ("matching", "0015_reverse_without_named_scenarios"),
    ]

    operations = [migrations.RunSQL(MAKE, DROP)]
