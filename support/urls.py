from django.urls import path

from support import views

app_name = "support"
urlpatterns = [
    path("queue/", views.queue, name="queue"),
    path("queue/<int:pk>/", views.item, name="item"),
    path("queue/<int:pk>/<slug:what>/", views.act, name="act"),
    path("cohorts/<int:pk>/rules/", views.rules, name="rules"),
    path("cohorts/<int:pk>/rules/reset/", views.reset, name="reset_rules"),
]
