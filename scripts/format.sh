need_clang
git ls-files '*.cc' '*.h' | grep -v '^scaffolds/languages/\|^examples/' | xargs clang-format-19 -i
