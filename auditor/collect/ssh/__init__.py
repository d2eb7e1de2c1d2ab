"""SSH collection through netmiko's drivers: reading, with strict host keys, from a list of commands.

collector.py    many devices at once, one login each        session.py     one session; the only home of netmiko
drivers.py      which CLI, which lines (drivers.toml)       reply.py       where a reply begins and ends
route.py jump.py   the way to a device, jump hosts          transport.py   paramiko, quietly
keys.py         host keys and their enrolment               errors.py      what went wrong
"""
