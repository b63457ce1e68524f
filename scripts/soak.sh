# Long runs, each a script of its own under tests/soak.
suite="${1:-}"
case "$suite" in
  fresh | cluster) ;;
  *)
    echo "usage: ./dev soak fresh [run] [test] | cluster [TEST …]" >&2
    exit 64
    ;;
esac
shift
# shellcheck disable=SC1090
source "tests/soak/$suite.sh"
