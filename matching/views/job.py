"""The progress of a job of a run, as ``matching/_job.html`` shows it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from core.jobs import Job


def job_context(job: Job, *, run_id: int, title: str, text: str) -> dict[str, Any]:
    """Return what is being done, how far it is, and where the page asks and goes on."""
    has_begun = job.progress_total > 1
    return {
        "job_title": title,
        "job_text": text,
        "job_value": job.progress_done if has_begun else None,
        "job_max": job.progress_total if has_begun else None,
        "poll_url": reverse("matching:progress", args=(run_id,)),
        "refresh_url": reverse("matching:review", args=(run_id,)),
    }
