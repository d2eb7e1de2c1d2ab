"""The sweep finds what answers in whole subnets: collectors read devices and not silence.

collector.py one pass after the other, in every way   udp.py   SNMP and ICMP over one socket
addresses.py who is asked together, with which token  tcp.py   which ports accept a connection
packets.py   what is sent, how replies are read       links.py which addresses lie on our networks
batch.py     many datagrams in one system call
"""
