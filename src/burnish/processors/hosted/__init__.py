"""Plug-ins of others, each run in a process of its own, so that none takes the work down with it.

plugin.py    the step: settings, and a runner like any other
process.py   its process, seen from ours: started, asked, timed, ended
host.py      what runs in there; it alone imports pedalboard
places.py    where plug-ins may be loaded from
"""
