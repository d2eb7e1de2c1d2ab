"""Many sites, one run: jobs handed to workers at the sites, turns handed back.

One interface (`engine`), two engines behind it: in this process, and Procrastinate on PostgreSQL.
"""
