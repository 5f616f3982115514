"""One address for one thing; each app brings its own."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from core.ui import views as ui_views
from mentorship import health

urlpatterns = [
    path("", include("home.urls")),
    path("matches/<int:pk>/", include("matching.together_urls")),
    path("account/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("cohorts/", include("programs.urls")),
    path("people/doubles/", include("support.doubles_urls")),
    path("people/", include("participants.urls")),
    path("training/", include("training.urls")),
    path("pairing/", include("matching.urls")),
    path("meetings/", include("sessions.urls")),
    path("events/", include("sessions.event_urls")),
    path("calendar/", include("sessions.calendar_urls")),
    path("goals/", include("goals.urls")),
    path("notes/", include("notes.urls")),
    path("check-ins/", include("feedback.urls")),
    path("messages/", include("notifications.urls")),
    path("support/", include("support.urls")),
    path("reports/", include("reports.urls")),
    path("api/", include("api.urls")),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("theme/", ui_views.set_theme, name="core_theme"),
    path("components/", ui_views.components, name="core_components"),
    path("language/", include("django.conf.urls.i18n")),
    path(settings.ADMIN_PATH.lstrip("/"), admin.site.urls),
]

handler400 = "core.faults.bad_request"
handler500 = "core.faults.server_error"
