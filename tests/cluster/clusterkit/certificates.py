"""Who is who in a cluster: two authorities, and a certificate for each server and each client."""
import subprocess
from concurrent.futures import ThreadPoolExecutor

from .tools import program

SERVICE_ACCOUNTS = "sa"
# name: (subject, purposes). The names of `system:` are those to which Kubernetes' own roles are bound.
PARTIES = {
    "admin": ("/O=system:masters/CN=admin", "client"),
    "kube-controller-manager": ("/CN=system:kube-controller-manager", "client"),
    "kube-scheduler": ("/CN=system:kube-scheduler", "client"),
    "kube-proxy": ("/CN=system:kube-proxy", "client"),
    "kubelet": ("/O=system:nodes/CN=system:node:real-0", "client"),
    "kwok": ("/O=system:masters/CN=kwok", "client"),
    "metrics-server": ("/O=system:masters/CN=metrics-server", "client"),
    "coredns": ("/O=system:masters/CN=coredns", "client"),
    "kubelet-client": ("/O=system:masters/CN=kube-apiserver-kubelet-client", "client"),
    "front-proxy": ("/CN=front-proxy-client", "client"),
    "server": ("/CN=kubernetes", "server"),
}


def _openssl(folder, *arguments):
    done = subprocess.run([program("openssl"), *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments[0]}: {done.stderr}")
    return done.stdout


def _key():
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def authority(folder, name):
    _openssl(folder, "req", "-x509", *_key(), "-keyout", f"{name}.key", "-out", f"{name}.crt", "-days", "365", "-subj", f"/CN=msctl-test-{name}")


def issue(folder, name, subject, purpose, names=(), by="ca", days=365):
    """A key and a certificate. `names`: for servers, as openssl writes them: DNS:localhost, IP:127.0.0.1. `days` may be negative."""
    extensions = ["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature",
                  "-addext", f"extendedKeyUsage={purpose}Auth"]
    if names:
        extensions += ["-addext", f"subjectAltName={','.join(names)}"]
    _openssl(folder, "req", "-x509", *_key(), "-CA", f"{by}.crt", "-CAkey", f"{by}.key", "-keyout", f"{name}.key", "-out", f"{name}.crt",
             "-days", str(days), "-subj", subject, *extensions)


def make(folder, names):
    """All of them, for servers that are reached under `names`. What is there already is kept."""
    if (folder / "complete").exists():
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority(folder, "ca")
    authority(folder, "front-ca")
    with ThreadPoolExecutor(4) as pool:
        made = [pool.submit(issue, folder, name, subject, purpose, names if purpose == "server" else (), "front-ca" if name == "front-proxy" else "ca")
                for name, (subject, purpose) in PARTIES.items()]
        for each in made:
            each.result()
    _openssl(folder, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{SERVICE_ACCOUNTS}.key")
    (folder / f"{SERVICE_ACCOUNTS}.pub").write_text(_openssl(folder, "pkey", "-in", f"{SERVICE_ACCOUNTS}.key", "-pubout"))
    (folder / "complete").touch()
