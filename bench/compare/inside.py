"""What happens in a lab: every contender in turn, several times, each from the same first state.

Usage: python -m compare.inside ORDER.json RESULT.json, started by `intermesh lab run`.
"""

import json
import os
import socket
import ssl
import statistics
import sys
import time
from pathlib import Path

from . import mesh
from .contenders import Alone, Ansible, Intermesh, Zeep, inventory
from .process import Broken, memory_of, processor_of, run

# Requests whose median is the round trip as a client sees it.
LOOKS = 9


class Lab:
    """The lab around this process."""

    def __init__(self, command):
        self.command, self.pid = command, os.getppid()

    def reset(self):
        """Every run finds the same world, nobody logged in, and nothing counted."""
        run([self.command, "-q", "lab", "reset"])

    def counters(self):
        return json.loads(run([self.command, "-q", "lab", "counters", "--json"]).output)

    def measure(self, contender):
        self.reset()
        before = processor_of(self.pid)
        ran, missing = contender.read()
        spent = processor_of(self.pid) - before
        taken = {"seconds": ran.seconds, "processor": ran.processor, "lab": spent, "memory": ran.memory}
        return taken | {"asked": self.counters(), "missing": sorted(missing)}


def network():
    """Seconds until a connection stands, TLS included, and from a request to its answer."""
    address = os.environ["INTERMESH_LAB_NODES"].split(",")[0].split("=")[1]
    context = ssl.create_default_context(cafile=os.environ["INTERMESH_CA_FILE"])
    began = time.perf_counter()
    with socket.create_connection((address, 8443)) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with context.wrap_socket(plain, server_hostname=address) as tls:
            connected = time.perf_counter() - began
            looks = []
            for _ in range(LOOKS):
                began = time.perf_counter()
                tls.sendall(f"GET / HTTP/1.1\r\nHost: {address}:8443\r\n\r\n".encode())
                if not tls.recv(65536).startswith(b"HTTP/1.1 "):
                    raise Broken("the lab does not answer HTTP")
                looks.append(time.perf_counter() - began)
    return {"connect": connected, "request": statistics.median(looks), "tls": tls.version()}


def rounds(lab, contenders):
    """Runs the contenders in turn, each as often as it is asked to, and compares what they say."""
    runs = {contender.name: [] for contender, _ in contenders}
    for at in range(max(repeats for _, repeats in contenders)):
        for contender, repeats in contenders:
            if at < repeats:
                runs[contender.name].append(lab.measure(contender))
                print(f"  {contender.name}: {runs[contender.name][-1]['seconds']:.2f} s", file=sys.stderr, flush=True)
    expected = next(iter(runs.values()))[0]["missing"]
    if not expected:
        raise Broken("nothing is missing, so there is nothing to find")
    for name, taken in runs.items():
        for one in taken:
            if one["missing"] != expected:
                raise Broken(f"{name} says that {one['missing']} are missing, and not {expected}")
    return runs


def main():
    order, result = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    found = {"ready": time.time() - order["started"]}
    folder, command = result.parent, order["command"]
    lab, clusters = Lab(command), mesh.clusters(order["clusters"])
    found["network"] = network()

    file = folder / "mesh.yaml"
    file.write_text(mesh.text(clusters))
    whole = Intermesh(command, file, clusters, folder)
    contenders = [(whole, order["repeats"]["intermesh"])]
    facts, hosts = folder / "facts.json", folder / "inventory.json"
    facts.write_text(json.dumps({"clusters": clusters}))
    hosts.write_text(json.dumps(inventory(clusters)))
    for threads, repeats in order["repeats"].get("zeep", []):
        contenders.append((Zeep(facts, threads), repeats))
    if order["repeats"].get("ansible"):
        found["forks"] = []
        for forks in order["forks"] if len(order["forks"]) > 1 else []:
            tried = lab.measure(Ansible(hosts, folder, forks, "lists"))
            found["forks"].append([forks, tried["seconds"]])
            print(f"  Ansible with {forks} forks: {tried['seconds']:.2f} s", file=sys.stderr, flush=True)
        best = min(found["forks"], key=lambda tried: tried[1])[0] if found["forks"] else order["forks"][0]
        contenders.append((Ansible(hosts, folder, best), order["repeats"]["ansible"]))
        contenders.append((Ansible(hosts, folder, best, "lists"), order["repeats"]["ansible"]))

    # not counted: the first one brings programs and files into memory
    lab.measure(whole)
    found["runs"] = rounds(lab, contenders)
    # the slowest cluster alone: every cluster of the sample is a mesh of its own
    found["alone"] = {}
    for name in order["alone"]:
        file = folder / f"alone-{name}.yaml"
        file.write_text(mesh.text([cluster for cluster in clusters if cluster["name"] == name]) + mesh.GONE)
        alone = Alone(command, file, folder)
        found["alone"][name] = [lab.measure(alone)["seconds"] for _ in range(order["repeats"]["alone"])]
    found["memory"] = memory_of(lab.pid)
    result.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
