"""The table of the cache that an emptied Redis must not touch."""

from django.db import migrations

MAKE = """
    CREATE TABLE durable_cache (
        cache_key varchar(255) NOT NULL PRIMARY KEY,
        value text NOT NULL,
        expires timestamp with time zone NOT NULL
    );
    CREATE INDEX durable_cache_expires ON durable_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("mentorship", "0001_initial")]

    operations = [migrations.RunSQL(MAKE, "DROP TABLE durable_cache")]
