# What has threads (the gateway's reactors, the supervisor beside them), driven from outside under the thread sanitizer.
need_packages "${TEST_PACKAGES[@]}"
need_python_tools
build_preset tsan msctl
reports="$PWD/build/tsan/reports"
rm -rf "$reports" && mkdir -p "$reports"
export MSCTL="$PWD/build/tsan/msctl" TSAN_OPTIONS="log_path=$reports/race:exitcode=0:suppressions=$PWD/tests/tsan.suppressions"
status=0
"$PYTHON" -m pytest -q "${@:-tests/e2e/gateway}" || status=1
if compgen -G "$reports/race*" >/dev/null; then
  cat "$reports"/race*
  echo "dev: the thread sanitizer found races" >&2
  status=1
fi
exit "$status"
