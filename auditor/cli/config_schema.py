"""The JSON Schema of auditor.toml, made of options of commands and keys of tables."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from auditor.cli.options import Key, option_keys
from auditor.rules.load import vocabulary
from auditor.targets.keys import tables_schema

Commands = Mapping[tuple[str, ...], Mapping[str, Key]]
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
TRUST = {
    "description": "Folders whose files are taken although others could change them; outside the working folder alone.",
    "type": "array",
    "items": {"type": "string"},
}


def config_schema(root: click.Command) -> dict[str, Any]:
    """Return the schema (draft 2020-12) of everything auditor.toml may say."""
    laws = vocabulary().laws
    tables = tables_schema()
    for table, key, word in (
        (tables["organisation"], "roles", "role"),
        (tables["site"]["additionalProperties"], "purposes", "purpose"),
    ):
        table["properties"][key]["items"] = {"enum": list(laws[word])}
    commands = option_keys(root)
    options = _options(commands)
    options["properties"]["trust"] = TRUST
    return {
        "$schema": _DRAFT,
        "title": "auditor.toml",
        "type": "object",
        "properties": {"options": options, **tables},
        "additionalProperties": False,
        "$defs": {".".join(words): _table({words: keys}, {}) for words, keys in commands.items() if len(words) > 1},
    }


def _options(commands: Commands) -> dict[str, Any]:
    """Return the schema of `[options]`: keys of all commands, then a table for each one."""
    firsts = {words[0]: {below: keys for below, keys in commands.items() if below[0] == words[0]} for words in commands}
    tables = {
        word: _table(own, {words[1]: _reference(words) for words in own if len(words) > 1})
        for word, own in firsts.items()
    }
    return _table(commands, tables | {" ".join(words): _reference(words) for words in commands if len(words) > 1})


def _reference(words: tuple[str, ...]) -> dict[str, str]:
    return {"$ref": f"#/$defs/{'.'.join(words)}"}


def _table(commands: Commands, tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a table: what some commands take, and tables below it."""
    keys: dict[str, list[Key]] = {}
    for entries in commands.values():
        for name, key in entries.items():
            keys.setdefault(name, []).append(key)
    values = {name: _any(those) for name, those in sorted(keys.items())}
    both = {name: {"anyOf": [values[name], tables[name]]} for name in values if name in tables}
    return {"type": "object", "properties": {**values, **tables, **both}, "additionalProperties": False}


def _any(keys: list[Key]) -> dict[str, Any]:
    """Return the schema of a key that some commands have, each of whose values may be taken."""
    forms: list[dict[str, Any]] = []
    for key in keys:
        forms += [form for form in _forms(key.option) if form not in forms]
    helps = dict.fromkeys(str(key.option.help or "") for key in keys)
    return {"description": next(iter(helps)), **(forms[0] if len(forms) == 1 else {"anyOf": forms})}


def _forms(option: click.Option) -> Iterator[dict[str, Any]]:
    """Yield what one option takes: a text, a number, a flag, and a list where it is repeatable."""
    if option.count:
        yield {"type": "integer", "minimum": 0}
        return
    if option.is_flag:
        yield {"type": "boolean"}
        return
    kind = option.type
    one: dict[str, Any] = {"type": "string"}
    if isinstance(kind, click.types.IntParamType | click.types.FloatParamType):
        one = {"type": "number"}
    elif isinstance(kind, click.Choice):
        one = {"enum": [str(choice) for choice in kind.choices]}
    if option.nargs > 1:
        yield {"type": "array", "items": one, "minItems": option.nargs, "maxItems": option.nargs}
        return
    yield one
    if option.multiple:
        yield {"type": "array", "items": one}
