"""Repair: what takes damage out of a recording and leaves the rest, bit for bit.

In the order of work: clipping, clicks, crackle, dropouts, hum, hiss. Each finds its own damage
while it streams; what only the whole file can tell (the mains' frequency, the noise) is a setting.
"""
