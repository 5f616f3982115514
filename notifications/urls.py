from django.urls import URLPattern, URLResolver, path

from notifications import views

app_name = "notifications"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.inbox, name="inbox"),
    path("read/", views.read_all, name="read_all"),
    path("<uuid:pk>/", views.open_notice, name="open"),
    path("<uuid:pk>/mark/", views.mark, name="mark"),
    path("settings/times/", views.times, name="times"),
    path("settings/", views.settings, name="settings"),
    path("stop/<str:token>/", views.stop, name="stop"),
    path("events/", views.provider_events, name="provider_events"),
    path("demo/", views.demo_mail, name="demo_mail"),
    path("demo/<str:name>/", views.demo_mail_detail, name="demo_mail_detail"),
    path("demo/<str:name>/html/", views.demo_mail_html, name="demo_mail_html"),
]
