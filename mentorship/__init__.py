"""The project: settings, urls, Celery app, launcher, health."""

from mentorship.celery import app as celery_app

__all__ = ("celery_app",)
