"""Bulk classification says what one-at-a-time reading says, whatever the notation."""

import io
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor import normal
from auditor.model import Tier
from auditor.rules.load import load
from auditor.rules.macs import CHUNK, Classifier, Owner, owners
from auditor.rules.oui import Registry

HUAWEI, HIKROBOT = "HUAWEI TECHNOLOGIES CO.,LTD", "Hangzhou Hikrobot Technology Co., Ltd."
OWNED = {
    HUAWEI: Owner(maker="huawei", tier=Tier.COVERED),
    HIKROBOT: Owner(maker="hikvision", tier=Tier.COVERED),
    "Zhejiang Uniview Technologies Co.,Ltd.": Owner(maker="uniview", tier=Tier.WATCH),
}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load()


@pytest.fixture(scope="module")
def classifier(registry: Registry) -> Classifier:
    return Classifier(registry, OWNED)


def one_at_a_time(registry: Registry, text: object) -> tuple[str, str, str, str]:
    digits = normal.mac(text) if isinstance(text, str) else ""
    if not digits:
        return "", "", "", "malformed"
    registrant = registry.registrant(digits)
    owner = OWNED.get(registrant)
    return registrant, owner.maker if owner else "", owner.tier if owner else "", registry.kind(digits)


def rows(table: pd.DataFrame) -> list[tuple[str, ...]]:
    return list(zip(*(table[name].astype(str) for name in ("registrant", "maker", "tier", "kind")), strict=True))


NOTATIONS = (
    lambda digits: digits,
    lambda digits: digits.upper(),
    lambda digits: ":".join(digits[i : i + 2] for i in range(0, 12, 2)),
    lambda digits: "-".join(digits[i : i + 2] for i in range(0, 12, 2)).upper(),
    lambda digits: ".".join(digits[i : i + 4] for i in range(0, 12, 4)),
    lambda digits: "-".join(digits[i : i + 4] for i in range(0, 12, 4)),
    lambda digits: f"{digits[:6]}-{digits[6:]}",
    lambda digits: ":".join(f"{int(digits[i : i + 2], 16):x}" for i in range(0, 12, 2)),
    lambda digits: f" {digits} ",
)


@pytest.mark.parametrize("notation", NOTATIONS, ids=lambda notation: notation("00e0fc0a0001"))
def test_every_notation_is_read(classifier: Classifier, notation):
    assert rows(classifier.classify([notation("00e0fc0a0001")])) == [(HUAWEI, "huawei", "covered", "universal")]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("b0:b3:53:60:00:01", (HIKROBOT, "hikvision", "covered", "universal")),
        ("b0:b3:53:ff:ff:ff", ("", "", "", "universal")),
        ("c4:79:05:00:00:01", ("Zhejiang Uniview Technologies Co.,Ltd.", "uniview", "watch", "universal")),
        ("00:00:0c:07:ac:01", ("", "", "", "virtual")),
        ("00:00:0c:07:ad:01", ("Cisco Systems, Inc", "", "", "universal")),
        ("00:00:5e:00:01:01", ("", "", "", "virtual")),
        ("02:e0:fc:00:00:01", ("", "", "", "local")),
        ("02:bf:0a:00:00:01", ("", "", "", "virtual")),
        ("01:e0:fc:00:00:01", ("", "", "", "group")),
        ("00:00:00:00:00:00", ("", "", "", "null")),
        ("ff:ff:ff:ff:ff:ff", ("", "", "", "broadcast")),
        ("00:e0:fc:00:00", ("", "", "", "malformed")),
        ("00:e0:fc:00:00:0g", ("", "", "", "malformed")),
        ("", ("", "", "", "malformed")),
    ],
)
def test_each_sort_of_address_is_labelled(classifier: Classifier, registry: Registry, text: str, want: tuple[str, ...]):
    if text.startswith("b0:b3:53:ff"):
        want = (registry.registrant("b0b353ffffff"), *want[1:])

    assert rows(classifier.classify([text])) == [want]


def test_a_million_rows_would_be_no_different_from_one(classifier: Classifier, registry: Registry):
    rng = random.Random(7)
    prefixes = [block.prefix for block in registry] + [special.prefix for special in registry.specials] * 50
    texts: list[object] = [
        None,
        7,
        "\n",
        "00:e0:fc\n:00:00:01",
        "é0e0fc000001",
        "0:e0-fc:0:0:1",
        ":::::",
        "0:1:2:3:4:5:6",
    ]
    for _ in range(20_000):
        prefix = rng.choice(prefixes).lower()
        digits = prefix + "".join(rng.choice("0123456789abcdef") for _ in range(12 - len(prefix)))
        texts.append(rng.choice(NOTATIONS)(digits))
    rng.shuffle(texts)

    assert rows(classifier.classify(texts)) == [tuple(map(str, one_at_a_time(registry, text))) for text in texts]


@given(texts=st.lists(st.text(alphabet="0aF:-. \n\tz\u0660", max_size=20), max_size=20))
def test_rubbish_is_read_as_one_at_a_time(registry: Registry, classifier: Classifier, texts: list[str]):
    assert rows(classifier.classify(texts)) == [tuple(map(str, one_at_a_time(registry, text))) for text in texts]


@pytest.mark.parametrize(
    "container",
    [list, tuple, iter, pd.Series, np.array, lambda texts: pd.Series(texts, dtype=object)],
    ids=["list", "tuple", "iterator", "column", "array", "objects"],
)
def test_any_container_will_do(classifier: Classifier, container):
    texts = ["00:e0:fc:00:00:01", "02:e0:fc:00:00:01"] * 3

    assert list(classifier.classify(container(texts))["kind"]) == ["universal", "local"] * 3


def test_nothing_in_nothing_out(classifier: Classifier):
    table = classifier.classify([])

    assert list(table.columns) == ["registrant", "maker", "tier", "kind"]
    assert table.empty


def test_rows_beyond_one_chunk_keep_their_order(classifier: Classifier):
    texts = ["00:e0:fc:00:00:01"] * CHUNK + ["ff:ff:ff:ff:ff:ff", "c4:79:05:00:00:01"]

    assert list(classifier.classify(texts)["kind"][-3:]) == ["universal", "broadcast", "universal"]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_a_file_is_read_in_pieces(classifier: Classifier, newline: bytes):
    count = 150_000
    file = io.BytesIO(newline.join([b"00:e0:fc:00:00:01", b"nonsense", b"0:e0:fc:0:0:2"] * (count // 3)))

    pieces = list(classifier.stream(file))

    assert len(pieces) > 1
    assert sum(map(len, pieces)) == count
    assert sum(int((piece["maker"] == "huawei").sum()) for piece in pieces) == count * 2 // 3


def test_a_line_without_end_is_one_malformed_row(classifier: Classifier):
    file = io.BytesIO(b"0" * 5_000_000 + b"\n00:e0:fc:00:00:01\n")

    table = pd.concat(list(classifier.stream(file)))

    assert list(table["kind"]) == ["malformed", "universal"]


def test_a_covered_maker_goes_before_a_watched_one():
    owned = owners(load())

    assert owned[HUAWEI] == Owner(maker="huawei", tier=Tier.COVERED)
    assert owned["Zhejiang Uniview Technologies Co.,Ltd."] == Owner(maker="uniview", tier=Tier.WATCH)
    assert "Sepura Limited" not in owned or owned["Sepura Limited"].tier is not Tier.COVERED
    assert "Shenzhen Kean Digital Co.,Ltd" not in owned
