"""One settings module, read from the environment. ``deploy/env.example`` explains each variable."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from mentorship import env
from mentorship.admin_theme import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))

DEBUG = env.flag("DEBUG")
DEMO = env.flag("DEMO")
SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
FIELD_KEYS = env.keys("FIELD_KEYS")
BASE_URL = env.url("BASE_URL", "http://127.0.0.1:8000", schemes={"http", "https"}).rstrip("/")
IS_HTTPS = BASE_URL.startswith("https://")
HOST_NAME = urlsplit(BASE_URL).hostname or "localhost"
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", HOST_NAME)
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", BASE_URL)
ORGANISATION_NAME = env.text("ORGANISATION_NAME", "Alongside")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "mentorship.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "pgtrigger",
    "mentorship.apps.ProjectConfig",
    "audit",
    "accounts",
    "notifications",
    "programs",
    "participants",
    "training",
    "matching",
    "sessions",
    "goals",
    "notes",
    "feedback",
    "support",
    "reports",
    "home",
    "api",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "core.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "core.guard.ControlCharacterMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.PersonMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "notifications.middleware.SettledInboxMiddleware",
    "participants.middleware.ConfidentialityMiddleware",
]

ROOT_URLCONF = "mentorship.urls"
WSGI_APPLICATION = "mentorship.wsgi.application"
ADMIN_PATH = "/admin/"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "home.context.navigation",
            ],
            "builtins": ["core.ui.tags", "django.templatetags.i18n", "django.templatetags.static"],
        },
    },
]
FORM_RENDERER = "core.ui.forms.Renderer"

DATABASES = {
    "default": {
        **env.database("DATABASE_URL"),
        "CONN_MAX_AGE": env.number("DATABASE_CONNECTION_SECONDS", 60),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": env.flag("DISABLE_SERVER_SIDE_CURSORS"),
    }
}
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", "10")
# Without a value, each row that fires a trigger raises and catches an error inside the database,
# and bulk writes slow down with every row.
# Random reads cost little more than others on flash or in memory; PostgreSQL's own figure is for
# turning disks, and makes it read whole tables where an index finds the few rows of one cohort.
DATABASES["default"]["OPTIONS"].setdefault(
    "options", "-c pgtrigger.ignore={} -c random_page_cost=1.1"
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.url("REDIS_URL", schemes={"redis", "rediss", "unix"})
SOCKET_TIMEOUT = 5
CACHES = {
    # Login guards and single-use tokens must survive an emptied Redis: PostgreSQL keeps them.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "durable_cache",
    },
    "fast": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": SOCKET_TIMEOUT, "socket_connect_timeout": SOCKET_TIMEOUT},
    },
}

# --- People ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.PersonBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": env.number("PASSWORD_LENGTH", 12, least=8)},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# The constraint user_email_once on lower(email) is stricter than unique=True.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
# Who has just proved the address and chosen a password goes on at once, not by signing in again.
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
# The e-mail is kept by HR; changing it is a matter for IT.
ACCOUNT_MAX_EMAIL_ADDRESSES = 1
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_HTTPS else "http"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/300s/key", "join": "60/h/ip,4/h/key"}
MFA_ADAPTER = "accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = ORGANISATION_NAME
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
USERSESSIONS_TRACK_ACTIVITY = False
# Staff are sent to set up a second factor before anything else when this is on.
STAFF_SECOND_FACTOR = env.flag("STAFF_SECOND_FACTOR", default=not DEMO)

# --- Cookies and transport ------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SECURE_SSL_REDIRECT = IS_HTTPS and env.flag("SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PROXIES = 1 if env.flag("BEHIND_PROXY") else 0
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Guards that count by address believe X-Forwarded-For only as far as our own proxy wrote it.
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
IMPORT_MAX_BYTES = 30 * 1024 * 1024

# --- HR list --------------------------------------------------------------------------------------
# A file that is taken in once a day at this hour (UTC); empty: none. See docs/hr_feed.md.
HR_FEED_PATH = env.text("HR_FEED_PATH", "")
HR_FEED_KIND = env.text("HR_FEED_KIND", "full")
if HR_FEED_KIND not in ("full", "changes"):
    raise ImproperlyConfigured(f"HR_FEED_KIND must be full or changes, not {HR_FEED_KIND!r}.")
HR_FEED_HOUR = env.number("HR_FEED_HOUR", 3)
if HR_FEED_HOUR > 23:
    raise ImproperlyConfigured("HR_FEED_HOUR must be an hour of the day from 0 to 23.")

# --- Pairing --------------------------------------------------------------------------------------
# Off: goals are compared word by word (see docs/pairing.md).
TEXT_MEANING = env.flag("TEXT_MEANING", default=True)

# --- Meetings -------------------------------------------------------------------------------------
# Off: nobody's own calendar is fetched, so that no request leaves for other servers.
BUSY_CALENDARS = env.flag("BUSY_CALENDARS", default=True)

# --- Languages and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["mentorship.formats"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- Files ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# --- Mail -----------------------------------------------------------------------------------------
MAIL = env.mail("MAIL_URL", f"file://{VAR_DIR / 'mail'}")
EMAIL_BACKEND = "notifications.backend.DirectBackend"
EMAIL_TIMEOUT = env.number("MAIL_TIMEOUT", 20, least=1)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text(
    "MAIL_FROM", f"{ORGANISATION_NAME} <mentoring@{HOST_NAME}>"
)
INBOUND_MAIL = env.inbound("INBOUND_MAIL")
RETURNED_MAIL = env.flag("RETURNED_MAIL")
if RETURNED_MAIL and not INBOUND_MAIL["address"]:
    raise ImproperlyConfigured("RETURNED_MAIL needs INBOUND_MAIL, where mail comes back to.")
MAIL_EVENTS = env.mail_events("MAIL_EVENTS")
ANYMAIL = {"WEBHOOK_SECRET": INBOUND_MAIL["secret"]} if INBOUND_MAIL["secret"] else {}

# Whose public holidays hold where a person named none: a country, or a country and region (DE-BY).
HOLIDAY_REGION = env.text("HOLIDAY_REGION", "")

# --- Work in the background -----------------------------------------------------------------------
CELERY_BROKER_URL = env.celery_broker(REDIS_URL)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "socket_timeout": SOCKET_TIMEOUT,
    "socket_connect_timeout": SOCKET_TIMEOUT,
    "socket_keepalive": True,
    "queue_order_strategy": "priority",
}
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ROUTES = {
    "notifications.send_*": {"queue": "mail"},
    "matching.run_*": {"queue": "heavy"},
    "participants.run_*": {"queue": "heavy"},
    "support.run_*": {"queue": "heavy"},
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "run" / "beat-schedule")
SWEEP_SECONDS = env.number("SWEEP_SECONDS", 30, least=1)
CELERY_BEAT_SCHEDULE = {
    **{
        name: {"task": name, "schedule": SWEEP_SECONDS * every, "options": {"expires": 120}}
        for name, every in {
            "notifications.sweep_messages": 1,
            "notifications.sweep_webhooks": 2,
            "matching.sweep_runs": 1,
            "participants.sweep_imports": 1,
            "participants.sweep_places": 4,
            "feedback.plan_check_ins": 2,
            "feedback.plan_fit_questions": 20,
            "feedback.plan_pulses": 40,
            "meetings.sweep_plans": 4,
            "meetings.sweep_busy": 10,
            "audit.chain_events": 2,
            "support.follow_help": 1,
            "support.judge_matches": 20,
            "support.send_announcements": 2,
            "support.sweep_rehearsals": 4,
            "support.sweep_feeds": 2,
            "support.plan_digests": 40,
            "support.post_chats": 4,
        }.items()
    },
    "accounts.sweep_erasures": {"task": "accounts.sweep_erasures", "schedule": 600},
    "accounts.end_externals": {"task": "accounts.end_externals", "schedule": 600},
    **(
        {
            "support.run_nightly_feed": {
                "task": "support.run_nightly_feed",
                "schedule": crontab(hour=HR_FEED_HOUR, minute=17),
            }
        }
        if HR_FEED_PATH
        else {}
    ),
    "home.plan_reminders": {"task": "home.plan_reminders", "schedule": 1_800},
    "goals.forget_removed": {"task": "goals.forget_removed", "schedule": 3_600},
    "notes.forget_removed": {"task": "notes.forget_removed", "schedule": 3_600},
    **{
        f"mentorship.pulse.{queue}": {
            "task": "mentorship.pulse",
            "schedule": 20,
            "args": (queue,),
            "options": {"queue": queue, "expires": 60},
        }
        for queue in ("mail", "default", "heavy")
    },
}

# --- API ------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.ScopedPermission"],
    "DEFAULT_PAGINATION_CLASS": "core.rest.NewestFirst",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["core.throttles.PersonThrottle", "core.throttles.AddressThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "user": env.text("API_RATE", "300/minute"),
        "anon": "30/minute",
    },
    "NUM_PROXIES": PROXIES,
    "EXCEPTION_HANDLER": "core.rest.handle_exception",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Alongside API",
    "DESCRIPTION": "Read what you may see in the browser, and log meetings.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.rest.document_errors",
        "core.rest.document_empty_parameters",
    ],
    "ENUM_NAME_OVERRIDES": {
        "CohortStatus": "programs.models.CohortStatus",
        "EnrolmentStatus": "participants.models.EnrolmentStatus",
        "MatchStatus": "matching.models.MatchStatus",
        "MeetingStatus": "sessions.models.MeetingStatus",
        "MeetingHow": "sessions.models.MeetingHow",
        "MemberRole": "participants.models.MemberRole",
    },
}

# --- Logs -----------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {"django.server": {"level": "WARNING", "propagate": True}},
}
