"""Prompts: which lines of a recorded session are where somebody typed a command."""

import re
from dataclasses import dataclass

# What a line may begin with before its prompt: the time a terminal program or the device wrote, marks of a
# configuration not saved, of a redundant pair, of a routing engine or a stack member.
_BEFORE = (
    r"(?:\[?(?:\d{4}[-/]\d\d[-/]\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?:Z|[+-]\d\d:?\d\d)?\]?:?[ \t]{1,4})?"
    r"(?:[!*^~]{1,2}[ ]?){0,2}(?:(?:HRP_[AMS]|RBM_[PS])[ ]?|RP/\d+/\w+/\w+:|\{[\w:.\-]{1,40}\}[ ]?|Slot-\d{1,3} )?"
)
_HOST = r"[^\W_][\w.\-/]{0,63}"
_CONTEXT = r"(?:[ ]?\([\w.\-/:, \[\]]{1,40}\)|[ ]?\[[\w.\-/:, ]{0,40}\]| /[\w./\- ]{1,40}(?= [#>]))"
_PROMPT = re.compile(
    _BEFORE + r"(?:"
    # Windows, busybox, pfSense
    r"(?P<shell>PS [A-Z]:\\[^>\n]{0,80}>|[A-Z]:\\[^>\n]{0,80}>|[~/][\w./\-]{0,40} #"
    r"|\[[\w.\-]{1,32}\]\[\w{1,32}@(?P<pf>[\w.\-]{1,64})\][^\s:]{1,64}:)"
    # VRP, Comware: <SW1>, [~SW1-vlan1]; Linux, RouterOS, ESXi: [user@host ~]#
    r"|<(?P<angle>[^\W_][^<>\n:;=\"']{0,63})>"
    r"|\[(?P<user>[\w.\-+]{1,64}@[^\]\n]{1,64})\](?:[ ]?(?P<path>/[\w\- /]{0,40}))?"
    r"(?: [\w~./\-]{1,40}(?= ?[#>$%]))?[ ]?[#>$%]?"
    # Redback: [local]SE800#
    rf"|\[\w{{1,32}}\](?P<redback>{_HOST})(?:\([\w.\-/]{{1,40}}\))?[#>]"
    r"|\[[~*]?(?P<square>[^\W_][\w.\-()/]{0,79})\]"
    # FASTPATH, ArubaOS, AireOS: (sw1) #, (MM-1) [mynode] #, (Cisco Controller) >
    rf"|\((?P<round>[^\W_][\w.\-/ :]{{0,63}})\)[ ]?(?:[*^]{{1,2}}[ ]?)?"
    rf"{_CONTEXT}{{0,2}}[ ]?(?:[*^][ ]?)?(?:config)?[#>]"
    # AOS, ScreenOS, Enterasys: ->, OS6860->, B5(su)->
    rf"|(?P<arrow>(?:{_HOST})?)(?:\(\w{{1,8}}\))?[ ]?->"
    # FiberHome: Admin\epon#
    r"|(?:Admin|User)\\(?P<backslash>[\w.\\\-/]{1,40})[#>]"
    # SR OS: *A:pe1>config#; ISAM: typ:isadmin>#; XR admin
    rf"|[A-Z]:(?:\w{{1,32}}@)?(?P<sros>{_HOST})(?:>[\w\-]{{1,32}}){{0,8}}[#$]"
    rf"|(?P<isam>{_HOST}:[a-z]{{2,32}})>(?:[\w\-]{{1,32}}>){{0,8}}[#$]?"
    # user@host:~$, user@sw1>, admin@PA(active)>, tmsh's root@(bigip)(…)#
    rf"|(?P<at>[\w.\-]{{1,64}}@\(?{_HOST}\)?)(?: Router)?(?:\([^()\n]{{1,60}}\)){{0,5}}"
    r"(?:[: ][^\s#>$%]{0,80})?[ ]?[#>$%]"
    # IOS and all that look like it, with a number or a user after the name: sw1.1 #, DGS:admin#, VSP:1#, sw1(config)#
    rf"|(?P<plain>(?:(?:Manager|SecOff|User) )?{_HOST}(?: (?:Switch|Router|switch|router))?(?: \d{{2,4}}\w?)?)"
    rf"(?::\w{{1,16}}){{0,5}}{_CONTEXT}{{0,3}}(?:::)?[*]?[ ]?[#>$%]>?"
    # where the whole prompt is a mark
    r"|(?P<mark>>)(?= ?(?:show|display)\b|$)"
    r")"
)
_NAMED = re.compile(r"(?:#+ ?)?command: (?P<command>\S.*)", re.IGNORECASE)
_VERB = re.compile(
    r"(?:(?:do |run |admin )?(?:display|disp?|show?|sh)|screen-length|screen-width|scroll|terminal|term|enable|en|undo"
    r"|infoswitch|set cli|admin|quit|exit|logout|logoff|return|end|get|print|export|configure|conf|config|no|disable"
    r"|diag(?:nose)?|lldp|lldpctl|lldpcli|netstat|arp|brctl|bridge|ifconfig|esxcli|vtysh|net ?show|nv show|inspect|cat"
    r"|uname|exec(?:ute)?|environment|paging|length|info|oam|clear|skip-page-display|ndp|tmsh|clish|vsh|port show"
    r"|system-view|sys|fdbshow|nmcli|netsh|dmidecode|flow|network|mac-learning|list|ubus|mca-status|chassis|module|software"
    r"|/?(?:ip|ipv6|interface|system|tool|export|routing) ?)(?![\w\-]).*|/[a-z].*",
    re.IGNORECASE,
)
# A session goes on to another host; what is read then is that host's.
_HOP = re.compile(r"(?:ssh2?|telnet|stelnet)[ \t]", re.IGNORECASE)
# A shell takes any program.
_SHELL = re.compile(r"[a-z./][\w./\-]{0,60}(?: .*)?")
# What may be typed at a prompt that is known.
_ANY = re.compile(r"[A-Za-z][A-Za-z\-]{2,30}(?: \S.{0,200})?")
_SHORTEST = 3
_GROUPS = ("angle", "square", "redback", "round", "arrow", "backslash", "sros", "isam", "plain", "pf", "shell", "mark")


