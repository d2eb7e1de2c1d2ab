"""`[options]` of auditor.toml → the defaults click takes for a command, strictly checked.

[options]                   shared by every command that has the option and takes such a value
[options.filings]           shared by the commands of a group
[options.scan]              one command's own; "[options.'rules update']" and [options.rules.update] are the same
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import click

from auditor.errors import AuditorError, UsageError
from auditor.tables import refuse
from auditor.targets.config import OptionTable, beside

Words = tuple[str, ...]
PATHS = frozenset({"FILE", "FOLDER", "FILE|DIR", "KEY"})


@dataclass(frozen=True, slots=True)
class Key:
    """One key and its option; `inverse` where true means false, as `no-progress` does."""

    option: click.Option
    inverse: bool = False

    @property
    def name(self) -> str:
        """Return the parameter the command receives."""
        return str(self.option.name)


CommandKeys = Mapping[Words, Mapping[str, Key]]


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of a file with the words of the command, or of the group, that it is for."""

    words: Words
    key: str
    value: object
    options: OptionTable

    @property
    def where(self) -> str:
        """Return the breadcrumb to the key."""
        return ": ".join((str(self.options.path), ".".join(("options", *self.words, self.key))))


def option_keys(command: click.Command, words: Words = ()) -> dict[Words, dict[str, Key]]:
    """Return the keys of every command below a group, by its words."""
    if not isinstance(command, click.Group):
        return {words: dict(_keys(command))}
    context, keys = click.Context(command), dict[Words, dict[str, Key]]()
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        keys |= option_keys(below, (*words, name)) if below else {}
    return keys


def defaults(files: Iterable[OptionTable], words: Words, commands: CommandKeys) -> dict[str, object]:
    """Return what the files set for a command; the nearest file wins, then the narrowest table.

    Every wrong key and value of every file is raised at once, whichever command it is for.
    """
    values: dict[str, object] = {}
    problems: list[AuditorError] = []
    for options in reversed(list(files)):
        settings = sorted(_settings(options, options.values, (), commands, problems), key=lambda one: len(one.words))
        problems += _duplicates(settings, commands)
        for setting in settings:
            try:
                values |= _setting_for(setting, words, commands)
            except UsageError as exc:
                problems.append(exc)
    refuse(problems)
    return values


def _keys(command: click.Command) -> Iterator[tuple[str, Key]]:
    for option in command.params:
        if not isinstance(option, click.Option) or not option.expose_value:
            continue
        inverse = option.is_flag and option.flag_value is False
        for word in (word.removeprefix("--") for word in option.opts if word.startswith("--")):
            yield word, Key(option, inverse)
            if inverse:
                yield word.removeprefix("no-"), Key(option)


def _settings(
    options: OptionTable, table: Mapping[str, object], words: Words, commands: CommandKeys, problems: list[AuditorError]
) -> Iterator[Setting]:
    """Yield the settings of a table and of those below; a key no command has is a problem."""
    for key, value in table.items():
        below, setting = (*words, *key.split()), Setting(words, key, value, options)
        if isinstance(value, dict) and any(command[: len(below)] == below for command in commands):
            yield from _settings(options, value, below, commands, problems)
        elif key in (names := _names(words, commands)):
            yield setting
        else:
            problems.append(UsageError(_unknown(key, value, words, names, commands), where=setting.where))


def _unknown(key: str, value: object, words: Words, names: Sequence[str], commands: CommandKeys) -> str:
    if isinstance(value, dict):
        below = list(dict.fromkeys(command[len(words)] for command in commands if command[: len(words)] == words))
        return f"no command is called this; known: {', '.join(below)}"
    near = difflib.get_close_matches(key.replace("_", "-"), names, 1)
    return f"unknown key; {f'did you mean {near[0]}? ' if near else ''}known here: {', '.join(names)}"


def _names(words: Words, commands: CommandKeys) -> list[str]:
    """Return the keys some command below these words has, sorted."""
    return sorted({key for command, keys in commands.items() if command[: len(words)] == words for key in keys})


def _setting_for(setting: Setting, words: Words, commands: CommandKeys) -> dict[str, object]:
    """Return what a setting sets for a command; a value no command it is for takes is refused."""
    values: dict[Words, tuple[str, object]] = {}
    refusals: dict[Words, str] = {}
    for command, keys in commands.items():
        if command[: len(setting.words)] != setting.words or setting.key not in keys:
            continue
        key = keys[setting.key]
        try:
            values[command] = (key.name, _value(key, setting, touch=command == words))
        except click.BadParameter as exc:
            refusals[command] = exc.message
    if not values:
        raise UsageError(next(iter(refusals.values())), where=setting.where)
    return dict([values[words]]) if words in values else {}


def _duplicates(settings: Iterable[Setting], commands: CommandKeys) -> Iterator[UsageError]:
    """Yield pairs of keys of a table that set the same, such as `progress` and `no-progress`."""
    first_keys: dict[tuple[Words, str], str] = {}
    for setting in settings:
        names = {keys[setting.key].name for keys in commands.values() if setting.key in keys}
        for name in names:
            other = first_keys.setdefault((setting.words, name), setting.key)
            if {other, setting.key} == {name, f"no-{name}"}:
                yield UsageError(f"says the same as '{other}'; leave one of them out", where=setting.where)


def _value(key: Key, setting: Setting, *, touch: bool) -> object:
    """Return a value as click takes it, or raise a `BadParameter`; files only with `touch`."""
    option, value = key.option, setting.value
    if option.count:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise click.BadParameter("must be a whole number")
        return value
    if option.is_flag:
        if not isinstance(value, bool):
            raise click.BadParameter("must be true or false")
        return value != key.inverse
    if not (option.multiple or option.nargs > 1):
        return _one(option, value, setting, touch=touch)
    values = value if isinstance(value, list) else [value]
    if option.nargs > 1 and len(values) != option.nargs:
        raise click.BadParameter(f"must be a list of {option.nargs}")
    return [_one(option, item, setting, touch=touch) for item in values]


def _one(option: click.Option, value: object, setting: Setting, *, touch: bool) -> object:
    plain = _plain(option, value)
    if isinstance(plain, str) and is_path(option, plain):
        plain = _place(plain, setting.options.path.parent)
    if touch or not isinstance(option.type, click.Path):
        option.type.convert(plain, option, None)
    return plain


def _plain(option: click.Option, value: object) -> object:
    if isinstance(option.type, click.types.IntParamType | click.types.FloatParamType):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise click.BadParameter("must be a number")
        return value
    if isinstance(option.type, click.DateTime) and isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str):
        many = " or a list of them" if option.multiple else ""
        kind = "a date such as 2026-03-12" if isinstance(option.type, click.DateTime) else "text in quotes"
        raise click.BadParameter(f"must be {kind}{many}")
    return value


def is_path(option: click.Option, value: str) -> bool:
    """Tell whether a value names a path, which is taken from the folder of auditor.toml."""
    if option.name == "store":
        return value != "none" and "://" not in value
    return value != "-" and (isinstance(option.type, click.Path) or option.metavar in PATHS)


def _place(text: str, folder: Path) -> str:
    place = beside(text, folder)
    return str(Path(place).expanduser()) + ("/" if place.endswith("/") else "") if place.startswith("~") else place
