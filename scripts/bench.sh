# Figures beside peers in the same run. The peers come from Debian and PyPI.
need_languages
need_python_tools
need_packages nginx-light haproxy wrk buildah
need_image_tools
need_linters
need_pipeline_runners
# Deploying is measured at a real API server, which is built first.
if [ "$#" = 0 ] || [[ " $* " == *" cluster "* ]]; then
  source scripts/cluster-tools.sh
  need_cluster_tools
fi
build_preset release
build_preset release bench_image
"$PYTHON" tests/bench/bench.py "$@"
