"""Executes the commands of Markdown pages as they are written, in one shell a page, in a folder of its own.

    commands.py PAGE...

A block fenced as `console` holds commands after `$ `, continued after `> `, each followed by what it prints. A line of
three dots stands for any lines, `[..]` for any text within one; where nothing is shown, anything may be printed. A
command ends with 0, or as its remark says: `# ends with 2`. What a reader need not see stands in comments:

    <!-- docs: run COMMAND -->    also executed, such as the lab that plays the part of real clusters
    <!-- docs: write NAME -->     the next block is the file NAME
    <!-- docs: skip REASON -->    the next block is not executed
"""

import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

FENCE = re.compile(r"^(\s*)```(\S*)\s*$")
DIRECTIVE = re.compile(r"^\s*<!-- docs: (run|write|skip) (.*?) -->\s*$")
ENDS = re.compile(r"# ends with (\d+)\b")
# a shell in which the lines that follow are typed
INNER = re.compile(r"-- (ba)?sh$")
MARK = "end-of-command-4f1c"
PATIENCE = int(os.environ.get("DOCS_PATIENCE", "1800"))


class Wrong(Exception):
    """A page that is not as it says."""


def steps(page):
    """What a page asks for: (line, what, text, shown)."""
    found, ahead, lines = [], None, page.read_text(encoding="utf-8").split("\n")
    at = 0
    while at < len(lines):
        directive, fence = DIRECTIVE.match(lines[at]), FENCE.match(lines[at])
        at += 1
        if directive:
            what, text = directive.groups()
            if what == "run":
                found.append((at, "run", text, None))
            else:
                ahead = (at, what, text)
        elif fence:
            indent, language = fence.groups()
            began, body = at, []
            while at < len(lines) and lines[at].strip() != "```":
                body.append(lines[at].removeprefix(indent))
                at += 1
            at += 1
            if ahead and ahead[1] == "write":
                found.append((began, "write", ahead[2], "\n".join(body) + "\n"))
            elif ahead and language == "console":
                found.append((began, "skip", ahead[2], sum(line.startswith("$ ") for line in body)))
            elif language == "console":
                found += typed(page, began, body)
            elif language in ("sh", "bash", "shell"):
                raise Wrong(f"{page}:{began}: commands are fenced as `console`, so that they are executed")
            ahead = None
    if ahead:
        raise Wrong(f"{page}:{ahead[0]}: no block follows")
    return found


def typed(page, began, body):
    """The commands of a block, each with what is shown of its output."""
    found = []
    for number, line in enumerate(body, began + 1):
        if line.startswith("$ "):
            found.append((number, "run", line[2:], []))
        elif not found:
            raise Wrong(f"{page}:{number}: a `console` block begins with a command after `$ `")
        elif line.startswith("> ") and not found[-1][3]:
            before = found[-1]
            found[-1] = (before[0], "run", before[2] + "\n" + line[2:], [])
        else:
            found[-1][3].append(line)
    return found


class Shell:
    """A shell that is typed into."""

    def __init__(self, folder, environment):
        self.process = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=folder, env=environment, start_new_session=True, text=True, encoding="utf-8",
        )
        self.lines, self.marks = queue.Queue(), 0
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def write(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def type(self, command):
        """The exit code, and what was printed."""
        opens = INNER.search(command.split(" #")[0].rstrip())
        plain = opens or command == "exit"
        self.marks += 1
        mark = f"{MARK}-{self.marks}"
        self.write(f"{command}\n" if plain else "{ " + command + "\n} < /dev/null\n")
        self.write(f"printf '\\n{mark} %s\\n' $?\n")
        printed, until = [], time.monotonic() + PATIENCE
        while True:
            try:
                line = self.lines.get(timeout=0.5)
            except queue.Empty:
                if time.monotonic() > until:
                    raise Wrong(f"no end within {PATIENCE} s; so far:\n{''.join(printed)}") from None
                if command == "exit":
                    # the shell that ends may have read the mark of the one that goes on
                    self.write(f"printf '\\n{mark} %s\\n' $?\n")
                continue
            if line is None:
                raise Wrong(f"the shell is gone; so far:\n{''.join(printed)}")
            if line.startswith(mark + " "):
                # the mark begins on a line of its own
                return int(line.split()[1]), "".join(printed).removesuffix("\n")
            if not line.startswith(MARK):
                printed.append(line)

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGTERM)


def same(shown, printed):
    """Whether what was printed is what is shown."""
    pattern = ""
    for line in shown:
        if line.strip() == "...":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += r"[^\n]*".join(re.escape(part) for part in line.rstrip().split("[..]")) + r"[ \t]*\n"
    return re.fullmatch(pattern, printed.strip("\n") + "\n") is not None


def follow(page, folder):
    """Does what a page says; returns how many commands were executed and how many were not."""
    inside = {"HOME": str(folder), "NO_COLOR": "1", "LC_ALL": "C.UTF-8", "COLUMNS": "80"}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("INTERMESH")}
    shell, done, left = Shell(folder, kept | inside), 0, 0
    try:
        for line, what, text, shown in steps(page):
            if what == "write":
                (folder / text).write_text(shown, encoding="utf-8")
                continue
            if what == "skip":
                print(f"  {page}:{line}: {shown} not executed: {text}")
                left += shown
                continue
            try:
                code, printed = shell.type(text)
            except Wrong as wrong:
                raise Wrong(f"{page}:{line}: $ {text}\n{wrong}") from None
            expected = int(ENDS.search(text)[1]) if ENDS.search(text) else 0
            while shown and not shown[-1].strip():
                shown.pop()
            if code != expected:
                raise Wrong(f"{page}:{line}: $ {text}\nends with {code}, not {expected}:\n{printed}")
            if shown and not same(shown, printed):
                raise Wrong(f"{page}:{line}: $ {text}\nshows\n" + "\n".join(shown) + f"\nbut prints\n{printed}")
            done += 1
    finally:
        shell.close()
    return done, left


def main():
    failed, done, left = [], 0, 0
    for name in sys.argv[1:]:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="intermesh-docs-") as folder:
            try:
                executed, skipped = follow(Path(name), Path(folder))
            except Wrong as wrong:
                failed.append(name)
                print(wrong, file=sys.stderr)
                continue
        done, left = done + executed, left + skipped
        if executed or skipped:
            print(f"  {name}: {executed} commands, {time.monotonic() - began:.0f} s")
    if done == 0:
        failed.append("no command was executed")
    print(f"commands: {done} executed, {left} not, {len(failed)} pages wrong")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
