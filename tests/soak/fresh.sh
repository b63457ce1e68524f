# Does what README promises hold on a machine that has nothing? A fresh Debian 12 with git alone, in a root of its own: clone what is
# committed here, `./dev run`, curl, `./dev test`.
#
# Toolchains inside: g++, cmake, clang-format, Python, Java, Maven and Rust from Debian 12; Go from its backports; Node.js from
# PyPI; FastAPI, Spring Boot, the Go modules, the crates and the npm packages from the languages' registries. It shares
# the machine's network; it has mounts, processes and a cache of its own.
#
# `./dev soak fresh run` or `… test`: only that part.
parts=("$@")
[ "${#parts[@]}" -gt 0 ] || parts=(run test)
need_packages mmdebstrap curl
root="$(mktemp -d "${TMPDIR:-/var/tmp}/msctl-fresh-XXXXXX")"
chmod 755 "$root"
cleanup() {
  umount -R "$root/dev" "$root/sys" "$root/source" 2>/dev/null || true
  rm -rf --one-file-system "$root"
}
trap cleanup EXIT

step() { echo "== fresh: $1, after $((SECONDS - begin)) s"; }
begin=$SECONDS
step "debian"
# The mirrors of this machine, so that the new system reaches what the machine reaches.
# shellcheck disable=SC2016
mapfile -t mirrors < <(apt-get indextargets --format '$(CODENAME) $(REPO_URI) $(COMPONENT)' 'Created-By: Packages' |
  awk '$1 ~ /^bookworm/ {print "deb " $2 " " $1 " " $3}' | sort -u)
# `mount` is of Debian's "required" priority: every installed system has it.
mmdebstrap --quiet --variant=apt --include=git,ca-certificates,mount bookworm "$root" "${mirrors[@]}"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
[ -f /etc/apt/apt.conf.d/99artifact-registry ] && cp /etc/apt/apt.conf.d/99artifact-registry "$root/etc/apt/apt.conf.d/"
# What this machine trusts beyond Debian's own authorities: its registries may stand behind a proxy with one of its own.
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
cp -r /usr/local/share/ca-certificates "$root/usr/local/share/"
mkdir -p "$root/source"
mount --bind "$PWD" "$root/source"
mount -o remount,bind,ro "$root/source"
for tree in dev sys; do
  mount --rbind "/$tree" "$root/$tree"
  mount --make-rslave "$root/$tree"
done

# Only what tells the registries' clients where to go is handed on; Node.js does not look at the system's authorities by itself.
mapfile -t passed < <(env | grep -E '^(PIP_|GOPROXY|GOSUMDB|GONOSUMDB|GOFLAGS|NPM_CONFIG_|npm_config_|[a-z]+_proxy|[A-Z]+_PROXY|SSL_CERT)' || true)
# Its root is a mount, as on any machine: buildah and podman cannot work below a mere chroot.
# shellcheck disable=SC2016
enter='mount --make-rprivate /
mount --rbind "$0" "$0"
cd "$0"
mkdir -p mnt/outside
pivot_root . mnt/outside
cd /
mount -t proc proc /proc
umount -l /mnt/outside
exec "$@"'
inside() {
  unshare --mount --pid --fork --kill-child bash -euo pipefail -c "$enter" "$root" /usr/bin/env -i \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt TERM=dumb \
    LC_ALL=C.UTF-8 "${passed[@]}" bash -euo pipefail -c "$1"
}

# Java keeps a store of its own, made of what this has put below /etc/ssl/certs.
inside 'update-ca-certificates >/dev/null'

step "clone"
inside 'git config --global --add safe.directory "*"; git clone -q /source /root/msctl'
for part in "${parts[@]}"; do
  case "$part" in
    run)
      step "./dev run --detach"
      inside "cd /root/msctl && ./dev run --detach && apt-get install -y -q curl >/dev/null && cd examples/shop && source /root/msctl/tests/soak/fresh_curl.sh && ../../build/release/msctl stop"
      ;;
    test)
      step "./dev test"
      inside 'cd /root/msctl && ./dev test'
      ;;
    *)
      echo "usage: ./dev soak fresh [run] [test]" >&2
      exit 64
      ;;
  esac
done
step "done"
