# syntax=docker/dockerfile:1
# The first stage installs firewatch with the same script that CI runs; the second carries only what came out of it.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY requirements requirements
COPY alembic alembic
COPY config config
COPY firewatch firewatch
RUN PIP_NO_CACHE_DIR=1 requirements/install.sh /opt/firewatch

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 firewatch \
    && install -d -o firewatch -g firewatch /var/lib/firewatch
COPY --from=build /opt/firewatch /opt/firewatch
ENV PATH=/opt/firewatch/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    FIREWATCH_HOST=0.0.0.0 \
    FIREWATCH_PORT=8000 \
    FIREWATCH_DATA_DIR=/var/lib/firewatch
USER 10001
WORKDIR /var/lib/firewatch
VOLUME /var/lib/firewatch
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['FIREWATCH_PORT'] + '/healthz', timeout=4)"]
CMD ["firewatch", "serve"]
