#!/usr/bin/env bash
# build.sh MODULE FOLDER: programs of a Kubernetes cluster, unmodified, from one of the modules beside this file, into FOLDER,
# with FOLDER/MODULE.version and what is read from the module's sources later. Minutes of work: scripts/cluster-tools.sh keeps
# the result.
#
# One module per product, since they need different versions of the same libraries; all share one toolchain and one build cache.
set -euo pipefail
module="$1"
folder="$(mkdir -p "$2" && cd "$2" && pwd)"
cd "$(dirname "${BASH_SOURCE[0]}")/$module"
# An older Go fetches the toolchain that go.mod names, through the proxy of modules.
export GOTOOLCHAIN=auto CGO_ENABLED=0 GOFLAGS="-buildvcs=false -trimpath"

version_of() { go list -m -f '{{.Version}}' "$1"; }

# build PROGRAM PACKAGE [LINKER FLAGS]
build() {
  echo "dev: building $1" >&2
  go build -ldflags "-s -w ${3:-}" -o "$folder/$1" "$2"
}

case "$module" in
  etcd)
    version="$(version_of go.etcd.io/etcd/server/v3)"
    build etcd go.etcd.io/etcd/server/v3
    build etcdctl go.etcd.io/etcd/etcdctl/v3
    ;;
  kubernetes)
    version="$(version_of k8s.io/kubernetes)"
    minor="${version#v1.}"
    stamp="-X k8s.io/component-base/version.gitVersion=$version -X k8s.io/client-go/pkg/version.gitVersion=$version"
    stamp="$stamp -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=${minor%%.*}"
    for program in kube-apiserver kube-controller-manager kube-scheduler kubectl kubelet kube-proxy; do
      build "$program" "k8s.io/kubernetes/cmd/$program" "$stamp"
    done
    ;;
  kwok)
    version="$(version_of sigs.k8s.io/kwok)"
    build kwok sigs.k8s.io/kwok/cmd/kwok "-X sigs.k8s.io/kwok/pkg/consts.Version=$version"
    # How kwok lets nodes and pods live, and what it tells of their use.
    cp -r "$(go list -m -f '{{.Dir}}' sigs.k8s.io/kwok)/kustomize" "$folder/kwok-kustomize"
    chmod -R u+w "$folder/kwok-kustomize"
    ;;
  metrics-server)
    version="$(version_of sigs.k8s.io/metrics-server)"
    build metrics-server sigs.k8s.io/metrics-server/cmd/metrics-server
    ;;
  coredns)
    version="$(version_of github.com/coredns/coredns)"
    build coredns .
    ;;
  sops)
    version="$(version_of github.com/getsops/sops/v3)"
    build sops github.com/getsops/sops/v3/cmd/sops
    build age-keygen filippo.io/age/cmd/age-keygen
    ;;
  programs)
    version=ours
    for program in echo forward load pause web; do build "$program" "./$program"; done
    ;;
esac
echo "$version" >"$folder/$module.version"
