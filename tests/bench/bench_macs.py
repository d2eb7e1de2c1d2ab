"""MACs to labels: ours against mac-vendor-lookup, netaddr, manuf, a dict and a C loop.

    python -m tests.bench.bench_macs [rows]

Rows are spread over the whole registry in seven notations, one in twenty an address without a maker. netaddr and
manuf are measured where they are installed (`pip install netaddr manuf`), the C loop where there is a compiler. Slow
ones are measured on fewer rows. All figures are rows a second of processor time on one core, so that a busy machine
slows all alike.
"""

import ctypes
import importlib.util
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np

from auditor import normal
from auditor.rules.load import load
from auditor.rules.macs import Classifier, owners
from auditor.rules.oui import Registry

ROWS = 10_000_000
CHECKED = 100_000
# How many times as fast as these ours is.
AT_LEAST = {"C loop": 0.25, "dict loop": 10, "mac-vendor-lookup, sync": 100}
ROUNDS = 3
FORMS = (
    "{0}:{1}:{2}:{3}:{4}:{5}",
    "{0}-{1}-{2}-{3}-{4}-{5}",
    "{0}{1}.{2}{3}.{4}{5}",
    "{0}{1}{2}{3}{4}{5}",
    "{0}{1}-{2}{3}-{4}{5}",
)
FORMS += ("{0}{1}{2}-{3}{4}{5}",)
C_LOOP = """
#include <stdint.h>
#include <stddef.h>
/* Read each line's twelve digits, or six octets of one or two, and look them up: what a person would write in C. */
size_t classify(const unsigned char *p, size_t n, const uint16_t *cells, const uint16_t *pages, uint16_t base,
                const signed char *digit, uint16_t *out) {
    size_t row = 0;
    uint64_t value = 0, octet = 0; int digits = 0, inside = 0, octets = 0, bad = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = p[i];
        int d = digit[c];
        if (d >= 0) { value = value << 4 | d; octet = octet << 4 | d; digits++; inside++; }
        else if (c == '\\n') {
            if (digits != 12 && octets == 5 && inside && inside < 3) { /* net-snmp leaves leading zeros out */
                size_t j = i; while (j && p[j-1] != '\\n') j--;
                uint64_t v = 0, o = 0;
                for (; j < i; j++) { int e = digit[p[j]]; if (e >= 0) o = o << 4 | e; else { v = v << 8 | o; o = 0; } }
                value = v << 8 | o; digits = 12;
            }
            uint16_t found = 0;
            if (!bad && digits == 12) {
                found = cells[value >> 24];
                if (found >= base) found = pages[(size_t)(found - base) << 12 | (value >> 12 & 4095)];
            }
            out[row++] = found; value = octet = 0; digits = inside = octets = bad = 0;
        } else if (c == ':' || c == '-' || c == '.' || c == ' ') { octets++; inside = 0; octet = 0; }
        else bad = 1;
    }
    return row;
}
"""


def lines(registry: Registry, count: int) -> bytes:
    """Return `count` lines, one address each, spread evenly over blocks and notations."""
    seed = np.random.default_rng(6)
    prefixes = np.array([int(block.prefix.ljust(12, "0"), 16) for block in registry], dtype=np.uint64)
    free = np.array([48 - block.bits for block in registry], dtype=np.uint64)
    chosen = seed.integers(0, prefixes.size, count)
    tails = seed.integers(0, 1 << 24, count, dtype=np.uint64) & ((np.uint64(1) << free[chosen]) - np.uint64(1))
    macs = prefixes[chosen] | tails
    unowned = seed.random(count) < 0.05
    macs[unowned] = (macs[unowned] | np.uint64(2 << 40)) ^ np.uint64(1 << 30)
    forms = seed.integers(0, len(FORMS) + 1, count)
    out = []
    for start in range(0, count, 1 << 18):
        texts = (f"{mac:012x}" for mac in macs[start : start + (1 << 18)].tolist())
        spelled = (
            _spelled(text, form) for text, form in zip(texts, forms[start : start + (1 << 18)].tolist(), strict=True)
        )
        out.append(("\n".join(spelled) + "\n").encode())
    return b"".join(out)


def dict_loop(registry: Registry) -> Callable[[list[str]], list[str]]:
    """Return the loop anybody would write first.

    Tidy each text, then try 36, 28 and 24 bits in a dictionary.
    """
    known = {block.prefix.lower(): block.registrant for block in registry if block.registry != "CID"}
    split = normal.mac

    def look_up(texts: list[str]) -> list[str]:
        out = []
        for text in texts:
            digits = text.replace(":", "").replace("-", "").replace(".", "").lower()
            if len(digits) != 12:
                digits = split(text)
            if digits and int(digits[1], 16) & 3:
                out.append("")
                continue
            out.append(known.get(digits[:9]) or known.get(digits[:7]) or known.get(digits[:6]) or "")
        return out

    return look_up


