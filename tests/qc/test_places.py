"""Places in words."""

from burnish.qc.places import clock, hertz, when


def test_times_are_told_as_a_person_reads_them():
    assert clock(72.4) == "1:12"
    assert clock(59.7) == "1:00"
    assert when([(72.0, 94.0)], 200.0) == "from 1:12 to 1:34"
    assert when([(5.0, 5.3), (73.0, 73.1), (160.0, 160.2)], 200.0) == "at 0:05, 1:13 and 2:40"
    assert when([(k, k + 0.1) for k in range(5)], 200.0).endswith("and 2 more places")
    assert when([(0.0, 190.0)], 200.0) == when([], 200.0) == "throughout"


def test_frequencies_are_told_as_a_person_sets_them():
    assert [hertz(f) for f in (82.4, 433.0, 1000.0, 8210.0)] == [
        "82 Hz",
        "430 Hz",
        "1 kHz",
        "8.2 kHz",
    ]
