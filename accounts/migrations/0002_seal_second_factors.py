"""Seal the secrets of second factors that were stored in clear."""

from django.db import migrations

from accounts.second_factor import seal_plain


def seal_secrets(apps, schema_editor):
    authenticators = apps.get_model("mfa", "Authenticator").objects
    for row in authenticators.select_for_update().iterator():
        sealed = seal_plain(row.data)
        if sealed != row.data:
            authenticators.filter(pk=row.pk).update(data=sealed)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(seal_secrets, migrations.RunPython.noop)]
