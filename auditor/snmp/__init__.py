"""Our own SNMP client: the wire and its guards. It knows nothing about devices or makers.

script.py       what is asked, what is answered            session.py a community, or a user of SNMPv3
client.py       thousands of agents over one socket        message.py messages; usm.py keys and digests
conversation.py one agent: attempts, patience              wire.py    the sockets
question.py     a question under way: getting.py, walk.py  pace.py    how fast; trace.py the log of it
"""
