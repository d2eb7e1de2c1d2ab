"""The sweep: finds what answers in whole subnets, so that collectors read devices and not silence.

collector.py    one pass after the other, in every way      addresses.py   which addresses are asked together, their tokens
packets.py      what is sent and how replies are read       batch.py       many datagrams in one system call
udp.py          SNMP and ICMP over one socket               tcp.py         which ports accept a connection
links.py        which addresses lie on our own networks
"""
