"""Run the command with every library's logger at DEBUG, into a file no filter guards.

No test in here. `CANARY_CRASH=1` lets the network layer raise, so that a traceback of a bug is seen too.
"""

import logging
import os
import socket
import sys

from auditor.cli import main
from auditor.collect.ssh.transport import paramiko_module


def loud(path: str) -> None:
    """Log everything to a file, the libraries our own code silences included."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    paramiko_module()
    for name in ("", "paramiko", "paramiko.transport", "netmiko", "asyncio", "pysnmp"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    # -vv sets the level of the root logger back when it is done; these keep theirs.


class Broken(socket.socket):
    """A socket of a machine that has gone mad."""

    def sendto(self, *_arguments: object) -> int:
        raise ZeroDivisionError("a bug, for once")


if __name__ == "__main__":
    loud(sys.argv[1])
    if os.environ.get("CANARY_CRASH"):
        socket.socket = Broken
    sys.argv = ["auditor", *sys.argv[2:]]
    main()
