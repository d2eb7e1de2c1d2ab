"""Our own SNMP client: the wire and its guards. It knows nothing about devices or makers.

script.py       what is asked, what is answered             client.py      thousands of agents over one socket
conversation.py one agent: attempts, patience               getting.py walk.py question.py   a question under way
session.py      a community or a user of SNMPv3             message.py usm.py   messages, keys and digests
wire.py         the sockets                                 pace.py trace.py    how fast, and the log of it
"""
