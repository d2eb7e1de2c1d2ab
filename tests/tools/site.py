"""The documentation as a site: built, its links followed, its spelling looked at.

    python -m tests.tools.site [FOLDER]      writes FOLDER/html (artefacts/site), as `make site` does

zensical and codespell come with the group `docs`. The folder docs/ stays as it is.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
# Files beside docs/ that pages lead to; they stand among the pages of the site.
BESIDE = ("LICENSE", "CONTRIBUTING.md", "SECURITY.md")
WORDS = DOCS / "words.txt"


class Links(HTMLParser):
    """Collects where a page leads to, and the places others may lead to on it."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take one element."""
        values = dict(attrs)
        if tag in {"a", "img", "script", "link"}:
            self.targets += [value for key in ("href", "src") if (value := values.get(key))]
        self.anchors |= {str(values[key]) for key in ("id", "name") if values.get(key)}


def links(page: Path) -> Links:
    """Return the links of a page."""
    parser = Links()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser


def dead_links(folder: Path) -> Iterator[str]:
    """Yield each link within a site that leads nowhere: no such file, no such place on it."""
    pages = {page: links(page) for page in folder.rglob("*.html")}
    for page, own in pages.items():
        for target in own.targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc or target.startswith("/"):
                continue
            place = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not (place.exists() and place.is_relative_to(folder)):
                yield f"{page.relative_to(folder)}: {target}"
            elif parts.fragment and place in pages and unquote(parts.fragment) not in pages[place].anchors:
                yield f"{page.relative_to(folder)}: no such place {target}"


def build(folder: Path) -> Path:
    """Build the site in a folder and return where its pages are."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(DOCS, folder / "docs")
    for name in BESIDE:
        shutil.copy(ROOT / name, folder / "docs" / name)
    for page in (folder / "docs").glob("*.md"):
        text = page.read_text(encoding="utf-8")
        text = text.replace("](docs/", "](") if page.name in BESIDE else text
        page.write_text(re.sub(rf"\]\(\.\./(?=({'|'.join(BESIDE)})[)#])", "](", text), encoding="utf-8")
    shutil.move(folder / "docs" / "zensical.toml", folder)
    program = Path(os.environ.get("ZENSICAL") or Path(sys.executable).with_name("zensical"))
    subprocess.run([program, "build", "--strict", "-f", folder / "zensical.toml"], check=True, cwd=folder)
    return folder / "html"


def misspelt() -> str:
    """Return what codespell finds in pages, commands' help and messages; words of our own are in docs/words.txt."""
    program = Path(sys.executable).with_name("codespell")
    skip = "*.lock,*.tsv,*.json,*.svg,*.png,docs/schemas"
    command = [program, "-I", WORDS, "-S", skip, *PAGES, "docs", "auditor/cli", "auditor/run"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout


def main(words: list[str]) -> int:
    """Build the site, and say what is wrong with its links and its spelling."""
    html = build(Path(words[0] if words else ROOT / "artefacts" / "site").resolve())
    dead, wrong = list(dead_links(html)), misspelt()
    pages = len(list(html.glob("*.html")))
    sys.stdout.write("".join(f"dead link: {line}\n" for line in dead) + wrong)
    sys.stdout.write(f"{pages} pages in {html}; {len(dead)} dead links; {len(wrong.splitlines())} words misspelt\n")
    return 1 if dead or wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
