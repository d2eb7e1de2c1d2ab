"""SNMP collection: rounds of credentials, then what one agent makes worth asking.

collector.py rounds, and facts out of answers             plan.py          what one agent is asked, in which order
login.py     which credential goes to whom, when to stop  pysnmp_engine.py the same over pysnmp
"""
