# Every test that this machine can run, from the quick ones to the slow ones. One sanitizer build serves them all.
need_packages "${TEST_PACKAGES[@]}"
need_languages
need_python_tools
need_promtool
need_image_tools
suites=("$@")
[ "${#suites[@]}" -gt 0 ] || suites=(unit e2e)
build_preset dev
export MSCTL="$PWD/build/dev/msctl"
status=0
for suite in "${suites[@]}"; do
  case "$suite" in
    unit)
      need_schema_suite
      ctest --test-dir build/dev --output-on-failure -j "$(nproc)" || status=1
      build/dev/tests/unit/runtime/contract/unit_contract "[.suite]" || status=1
      ;;
    # A real Kubernetes, which is built first: a stage of .ci/run.
    cluster)
      source scripts/cluster-tools.sh
      need_cluster_tools
      need_linters
      "$PYTHON" -m pytest -q tests/cluster || status=1
      ;;
    # Minutes of fetching: a stage of .ci/run.
    registries) "$PYTHON" -m pytest -q tests/registries || status=1 ;;
    # Images of six toolchains and builds in them: another.
    dockerfiles) "$PYTHON" -m pytest -q tests/dockerfiles || status=1 ;;
    # What ./dev package makes, on systems without anything: another one, since it needs the release build.
    packages) "$PYTHON" -m pytest -q tests/packages || status=1 ;;
    e2e)
      need_linters
      need_pipeline_runners
      "$PYTHON" -m pytest -q --durations=20 tests/e2e || status=1
      ;;
    *)
      if [ -d "tests/e2e/$suite" ]; then
        case "$suite" in
          generate) need_linters ;;
          pipeline) need_linters && need_pipeline_runners ;;
        esac
        "$PYTHON" -m pytest -q "tests/e2e/$suite" || status=1
      else
        echo "dev: no suite '$suite'" >&2
        exit 64
      fi
      ;;
  esac
done
exit "$status"
