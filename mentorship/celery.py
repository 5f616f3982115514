"""The workers and beat.

Celery carries "look at row N" and wakes the sweeps; what is to be done stands in PostgreSQL, so an
emptied queue costs at most one sweep's time.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentorship.settings")
# Before NumPy is loaded: threads that wait for each other cost a busy machine ten times the work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

app = Celery("mentorship")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
