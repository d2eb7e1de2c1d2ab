"""A real Chromium, driven over WebDriver (W3C) with nothing but the standard library."""

import base64
import json
import re
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--hide-scrollbars",
    "--disable-dev-shm-usage",
]  # fmt: skip


class Browser:
    """One browser with a profile of its own; every method is one WebDriver command."""

    def __init__(self, profile: Path) -> None:
        self._driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._driver.stdout is not None
        line = next(line for line in self._driver.stdout if "started successfully on port" in line)
        self._base = f"http://127.0.0.1:{re.findall('[0-9]+', line)[-1]}/session"
        session = self._send(
            "POST", "",
            {
                "capabilities": {
                    "alwaysMatch": {
                        "goog:chromeOptions": {
                            "args": [*FLAGS, f"--user-data-dir={profile}"],
                            "binary": shutil.which("chromium") or shutil.which("google-chrome"),
                        },
                        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
                    }
                }
            },
        )  # fmt: skip
        self._base += "/" + session["sessionId"]

    def close(self) -> None:
        """End browser and driver."""
        self._send("DELETE", "")
        self._driver.terminate()
        self._driver.wait(timeout=20)
        assert self._driver.stdout is not None
        self._driver.stdout.close()

    def open(
        self, page: Path | str, width: int = 1280, height: int = 800, *, dark: bool = False, fragment: str = ""
    ) -> None:
        """Open a file as a person would from a file share, or an address, at what a link names."""
        self._send("POST", "/window/rect", {"width": width, "height": height})
        scheme = {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]}
        self._send("POST", "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": scheme})
        self.log("browser")
        self.log("performance")
        self._send("POST", "/url", {"url": (page.as_uri() if isinstance(page, Path) else page) + fragment})

    def run(self, script: str, *arguments: object) -> Any:
        """Return what a script returns; promises are awaited."""
        return self._send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, selector: str) -> str:
        """Return the element a CSS selector names first."""
        found: dict[str, str] = self._send("POST", "/element", {"using": "css selector", "value": selector})
        return found[ELEMENT]

    def click(self, selector: str) -> None:
        """Click like a mouse does: in view, not covered by anything."""
        self._send("POST", f"/element/{self.find(selector)}/click", {})

    def type(self, selector: str, text: str) -> None:
        """Type key by key into an element."""
        self._send("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def texts(self, selector: str) -> list[str]:
        """Return what a reader sees in each element a selector names."""
        script = "return [...document.querySelectorAll(arguments[0])].map((node) => node.innerText.trim())"
        shown: list[str] = self.run(script, selector)
        return shown

    def await_texts(self, selector: str, seconds: float = 10) -> list[str]:
        """Return what a reader sees in each element a selector names, once there is one: a page may be on its way."""
        deadline = time.monotonic() + seconds
        while not (shown := self.texts(selector)) and time.monotonic() < deadline:
            time.sleep(0.02)
        return shown

    def log(self, kind: str) -> list[dict[str, Any]]:
        """Return and forget what was logged: `browser` is the console, `performance` the network."""
        entries: list[dict[str, Any]] = self._send("POST", "/se/log", {"type": kind})
        return entries

    def requested(self) -> list[str]:
        """Return every address the page has asked for since it was opened."""
        messages = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        return [item["params"]["request"]["url"] for item in messages if item["method"] == "Network.requestWillBeSent"]

    def screenshot(self, path: Path) -> None:
        """Keep what is in view as a PNG file."""
        path.write_bytes(base64.b64decode(self._send("GET", "/screenshot")))

    def printed(self) -> bytes:
        """Return the page as the browser prints it to PDF, but for tags for screen readers.

        They are its own work, and half of its time.
        """
        wanted = {"printBackground": True, "preferCSSPageSize": True, "generateTaggedPDF": False}
        told = self._send("POST", "/goog/cdp/execute", {"cmd": "Page.printToPDF", "params": wanted})
        return base64.b64decode(told["data"])

    def _send(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(  # noqa: S310  # always our own driver on loopback
            self._base + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=280) as reply:  # noqa: S310  # the same
            return json.load(reply)["value"]
