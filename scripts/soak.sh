# Long runs, each a script of its own under tests/soak.
suite="${1:-}"
if [ "$suite" != fresh ]; then
  echo "usage: ./dev soak fresh [run] [test]" >&2
  exit 64
fi
shift
# shellcheck disable=SC1090
source "tests/soak/$suite.sh"
