from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("", views.outcomes, name="outcomes"),
    path("dictionary/", views.data_dictionary, name="dictionary"),
    path("export/<slug:dataset>.<slug:file_format>", views.export, name="export"),
    path("cohorts/<int:pk>/", views.overview, name="overview"),
    path("cohorts/<int:pk>/fit/", views.evidence, name="evidence"),
    path("cohorts/<int:pk>/objectives/", views.objectives, name="objectives"),
    path("cohorts/<int:pk>/people/<slug:step>/", views.funnel_names, name="names"),
    path("cohorts/<int:pk>/pairs/", views.pairs, name="pairs"),
]
