import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.crypto


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0008_stand_in_for_each_other"),
        ("support", "0007_message_that_came_back"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChatChannel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "address",
                    core.crypto.EncryptedTextField(
                        blank=True, default=b"", editable=True, verbose_name="address"
                    ),
                ),
                ("host", models.CharField(editable=False, max_length=253, verbose_name="server")),
                ("language", models.CharField(default="en", max_length=8, verbose_name="language")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "fault",
                    models.CharField(
                        blank=True,
                        editable=False,
                        max_length=200,
                        verbose_name="what the server said",
                    ),
                ),
                (
                    "failed_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="fails since"),
                ),
                ("created_at", models.DateTimeField(editable=False)),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "program",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chat_channel",
                        to="programs.program",
                        verbose_name="program",
                    ),
                ),
            ],
            options={
                "verbose_name": "chat channel",
                "verbose_name_plural": "chat channels",
                "ordering": ("program__name",),
            },
        ),
        migrations.CreateModel(
            name="ChatPost",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("occasion", models.CharField(max_length=40)),
                ("is_test", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("due", "Due"),
                            ("sent", "Taken"),
                            ("skipped", "Skipped"),
                            ("failed", "Failed"),
                        ],
                        default="due",
                        max_length=8,
                    ),
                ),
                ("attempt", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField()),
                ("answer", models.CharField(blank=True, max_length=200)),
                ("sent_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to="support.chatchannel",
                    ),
                ),
            ],
            options={
                "verbose_name": "post to a chat channel",
                "verbose_name_plural": "posts to chat channels",
                "ordering": ("-created_at",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "due")),
                        fields=["due_at"],
                        name="chat_post_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("channel", "occasion"), name="chat_post_once")
                ],
            },
        ),
    ]
