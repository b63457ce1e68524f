# A real Kubernetes on this machine, for tests and for playing: tests/cluster/README.md.
source scripts/cluster-tools.sh
need_python_tools
need_cluster_tools
PYTHONPATH="$PWD/tests/cluster" PYTHONDONTWRITEBYTECODE=1 exec "$PYTHON" -m clusterkit "$@"
