"""SADP (UDP 37020): cameras and recorders of one platform answer an inquiry in XML."""

import uuid

from auditor.collect.probe.base import Search
from auditor.parse import discovery


def _question(_address: str, _port: int) -> bytes:
    """Return an inquiry."""
    ask = f'<?xml version="1.0" encoding="utf-8"?><Probe><Uuid>{uuid.uuid4()}</Uuid><Types>inquiry</Types></Probe>'
    return ask.encode()


SEARCH = Search(question=_question, read=discovery.sadp)
