"""An album of real music, as one body: its tracks come nearer, and stand where they shall."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from burnish.audio import Audio, AudioSource, OutputFormat, open_source
from burnish.chain import Teller
from burnish.deliver import Outputs, write_until_right
from burnish.engineer import Wishes, draft, take_in
from burnish.engineer.album import (
    Surveyed,
    body_for,
    coherence,
    corrected,
    loud_lufs,
    signature_of,
    survey,
)

SONGS = ("01_*", "03_*", "09_*", "14_*")
LENGTH_S = 16.0


@cache
def excerpt(path: Path) -> AudioSource:
    """The middle of a song."""
    with open_source(path) as source:
        n, rate_hz = source.info.n_samples, source.info.rate_hz
        start = round(n / 2 - LENGTH_S * rate_hz / 2)
        blocks = list(source.blocks(start=start, stop=start + round(LENGTH_S * rate_hz)))
        return AudioSource(Audio(np.concatenate(blocks, axis=1), rate_hz))


@pytest.mark.corpus
def test_songs_of_four_kinds_come_nearer_in_every_measure(corpus: Path, tmp_path: Path) -> None:
    wishes = Wishes(loudness_lufs=-14.0)
    sources = [excerpt(next((corpus / "tracks").glob(name))) for name in SONGS]
    tell = Teller(None)
    taken = [take_in(source, tell, wishes) for source in sources]
    tracks = [Surveyed(k + 1, "", one, False, wishes) for k, one in enumerate(taken)]
    plan = survey(tracks, wishes)
    after = {}

    def master(k: int, signature=None) -> None:
        body = body_for(plan, k, signature)
        form = OutputFormat(bits="32f")
        drafted = draft(sources[k], taken[k], wishes, form, body=body)
        outputs = Outputs(tmp_path / f"{k}.wav", None, None)
        after[k] = write_until_right(sources[k], drafted, outputs, False, tell).after

    master(plan.anchor)
    signature = signature_of(after[plan.anchor], plan)
    for k in range(len(tracks)):
        if k != plan.anchor:
            master(k, signature)
    masters = [after[k] for k in range(len(tracks))]
    told = coherence([one.measured for one in taken], masters, plan)
    assert told.improved, told.to_json()["spreads"]
    assert all(one.improved for one in told.bands)
    assert corrected(plan, masters) is None
    lead = loud_lufs(masters[plan.anchor])
    for one, master_ in zip(plan.tracks, masters, strict=True):
        assert loud_lufs(master_) - lead == pytest.approx(one.relative_lu, abs=0.8)
        assert master_.peaks.true_peak_dbtp <= plan.ceiling_dbtp
