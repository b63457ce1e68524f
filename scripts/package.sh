# The packages of msctl, in build/packages: a Debian package, an archive that runs wherever it is unpacked, an image, what they are
# made of, and their checksums. For one commit and one set of libraries the bytes are the same each time.
# shellcheck disable=SC2016  # dpkg-query and jq expand their own ${…}
push=""
if [ $# -gt 0 ]; then
  if [ "$1" != --push ] || [ -z "${2:-}" ]; then
    echo "usage: ./dev package [--push REGISTRY[/PATH]]" >&2
    exit 64
  fi
  push="$2"
fi
need_packages lintian jq gzip binutils ca-certificates
build_preset release

version="$(sed -nE 's/^project\(msctl VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)"
architecture="$(dpkg --print-architecture)"
SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
export SOURCE_DATE_EPOCH
out="$PWD/build/packages"
name="msctl-$version-linux-$architecture"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
rm -rf "$out"
mkdir -p "$out"

# Of whose files the binary is made: every header that was read and every archive that was linked, by Debian's package.
linked_packages() {
  { ninja -C build/release -t deps | grep -oE '/usr/(include|lib)/[^ ]+'
    grep -oE '/usr/lib/[^ ]+\.a' build/release/build.ninja; } |
    sort -u | xargs -r realpath -e 2>/dev/null | sort -u | xargs -r dpkg -S 2>/dev/null | cut -d: -f1 | sort -u |
    grep -vE '^(libc6-dev|linux-libc-dev|catch2|libcrypt-dev)$'
}

# SPDX 2.3.
bill_of_materials() {
  local package parts=()
  for package in $(linked_packages); do
    parts+=("$(dpkg-query -W -f '{"name":"${Package}","version":"${Version}","source":"${source:Package}","architecture":"${Architecture}"}' "$package")")
  done
  printf '%s\n' "${parts[@]}" | jq -s --arg version "$version" --arg sha "$(sha256sum "$1" | cut -d' ' -f1)" \
    --arg created "$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)" '{
      spdxVersion: "SPDX-2.3", dataLicense: "CC0-1.0", SPDXID: "SPDXRef-DOCUMENT", name: "msctl-\($version)",
      documentNamespace: "https://msctl.dev/spdx/msctl-\($version)-\($sha)",
      creationInfo: {created: $created, creators: ["Tool: msctl-package"]},
      packages: ([{SPDXID: "SPDXRef-msctl", name: "msctl", versionInfo: $version, downloadLocation: "NOASSERTION",
                   filesAnalyzed: false, licenseConcluded: "NOASSERTION", licenseDeclared: "Apache-2.0", copyrightText: "NOASSERTION",
                   checksums: [{algorithm: "SHA256", checksumValue: $sha}]}] +
                 map({SPDXID: "SPDXRef-\(.name | gsub("[^A-Za-z0-9.-]"; "-"))", name: .name, versionInfo: .version,
                      downloadLocation: "NOASSERTION", filesAnalyzed: false, licenseConcluded: "NOASSERTION",
                      licenseDeclared: "NOASSERTION", copyrightText: "NOASSERTION",
                      externalRefs: [{referenceCategory: "PACKAGE-MANAGER", referenceType: "purl",
                                      referenceLocator: "pkg:deb/debian/\(.name | @uri)@\(.version | @uri)?arch=\(.architecture)"}]})),
      relationships: ([{spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: "SPDXRef-msctl"}] +
                      map({spdxElementId: "SPDXRef-msctl", relationshipType: "STATIC_LINK",
                           relatedSpdxElement: "SPDXRef-\(.name | gsub("[^A-Za-z0-9.-]"; "-"))"}))}'
}

# The newest version of the C library that a symbol asks for.
libc_version() {
  objdump -T "$1" | grep -oE 'GLIBC_[0-9.]+' | sort -uV | tail -1 | cut -d_ -f2
}

# deterministic_tar FOLDER WHAT
deterministic_tar() {
  tar -C "$1" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --mode='u+rwX,go+rX,go-w' -cf - "$2"
}

archive() {
  mkdir "$work/$name"
  cmake --install build/release --strip --prefix "$work/$name" >/dev/null
  bill_of_materials "$work/$name/bin/msctl" >"$out/$name.spdx.json"
  deterministic_tar "$work" "$name" | gzip -9n >"$out/$name.tar.gz"
}

