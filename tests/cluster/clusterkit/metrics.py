"""metrics-server, as a plain process beside the API server, which hands on metrics.k8s.io to it."""
from . import kubeconfig, layout

NAME = "metrics-server"


def start(it, processes, api):
    """The first figures come after two rounds of asking the nodes, 20 to 30 seconds later: nothing here waits for them."""
    own, port = f"{it.state}/{NAME}.kubeconfig", it.ports[NAME]
    processes.start(NAME, NAME, f"--kubeconfig={own}", f"--authentication-kubeconfig={own}", f"--authorization-kubeconfig={own}",
                    f"--bind-address={it.address}", f"--secure-port={port}", f"--tls-cert-file={it.pki}/server.crt",
                    f"--tls-private-key-file={it.pki}/server.key",
                    # A request to a kubelet must take less than the time between two: it ends at once otherwise.
                    "--metric-resolution=10s", "--kubelet-request-timeout=5s", f"--kubelet-certificate-authority={it.pki}/ca.crt",
                    "--kubelet-preferred-address-types=InternalIP", "--kubelet-use-node-status-port")
    if it.level == 2:
        publish(api, NAME, "kube-system", {"https": (443, port, "TCP")})
    else:
        # An endpoint may not be a loopback address, but a Service may be the name of one.
        api.apply(f"/api/v1/namespaces/kube-system/services/{NAME}",
                  {"apiVersion": "v1", "kind": "Service", "metadata": {"name": NAME, "namespace": "kube-system"},
                   "spec": {"type": "ExternalName", "externalName": "localhost", "ports": [{"port": port}]}})
    aggregated = {"group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100,
                  "caBundle": kubeconfig.coded(it.pki / "ca.crt"),
                  "service": {"name": NAME, "namespace": "kube-system", "port": 443 if it.level == 2 else port}}
    api.apply("/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io",
              {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": "v1beta1.metrics.k8s.io"}, "spec": aggregated})


def publish(api, name, namespace, listening, address=None):
    """A Service for a process that is no pod. `listening`: {port's name: (port of the Service, port of the process, protocol)}."""
    spec = {"ports": [{"name": each, "port": port, "targetPort": target, "protocol": protocol} for each, (port, target, protocol) in listening.items()]}
    if address:
        spec["clusterIP"] = address
    api.apply(f"/api/v1/namespaces/{namespace}/services/{name}",
              {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": spec})
    api.apply(f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices/{name}-node",
              {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
               "metadata": {"name": f"{name}-node", "namespace": namespace, "labels": {"kubernetes.io/service-name": name}},
               "ports": [{"name": each, "port": target, "protocol": protocol} for each, (_, target, protocol) in listening.items()],
               "endpoints": [{"addresses": [layout.NODE_ADDRESS], "conditions": {"ready": True}}]})
