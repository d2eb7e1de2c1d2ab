"""What one command's reply says, as plain tuples. No test in here."""

from auditor.parse.cli import facts


def told(command: str, output: str, platform: str = "") -> list[tuple[str, str, str]]:
    return [(fact.kind, fact.value, fact.about) for fact in facts(command, output, platform)[1:]]
