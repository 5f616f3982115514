from django.urls import path

from training import views

app_name = "training"
urlpatterns = [
    path("", views.library, name="library"),
    path("<int:pk>/", views.module, name="module"),
    path("<int:pk>/<int:page>/", views.page, name="page"),
    path("<int:pk>/done/", views.done, name="done"),
    path("<int:pk>/draft/", views.draft, name="draft"),
    path("<int:pk>/use/", views.use, name="use"),
    path("files/<int:pk>/", views.part_file, name="file"),
    path("versions/<int:pk>/", views.preview, name="preview"),
    path("cohorts/<int:pk>/", views.cohort, name="cohort"),
    path("cohorts/<int:pk>/gate/", views.gate, name="gate"),
    path("excuses/<int:pk>/", views.excuse, name="excuse"),
]
