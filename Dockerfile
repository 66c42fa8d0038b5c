# One image for web, worker, beat and migrate; docker-compose.yml says what each runs.
FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements/runtime.txt /tmp/runtime.txt
RUN /venv/bin/pip install --require-hashes -r /tmp/runtime.txt

FROM python:3.12-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    PAYSTORY_NO_EMBEDDED=1 \
    COLLECTED_STATIC=1
RUN useradd --system --uid 10001 --home-dir /app paystory
WORKDIR /app
COPY --from=build /venv /venv
COPY . .
# Static files are collected at build time, without any server; the key is thrown away.
RUN SECRET_KEY=build python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q .
USER paystory
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", \
     "--worker-tmp-dir", "/dev/shm", "--max-requests", "5000", "--max-requests-jitter", "500"]
