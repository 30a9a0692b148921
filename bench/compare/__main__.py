"""The comparison: a lab for every size and every round trip, one after another.

Usage: python -m compare INTERMESH FOLDER [--quick] [--out FILE]
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from . import machine, mesh, report
from .local import local
from .process import Broken

SEED = 1
# Peers that the lab's seed leaves out: enough to be told apart, few enough that all pages of peers are read.
MISSING = 7
FULL = {
    "sizes": [2, 10, 30],
    "round_trips": [1, 20, 100],
    "repeats": 7,
    "alone": 3,
    "side_by_side": (30, 20, {"intermesh": 7, "zeep": [(16, 5), (1, 2)], "ansible": 2, "alone": 5}, [2, 4, 8, 15, 30]),
}
QUICK = {
    "sizes": [2, 6],
    "round_trips": [1, 20],
    "repeats": 3,
    "alone": 1,
    "side_by_side": (3, 20, {"intermesh": 3, "zeep": [(16, 2), (1, 1)], "ansible": 1, "alone": 2}, [4]),
}


def in_lab(command, folder, count, round_trip, repeats, alone, forks):
    """What was measured in a lab of its own."""
    place = folder / f"{count}-{round_trip}-{len(repeats)}"
    place.mkdir()
    clusters = mesh.clusters(count)
    file = place / "lab.yaml"
    file.write_text(mesh.text(clusters))
    # spread over the mesh: the clusters differ in what is missing
    step = max(1, len(clusters) // alone)
    chosen = [cluster["name"] for cluster in clusters[::step]][:alone]
    order = {"command": str(command), "clusters": count, "repeats": repeats, "alone": chosen, "forks": forks}
    order |= {"started": time.time()}
    (place / "order.json").write_text(json.dumps(order))
    missing = str(min(MISSING, mesh.entries(count) // 2))
    lab = [command, "-q", "lab", "run", "--seed", str(SEED), "--speed", "1", "--skin", "classic", "--missing-peers"]
    lab += [missing, "--round-trip", str(round_trip), file, "--"]
    print(f"{count} clusters, {round_trip} ms", file=sys.stderr, flush=True)
    began = machine.load()
    inside = [sys.executable, "-m", "compare.inside", place / "order.json", place / "result.json"]
    ended = subprocess.run([*lab, *inside], stdin=subprocess.DEVNULL, check=False)
    if ended.returncode != 0:
        raise Broken(f"the comparison in the lab of {count} clusters ended with {ended.returncode}")
    found = json.loads((place / "result.json").read_text())
    return found | {"clusters": count, "round_trip": round_trip, "load": [began, machine.load()]}


def empty_snapshot(command, folder, count):
    """A snapshot of a mesh without any peer: every entry is to be planned."""
    file, snapshot = folder / "empty.yaml", folder / "snapshot.json"
    file.write_text(mesh.text(mesh.clusters(count)))
    lab = [command, "-q", "lab", "run", "--seed", str(SEED), "--speed", "1", "--skin", "classic", file, "--"]
    subprocess.run([*lab, command, "-q", "snapshot", file, "--out", snapshot], check=True, stdin=subprocess.DEVNULL)
    return snapshot


def _at_most(plan, most):
    """The same plan with fewer runs."""

    def fewer(repeats):
        if isinstance(repeats, list):
            return [(threads, min(times, most)) for threads, times in repeats]
        return min(repeats, most)

    count, round_trip, repeats, forks = plan["side_by_side"]
    side_by_side = (count, round_trip, {name: fewer(times) for name, times in repeats.items()}, forks)
    return plan | {"repeats": fewer(plan["repeats"]), "side_by_side": side_by_side}


def main():
    arguments = argparse.ArgumentParser(prog="bench/run", description="Compares intermesh with what users would pick.")
    arguments.add_argument("command", type=Path, help=argparse.SUPPRESS)
    arguments.add_argument("folder", type=Path, help=argparse.SUPPRESS)
    arguments.add_argument("--quick", action="store_true", help="small meshes, few repeats, nothing asserted on speed")
    arguments.add_argument("--repeats", type=int, help="at most so many runs of anything, where there is little time")
    default = Path(__file__).parents[1] / "RESULTS.md"
    arguments.add_argument("--out", type=Path, help=f"where the results are written ({default.name} for a whole run)")
    given = arguments.parse_args()
    plan = QUICK if given.quick else FULL
    if given.repeats:
        plan = _at_most(plan, max(1, given.repeats))
    begun = {"time": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), "load": machine.load()}
    scale = []
    for count in plan["sizes"]:
        for round_trip in plan["round_trips"]:
            repeats = {"intermesh": plan["repeats"], "alone": plan["repeats"]}
            scale.append(in_lab(given.command, given.folder, count, round_trip, repeats, plan["alone"], [4]))
    count, round_trip, repeats, forks = plan["side_by_side"]
    together = in_lab(given.command, given.folder, count, round_trip, repeats, plan["alone"], forks)
    largest = max(plan["sizes"])
    snapshot = empty_snapshot(given.command, given.folder, largest)
    without = local(given.command, largest, snapshot, given.folder, 5 if given.quick else 15)
    about = machine.describe(given.command)
    page = report.page(about, begun, scale, together, (largest, without), machine.cores(), given.quick)
    print(page)
    if given.out or not given.quick:
        (given.out or default).write_text(page)
    missed = report.missed(scale, together, machine.cores())
    if missed and not given.quick:
        raise SystemExit("not reached: " + "; ".join(missed))


if __name__ == "__main__":
    os.umask(0o077)
    try:
        main()
    except Broken as broken:
        raise SystemExit(f"error: {broken}") from None
