# syntax=docker/dockerfile:1
# One image, three commands: web (default), worker, migrate. Runs as a user without rights.
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
RUN apt-get update && apt-get install -y --no-install-recommends gcc \
    && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/zhengxun
COPY requirements.txt .
RUN /opt/zhengxun/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
# Fandol (仿宋, 宋, 黑, 楷) out of the package, without installing TeX.
RUN apt-get update && cd /tmp && apt-get download texlive-lang-chinese \
    && dpkg-deb -x texlive-lang-chinese_*.deb /tmp/tex \
    && mkdir -p /fonts && cp /tmp/tex/usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/*.otf /fonts/

FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends fonts-noto-cjk curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data zhengxun \
    && install -d -o zhengxun -g zhengxun /data
COPY --from=build /opt/zhengxun /opt/zhengxun
COPY --from=build /fonts /usr/share/fonts/opentype/fandol
WORKDIR /app
COPY pyproject.toml alembic.ini README.md ./
COPY analysis analysis
COPY backend backend
COPY frontend/static frontend/static
COPY frontend/templates frontend/templates
COPY migrations migrations
RUN /opt/zhengxun/bin/pip install --no-cache-dir --no-deps --no-build-isolation -e .
ENV PATH=/opt/zhengxun/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    NUMBA_CACHE_DIR=/data/cache/numba \
    ZHENGXUN_DATA_DIR=/data
USER zhengxun
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=40s \
    CMD curl -fsS http://127.0.0.1:8000/readyz || exit 1
ENTRYPOINT ["zhengxun"]
CMD ["serve", "--host", "0.0.0.0", "--no-jobs"]
