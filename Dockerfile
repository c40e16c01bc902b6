# The service as an image: docs/image.md. Builds with docker and with buildah; needs no registry but that of the base.
# Pin the base by digest in your own build: --build-arg BASE=python:3.13-slim-trixie@sha256:...
ARG BASE=docker.io/library/python:3.13-slim-trixie

FROM ${BASE} AS build
ARG UV_VERSION=0.13.9
# The service's optional parts (pyproject.toml). Without `registry` the image is a third smaller, and reads JSON alone.
ARG EXTRAS="--extra tracing --extra registry"
# The certificates are those of the base, for networks with an authority of their own. Bytecode is made here, because the
# root is read-only later; by hash and not by time, so that the same source gives the same files.
ENV UV_PROJECT_ENVIRONMENT=/opt/bridge \
    UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy \
    UV_SYSTEM_CERTS=1 \
    UV_COMPILE_BYTECODE=1 \
    PYC_INVALIDATION_MODE=UNCHECKED_HASH
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir "uv==${UV_VERSION}"
WORKDIR /src
# What changes rarely comes first: all that the lock file names, and nothing of this project.
COPY pyproject.toml uv.lock ./
# hadolint ignore=SC2086
RUN /opt/uv/bin/uv sync --locked --no-dev ${EXTRAS} --no-install-project --no-cache \
 && /opt/uv/bin/uv export --locked --no-dev ${EXTRAS} --no-emit-project --preview-features sbom-export \
      --format cyclonedx1.5 --output-file /opt/sbom.cdx.json --quiet \
 # Without the moment of the build, and a random number: the same source, the same file.
 && python3 -c "import json; p = '/opt/sbom.cdx.json'; s = json.load(open(p)); del s['serialNumber'], s['metadata']['timestamp']; json.dump(s, open(p, 'w'), indent=1)"
COPY README.md LICENSE ./
COPY config config
COPY bridge bridge
# hadolint ignore=SC2086
RUN /opt/uv/bin/uv sync --locked --no-dev ${EXTRAS} --no-editable --no-cache \
 && mv /opt/sbom.cdx.json /opt/bridge/sbom.cdx.json \
 # When uv saw the source: of no use here, and another one each time.
 && rm /opt/bridge/lib/python3*/site-packages/campaign_bridge-*.dist-info/uv_cache.json \
 && sed -i '/uv_cache.json/d' /opt/bridge/lib/python3*/site-packages/campaign_bridge-*.dist-info/RECORD \
 # Sources of compiled modules, which nobody reads here.
 && find /opt/bridge/lib -type f \( -name '*.c' -o -name '*.h' -o -name '*.pyx' -o -name '*.pxd' \) -delete

FROM ${BASE}
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="campaign-bridge" \
      org.opencontainers.image.description="Turns events on Kafka topics into API-triggered marketing campaigns: each one once." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
COPY --from=build /opt/bridge /opt/bridge
ENV PATH=/opt/bridge/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp
# A number, because runAsNonRoot can't see behind a name.
USER 65532:65532
WORKDIR /etc/bridge
EXPOSE 8080
# For Docker; Kubernetes has probes of its own. No shell, and not the command line either, which takes longer to start.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/livez', timeout=4)"]
ENTRYPOINT ["bridge"]
CMD ["run"]
