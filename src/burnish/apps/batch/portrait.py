"""A song's portrait, taken by a worker: what a profile keeps of it. ``--do learn`` plays this."""

import math
from collections.abc import Mapping

from burnish.apps.jobs import Job, Kind, Made
from burnish.apps.jobs.kinds import Told


def _portrait(job: Job, told: Told) -> Made:
    from burnish.audio import file_sha256, open_source
    from burnish.audio.dates import tagged_date
    from burnish.chain import Teller
    from burnish.engineer.learn import LEAST_S, track_of
    from burnish.errors import InputError
    from burnish.measure import measure

    (path,) = job.inputs
    with open_source(path) as source:
        if source.info.duration_s < LEAST_S:
            raise InputError(
                "input-too-short",
                f"{path}: lasts {source.info.duration_s:.1f} s; must be {LEAST_S:g} s or more to "
                "be learned from",
            )
        measured = measure(source, Teller(told).stage("measure", source))
    if measured.loudness.integrated_lufs in (None, -math.inf):
        raise InputError("input-silent", f"{path}: is silent (nothing above -70 LUFS)")
    day = tagged_date(path)
    track = track_of(measured, "", file_sha256(path))
    document = {
        "sha256": track.sha256,
        "values": " ".join("-" if v is None else f"{v:g}" for v in track.values),
        "date": None if day is None else day.isoformat(),
        "loudness": {"integrated_lufs": measured.loudness.integrated_lufs},
        "peaks": {"true_peak_dbtp": measured.peaks.true_peak_dbtp},
        "source": {"duration_s": measured.source.duration_s},
    }
    return Made(document)


KINDS: Mapping[str, Kind] = {"learn": _portrait}