debian_package() {
  local root="$work/deb" static
  mkdir -p "$root/DEBIAN" "$root/usr/share/doc/msctl"
  cmake --install build/release --strip --prefix "$root/usr" >/dev/null
  rm "$root/usr/share/doc/msctl/LICENSE"  # Debian has it already
  # Where Debian's shells look.
  mkdir -p "$root/usr/share/zsh/vendor-completions"
  mv "$root"/usr/share/zsh/site-functions/* "$root/usr/share/zsh/vendor-completions/"
  rmdir "$root/usr/share/zsh/site-functions"
  find "$root/usr/share/man" -type f -exec gzip -9n {} +
  cat >"$root/usr/share/doc/msctl/copyright" <<TEXT
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: msctl

Files: *
Copyright: 2026 the authors of msctl
License: Apache-2.0
 On Debian systems, the complete text of the Apache License, version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.
TEXT
  # What lintian finds and is meant to be so, each with its reason.
  mkdir -p "$root/usr/share/lintian/overrides"
  cat >"$root/usr/share/lintian/overrides/msctl" <<TEXT
# One binary that runs on any Debian from 12 on, and starts within milliseconds: all libraries but the C library's are linked
# statically. Which ones, and in which versions, is told by Built-Using and by the list of parts beside the package.
msctl: embedded-library libssh2 [usr/bin/msctl]
msctl: embedded-library libyaml [usr/bin/msctl]
msctl: embedded-library mbedtls [usr/bin/msctl]
msctl: embedded-library zlib [usr/bin/msctl]
# Reads which package a library is of, for the list of parts of an image; also in folders that are no running system.
msctl: uses-dpkg-database-directly [usr/bin/msctl]
TEXT
  printf 'msctl (%s) stable; urgency=medium\n\n  * See the commits.\n\n -- msctl maintainers <maintainers@msctl.dev>  %s\n' \
    "$version" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$root/usr/share/doc/msctl/changelog.gz"
  static="$(linked_packages | xargs dpkg-query -W -f '${source:Package} (= ${source:Version})\n' | sort -u | paste -sd, | sed 's/,/, /g')"
  cat >"$root/DEBIAN/control" <<TEXT
Package: msctl
Version: $version
Section: devel
Priority: optional
Architecture: $architecture
Maintainer: msctl maintainers <maintainers@msctl.dev>
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)
Depends: libc6 (>= $(libc_version "$root/usr/bin/msctl"))
Suggests: git, podman | docker.io
Built-Using: $static
Description: build and operate microservices with one binary
 msctl takes a team from an empty folder to services running behind a
 gateway, on a laptop and on Kubernetes, with one configuration: it makes
 services from templates, runs and supervises them, routes, authenticates
 and limits what comes in, tests, builds and deploys each of them alone.
TEXT
  find "$root" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
  chmod -R u+rwX,go+rX,go-w "$root"
  dpkg-deb --root-owner-group -Zxz --build "$root" "$out" >/dev/null
  lintian --fail-on error,warning --tag-display-limit 0 "$out"/*.deb
}

# As package URLs, one a line: what the binary is linked with, and what else the image holds.
package_urls() {
  { linked_packages; echo ca-certificates; } | sort -u |
    xargs dpkg-query -W -f 'pkg:deb/debian/${Package}@${Version}?arch=${Architecture}\n' | sed 's/+/%2B/g'
}

# Built by msctl itself, without a daemon; what runs in the image is what the archive has. As one file that skopeo, podman and crane
# read; with --push in a registry, too, its lists of parts beside it there.
image() {
  local workspace="$work/image" layout="$work/oci" options=(--sbom "spdx,cyclonedx" --tag "$version") digest
  cp -R packaging/image "$workspace"
  cp "$work/$name/bin/msctl" LICENSE "$workspace/msctl/"
  # What update-ca-certificates would make of the package alone: the file in /etc may hold what this machine trusts besides.
  LC_ALL=C bash -c 'cat /usr/share/ca-certificates/mozilla/*.crt' >"$workspace/msctl/ca-certificates.crt"
  package_urls >"$workspace/msctl/packages.txt"
  if [ -n "$push" ]; then options+=(--push -e release); fi
  (cd "$workspace" && REGISTRY="${push:-localhost}" XDG_CACHE_HOME="$work/cache" "$work/$name/bin/msctl" build "${options[@]}" \
    --file-output "$work/image.json")
  digest="$(jq -r '.images[0].digest' "$work/image.json")"
  cp "$workspace/.msctl/images/attached/msctl.spdx.json" "$out/$name-image.spdx.json"
  cp "$workspace/.msctl/images/attached/msctl.cdx.json" "$out/$name-image.cdx.json"

  # Of msctl's own store only what belongs to this image.
  mkdir -p "$layout/blobs/sha256"
  cp "$workspace/.msctl/images/oci-layout" "$layout/"
  jq -c --arg digest "$digest" --arg version "$version" '{schemaVersion, mediaType, manifests: [.manifests[] | select(.digest == $digest) |
      .annotations = {"org.opencontainers.image.ref.name": "msctl:\($version)"}]}' \
    "$workspace/.msctl/images/index.json" >"$layout/index.json"
  { echo "$digest"; jq -r '.config.digest, .layers[].digest' "$workspace/.msctl/images/blobs/sha256/${digest#sha256:}"; } |
    while IFS=: read -r _ hash; do cp "$workspace/.msctl/images/blobs/sha256/$hash" "$layout/blobs/sha256/"; done
  deterministic_tar "$layout" . >"$out/$name-image.tar"
  echo "$digest"
}

archive
debian_package
image
(cd "$out" && sha256sum -- * >SHA256SUMS)
ls -l "$out"
