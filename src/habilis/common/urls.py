from django.urls import path

from habilis.common import views

app_name = "common"
urlpatterns = [
    path("travaux/<uuid:pk>/", views.progress, name="progress"),
]
