[ "${1:-}" = --prefix ] && [ -n "${2:-}" ] || { echo "usage: ./dev install --prefix DIR" >&2; exit 64; }
build_preset release
cmake --install build/release --prefix "$2"
