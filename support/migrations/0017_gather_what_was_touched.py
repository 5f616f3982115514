"""Note which matches were touched, so that a sweep gathers facts about those alone."""

from django.db import migrations, models

TOUCH = """
    CREATE FUNCTION support_touch_match() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO support_touchedmatch (match_id)
        VALUES (CASE WHEN TG_OP = 'DELETE' THEN OLD.match_id ELSE NEW.match_id END);
        RETURN NULL;
    END $$;

    CREATE FUNCTION support_touch_new_match() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO support_touchedmatch (match_id) VALUES (NEW.id);
        RETURN NULL;
    END $$;

    CREATE FUNCTION support_touch_match_of_goal() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO support_touchedmatch (match_id)
        SELECT g.match_id FROM goals_goal g
        WHERE g.id = CASE WHEN TG_OP = 'DELETE' THEN OLD.goal_id ELSE NEW.goal_id END;
        RETURN NULL;
    END $$;

    CREATE FUNCTION support_touch_match_of_version() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO support_touchedmatch (match_id)
        SELECT v.match_id FROM matching_agreementversion v
        WHERE v.id = CASE WHEN TG_OP = 'DELETE' THEN OLD.version_id ELSE NEW.version_id END;
        RETURN NULL;
    END $$;

    CREATE TRIGGER support_touch AFTER INSERT ON matching_match
        FOR EACH ROW EXECUTE FUNCTION support_touch_new_match();
    CREATE TRIGGER support_touch
        AFTER INSERT OR DELETE OR UPDATE
        ON matching_threadmessage FOR EACH ROW EXECUTE FUNCTION support_touch_match();
    CREATE TRIGGER support_touch
        AFTER INSERT OR DELETE OR UPDATE
        ON goals_goal FOR EACH ROW EXECUTE FUNCTION support_touch_match();
    CREATE TRIGGER support_touch
        AFTER INSERT OR DELETE OR UPDATE
        ON goals_progressupdate FOR EACH ROW EXECUTE FUNCTION support_touch_match_of_goal();
    CREATE TRIGGER support_touch
        AFTER INSERT OR DELETE OR UPDATE
        ON matching_agreementsignature FOR EACH ROW
        EXECUTE FUNCTION support_touch_match_of_version();

    INSERT INTO support_touchedmatch (match_id) SELECT id FROM matching_match;
"""
FORGET = """
    DROP TRIGGER support_touch ON matching_match;
    DROP TRIGGER support_touch ON matching_threadmessage;
    DROP TRIGGER support_touch ON goals_goal;
    DROP TRIGGER support_touch ON goals_progressupdate;
    DROP TRIGGER support_touch ON matching_agreementsignature;
    DROP FUNCTION support_touch_match();
    DROP FUNCTION support_touch_new_match();
    DROP FUNCTION support_touch_match_of_goal();
    DROP FUNCTION support_touch_match_of_version();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("goals", "0001_initial"),
        ("matching", "0019_welcome_among_peers"),
        ("support", "0016_queue_accounts_that_end"),
    ]

    operations = [
        migrations.CreateModel(
            name="TouchedMatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("match_id", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "touched match",
                "verbose_name_plural": "touched matches",
                "default_permissions": (),
            },
        ),
        migrations.RunSQL(TOUCH, FORGET),
    ]
