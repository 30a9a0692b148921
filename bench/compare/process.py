"""Whole processes: how long they take, and what they take of the machine."""

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


class Broken(Exception):
    """A program did not do what it was started for."""


@dataclass
class Run:
    """One run of a program: seconds, processor seconds, and the bytes of the largest of its processes."""

    seconds: float
    processor: float
    memory: int
    output: str


def run(command, *, expected=(0,), cwd=None, env=None):
    """Runs a program to its end, with all that it starts."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, cwd=cwd, env=env)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        told, complained = output.read().decode(errors="replace"), errors.read().decode(errors="replace")
    if child.returncode not in expected:
        raise Broken(f"{command[0]} ended with {child.returncode}:\n{complained[-2000:]}\n{told[-2000:]}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, told)


def processor_of(pid):
    """The processor seconds that a running process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_of(pid):
    """The most resident memory that a running process had, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise Broken(f"process {pid} does not tell its memory")
