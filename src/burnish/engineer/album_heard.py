"""Album heard: every song of a release listened to, as far as an order needs it."""

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from burnish.audio import Source, open_source
from burnish.chain import Teller
from burnish.chain.album_sheet import beside
from burnish.chain.sequence import SequenceSource
from burnish.chain.stem_sheet import named_stems
from burnish.chain.stems import Layout, StemSource
from burnish.dsp.resample import resampled_length
from burnish.engineer.album_order import HeardSong, energies
from burnish.engineer.intake import refuse_unheard
from burnish.errors import SettingError
from burnish.measure.ends import Ends, ends
from burnish.measure.examine import Examination, examine
from burnish.release import Release, Track, faults

LOUD_PERCENTILE = 95.0
_BRIGHT_HZ = 2500.0


def hear_songs(
    release: Release, album: str | os.PathLike[str], tell: Teller
) -> tuple[HeardSong, ...]:
    """Open, measure and examine every song, trimmed and faded as the release says.

    Loudness at the joins is judged with the loud parts of all songs alike, as mastering will bring
    them: what two mixes differ in by their faders says nothing. Only where every track is kept as
    it is, loudness is taken as it is.
    """
    as_they_are = all(track.keep_as_is for track in release.tracks)
    lengths_s: list[float] = []
    heard: list[tuple[Examination, Ends, float]] = []
    for i, track in enumerate(release.tracks):
        with ExitStack() as held:
            source = held.enter_context(_opened(track, album))
            lengths_s.append(source.info.duration_s)
            for fault in faults(release, lengths_s):
                raise SettingError(fault.code, fault.sentence)
            alone = track.with_(crossfade_s=0.0, gap_s=None, hidden_file="", index_s=())
            song = SequenceSource(release.with_(tracks=(alone,)), [source])
            told = tell.stage(f"listen to {i + 1} of {len(release.tracks)}", song)
            examined = examine(song, told)
            refuse_unheard(examined.measured, source.info)
            loud_lufs = loud_part_lufs(examined)
            heard.append((examined, ends(song, loud_lufs), loud_lufs))
    mean_lufs = sum(loud for _, _, loud in heard) / len(heard)
    energy = energies([_figures(one, loud if as_they_are else None) for one, _, loud in heard])
    return tuple(
        HeardSong(
            key=one.music.key,
            tempo=one.music.tempo,
            ends=_against(mean_lufs - loud, edges) if as_they_are else edges,
            energy=of_it,
        )
        for (one, edges, loud), of_it in zip(heard, energy, strict=True)
    )


def loud_part_lufs(examined: Examination) -> float:
    """How loud a song is where it is loud: 95th percentile of its short-term loudness."""
    short = examined.measured.timeline.short_term_lufs
    finite = short[np.isfinite(short)]
    whole = examined.measured.loudness.integrated_lufs
    # Shorter than 3 s, the short-term loudness has never heard it whole.
    loud = float(np.percentile(finite, LOUD_PERCENTILE)) if len(finite) > 30 else -math.inf
    return max(loud, -math.inf if whole is None else whole)


def _figures(examined: Examination, loud_lufs: float | None) -> Sequence[float | None]:
    """What grows with a song's energy: density, steadiness, brightness, tempo, loudness."""
    measured, music = examined.measured, examined.music
    short = measured.timeline.short_term_lufs
    steady = float(np.mean(short > loud_part_lufs(examined) - 6.0)) if len(short) else None
    psr = measured.dynamics.psr_p5_db
    edges_hz, bands_db = measured.spectrum.band_edges_hz, measured.spectrum.bands_db
    bright = [
        value
        for low, value in zip(edges_hz[:-1], bands_db, strict=True)
        if low >= _BRIGHT_HZ and value is not None and math.isfinite(value)
    ]
    sure = music.tempo is not None and music.tempo.confidence >= 0.3
    return (
        None if psr is None else -psr,
        steady,
        sum(bright) / len(bright) if bright else None,
        music.tempo.bpm if sure and music.tempo is not None else None,
        loud_lufs,
    )


def _against(gain_db: float, edges: Ends) -> Ends:
    """The ends against the loud parts of the album's mean instead of the song's own."""
    begin, end = edges.begin_lu, edges.end_lu
    return replace(
        edges,
        begin_lu=None if begin is None else begin - gain_db,
        end_lu=None if end is None else end - gain_db,
    )


@contextmanager
def _opened(track: Track, album: str | os.PathLike[str]) -> Iterator[Source]:
    """The track's file, or the plain sum of its stems."""
    if track.file:
        with open_source(beside(album, track.file)) as source:
            yield source
        return
    named = [_near(words, album) for words in track.stems]
    stems, _ = named_stems(named)
    with ExitStack() as held:
        infos = [held.enter_context(open_source(stem.file)).info for stem in stems]
    rate_hz = max(info.rate_hz for info in infos)
    length = max(resampled_length(info.n_samples, info.rate_hz, rate_hz) for info in infos)
    layout = Layout(rate_hz, max(info.channels for info in infos), length)
    with StemSource.open(stems, layout) as source:
        yield source


def _near(words: str, album: str | os.PathLike[str]) -> str:
    """A stem's ``ROLE=FILE`` or ``FILE``, with the file seen from here."""
    if beside(album, words).is_file():
        return str(beside(album, words))
    role, equals, file = words.partition("=")
    return f"{role}{equals}{Path(beside(album, file))}" if equals else words
