"""A page asked for with a password shows something and changes nothing."""

import pytest

from auditor.errors import RuleError
from auditor.parse.services import load

PROBE = '[[probe]]\nname = "x"\nport = 80\nlogin = true\npath = "{}"\n'


@pytest.mark.parametrize(
    "path",
    ["/ISAPI/System/deviceInfo", "/cgi-bin/magicBox.cgi?action=getVendor", "/c.cgi?action=getConfig&name=RemoteDevice"],
)
def test_a_page_that_only_reads_is_taken(path: str) -> None:
    assert load(PROBE.format(path), "x.toml").probes[0].path == path


@pytest.mark.parametrize(
    "path",
    [
        "/c.cgi?action=setConfig&name=RemoteDevice",
        "/c.cgi?action=getConfig&name=RemoteDevice&RemoteDevice.x.Enable=false",
        "/c.cgi?action=getConfig&name=UserGlobal",
        "/c.cgi?name=RemoteDevice",
        "//198.51.100.1/x",
    ],
)
def test_a_page_that_may_change_or_show_more_is_refused(path: str) -> None:
    with pytest.raises(RuleError) as caught:
        load(PROBE.format(path), "x.toml")

    assert "only reads" in str(caught.value)