def c_loop(classifier: Classifier, raw: bytes) -> Callable[[], np.ndarray] | None:
    """Return the compiled loop over the same tables, None where there is no compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    folder = Path(tempfile.mkdtemp())
    (folder / "loop.c").write_text(C_LOOP)
    subprocess.run(
        [compiler, "-O3", "-march=native", "-shared", "-fPIC", "-o", folder / "loop.so", folder / "loop.c"], check=True
    )
    function = ctypes.CDLL(str(folder / "loop.so")).classify
    function.restype = ctypes.c_size_t
    digit = np.array(
        [int(chr(code), 16) if chr(code) in "0123456789abcdefABCDEF" else -1 for code in range(256)], dtype=np.int8
    )
    out = np.empty(raw.count(b"\n"), dtype=np.uint16)
    pages = np.ascontiguousarray(classifier._pages)
    base = ctypes.c_uint16(len(classifier.registrants))

    def run() -> np.ndarray:
        function(
            raw,
            ctypes.c_size_t(len(raw)),
            _address(classifier._cells),
            _address(pages),
            base,
            _address(digit),
            _address(out),
        )
        return out

    return run


def others(texts: list[str]) -> dict[str, tuple[int, float]]:
    """Return rows and seconds of the libraries that look up one address at a time."""
    measured = {}
    for name, rows, make in (
        ("mac-vendor-lookup, sync", 100_000, _mac_vendor_lookup),
        ("netaddr", 20_000, _netaddr),
        ("manuf", 20_000, _manuf),
    ):
        look_up = make()
        if look_up is None:
            _say(f"{name}: not installed, left out")
            continue
        look_up(texts[0])
        began = time.process_time()
        for text in texts[:rows]:
            look_up(text)
        measured[name] = (rows, time.process_time() - began)
    return measured


def main(arguments: list[str]) -> int:
    """Measure, compare rows with the C loop and a sample with single reading, print the table."""
    count = int(arguments[0]) if arguments else ROWS
    registry = Registry.load()
    owned = owners(load())
    classifier = Classifier(registry, owned)
    raw = lines(registry, count)
    texts = raw.decode().split("\n")[:-1]
    _say(f"{count:,} rows, {len(registry):,} blocks, Python {platform.python_version()}, {platform.machine()}")

    spent, table = _best(lambda: classifier.classify(texts))
    rate = {"ours, list of texts": count / spent}
    codes = table["registrant"].cat.codes.to_numpy()
    wrong = _wrong(registry, owned, texts[:CHECKED], table.iloc[:CHECKED])
    del table
    streamed, _ = _best(lambda: sum(len(piece) for piece in classifier.stream(BytesIO(raw))))
    rate["ours, stream of lines"] = count / streamed
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    loop = c_loop(classifier, raw)
    if loop is not None:
        spent, found = _best(loop)
        rate["C loop"] = count / spent
        universal = _universal(classifier, raw)
        wrong += int(((found != codes) & universal).sum())
    look_up = dict_loop(registry)
    some = texts[: max(1, count // 10)]
    spent, _ = _best(lambda: look_up(some))
    rate["dict loop"] = len(some) / spent
    rate |= {name: rows / seconds for name, (rows, seconds) in others(texts).items()}

    ours = rate["ours, list of texts"]
    for name, value in sorted(rate.items(), key=lambda item: -item[1]):
        line = f"{name:26} {value / 1e6:9.3f} million rows/s   ours is {ours / value:8.2f} times that"
        _say(line + (_promise(ours / value, AT_LEAST[name]) if name in AT_LEAST else ""))
    _say(f"wrong: {wrong}; peak memory {peak:,.0f} MB, texts included")
    is_kept = all(ours / rate[name] >= times for name, times in AT_LEAST.items() if name in rate)
    return int(bool(wrong) or not is_kept)


def _promise(times: float, least: float) -> str:
    return f"   at least {least:6.2f}: {'kept' if times >= least else 'broken'}"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _best(run: Callable[[], object]) -> tuple[float, object]:
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        result = run()
        spent.append(time.process_time() - began)
    return min(spent), result


def _wrong(registry: Registry, owned: dict, texts: list[str], table) -> int:
    got = zip(*(table[name].astype(str) for name in ("registrant", "maker", "tier", "kind")), strict=True)
    return sum(1 for text, row in zip(texts, got, strict=True) if row != _one(registry, owned, text))


def _one(registry: Registry, owned: dict, text: str) -> tuple[str, str, str, str]:
    digits = normal.mac(text)
    registrant = registry.registrant(digits)
    owner = owned.get(registrant)
    return registrant, owner.maker if owner else "", str(owner.tier) if owner else "", str(registry.kind(digits))


def _universal(classifier: Classifier, raw: bytes) -> np.ndarray:
    """Return which rows are no named range: the C loop knows nothing of those."""
    kinds = [
        piece["kind"].isin(["universal", "local", "group"]).to_numpy() for piece in classifier.stream(BytesIO(raw))
    ]
    return np.concatenate(kinds)


def _spelled(digits: str, form: int) -> str:
    octets = [digits[place : place + 2] for place in range(0, 12, 2)]
    if form < len(FORMS):
        return FORMS[form].format(*octets)
    return ":".join(octet.lstrip("0") or "0" for octet in octets)


def _address(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def _mac_vendor_lookup() -> Callable[[str], object]:
    import asyncio

    from mac_vendor_lookup import MacLookup, VendorNotFoundError

    asyncio.set_event_loop(asyncio.new_event_loop())
    lookup = MacLookup()

    def one(text: str) -> str:
        try:
            return lookup.lookup(text)
        except VendorNotFoundError:
            return ""

    return one


def _netaddr() -> Callable[[str], object] | None:
    if importlib.util.find_spec("netaddr") is None:
        return None
    from netaddr import EUI, NotRegisteredError

    def one(text: str) -> str:
        try:
            return EUI(text).oui.registration().org
        except NotRegisteredError:
            return ""

    return one


def _manuf() -> Callable[[str], object] | None:
    if importlib.util.find_spec("manuf") is None:
        return None
    from manuf import manuf

    parser = manuf.MacParser()

    def one(text: str) -> str:
        try:
            return parser.get_manuf_long(text) or ""
        except ValueError:
            return ""

    return one


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
