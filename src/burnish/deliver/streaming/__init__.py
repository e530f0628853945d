"""What goes out as files: to services, shops, broadcasters and archives. One maker a file.

service.py    for one service, by its rules      streaming.py  the set that distributors ask for
download.py   what buyers are offered            hi_res.py     88.2 kHz and more
broadcast.py  BWF                                archive.py    the masters themselves

tracks.py     writes the tracks as files of some kinds, tags and proves them
sidecar.py    the metadata beside files that carry none
"""
