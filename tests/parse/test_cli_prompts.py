"""Prompts of some hundred systems, and lines of replies that only look like one."""

import pytest

from auditor.parse.cli import hostname, split_transcript
from auditor.parse.cli.text import RAW_CAP

# What stands before the command, and the name of the device in it.
PROMPTS = [
    ("<acc-7>", "acc-7"),
    ("<acc 7>", "acc 7"),
    ("<acc@rack-2>", "acc@rack-2"),
    ("[~acc7]", "acc7"),
    ("[*acc7]", "acc7"),
    ("[acc-7]", "acc-7"),
    ("HRP_M<fw7>", "fw7"),
    ("RBM_P<fw7>", "fw7"),
    ("acc-7#", "acc-7"),
    ("acc-7>", "acc-7"),
    ("acc-7(config)#", "acc-7"),
    ("acc-7(config-if)#", "acc-7"),
    ("acc-7(config-vrf-[A])#", "acc-7"),
    ("acc_config#", "acc_config"),
    ("acc-zürich#", "acc-zürich"),
    ("fw7/pri/act#", "fw7/pri/act"),
    ("RP/0/RSP0/CPU0:pe7#", "pe7"),
    ("{master:0}noc@pe7>", "pe7"),
    ("noc@pe7>", "pe7"),
    ("noc@pe7#", "pe7"),
    ("root@pe7%", "pe7"),
    ("root@fw7:~ #", "fw7"),
    ("root@fw7:/#", "fw7"),
    ("noc@leaf7:~$", "leaf7"),
    ("noc@leaf7:mgmt:~$", "leaf7"),
    ("noc@host7:/var/log$", "host7"),
    ("noc@host7 ~ %", "host7"),
    ("[root@host7 ~]#", "host7"),
    ("[root@esx7:~]", "esx7"),
    ("[Expert@gw7:0]#", "gw7"),
    ("[root@lb7:Active:Standalone] config #", "lb7"),
    ("root@(lb7)(cfg-sync Standalone)(Active)(/Common)(tmos)#", "lb7"),
    ("[2.7.0-RELEASE][admin@fw7.example.net]/root:", "fw7.example.net"),
    ("[admin@r7] >", "r7"),
    ("[admin@r7] /interface>", "r7"),
    ("[admin@r7] /interface/bridge>", "r7"),
    ("admin@fw7(active)>", "fw7"),
    ("fw7 #", "fw7"),
    ("fw7 (root) #", "fw7"),
    ("fw7 (global) $", "fw7"),
    ("(Example Controller) >", "Example Controller"),
    ("(Example Controller) config>", "Example Controller"),
    ("(wlc7) #", "wlc7"),
    ("(wlc7) *#", "wlc7"),
    ("(wlc7) [mynode] #", "wlc7"),
    ("(wlc7) ^*[mynode] (config) #", "wlc7"),
    ("(acc7) (Config)#", "acc7"),
    ("!(Example Railswitch) >", "Example Railswitch"),
    ("*(acc7) #", "acc7"),
    ("acc7.1 #", "acc7"),
    ("* acc7.12 #", "acc7"),
    ("! * Slot-1 acc7.3 >", "acc7"),
    ("5520-24T:1>", "5520-24T"),
    ("core7:1(config)#", "core7"),
    ("acc-7:admin#", "acc-7"),
    ("acc-7:5#", "acc-7"),
    ("A:pe7#", "pe7"),
    ("*A:pe7#", "pe7"),
    ("*A:pe7>config>router#", "pe7"),
    ("A:admin@pe7#", "pe7"),
    ("->", ""),
    ("OS7->", "OS7"),
    ("OS7 ->", "OS7"),
    ("acc7(su)->", "acc7"),
    ("[local]bras7#", "bras7"),
    ("[local]bras7(config)#", "bras7"),
    ("OLT7(config)#", "OLT7"),
    ("OLT7(config-if-gpon-0/1)#", "OLT7"),
    ("Admin\\olt7#", "olt7"),
    ("typ:isadmin>#", "typ:isadmin"),
    ("SSH@acc7#", "acc7"),
    ("telnet@acc7>", "acc7"),
    ("SSH@acc-7 Router#", "acc-7"),
    ("acc-7 Router>", "acc-7 Router"),
    ("Example Switch 2524#", "Example Switch 2524"),
    ("acc7 [standalone: master] >", "acc7"),
    ("acc7 [mlag: master] (config) #", "acc7"),
    ("adc7(NOLICENSE)#", "adc7"),
    ("acc7*>", "acc7"),
    ("chassis7 /chassis #", "chassis7"),
    ("store7::>", "store7"),
    ("store7::*>", "store7"),
    ("Manager acc7>", "Manager acc7"),
    ("00:00:5e:00:53:07#", "00"),
    ("10:00:00 acc-7#", "acc-7"),
    ("[10:00:00] acc-7#", "acc-7"),
    ("[2026-11-29 10:00:00] acc-7#", "acc-7"),
    ("2026-11-29T10:00:00.123Z acc-7#", "acc-7"),
    ("PS C:\\Users\\noc>", "PS C:\\Users\\noc>"),
    ("~ #", ""),
    (">", ""),
]

NOT_PROMPTS = [
    "description uplink > show me",
    "banner motd # show ip #",
    "--- show ---",
    'Use "help" > show more',
    "username admin password 5 $1$abc show",
    "ip route 0.0.0.0 0.0.0.0 192.0.2.1",
    "logging host 192.0.2.1 > end",
    "GE0/0/1 -> GE0/0/2",
    "Version 5.1 # of show",
    "# show the table",
    "a > b",
    "permit ip any any # show",
    "0000.5e00.5301 dynamic > 120",
]


@pytest.mark.parametrize(("prompt", "name"), PROMPTS)
def test_a_prompt_is_known_with_and_without_a_blank_behind_it(prompt: str, name: str) -> None:
    for blank in ("", " "):
        text = f"{prompt}{blank}show clock\n10:00\n{prompt}{blank}show lldp neighbors detail\nChassis id: x\n{prompt}\n"
        assert split_transcript(text)[:2] == [("show clock", "10:00"), ("show lldp neighbors detail", "Chassis id: x")]
    assert hostname(text) == name


@pytest.mark.parametrize("line", NOT_PROMPTS)
def test_a_line_of_a_reply_is_no_prompt(line: str) -> None:
    assert split_transcript(f"acc-7#show config\n{line}\nend of it\nacc-7#\n")[0] == (
        "show config",
        f"{line}\nend of it",
    )


def test_a_prompt_that_counts_its_commands_stays_one_devices() -> None:
    text = "acc7.1 # show fdb\nrow\nacc7.2 # \nacc7.3 # show version\nv1\n* acc7.4 #\n"

    assert [pair for pair in split_transcript(text) if pair[0]] == [("show fdb", "row"), ("show version", "v1")]


def test_a_session_of_more_than_eight_megabytes_is_read_to_its_end() -> None:
    filler = "\n".join(["x" * 60_000] * 150)
    session = f"sw1#show logging\n{filler}\nsw1#show version\nlast words\nsw1#\n"

    pairs = split_transcript(session)

    assert len(session) > RAW_CAP
    assert [(command, len(reply)) for command, reply in pairs] == [("show logging", len(filler)), ("show version", 10)]
