"""The project's addresses, and the yardstick beside them."""

from django.urls import path

from bench.pages import bare
from config.urls import urlpatterns as project

urlpatterns = [*project, path("bare/", bare)]
