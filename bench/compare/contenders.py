"""Who reads the mesh, and what each of them says is missing."""

import json
import os
import sys
from pathlib import Path

from .process import Broken, run

HERE = Path(__file__).resolve().parents[1] / "contenders"


class Intermesh:
    """`intermesh plan`, which saves its plan."""

    def __init__(self, command, mesh, clusters, folder):
        self.name, self.depth = "intermesh plan", "all"
        self.command, self.mesh, self.clusters, self.folder = command, mesh, clusters, folder

    def read(self):
        saved = self.folder / "plan.json"
        # there is something to do
        ran = run([self.command, "-q", "plan", self.mesh, "--out", saved], expected=(0, 2))
        plan = json.loads(saved.read_text())
        missing = []
        publishers = {cluster["name"]: cluster["publisher"] for cluster in self.clusters}
        for name, snapshot in plan["snapshot"]["clusters"].items():
            if "read" not in snapshot["peers"]:
                raise Broken(f"the peers of {name} were not read: {snapshot['peers']}")
            known = {peer["address"] for peer in snapshot["peers"]["read"]}
            missing += [[name, there] for other, there in publishers.items() if other != name and there not in known]
        planned = sorted([step["cluster"], step["address"]] for step in _additions(plan))
        if planned != sorted(missing):
            raise Broken(f"the plan adds {planned}, but {sorted(missing)} are missing")
        return ran, planned


class Alone:
    """One cluster read by itself: `intermesh snapshot`. The mesh's other cluster is gone, so nobody contacts it."""

    def __init__(self, command, mesh, folder):
        self.command, self.mesh, self.folder = command, mesh, folder

    def read(self):
        saved = self.folder / "alone.json"
        ran = run([self.command, "-q", "snapshot", self.mesh, "--out", saved])
        clusters = json.loads(saved.read_text())["clusters"]
        if len(clusters) != 1:
            raise Broken(f"one cluster was to be read, and not {sorted(clusters)}")
        return ran, []


def _additions(plan):
    """What the plan adds: the cluster that gets an entry, and the address in it."""
    for step in plan["steps"]:
        added = step["action"].get("add-peer") if isinstance(step["action"], dict) else None
        if added:
            yield {"cluster": step["cluster"], "address": added["address"]}


class Zeep:
    """The script on zeep and requests."""

    def __init__(self, facts, threads):
        self.name = "zeep, serial" if threads == 1 else f"zeep, {threads} threads"
        self.depth, self.facts, self.threads = "all", facts, threads

    def read(self):
        ran = run([sys.executable, HERE / "zeep_reader.py", self.facts, str(self.threads)])
        return ran, json.loads(ran.output)


class Ansible:
    """The playbook. `lists` reads nothing but the lists of peers: the least that tells what is missing."""

    def __init__(self, inventory, folder, forks, depth="full"):
        self.name = f"Ansible, {forks} forks" + (", lists of peers only" if depth == "lists" else "")
        self.depth = "all" if depth == "full" else "lists"
        self.inventory, self.folder, self.forks, self.asked = inventory, folder, forks, depth

    def read(self):
        answer = self.folder / "answer.json"
        answer.unlink(missing_ok=True)
        # no colours, no retry files, no lookups of hosts, pipelined modules: what makes a playbook quick
        quick = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_PIPELINING": "1", "ANSIBLE_RETRY_FILES_ENABLED": "0"}
        quick |= {"ANSIBLE_LOCAL_TEMP": str(self.folder / "ansible"), "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}
        told = ["-e", json.dumps({"depth": self.asked, "answer": str(answer)})]
        command = [Path(sys.executable).parent / "ansible-playbook", "-i", self.inventory, "--forks", str(self.forks)]
        ran = run([*command, *told, HERE / "playbook.yml"], env=os.environ | quick)
        return ran, json.loads(answer.read_text())


def inventory(clusters):
    """The clusters as hosts of Ansible, with what the lab's environment tells of them."""
    lab = os.environ
    addresses = dict(pair.split("=") for pair in lab["INTERMESH_LAB_NODES"].split(","))

    def host(cluster):
        nodes = [node | {"address": addresses[node["name"]]} for node in cluster["nodes"]]
        return {"publisher": cluster["publisher"], "address": addresses[cluster["publisher"]], "nodes": nodes}

    account = {"username": lab["INTERMESH_LAB_USERNAME"], "password": lab["INTERMESH_LAB_PASSWORD"]}
    common = account | {"authority": lab["INTERMESH_CA_FILE"], "ansible_python_interpreter": sys.executable}
    hosts = {cluster["name"]: host(cluster) for cluster in clusters}
    return {"all": {"children": {"clusters": {"hosts": hosts}}, "vars": common}}
