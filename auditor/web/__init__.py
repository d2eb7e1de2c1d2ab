"""The other door: pages and a REST interface over a store.

It parses what is asked, calls the use cases that the command line calls, and shows what they return.
"""
