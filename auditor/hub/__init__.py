"""Many sites, one run: jobs handed to workers at their sites, turns of the journal handed back.

One interface (`engine`), two engines behind it: in this process, and Procrastinate on PostgreSQL.
"""
