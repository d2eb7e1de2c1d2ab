"""Facts times rules is evidence: load, check and match rule files. Knows no maker by name and passes no judgement."""
