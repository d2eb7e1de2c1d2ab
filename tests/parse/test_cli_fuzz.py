"""Broken replies of every sort into the CLI, web and discovery parsers.

`run(100_000)` is the long form of the test below.
"""

import random
import time

from auditor.parse import discovery, web, xml
from auditor.parse.cli import facts, hostname, split_transcript

PIECES = [
    'NAME: "1", DESCR: "x"', "PID: A , VID: 1, SN: F1", "Slot 1 CPU 0:",
    "DEVICE_SERIAL_NUMBER : 21", "[Main_Board]", "BarCode=210",
    "Chassis ID :00e0-fc12-3455", "System description  :S12", "GE0/0/24  has 1 neighbor(s):",
    "192.0.2.1 00e0-fc12-3401 I - Vlanif10",
    "bcad-2812-3402 10/- GE0/0/7 dynamic", "1 1 3 GTGO GTGOG 8 INSERVICE", "<HUAWEI>display version", "ZXR10#show card",
    "48575443A1B2C3D4",
    "\x1b[16D   \x1b[16D", "  ---- More ----", "\r", "\x08\x08  \x08", "<title>x</title>", "<!DOCTYPE a>",
    "<ProbeMatch><DeviceSN>x</DeviceSN></ProbeMatch>", "HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n", "deviceType=31",
    "\xb3Name:Dahua",
]  # fmt: skip
COMMANDS = [
    "display version", "display arp", "display mac-address",
    "display lldp neighbor", "display elabel", "show inventory", "show card",
    "show chassis hardware", "display transceiver verbose",
    "display device manufacture-info", "show cdp neighbors detail", "display ont info 0 all", "display board 0", "",
]  # fmt: skip
PLATFORMS = ["", "huawei_vrp", "cisco_ios", "zte_zxros"]


def broken(dice: random.Random) -> str:
    """Return a reply of real pieces, some cut, some repeated, some with an alien character."""
    parts = []
    for _ in range(dice.randint(1, 30)):
        piece, chance = dice.choice(PIECES), dice.random()
        if chance < 0.3:
            place = dice.randrange(len(piece) + 1)
            piece = piece[:place] + chr(dice.randrange(0x300)) + piece[place:]
        elif chance < 0.4:
            piece *= dice.randint(2, 200)
        elif chance < 0.5:
            piece = piece[: dice.randrange(len(piece) + 1)]
        parts += [piece, dice.choice(["\n", "\r\n", " ", "", "\t" * dice.randint(1, 50)])]
    return "".join(parts)


def read(text: str, dice: random.Random) -> None:
    """Give one text to every parser."""
    facts(dice.choice(COMMANDS), text, dice.choice(PLATFORMS))
    split_transcript(text)
    hostname(text)
    data = text.encode("utf-8", "surrogatepass")
    answer = web.Response(status=dice.choice([200, 302, 401]), headers=(("location", text[:300]),), body=data)
    for page in (web.page, web.isapi, web.magicbox):
        list(page(answer, "/"))
    list(web.favicon(answer, "/favicon.ico"))
    web.icon(answer, "/", "192.0.2.7")
    for reply in (web.onvif, web.rtsp):
        list(reply(answer))
    for heard in (discovery.ws_discovery, discovery.ssdp, discovery.sadp, discovery.dhip, discovery.dahua_5050):
        list(heard(data))
    web.head(data)
    web.join_chunks(data)
    web.redirect(answer, "192.0.2.1")
    xml.parse(text)


def run(count: int, seed: int = 7) -> float:
    """Read so many broken texts and return the longest one took, in seconds.

    Anything a parser raises comes through.
    """
    dice = random.Random(seed)
    worst = 0.0
    for _ in range(count):
        text = broken(dice)
        began = time.perf_counter()
        read(text, dice)
        worst = max(worst, time.perf_counter() - began)
    return worst


def test_a_thousand_broken_texts_raise_nothing_and_take_no_time() -> None:
    assert run(1_000) < 2.0
