from django.urls import path

from yardstick import views

urlpatterns = [
    path("sections/<str:key>/", views.section, name="section"),
    path("passages/<str:key>/comment/", views.comment, name="comment"),
    path("receipts/<str:code>/", views.receipt, name="receipt"),
]
