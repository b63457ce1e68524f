# Each fuzz target for a short time, from its seeds, as many at once as there are processors; what it finds stays in build/fuzz/corpus.
seconds="${1:-60}"
need_packages "${TEST_PACKAGES[@]}"
build_preset dev fuzz_targets

fuzz_one() {
  local target="$1" seconds="$2" name corpus seeds log status=0
  name="$(basename "$target")"
  corpus="build/fuzz/corpus/$name"
  log="build/fuzz/$name.log"
  mkdir -p "$corpus"
  seeds="tests/fuzz/seeds/${name#fuzz_}"
  [ -d "$seeds" ] || seeds=""
  "$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 "$corpus" ${seeds:+"$seeds"} >"$log" 2>&1 || status=$?
  # In one piece, since another one writes, too.
  printf '== %s, %s s\n%s\n' "$name" "$seconds" \
    "$(grep -E 'ERROR|SUMMARY|Test unit|stat::number_of_executed_units|stat::new_units|DONE' "$log" || echo "ended with $status, and without a word")"
  [ "$status" = 0 ] && grep -q DONE "$log"
}
export -f fuzz_one

find build/dev/tests/fuzz -maxdepth 1 -name 'fuzz_*' -type f -executable -print0 | sort -z |
  xargs -0 -P "$(nproc)" -I{} bash -c 'fuzz_one "$@" || exit 1' fuzz {} "$seconds"
