"""Counts what was checked, so that a suite that checked nothing cannot pass."""

import sys


class Tally:
    """Checks under headings, each of an operation or another named thing."""

    def __init__(self):
        self.checks = {}
        self.failures = []

    def passed(self, heading, name):
        """Counts a check that passed."""
        names = self.checks.setdefault(heading, {})
        names[name] = names.get(name, 0) + 1

    def failed(self, heading, why):
        """Counts a check that failed."""
        self.failures.append(f"{heading}: {why}")

    def check(self, heading, name, condition, why):
        """Counts a check either way and hands its condition on."""
        if condition:
            self.passed(heading, name)
        else:
            self.failed(heading, f"{name}: {why}")
        return condition

    def require(self, heading, names):
        """Fails unless each of the names was checked under the heading."""
        missing = sorted(set(names) - set(self.checks.get(heading, {})))
        if missing:
            self.failed(heading, f"not checked: {', '.join(missing)}")

    def report(self):
        """Prints the counts and ends the program: 0 when something was checked and nothing failed."""
        for heading, names in self.checks.items():
            kinds = ", ".join(f"{name} {count}" for name, count in sorted(names.items()))
            print(f"{heading}: {sum(names.values())} ({kinds})")
        for line in self.failures[:20]:
            print(f"FAILED   {line}")
        if len(self.failures) > 20:
            print(f"FAILED   and {len(self.failures) - 20} more")
        if not self.checks:
            print("FAILED   nothing was checked")
        sys.exit(1 if self.failures or not self.checks else 0)
