"""etcd, the API server, the controller manager and the scheduler, as plain processes."""
from . import kubeconfig, layout
from .certificates import SERVICE_ACCOUNTS

ORDER = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")


def names_of_server():
    names = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
             "metrics-server.kube-system.svc", layout.NODE]
    return [f"DNS:{each}" for each in names] + [f"IP:{each}" for each in ("127.0.0.1", layout.NODE_ADDRESS, layout.API_SERVICE)]


def write_kubeconfigs(it):
    """One for each component, and the one for people, which names the cluster."""
    for who in ("kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet", "kwok", "metrics-server", "coredns"):
        kubeconfig.write(it.state / f"{who}.kubeconfig", kubeconfig.document("local", it.server, it.pki / "ca.crt", kubeconfig.by_certificate(it.pki, who)))
    kubeconfig.write(it.kubeconfig, kubeconfig.document(it.name, it.server, it.pki / "ca.crt", kubeconfig.by_certificate(it.pki, "admin")))


def etcd(it):
    client, peer = (f"http://127.0.0.1:{it.ports[name]}" for name in ("etcd", "etcd-peer"))
    # Data outlives a killed process, not a machine that loses power: nothing of a test's cluster has to.
    return ["etcd", "--name=test", f"--data-dir={it.state}/etcd", f"--listen-client-urls={client}", f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=test={peer}",
            "--unsafe-no-fsync", "--log-level=warn"]


def api_server(it):
    real = it.level == 2
    # Through the Service `kubernetes` pods reach the address that is advertised: within the namespaces of the cluster, any will do.
    return ["kube-apiserver", f"--etcd-servers=http://127.0.0.1:{it.ports['etcd']}", f"--secure-port={it.ports['api']}",
            f"--bind-address={'0.0.0.0' if real else '127.0.0.1'}", f"--advertise-address={layout.NODE_ADDRESS}",
            f"--tls-cert-file={it.pki}/server.crt", f"--tls-private-key-file={it.pki}/server.key", f"--client-ca-file={it.pki}/ca.crt",
            f"--service-cluster-ip-range={layout.SERVICES}", "--authorization-mode=Node,RBAC", "--allow-privileged=true",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            f"--service-account-key-file={it.pki}/{SERVICE_ACCOUNTS}.pub", f"--service-account-signing-key-file={it.pki}/{SERVICE_ACCOUNTS}.key",
            f"--kubelet-client-certificate={it.pki}/kubelet-client.crt", f"--kubelet-client-key={it.pki}/kubelet-client.key",
            f"--kubelet-certificate-authority={it.pki}/ca.crt", "--kubelet-preferred-address-types=InternalIP,Hostname",
            f"--proxy-client-cert-file={it.pki}/front-proxy.crt", f"--proxy-client-key-file={it.pki}/front-proxy.key",
            f"--requestheader-client-ca-file={it.pki}/front-ca.crt", "--requestheader-allowed-names=front-proxy-client",
            "--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            # With endpoints the API server goes to a pod by itself; without, to a Service's name (metrics.py).
            f"--enable-aggregator-routing={'true' if real else 'false'}", "--profiling=false"]


def controller_manager(it):
    own = f"{it.state}/kube-controller-manager.kubeconfig"
    # Without credentials of its own each controller is forbidden most of what it has to do. The rates are for tests, which wait for
    # it; so are the autoscaler's times, a few per cent of the defaults.
    return ["kube-controller-manager", f"--kubeconfig={own}", f"--authentication-kubeconfig={own}", f"--authorization-kubeconfig={own}",
            "--bind-address=127.0.0.1", f"--secure-port={it.ports['controller-manager']}", "--leader-elect=false",
            "--use-service-account-credentials=true", "--kube-api-qps=500", "--kube-api-burst=1000",
            f"--service-account-private-key-file={it.pki}/{SERVICE_ACCOUNTS}.key", f"--root-ca-file={it.pki}/ca.crt",
            f"--cluster-signing-cert-file={it.pki}/ca.crt", f"--cluster-signing-key-file={it.pki}/ca.key",
            "--allocate-node-cidrs=true", f"--cluster-cidr={layout.PODS}", f"--service-cluster-ip-range={layout.SERVICES}",
            "--horizontal-pod-autoscaler-sync-period=5s", "--horizontal-pod-autoscaler-downscale-stabilization=20s",
            "--horizontal-pod-autoscaler-initial-readiness-delay=5s", "--horizontal-pod-autoscaler-cpu-initialization-period=10s"]


def scheduler(it):
    own = f"{it.state}/kube-scheduler.kubeconfig"
    return ["kube-scheduler", f"--kubeconfig={own}", f"--authentication-kubeconfig={own}", f"--authorization-kubeconfig={own}",
            "--bind-address=127.0.0.1", f"--secure-port={it.ports['scheduler']}", "--leader-elect=false",
            "--kube-api-qps=500", "--kube-api-burst=1000"]


def start(it, processes, api):
    """Each as soon as the one that it needs is there; returns when pods can be created."""
    processes.start("etcd", *etcd(it))
    # The API server tries again by itself until etcd is there, and the others until it is.
    processes.start("kube-apiserver", *api_server(it))
    processes.ready("etcd", lambda: (it.state / "etcd/member/wal").exists(), "etcd's data")
    processes.ready("kube-apiserver", lambda: api.answers("/readyz"), "the API server")
    processes.start("kube-controller-manager", *controller_manager(it))
    processes.start("kube-scheduler", *scheduler(it))


def ready(processes, api):
    """Until a pod can be created, and the scheduler and the controllers are at work."""
    processes.ready("kube-controller-manager", lambda: api.answers("/api/v1/namespaces/default/serviceaccounts/default"),
                    "the default service account")
