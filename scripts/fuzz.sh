# Each fuzz target for a short time, from its seeds; what it finds stays in build/fuzz/corpus.
seconds="${1:-60}"
need_packages "${TEST_PACKAGES[@]}"
build_preset dev fuzz_targets
status=0
for target in build/dev/tests/fuzz/fuzz_*; do
  if [ ! -x "$target" ] || [ ! -f "$target" ]; then continue; fi
  name="$(basename "$target")"
  corpus="build/fuzz/corpus/$name"
  mkdir -p "$corpus"
  seeds="tests/fuzz/seeds/${name#fuzz_}"
  [ -d "$seeds" ] || seeds=""
  echo "== $name, $seconds s"
  "$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 "$corpus" ${seeds:+"$seeds"} 2>&1 |
    grep -E 'ERROR|SUMMARY|Test unit|stat::number_of_executed_units|stat::new_units|DONE' || status=1
  [ "${PIPESTATUS[0]}" = 0 ] || status=1
done
exit "$status"
