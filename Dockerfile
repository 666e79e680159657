# syntax=docker/dockerfile:1
# One image, three commands: web (default), worker, migrate. Runs as a user without rights.
FROM python:3.11-slim-bookworm AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /build
# Wheels and pure Python only, so no compiler is needed.
RUN python -m venv /opt/zhengxun
COPY requirements.txt .
RUN /opt/zhengxun/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM debian:bookworm-slim AS fonts
# Fandol (仿宋, 宋, 黑, 楷) out of its package, without installing TeX.
WORKDIR /tmp/fandol
RUN apt-get update && apt-get download texlive-lang-chinese \
    && dpkg-deb -x texlive-lang-chinese_*.deb . \
    && mkdir /fonts \
    && cp usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/*.otf /fonts/

FROM python:3.11-slim-bookworm
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-noto-cjk fontconfig postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data zhengxun \
    && install -d -o zhengxun -g zhengxun /data
COPY --from=build /opt/zhengxun /opt/zhengxun
COPY --from=fonts /fonts /usr/share/fonts/opentype/fandol
WORKDIR /app
COPY pyproject.toml alembic.ini README.md LICENSE ./
COPY analysis analysis
COPY backend backend
COPY frontend/static frontend/static
COPY frontend/templates frontend/templates
COPY migrations migrations
COPY docs/quality.md docs/quality.md
RUN /opt/zhengxun/bin/pip install --no-cache-dir --no-deps -e .
ENV PATH=/opt/zhengxun/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    NUMBA_CACHE_DIR=/data/cache/numba \
    ZHENGXUN_DATA_DIR=/data
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=40s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["zhengxun"]
CMD ["serve", "--host", "0.0.0.0", "--no-jobs"]
