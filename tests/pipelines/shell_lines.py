"""Takes the shell lines out of the pipelines of docs/ci, each into a file that shellcheck reads: shell_lines.py FOLDER."""

import pathlib
import re
import sys

import yaml

CI = pathlib.Path("docs/ci")


def lines():
    """Every script with a name for it."""
    for name, job in yaml.safe_load((CI / "github.yml").read_text())["jobs"].items():
        for number, step in enumerate(job["steps"]):
            if "run" in step:
                yield f"github-{name}-{number}", step["run"]
    for name, job in yaml.safe_load((CI / "gitlab.yml").read_text()).items():
        if isinstance(job, dict) and "script" in job:
            yield f"gitlab-{name}", "\n".join(job["script"])
    jenkins = (CI / "Jenkinsfile").read_text()
    for number, script in enumerate(re.findall(r"(?:sh|script:) '([^']+)'", jenkins)):
        yield f"jenkins-{number}", script
    for number, line in enumerate((CI / "crontab").read_text().splitlines()):
        if line.startswith("*"):
            yield f"cron-{number}", line.split(None, 6)[6]


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True)
    count = 0
    for name, script in lines():
        # values that a pipeline puts in before the shell sees them
        script = re.sub(r"\$\{\{[^}]*\}\}", "value", script)
        (folder / f"{name}.sh").write_text(f"#!/bin/bash\n{script}\n")
        count += 1
    if count < 10:
        sys.exit(f"only {count} scripts were found")


main()
