import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.crypto


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0006_sent_again_by_hand"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "line",
                    core.crypto.EncryptedTextField(
                        blank=True, default=b"", editable=True, verbose_name="what about"
                    ),
                ),
                (
                    "path",
                    models.CharField(
                        blank=True, help_text="The page it leads to, on this site.", max_length=300
                    ),
                ),
                ("shown_at", models.DateTimeField(verbose_name="shown")),
                ("read_at", models.DateTimeField(null=True, verbose_name="read")),
            ],
            options={
                "verbose_name": "line of an inbox",
                "verbose_name_plural": "lines of inboxes",
                "ordering": ("-shown_at", "-id"),
            },
        ),
        migrations.RemoveConstraint(
            model_name="messagestop",
            name="message_stop_once",
        ),
        migrations.AddField(
            model_name="messagestop",
            name="channel",
            field=models.CharField(
                choices=[("mail", "By e-mail"), ("inbox", "In your inbox here")],
                db_default="mail",
                default="mail",
                max_length=5,
            ),
        ),
        migrations.AddConstraint(
            model_name="messagestop",
            constraint=models.UniqueConstraint(
                fields=("user", "kind", "channel"), name="message_stop_once"
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="message",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notice",
                to="notifications.message",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="recipient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                fields=["recipient", "-shown_at", "-id"], name="notice_by_recipient"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("read_at__isnull", True)),
                fields=["recipient"],
                name="notice_unread",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("path", ""),
                    models.Q(
                        ("path__startswith", "/"),
                        models.Q(("path__startswith", "//"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="notice_leads_to_this_site",
            ),
        ),
    ]
