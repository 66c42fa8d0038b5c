"""What gunicorn loads. A process that loads it is a web server: its database waits are limited."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections

from config.timeouts import limit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
limit(
    connections.settings["default"],
    lock_ms=settings.WEB_LOCK_TIMEOUT_MS,
    statement_ms=settings.WEB_STATEMENT_TIMEOUT_MS,
)
