"""The samples are true to form, clean of people's data, and judged as their labels say."""

import gzip
import json
import os
import re
from datetime import UTC, date, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

import pytest

from auditor.lab import samples
from auditor.model import Fact, Observation, Outcome, Target, Tier, Verdict
from auditor.parse import cli, snmp
from auditor.pipeline import learn
from tests.tools.judging import judge_one
from tests.tools.merging import merge

FOLDER = Path(__file__).parents[1] / "samples"
CORPUS = Path(os.environ.get("AUDITOR_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
LABELS = samples.labels(FOLDER)
ENDS = {".snmprec", ".cli", ".http", ".banner"}
FILES = sorted(path for path in FOLDER.rglob("*") if path.suffix in ENDS)
COVERED = {"huawei", "zte", "hikvision", "dahua", "hytera"}
DOCUMENTATION = [
    ip_network(net)
    for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "127.0.0.0/8", "0.0.0.0/32")
]
# Addresses that are no place but part of a protocol or a mask.
NEUTRAL = [ip_network(net) for net in ("255.0.0.0/8", "239.0.0.0/8", "::/127")]
# What an operating system prints on every device: its banner, and the headings of its tables.
FORM = re.compile(
    r"(?i)copyright|version|software|warning|info: |slot|mac address|hardware addr|rack shelf|onuindex|f/s/p"
)
AT = datetime(2026, 11, 21, tzinfo=UTC)


def facts_of(sample):
    """Return what the readers make of everything a sample says."""
    yield from snmp.facts(sample.varbinds)
    for command, reply in cli.split_transcript(sample.transcript):
        if command:
            yield from cli.facts(command, reply)
    for page in sample.pages:
        yield from page_facts(page)
    for kind, words in sample.greetings:
        yield Fact(kind=kind, value=words)


def page_facts(page):
    if page.path == "/ISAPI/System/deviceInfo" and page.inside:
        yield Fact(kind="isapi.deviceinfo", value=page.body, where=page.path)
    elif page.path.startswith("/cgi-bin/magicBox.cgi") and page.inside:
        yield Fact(kind="dahua.sysinfo", value=page.body, where=page.path)
    for kind, name in (("http.server", "Server"), ("http.auth", "WWW-Authenticate"), ("http.cookie", "Set-Cookie")):
        if page.header(name):
            yield Fact(kind=kind, value=page.header(name), where=page.path)
    if title := re.search(r"<title>([^<]+)</title>", page.body):
        yield Fact(kind="http.title", value=title[1], where=page.path)
    if "urn:schemas-upnp-org:device" in page.body:
        yield Fact(kind="upnp.description", value=page.body, where=page.path)
    elif not page.inside and page.status == 200:
        yield Fact(kind="http.response", value=page.body, where=page.path)


@pytest.fixture(scope="module")
def known():
    return learn()


def judged(name, known):
    sample = samples.read(FOLDER, name)
    seen = Observation(target=Target(address="192.0.2.250"), collector="sample", at=AT, facts=tuple(facts_of(sample)))
    return [judge_one(asset, known, date(2026, 11, 21)) for asset in merge([seen], known.identifies)]


@pytest.mark.parametrize("name", LABELS)
def test_each_sample_is_judged_as_its_label_says(name, known):
    label = LABELS[name]
    (own,) = [item for item in judged(name, known) if item.asset.address == "192.0.2.250"]
    covered = {finding.maker: finding for finding in own.findings if finding.tier is Tier.COVERED}

    if label.outcome:
        assert own.outcome is Outcome(label.outcome), own.why
    accused = {
        maker for maker, finding in covered.items() if label.maker != "none" or finding.verdict >= Verdict.PROBABLE
    }
    assert accused == ({label.maker} if label.maker != "none" else set())
    if label.verdict:
        assert covered[label.maker].verdict >= Verdict[label.verdict.upper()]
        shown, wanted = covered[label.maker].model.casefold(), label.model.casefold()
        # A device may show less of its name than the label on it; only under another's label is it called something
        # else.
        assert name.startswith("rebrands/") or shown in wanted or wanted in shown


def test_every_maker_has_a_sample_and_every_sample_a_label():
    named = {str(path.relative_to(FOLDER).with_suffix("")) for path in FILES}

    assert named == set(LABELS)
    assert {label.maker for label in LABELS.values()} == COVERED | {"none"}
    assert len(LABELS) >= 40
    assert sum(name.startswith("rebrands/") for name in LABELS) >= 8
    assert sum(name.startswith("lookalikes/") for name in LABELS) >= 12


def test_labels_use_the_words_of_the_vocabulary(known):
    words = known.book.words
    for label in LABELS.values():
        assert label.maker in {*words.makers, "none"}
        assert label.category in {*words.categories, ""}
        assert label.shows


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_sample_is_well_formed(path):
    text = path.read_text(encoding="utf-8")
    sample = samples.read(FOLDER, str(path.relative_to(FOLDER).with_suffix("")))

    assert text.endswith("\n")
    if path.suffix == ".snmprec":
        oids = [tuple(int(arc) for arc in varbind.oid.split(".")) for varbind in sample.varbinds]
        assert oids == sorted(set(oids))
    if path.suffix == ".cli":
        assert len(cli.split_transcript(sample.transcript)) >= 2
    if path.suffix == ".banner":
        assert sample.greetings


def test_no_sample_holds_a_public_address():
    for path in FILES:
        for address in addresses(path):
            assert any(address in net for net in DOCUMENTATION + NEUTRAL if net.version == address.version), (
                path.name,
                address,
            )


def addresses(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".snmprec":
        for varbind in samples.read(FOLDER, str(path.relative_to(FOLDER).with_suffix(""))).varbinds:
            if varbind.tag == 0x40:
                yield IPv4Address(varbind.raw)
        text = "\n".join(line.split("|", 2)[2] for line in text.splitlines() if line.split("|")[1] == "4")
    # A version such as 4.30.0.85 looks like an address; only what stands alone is one.
    for found in re.findall(r"(?<![\w.\-])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]|-\w)", text):
        if all(int(part) <= 255 for part in found.split(".")) and not re.search(
            rf"(?i)version\s+{found}|V{found}", text
        ):
            yield ip_address(found)
    for found in re.findall(r"\b(?:[0-9a-f]{1,4}:){2,7}:[0-9a-f]{1,4}\b", text):
        yield IPv6Address(found)


def test_no_sample_holds_a_secret():
    forbidden = re.compile(r"(?i)(password|passwd|community|secret|cipher|pre-shared|psk)[ \t]*[:=][ \t]*\S+[^:>\s]")
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert not [found for found in forbidden.findall(text) if found], path.name


def test_macs_are_invented_behind_real_prefixes():
    for label in LABELS.values():
        if not label.mac:
            continue
        assert re.fullmatch(r"[0-9a-f]{12}", label.mac)
        # An invented tail: the maker's prefix, then 00, then digits of our own.
        assert label.mac.startswith("00005e0053") or label.mac[6:8] == "00", label.sample


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the recorded corpus is not here (AUDITOR_CORPUS)")
def test_nothing_but_product_banners_is_shared_with_recordings_of_others():
    ours = {}
    serials = {label.serial for label in LABELS.values() if label.serial}
    for path in FILES:
        for line in path.read_text(encoding="utf-8").splitlines():
            value = line.split("|", 2)[-1] if path.suffix == ".snmprec" else line
            if len(value) >= 60 and not re.fullmatch(r"[-\s=*0-9.]+", value):
                ours[value.strip()] = path.name
    foreign = set()
    with gzip.open(CORPUS / "journal.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            for fact in json.loads(line).get("facts", []):
                foreign.update(part.strip() for part in fact["value"].splitlines())
    shared = {value: name for value, name in ours.items() if value in foreign}

    assert not serials & foreign
    assert not "\n".join(value for value in shared if not FORM.search(value))
