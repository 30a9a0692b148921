"""The machine, so that figures of two machines are not compared by mistake."""

import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

PACKAGES = ["ansible-core", "zeep", "requests", "lxml", "ciscouctoolkit"]


def describe(command):
    """What it is and what runs on it, as pairs."""
    cpu = Path("/proc/cpuinfo").read_text()
    model = next((line.split(":", 1)[1].strip() for line in cpu.splitlines() if line.startswith("model name")), "unknown")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    told = [
        ("processor", f"{model}, {len(os.sched_getaffinity(0))} cores"),
        ("memory", f"{memory} GB"),
        ("system", f"{platform.system()} {platform.release()}"),
        ("intermesh", _first_line([command, "--version"])),
        ("Python", sys.version.split()[0]),
        ("packages", ", ".join(f"{name} {version(name)}" for name in PACKAGES)),
    ]
    if shutil.which("terraform"):
        told.append(("terraform", _first_line(["terraform", "version"]).removeprefix("Terraform ")))
    return told


def load():
    """The load average of the last minute."""
    return os.getloadavg()[0]


def cores():
    return len(os.sched_getaffinity(0))


def _first_line(command):
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return told.strip().splitlines()[0] if told.strip() else "unknown"
