if [ "${1:-}" != --prefix ] || [ -z "${2:-}" ]; then
  echo "usage: ./dev install --prefix DIR" >&2
  exit 64
fi
build_preset release
cmake --install build/release --prefix "$2"
