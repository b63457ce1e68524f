# A real Kubernetes on this machine, for tests and for playing: tests/cluster/README.md.
source scripts/cluster-tools.sh
need_cluster_tools
# Its programs alone: what takes minutes, before anybody waits for it.
if [ "${1:-}" = build ]; then exit 0; fi
need_python_tools
PYTHONPATH="$PWD/tests/cluster" PYTHONDONTWRITEBYTECODE=1 exec "$PYTHON" -m clusterkit "$@"
