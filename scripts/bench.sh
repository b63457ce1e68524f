# Figures beside peers in the same run. The peers come from Debian and PyPI.
need_languages
need_python_tools
need_packages nginx-light haproxy wrk
build_preset release
"$PYTHON" tests/bench/bench.py "$@"
