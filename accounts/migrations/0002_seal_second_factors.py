"""Seal the secrets of second factors that were stored in clear; backwards, open them again."""

from django.db import migrations

from accounts.second_factor import open_sealed, seal_plain


def rewrite(apps, change):
    authenticators = apps.get_model("mfa", "Authenticator").objects
    for row in authenticators.select_for_update().iterator():
        data = change(row.data)
        if data != row.data:
            authenticators.filter(pk=row.pk).update(data=data)


def seal_secrets(apps, schema_editor):
    rewrite(apps, seal_plain)


def open_secrets(apps, schema_editor):
    rewrite(apps, open_sealed)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(seal_secrets, open_secrets)]
