"""Work without a network, as whole processes, beside terraform's on as many objects."""

import shutil
import statistics

from . import mesh
from .process import run

REPEATS = 15

_RESOURCE = """\
resource "terraform_data" "{name}" {{
  input = {{
    cluster  = "{cluster}"
    address  = "{address}"
    username = "icsa"
    protocol = "tcp"
  }}
}}
"""


def local(command, count, snapshot, folder, repeats=REPEATS):
    """Seconds of `validate` and of a plan without state or network, in turn; terraform's where it is installed."""
    clusters = mesh.clusters(count)
    file = folder / "local.yaml"
    file.write_text(mesh.text(clusters))
    programs = {
        "intermesh validate": ([command, "-q", "validate", file], (0,), folder),
        "intermesh plan --snapshot": ([command, "-q", "plan", file, "--snapshot", snapshot], (0, 2), folder),
    }
    terraform = shutil.which("terraform")
    if terraform:
        here = folder / "terraform"
        here.mkdir()
        (here / "main.tf").write_text("".join(_resources(clusters)))
        run([terraform, "init", "-input=false", "-no-color"], cwd=here)
        programs["terraform validate"] = ([terraform, "validate", "-no-color"], (0,), here)
        programs["terraform plan"] = ([terraform, "plan", "-no-color", "-input=false"], (0,), here)
    runs = {name: [] for name in programs}
    for _ in range(repeats):
        for name, (words, expected, cwd) in programs.items():
            runs[name].append(run(words, expected=expected, cwd=cwd))
    return {
        name: {
            "seconds": [one.seconds for one in taken],
            "median": statistics.median(one.seconds for one in taken),
            "memory": max(one.memory for one in taken),
        }
        for name, taken in runs.items()
    }


def _resources(clusters):
    """One resource for each peer entry of the mesh."""
    for cluster in clusters:
        for other in clusters:
            if other["name"] != cluster["name"]:
                name = f"{cluster['name']}-{other['name']}"
                yield _RESOURCE.format(name=name, cluster=cluster["name"], address=other["publisher"])