@dataclass(frozen=True, slots=True)
class PromptLine:
    """A line with a prompt: the device's name in it, as far as it has one, and what was typed."""

    host: str
    command: str
    mark: str = ""


def prompt(line: str, host: str = "", mark: str = "") -> PromptLine | None:
    """Return the prompt of a line and the command behind it, None where it is none.

    `host` is the name in the session's prompts so far, `mark` the first of them whole: behind the same any word is a
    command. Without a command only a line with that name is a prompt.
    """
    line = line[:512].strip()
    if match := _NAMED.fullmatch(line):
        return PromptLine(host, match["command"].strip())
    match = _PROMPT.match(line)
    if match is None:
        return None
    name, command = _name(match), line[match.end() :].strip()
    if _HOP.match(command):
        return None
    is_same = len(mark) >= _SHORTEST and match[0] == mark and _ANY.fullmatch(command)
    if is_same or _VERB.fullmatch(command) or (_is_shell(match) and _SHELL.fullmatch(command)):
        return PromptLine(name, command, match[0])
    if not command and host and _same(name, host, is_square=match["square"] is not None):
        return PromptLine(host if match["square"] is not None else name, "")
    return None


def _name(match: "re.Match[str]") -> str:
    """Return the device's name in a prompt, without the user before it and the folder behind it."""
    if who := match["user"] or match["at"]:
        return re.split(r"[: )]", who.rpartition("@")[2].lstrip("("))[0]
    return next((match[group] for group in _GROUPS if match[group]), "->").strip()


def _is_shell(match: "re.Match[str]") -> bool:
    is_at = match["at"] is not None and re.search(r"[:~]", match[0]) is not None
    return is_at or match["shell"] is not None or (match["user"] is not None and match["path"] is None)


def _same(name: str, host: str, *, is_square: bool) -> bool:
    """Tell whether two prompts are one device's: `[SW1-vlan1]` and `<SW1>`, `sw1.2` and `sw1.1`."""
    if is_square:
        return f"{name}-".startswith(f"{host}-")
    return name == host or _without_count(name) == _without_count(host)


def _without_count(name: str) -> str:
    return re.sub(r"\.\d{1,6}$", "", name)
