# The programs of the clusters that tests use; sourced by what needs them.

# What a cluster's node is made of, beside what is built.
CLUSTER_PACKAGES=(containerd runc containernetworking-plugins nftables iptables conntrack iproute2 openssl util-linux
  docker-registry)

# Kubernetes and what belongs to it, from its published Go modules: CLUSTER_TOOLS is the folder with all programs. Each module is
# built once; which one, its files tell.
need_cluster_tools() {
  need_packages "${CLUSTER_PACKAGES[@]}"
  need_go
  local module folder hash all=()
  for module in etcd kubernetes kwok metrics-server coredns sops programs; do
    hash="$(cd tests/cluster/modules && find build.sh "$module" -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)"
    folder="$MSCTL_DEV_CACHE/cluster-$module-$hash"
    all+=("$folder")
    [ ! -d "$folder" ] || continue
    echo "dev: building $module for clusters of tests; once, and it takes minutes" >&2
    mkdir -p "$MSCTL_DEV_CACHE"
    (
      # Two may ask for it at once; what is half done is not seen by anyone.
      flock 9
      [ ! -d "$folder" ] || exit 0
      rm -rf "$folder.making"
      # Also where nobody stops at a failure: what is half done is never taken for done.
      tests/cluster/modules/build.sh "$module" "$folder.making" && mv -T "$folder.making" "$folder"
    ) 9>"$MSCTL_DEV_CACHE/cluster-$module.lock"
  done
  link_cluster_tools "${all[@]}"
}

# One folder with links to what is in the given ones. It is also $MSCTL_DEV_CACHE/cluster-tools, for pytest started by hand.
link_cluster_tools() {
  local made each
  CLUSTER_TOOLS="$MSCTL_DEV_CACHE/cluster-tools-$(printf '%s\n' "$@" | sha256sum | cut -c1-16)"
  if [ ! -d "$CLUSTER_TOOLS" ]; then
    made="$(mktemp -d "$MSCTL_DEV_CACHE/cluster-tools.XXXXXX")"
    chmod 755 "$made"
    for each in "$@"; do ln -s "$each"/* "$made/"; done
    mv -T "$made" "$CLUSTER_TOOLS" 2>/dev/null || rm -rf "$made"
  fi
  ln -sfn "$CLUSTER_TOOLS" "$MSCTL_DEV_CACHE/cluster-tools"
  export CLUSTER_TOOLS
}
