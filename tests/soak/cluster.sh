# All of tests/cluster: each call of a deploy to the API server at which it can be killed, before and after, each rule of the Role with
# each command, 100,000 requests while everything moves. Hours; what has passed with these sources is not run again.
need_packages "${TEST_PACKAGES[@]}"
need_languages
need_python_tools
need_image_tools
need_linters
source scripts/cluster-tools.sh
need_cluster_tools
build_preset dev
build_preset release
export MSCTL="$PWD/build/release/msctl" MSCTL_KILLS=all MSCTL_RIGHTS=all MSCTL_REQUESTS=100000
export KUBE_CLIENT="$PWD/build/dev/tests/cluster/tools/kube_client" KUBE_JUDGE="$PWD/build/dev/tests/cluster/tools/judge/kube_judge"
sources="$(git ls-files -s | sha256sum | cut -c1-12)"
folder="build/soak/cluster-$sources"
mkdir -p "$folder"
touch "$folder/passed"
batch=40 # tests that share one cluster

# "$@": where to look; what is not passed yet, a test a line.
open_tests() {
  "$PYTHON" -m pytest -q --collect-only "${@:-tests/cluster}" | grep '::' | grep -vxFf "$folder/passed" || true
}

begin=$SECONDS
status=0
mapfile -t open < <(open_tests "$@")
echo "soak: ${#open[@]} tests, $(wc -l <"$folder/passed") have passed before"
for ((at = 0; at < ${#open[@]}; at += batch)); do
  "$PYTHON" -m pytest -q -rA "${open[@]:at:batch}" >"$folder/log" 2>&1 || status=1
  sed -n 's/^PASSED //p' "$folder/log" >>"$folder/passed"
  grep -E '^(FAILED|ERROR) ' "$folder/log" | tee -a "$folder/failed" || true
  [ "$status" = 0 ] || cp "$folder/log" "$folder/log-$at"
  echo "soak: $((at + batch < ${#open[@]} ? at + batch : ${#open[@]})) of ${#open[@]} after $((SECONDS - begin)) s"
done
echo "soak: $(wc -l <"$folder/passed") passed; failures with their output in $folder"
exit "$status"
