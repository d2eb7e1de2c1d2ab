"""Facts times rules is evidence: load, check and match rule files. Passes no judgement."""
