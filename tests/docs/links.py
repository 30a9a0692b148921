"""Checks that every link within a built book leads somewhere: to a file, and where it has one, to an anchor. Also the
links between Markdown files that are not in the book. Addresses of other machines are not contacted.

    links.py BOOK FILE.md...
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The links and anchors of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        for name in ("id", "name"):
            if given.get(name):
                self.anchors.add(given[name])
        for name in ("href", "src"):
            if given.get(name) and tag != "base":
                self.links.append(given[name])


def main():
    book = Path(sys.argv[1]).resolve()
    # one page of everything, for printing; a page for addresses that are not there
    whole = {book / "print.html", book / "404.html", book / "toc.html"}
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in book.rglob("*.html") if path not in whole}
    wrong, seen = [], 0
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            seen += 1
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target = target / "index.html"
            if not target.exists():
                wrong.append(f"{path.relative_to(book)}: {link}: there is no such file")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                wrong.append(f"{path.relative_to(book)}: {link}: there is no such anchor")
    for name in sys.argv[2:]:
        file = Path(name)
        for link in re.findall(r"\]\(([^)\s]+)\)", file.read_text(encoding="utf-8")):
            parts = urlsplit(link)
            if parts.scheme or not parts.path:
                continue
            seen += 1
            if not (file.parent / unquote(parts.path)).exists():
                wrong.append(f"{file}: {link}: there is no such file")
    print(f"links: {seen} within, {len(wrong)} lead nowhere")
    for line in wrong:
        print(f"  {line}", file=sys.stderr)
    sys.exit(1 if wrong or seen == 0 else 0)


if __name__ == "__main__":
    main()
