"""Devices for the SSH tests.

Asyncssh servers on loopback that play VRP, ZXR10 and IOS, well-behaved or not. No test in here.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field

import asyncssh

from tests.tools.loopback import Loop

VRP = {
    "screen-length 0 temporary": "Info: The configuration takes effect on the current user terminal interface only.",
    "display version": (
        "Huawei Versatile Routing Platform Software\n"
        "VRP (R) software, Version 5.170 (S5720 V200R019C10SPC500)\n"
        "Copyright (C) 2000-2020 HUAWEI TECH Co., Ltd.\n"
        "HUAWEI S5720-28X-SI-AC Routing Switch uptime is 12 weeks, 3 days"
    ),
    "display esn": "ESN of slot 0: 2102354DOC0000000001",
    "display arp all": (
        "IP ADDRESS      MAC ADDRESS     EXPIRE(M) TYPE        INTERFACE\n"
        "192.0.2.1       00e0-fc12-3401            I -         Vlanif10\n"
        "192.0.2.20      bcad-2812-3402  18        D-0         GE0/0/7"
    ),
    "display mac-address": "bcad-2812-3402 10/-/-   GE0/0/7   dynamic\nTotal items displayed = 1",
}
ZTE = {
    "terminal length 0": "",
    "show version": (
        "ZXR10 M6000-8S\nZTE ZXR10 Software, Version: M6000 v3.00.20(1.0), Release software\nCopyright (c) by ZTE "
        "Corporation"
    ),
    "show arp": "192.0.2.30   00:05:10   4c16.fc12.3401  vlan20   gei-0/1",
}
IOS = {
    "terminal width 511": "",
    "terminal length 0": "",
    "show version": "Cisco IOS Software, C2960X Software, Version 15.2(7)E\nProcessor board ID FOC0000DOC1",
    "show mac address-table": "  10    bcad.2812.3402    DYNAMIC     Gi1/0/7",
}
UNKNOWN = {
    "vrp": "Error: Unrecognized command found at '^' position.",
    "zte": "% Unknown command, the error locates at '^'",
}


@dataclass
class Device:
    """What one played device is like, and what was done to it."""

    replies: dict[str, str] = field(default_factory=lambda: dict(VRP))
    prompt: str = "<HUAWEI>"
    refusal: str = "Error: Unrecognized command found at '^' position."
    user: str = "audit"
    password: str = "sshpass123"
    keyboard: bool = False
    page: int = 0
    fault: str = ""
    enable: str = ""
    mode: tuple[str, ...] = ()
    greeting: str = ""
    lines: list[str] = field(default_factory=list)
    logins: list[bool] = field(default_factory=list)
    connections: int = 0

    async def reply(self, process: "asyncssh.SSHServerProcess[str]", line: str) -> None:
        """Print what a command prints, with the fault this device has."""
        if self.fault == "hang" and line.startswith(("display", "show")):
            await asyncio.sleep(3600)
        if self.fault == "close" and line.startswith(("display", "show")):
            process.stdout.write("Huawei Vers")
            process.channel.abort()
            return
        if self.fault == "flood" and line.startswith(("display", "show")):
            await self._flood(process)
            return
        text = self.replies.get(line, self.refusal if line else "")
        text = text.replace("\n", "\r\n")
        if self.fault == "ansi":
            text = f"\x1b[H\x1b[2J\x1b]0;owned\x07{text}\x1b[0m"
        if self.fault == "slow":
            for char in text:
                process.stdout.write(char)
                await asyncio.sleep(0.002)
            process.stdout.write("\r\n")
            text = ""
        if self.page and line.startswith(("display", "show")):
            await self._paged(process, text)
        elif text:
            # Some commands forget the end of their last line, so that the prompt follows on it.
            process.stdout.write(text + ("" if self.fault == "run-on" else "\r\n"))

    async def _flood(self, process: "asyncssh.SSHServerProcess[str]") -> None:
        for _ in range(50_000):
            if process.channel.is_closing():
                return
            process.stdout.write("x" * 1000 + "\r\n")
            await process.stdout.drain()

    async def _paged(self, process: "asyncssh.SSHServerProcess[str]", text: str) -> None:
        rows = text.split("\r\n")
        for start in range(0, len(rows), self.page):
            process.stdout.write("\r\n".join(rows[start : start + self.page]) + "\r\n")
            if start + self.page < len(rows):
                process.stdout.write("  ---- More ----")
                await process.stdin.read(1)
                process.stdout.write("\x1b[16D                \x1b[16D")


class _Server(asyncssh.SSHServer):
    def __init__(self, device: Device) -> None:
        self.device = device

    def connection_made(self, _conn: asyncssh.SSHServerConnection) -> None:
        self.device.connections += 1

    def begin_auth(self, _username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return not self.device.keyboard

    async def validate_password(self, username: str, password: str) -> bool:
        if self.device.fault == "auth-hang":
            await asyncio.sleep(3600)
        good = (username, password) == (self.device.user, self.device.password)
        self.device.logins.append(good)
        return good

    def kbdint_auth_supported(self) -> bool:
        return self.device.keyboard

    def get_kbdint_challenge(self, *_asked: str) -> object:
        return "", "", "", [("Password: ", False)]

    def validate_kbdint_response(self, username: str, responses: list[str]) -> bool:
        good = (username, responses) == (self.device.user, [self.device.password])
        self.device.logins.append(good)
        return good


async def _serve(device: Device, process: "asyncssh.SSHServerProcess[str]") -> None:
    with contextlib.suppress(asyncssh.Error, OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
        await _terminal(device, process)


async def _stray(process: "asyncssh.SSHServerProcess[str]", prompt: str) -> None:
    with contextlib.suppress(asyncssh.Error, OSError):
        for _ in range(40):
            await asyncio.sleep(0.03)
            process.stdout.write("\r\n" + prompt)


async def _terminal(device: Device, process: "asyncssh.SSHServerProcess[str]") -> None:
    prompt = device.prompt
    if device.fault == "no-prompt":
        await asyncio.sleep(3600)
    process.stdout.write(device.greeting + "\r\n" + prompt)
    if device.fault == "late-prompts":
        # Prompts that arrive when nobody waits for them any more, as over a long way.
        asyncio.get_running_loop().create_task(_stray(process, prompt))
    typed = ""
    while char := await process.stdin.read(1):
        if char not in "\r\n":
            typed += char
            continue
        line, typed = typed.strip(), ""
        device.lines.append(line)
        if device.fault != "mute-echo" or not line.startswith(("display", "show")):
            process.stdout.write(line + "\r\n")
        if line in {"quit", "exit", "logout"}:
            break
        if line == "enable" and device.enable:
            process.stdout.write("Password:")
            secret = (await process.stdin.readline()).strip()
            device.lines.append("(secret)")
            prompt = prompt.replace(">", "#") if secret == device.enable else prompt
            process.stdout.write("\r\n" + prompt)
            continue
        if line in device.mode:
            prompt = prompt[:-1] + ("#" if line == device.mode[0] else ">")
            process.stdout.write(prompt)
            continue
        await device.reply(process, line)
        process.stdout.write(prompt)
    process.exit(0)


class Lab(Loop):
    """Runs devices; `with Lab() as lab: port = lab.add(Device())`."""

    settle = 0.05

    def __init__(self) -> None:
        super().__init__()
        self.key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)

    def add(self, device: Device, *, address: str = "127.0.0.1", key: object = None, **options: object) -> int:
        """Start one SSH device and return its port."""
        return self.run(self._start(device, address, key or self.key, options))

    async def _start(self, device: Device, address: str, key: object, options: dict[str, object]) -> int:
        server = await asyncssh.create_server(
            lambda: _Server(device),
            address,
            0,
            server_host_keys=key if isinstance(key, list) else [key],
            process_factory=lambda process: _serve(device, process),
            line_editor=False,
            encoding="utf-8",
            login_timeout=0,
            **options,
        )
        self.open.append(server)
        return server.get_port()
