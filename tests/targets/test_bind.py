"""Which credentials are tried where."""

from auditor.targets import config as configuration
from auditor.targets.select import Request, select

V3 = (
    '[credential.core]\nkind = "snmp-v3"\nuser = "audit"\nauth = "SHA256"\nauth_secret = "env:A"\npriv = '
    '"AES"\npriv_secret = "env:P"\n'
)
V2 = '[credential.old]\nkind = "snmp-v2c"\nsecret = "env:C"\n'
SSH = '[credential.shell]\nkind = "ssh"\nuser = "audit"\nsecret = "env:S"\n'


def credentials(text, *words, **request):
    return {
        t.address: t.credentials for t in select(words, configuration.parse(text, "auditor.toml"), Request(**request))
    }


def test_a_lone_credential_is_used_everywhere_in_scope():
    assert credentials(V2, "10.0.0.1") == {"10.0.0.1": ("old",)}


def test_v3_never_falls_back_to_a_community_without_leave():
    assert credentials(V2 + V3, "10.0.0.1") == {"10.0.0.1": ("core",)}
    assert credentials("[defaults]\ndowngrade = true\n" + V2 + V3, "10.0.0.1") == {"10.0.0.1": ("core", "old")}


def test_leave_given_to_one_site_is_not_given_to_another():
    sites = '[site.hq]\nsubnets = ["10.1.0.0/16"]\ndowngrade = true\n[site.far]\nsubnets = ["10.2.0.0/16"]\n'
    assert credentials(V2 + V3 + sites, "10.1.0.1", "10.2.0.1") == {"10.1.0.1": ("core", "old"), "10.2.0.1": ("core",)}


def test_a_credential_bound_to_a_subnet_is_sent_nowhere_else():
    text = V2 + 'subnets = ["10.0.0.4/30"]\n' + SSH
    found = credentials(text, "10.0.0.3-8")
    assert {address for address, names in found.items() if "old" in names} == {
        "10.0.0.4",
        "10.0.0.5",
        "10.0.0.6",
        "10.0.0.7",
    }
    assert all("shell" in names for names in found.values())


def test_a_credential_bound_to_a_site_is_sent_nowhere_else():
    text = V2 + 'sites = ["hq"]\n[site.hq]\nsubnets = ["10.1.0.0/16"]\n'
    assert credentials(text, "10.1.0.1", "10.2.0.1") == {"10.1.0.1": ("old",), "10.2.0.1": ()}


def test_a_site_names_its_own_and_the_defaults_name_the_rest():
    text = (
        '[defaults]\ncredentials = ["shell"]\n'
        + V2
        + SSH
        + '[site.hq]\nsubnets = ["10.1.0.0/16"]\ncredentials = ["old"]\n'
    )
    assert credentials(text, "10.1.0.1", "10.2.0.1") == {"10.1.0.1": ("old",), "10.2.0.1": ("shell",)}


def test_a_credential_asked_for_by_name_is_the_only_one():
    assert credentials(V2 + SSH, "10.0.0.1", credentials=("old",)) == {"10.0.0.1": ("old",)}
