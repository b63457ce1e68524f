# Long runs, each a script of its own under tests/soak.
suite="${1:-}"
[ -n "$suite" ] && [ -f "tests/soak/$suite.sh" ] || {
  echo "usage: ./dev soak $(basename -s .sh -a tests/soak/*.sh | paste -sd'|')" >&2
  exit 64
}
shift
source "tests/soak/$suite.sh"
