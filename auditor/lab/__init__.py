"""The lab: recorded devices played on loopback, a network that exists nowhere.

samples.read(folder, name) → Sample     what one device says: variables, transcript, pages, greetings
network.load(path)         → Network    which samples stand at which address, over which protocol, plugged in where
play.play(network, …)      → Lab        sockets on 127.0.0.0/8, counters, and a configuration to scan it with

It opens no socket off loopback, needs no root and belongs to demos and tests; nothing that judges ever reads it.
"""
