# What a reviewer should not have to say: formatting, clang-tidy, shell scripts, manual pages.
need_clang
need_packages shellcheck mandoc groff
status=0
mapfile -t sources < <(git ls-files '*.cc' '*.h' | grep -v '^scaffolds/languages/\|^examples/')
clang-format-19 --dry-run --Werror "${sources[@]}" || status=1
shellcheck -s bash -e SC2154 dev scripts/*.sh .ci/run tests/cluster/modules/build.sh || status=1
for page in man/*.1; do mandoc -T lint -W warning "$page" || status=1; done
if [ "${1:-}" != --quick ]; then
  build_preset dev
  printf '%s\n' "${sources[@]}" | grep '\.cc$' | grep -v '^tests/' | xargs -P "$(nproc)" -n 4 clang-tidy-19 -p build/dev --quiet || status=1
fi
exit "$status"
