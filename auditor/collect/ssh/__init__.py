"""SSH collection through netmiko's drivers: a list of commands, strict host keys.

collector.py many devices at once, one login each             session.py   one session; the only home of netmiko
drivers.py   which CLI, which lines (drivers.toml)            reply.py     where a reply begins and ends
route.py     the way to a device; jump.py through jump hosts  transport.py paramiko, quietly
keys.py      host keys and their enrolment                    errors.py    what went wrong
check.py     what `auditor check` asks of drivers.toml
"""
