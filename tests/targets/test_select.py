"""Which addresses will be contacted, and which never."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import AuditorError, OutOfScopeError
from auditor.targets import config as configuration
from auditor.targets.select import Request, lines, select
from auditor.targets.spans import Interval, common, merge, minus

NAMES = {"core-1.example": ("10.9.9.9", "10.9.9.8"), "far.example": ("203.0.113.7",)}


def addresses(*words, request=None, text=""):
    return [target.address for target in chosen(*words, request=request, text=text)]


def chosen(*words, request=None, text=""):
    config = configuration.parse(text, "auditor.toml")
    return select(words, config, request, resolver=lambda name: NAMES.get(name, ()))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("10.0.0.0/30", ["10.0.0.1", "10.0.0.2"]),
        ("10.0.0.0/31", ["10.0.0.0", "10.0.0.1"]),
        ("10.0.0.7/32", ["10.0.0.7"]),
        ("10.0.0.7", ["10.0.0.7"]),
        ("10.0.0.1-3", ["10.0.0.1", "10.0.0.2", "10.0.0.3"]),
        ("10.0.0.254-10.0.1.1", ["10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1"]),
        ("fd00::1", ["fd00::1"]),
        ("fd00::/126", ["fd00::1", "fd00::2", "fd00::3"]),
        ("core-1.example", ["10.9.9.9"]),
    ],
)
def test_a_word_names_its_addresses(word, expected):
    assert addresses(word) == expected


def test_network_and_broadcast_addresses_are_never_contacted():
    found = addresses("10.0.0.0/24")
    assert (found[0], found[-1], len(found)) == ("10.0.0.1", "10.0.0.254", 254)
    assert addresses("10.0.0.0-255") == found
    site = '[site.hq]\nsubnets = ["10.0.0.0/25"]\n'
    assert "10.0.0.127" not in addresses("10.0.0.120-130", text=site)


@pytest.mark.parametrize(
    "word",
    ["10.0.0.0/33", "10.0.0.300", "10.0.0.9-2", "fd00::/64", "a b=c", "-", "nowhere.example", "http://10.0.0.1", ""],
)
def test_a_word_that_names_nothing_is_told(word):
    with pytest.raises(AuditorError):
        chosen(word or " ' ")


def test_every_wrong_word_is_told_at_once():
    with pytest.raises(AuditorError, match=r"10\.0\.0\.300(.|\n)*10\.0\.0\.9-2"):
        chosen("10.0.0.300", "10.0.0.1", "10.0.0.9-2")


@pytest.mark.parametrize(
    "word", ["203.0.113.0/30", "8.8.8.8", "2001:db8::1", "far.example", "172.32.0.1", "100.128.0.1"]
)
def test_public_addresses_need_a_list_and_a_flag(word, tmp_path):
    allow = tmp_path / "allow.txt"
    allow.write_text("203.0.113.0/24 # ours\n8.8.8.8\n2001:db8::/32\n172.32.0.0/16\n100.128.0.0/16\n")
    for request in (Request(), Request(public=True), Request(allow_file=str(allow))):
        with pytest.raises(AuditorError, match="allow-list"):
            chosen(word, request=request)
    assert chosen(word, request=Request(public=True, allow_file=str(allow))).count


def test_the_list_does_not_open_more_than_it_names(tmp_path):
    allow = tmp_path / "allow.txt"
    allow.write_text("203.0.113.0/30\n")
    with pytest.raises(AuditorError, match=r"203\.0\.113\.4"):
        chosen("203.0.113.0/29", request=Request(public=True, allow_file=str(allow)))


@pytest.mark.parametrize(
    "word", ["169.254.1.1", "224.0.0.1", "255.255.255.255", "0.0.0.1", "fe80::1", "ff02::1", "240.0.0.1"]
)
def test_link_local_and_multicast_are_never_contacted(word, tmp_path):
    allow = tmp_path / "allow.txt"
    allow.write_text("0.0.0.0/0\n::/0\n")
    with pytest.raises(AuditorError, match="never contacted"):
        chosen(word, request=Request(public=True, allow_file=str(allow)))


def test_private_shared_and_loopback_addresses_are_in_scope():
    assert addresses("10.1.1.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "127.0.0.1", "fd00::1", "::1")


def test_exclusions_always_win():
    assert addresses("10.0.0.1-6", request=Request(exclude=("10.0.0.2/31", "10.0.0.5-9"))) == ["10.0.0.1", "10.0.0.4"]
    text = '[scope]\nexclude = ["10.0.0.1"]\n[site.hq]\nsubnets = ["10.0.0.0/24"]\nexclude = ["10.0.0.4"]\n'
    assert addresses("10.0.0.1-4", "10.0.0.1", text=text) == ["10.0.0.2", "10.0.0.3"]


def test_what_was_named_is_kept_whatever_is_cut_out_of_it():
    sites = (
        '[site.hq]\nsubnets = ["10.0.0.0/25"]\n[credential.a]\nkind = "snmp-v2c"\nsecret = "env:A"\nsubnets = '
        '["10.0.0.64/28"]\n'
    )
    spans = chosen(
        "10.0.0.0/24", "10.0.0.200", request=Request(exclude=("10.0.0.16", "10.0.0.90-99")), text=sites
    ).spans

    assert {(span.size > 1, span.breadth) for span in spans} == {(True, 254), (False, 1)}
    assert len(spans) > 5


def test_an_ipv4_address_in_ipv6_spelling_is_that_address():
    assert addresses("::ffff:10.0.0.1", "::ffff:a00:2", "10.0.0.1") == ["10.0.0.1", "10.0.0.2"]
    assert addresses("::ffff:10.0.0.0/126", request=Request(exclude=("::ffff:10.0.0.2",))) == ["10.0.0.1"]
    assert addresses("10.0.0.1-3", request=Request(exclude=("::ffff:10.0.0.1-::ffff:10.0.0.2",))) == ["10.0.0.3"]


def test_the_guard_knows_an_address_behind_its_other_spellings():
    scope = chosen("10.0.0.1", request=Request(exclude=("10.0.0.66",))).scope

    for spelling in ("10.0.0.66", "::ffff:10.0.0.66", "::ffff:a00:42", "64:ff9b::10.0.0.66", "2002:a00:42::1"):
        with pytest.raises(OutOfScopeError, match=r"exclude 10\.0\.0\.66"):
            scope.check(spelling)
    for spelling in ("8.8.8.8", "169.254.0.1", "fe80::1%eth0", "0.0.0.0", "::", "core-1", ""):
        with pytest.raises(OutOfScopeError):
            scope.check(spelling)
    assert [scope.check(one) for one in ("10.0.0.65", "fd00::1", "::1")] == [None] * 3


def test_an_address_named_twice_is_contacted_once():
    assert addresses("10.0.0.1-3", "10.0.0.2", "10.0.0.2-4") == ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]
    assert addresses("10.0.0.1 ssh=2222", "10.0.0.1-2") == ["10.0.0.1", "10.0.0.2"]


def test_a_million_addresses_are_two_numbers():
    found = chosen("10.0.0.0/12")
    assert (len(found.spans), found.count, found.needs_confirmation) == (1, 2**20 - 2, True)
    assert [target.address for target in islice(found, 2)] == ["10.0.0.1", "10.0.0.2"]
    assert not chosen("10.0.0.0/16").needs_confirmation


def test_a_target_belongs_to_the_site_with_the_narrowest_subnet():
    text = '[site.all]\nsubnets = ["10.0.0.0/8"]\n[site.lab]\nsubnets = ["10.5.0.0/16"]\nports = { snmp = 1161 }\n'
    found = {
        target.address: (target.site, target.port("snmp", 161)) for target in chosen("10.4.0.1", "10.5.0.1", text=text)
    }
    assert found == {"10.4.0.1": ("all", 161), "10.5.0.1": ("lab", 1161)}


def test_a_site_without_targets_means_its_subnets():
    text = '[site.hq]\nsubnets = ["10.0.0.0/30"]\n[site.far]\nsubnets = ["10.1.0.0/30"]\n'
    assert addresses(request=Request(site="hq"), text=text) == ["10.0.0.1", "10.0.0.2"]
    with pytest.raises(AuditorError, match="known: far, hq"):
        chosen(request=Request(site="nowhere"), text=text)
    with pytest.raises(AuditorError, match="nothing to contact"):
        chosen()


def test_a_target_line_may_carry_site_driver_and_ports():
    words = lines("# rack 4\n10.0.0.1 site=hq driver=zte_zxros ssh=2222 # core\n\n")
    target = next(iter(chosen(*words)))
    assert (target.address, target.site, target.driver, target.port("ssh", 22)) == ("10.0.0.1", "hq", "zte_zxros", 2222)
    with pytest.raises(AuditorError, match="'sshh=1' is not"):
        chosen("10.0.0.1 sshh=1")


intervals = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda pair: Interval(4, pair[0], pair[0] + pair[1])),
    max_size=6,
)


def members(items):
    return {number for item in items for number in range(item.first, item.last + 1)}


@given(intervals, intervals)
def test_interval_arithmetic_is_set_arithmetic(left, right):
    assert members(merge(left)) == members(left)
    assert members(minus(left, right)) == members(left) - members(right)
    assert members(common(left, right)) == members(left) & members(right)
    assert sum(item.size for item in minus(left, right)) == len(members(left) - members(right))


def test_of_a_wide_range_the_first_hosts_of_each_24_are_looked_at_and_of_a_narrow_one_all():
    request = Request(sample=2, exclude=("10.0.1.1",))
    chosen = [
        target.address
        for target in select(["10.0.0.0/22", "10.1.0.0/30", "10.2.0.0/24"], configuration.Config(), request)
    ]

    assert chosen[:7] == [
        "10.0.0.1", "10.0.0.2", "10.0.1.2", "10.0.2.1", "10.0.2.2", "10.0.3.1", "10.0.3.2",
    ]  # fmt: skip
    assert chosen[7:9] == ["10.1.0.1", "10.1.0.2"]
    assert len(chosen) == 9 + 254
    spans = select(["10.0.0.0/22"], configuration.Config(), request).spans
    assert {span.breadth for span in spans} == {1022}, "a sample is swept as its range would be"
