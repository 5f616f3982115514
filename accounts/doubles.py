"""What is remembered about accounts that look like one person, and about those that became one."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DistinctPeople(models.Model):
    """Somebody looked at two accounts and found that they are two people."""

    low = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    high = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    said_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    said_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("low", "high"), name="distinct_people_once"),
            models.CheckConstraint(
                condition=models.Q(low__lt=models.F("high")), name="distinct_people_in_order"
            ),
        )

    def __str__(self) -> str:
        return f"{self.low_id}, {self.high_id}"


class AccountMerge(models.Model):
    """A double that was given up: for which account, by whom and why, and what went over."""

    double = models.OneToOneField("accounts.User", on_delete=models.PROTECT, related_name="merge")
    kept = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    merged_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    counts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("merge of two accounts")
        verbose_name_plural = _("merges of accounts")
        ordering = ("-merged_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(double=models.F("kept")), name="merge_of_two_accounts"
            ),
        )

    def __str__(self) -> str:
        return f"{self.double_id}: {self.kept_id}"
