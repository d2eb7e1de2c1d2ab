"""Where a secret comes from, by name. Nothing here holds one.

`env:NAME` · `file:PATH` (mode 0600) · `keyring:SERVICE/USER` · `systemd:NAME` ($CREDENTIALS_DIRECTORY) · `netmiko:NAME`
(~/.netmiko.yml) · `ask` · `command:["pass", "show", "core"]` (an argument list, no shell).
"""

import json
from dataclasses import dataclass

SCHEMES = ("env", "file", "keyring", "systemd", "netmiko", "command")
# Part of a credential, as collectors ask for it → key of the configuration.
PARTS = {
    "community": "secret",
    "password": "secret",
    "url": "secret",
    "token": "secret",
    "auth": "auth_secret",
    "priv": "priv_secret",
    "enable": "enable_secret",
    "passphrase": "key_secret",
}
SPELLING = (
    'write where the secret comes from: "env:NAME", "file:PATH", "keyring:SERVICE/USER", "systemd:NAME",'
    ' "netmiko:NAME",'
    ' "ask" or "command:[…]"; the secret itself never stands here'
)


@dataclass(frozen=True, slots=True)
class SecretSource:
    """One place a secret comes from: its sort and what names it there."""

    scheme: str
    rest: str = ""

    def argv(self) -> list[str]:
        """Return the command and its arguments."""
        return [str(word) for word in json.loads(self.rest)]


def source(text: object) -> SecretSource:
    """Return a source from its spelling; a `ValueError` never quotes it: it may be a secret."""
    if text == "ask":
        return SecretSource("ask")
    scheme, mark, rest = text.partition(":") if isinstance(text, str) else ("", "", "")
    if not mark or scheme not in SCHEMES or not rest.strip():
        raise ValueError(SPELLING)
    if scheme == "keyring" and not all(rest.partition("/")):
        raise ValueError('write "keyring:SERVICE/USER"')
    if scheme == "systemd" and ("/" in rest or rest.startswith(".")):
        raise ValueError('write "systemd:NAME" with a plain name, no path')
    return SecretSource("command", json.dumps(_argv(rest))) if scheme == "command" else SecretSource(scheme, rest)


def _argv(text: str) -> list[str]:
    try:
        words = json.loads(text)
    except ValueError:
        words = None
    if not isinstance(words, list) or not words or not all(isinstance(word, str) and word for word in words):
        raise ValueError('write "command:" and a list of words in double quotes, e.g. command:["pass", "show", "core"]')
    return words
