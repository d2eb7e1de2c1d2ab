"""The pictures of README: a terminal, the report, its topology, one device; made by Chromium from a demo.

    python -m tests.tools.showcase [DEMO]      `make pictures`; writes docs/pictures/*.png

DEMO is the folder of a demo that was run already; without it one is run.
"""

import html
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.tools.browser import Browser

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
LINES, COLUMNS = 34, 100
TERMINAL = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #14171c; }}
pre {{ margin: 0; padding: 22px 26px; color: #d7dce2; font: 15px/1.42 "DejaVu Sans Mono", monospace; }}
b {{ color: #7fd18b; font-weight: 600; }} i {{ color: #f0b35f; font-style: normal; }}
</style><pre>{text}</pre>"""
# Where on the page, which size, and what of the page fills the picture.
VIEWS = {"report": ("", 1280, 860), "topology": ("#topology", 1280, 860), "laws": ("#laws", 1280, 860)}


def auditor(*words: str | Path) -> str:
    """Return what the program prints, at the width of the picture."""
    command = [sys.executable, "-m", "auditor", *map(str, words)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": str(COLUMNS), "NO_COLOR": "1"},
    )
    return done.stdout


def terminal(demo: Path) -> str:
    """Return a page that looks like a terminal: the verdicts, then the case against one device."""
    store = demo / "auditor.db"
    verdicts = auditor("report", "--store", store, "-f", "text").splitlines()[:LINES]
    case = auditor("explain", "dp-nvr", "--store", store).splitlines()[:15]
    parts = [("auditor scan", verdicts), ("auditor explain dp-nvr", case)]
    text = "\n".join(f"<b>$ {command}</b>\n{_lines(lines)}\n" for command, lines in parts)
    return TERMINAL.format(text=text)


def _lines(lines: list[str]) -> str:
    marked = (html.escape(line) for line in lines)
    return "\n".join(line.replace("confirmed", "<i>confirmed</i>") for line in marked)


def main(words: list[str]) -> int:
    """Make every picture."""
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="auditor-pictures-") as name:
        work = Path(name)
        demo = Path(words[0]).resolve() if words else work / "demo"
        if not words:
            auditor("demo", "-q", "-o", demo)
        (work / "terminal.html").write_text(terminal(demo), encoding="utf-8")
        page = next(demo.glob("audit-*.html"))
        browser = Browser(work / "profile")
        try:
            browser.open(work / "terminal.html", 1000, 1190)
            browser.screenshot(FOLDER / "terminal.png")
            for one, (fragment, width, height) in VIEWS.items():
                browser.open(page, width, height, fragment=fragment)
                browser.screenshot(FOLDER / f"{one}.png")
        finally:
            browser.close()
    for picture in sorted(FOLDER.glob("*.png")):
        sys.stdout.write(f"{picture.name}\t{picture.stat().st_size:,} octets\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
