#!/usr/bin/env bash
# Builds into .tools/bin a Kubernetes without machines, for `make k8s-e2e`: ten to twenty minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
version=0.35.0
bin=$PWD/.tools/bin
mkdir -p "$bin"
[[ -x $bin/kwok ]] || GOBIN=$bin nice -n 15 go install sigs.k8s.io/kwok/cmd/kwok@v0.8.0
# What its kubelets do, which is no part of the program.
kwok=$(go mod download -json sigs.k8s.io/kwok@v0.8.0 | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
for stage in node/fast node/heartbeat pod/fast; do
  for file in "$kwok/kustomize/stage/$stage"/*.yaml; do
    [[ $file == */kustomization.yaml ]] || { echo "---"; cat "$file"; }
  done
done > .tools/kwok-stages.yaml

programs=()
for one in kube-apiserver kube-controller-manager kube-scheduler kubectl; do
  [[ -x $bin/$one ]] || programs+=("$one")
done
if [[ ${#programs[@]} -gt 0 ]]; then
  # `go install` refuses a module with replace lines; so this is a module that requires it, with those lines turned into versions.
  source=$(go mod download -json "k8s.io/kubernetes@v1.${version#0.}" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  wrapper=$(mktemp -d)
  trap 'rm -rf "$wrapper"' EXIT
  {
    echo "module wrapper"
    sed -n 's/^go /go /p' "$source/go.mod"
    echo "require k8s.io/kubernetes v1.${version#0.}"
    sed -n "s#^\t*\(k8s.io/[a-z0-9-]*\) => ./staging.*#replace \1 => \1 v$version#p" "$source/go.mod"
  } > "$wrapper/go.mod"
  {
    echo "package wrapper"
    printf 'import _ "k8s.io/kubernetes/cmd/%s"\n' "${programs[@]}"
  } > "$wrapper/tools.go"
  (cd "$wrapper" && go mod tidy -e)
  # Else it says that it is v0.0.0, and charts for newer ones are refused.
  at=k8s.io/component-base/version
  named="-X $at.gitVersion=v1.${version#0.} -X $at.gitMajor=1 -X $at.gitMinor=$(cut -d. -f2 <<<"$version")"
  for one in "${programs[@]}"; do
    nice -n 15 go build -C "$wrapper" -ldflags "$named" -o "$bin/$one" "k8s.io/kubernetes/cmd/$one"
  done
fi
command -v etcd >/dev/null || echo "build-kubernetes: there is no etcd: install Debian's etcd-server" >&2
