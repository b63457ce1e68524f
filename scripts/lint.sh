# What a reviewer should not have to say: formatting, clang-tidy, shell scripts, tests in Python, manual pages.
need_clang
need_packages shellcheck mandoc groff pyflakes3
status=0
mapfile -t sources < <(git ls-files '*.cc' '*.h' | grep -v '^scaffolds/languages/\|^examples/')
clang-format-19 --dry-run --Werror "${sources[@]}" || status=1
shellcheck -s bash -e SC2154 dev scripts/*.sh .ci/run tests/cluster/modules/build.sh || status=1
# What a test says only once it runs, in one case of many: a name that is not there.
mapfile -t scripts < <(git ls-files 'tests/*.py' 'examples/*.py')
# pytest's fixtures are imported without a use, and parameters have their names.
pyflakes3 "${scripts[@]}" | grep -v 'imported but unused\|redefinition of unused' && status=1
for page in man/*.1; do mandoc -T lint -W warning "$page" || status=1; done
if [ "${1:-}" != --quick ]; then
  build_preset dev
  printf '%s\n' "${sources[@]}" | grep '\.cc$' | grep -v '^tests/' | xargs -P "$(nproc)" -n 4 clang-tidy-19 -p build/dev --quiet || status=1
fi
exit "$status"
