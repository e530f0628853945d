"""Work: what a step took away is told in dB, and looking changes no bit."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.chain import Step, play, render
from burnish.chain.spool import Spool
from burnish.chain.work import Watch, Work
from burnish.processors import Processor
from burnish.processors.clipper import Clipper
from burnish.processors.compressor import Compressor
from burnish.processors.equalizer import Band, Equalizer
from burnish.processors.limiter import Limiter
from burnish.processors.multiband import BANDS, Multiband
from burnish.processors.show import piece
from burnish.units import gain_from_db

RATE_HZ = 44_100
Floats = NDArray[np.float64]


def step(processor: Processor, **changes: bool) -> Step:
    return Step(processor=processor.name, settings=processor, **changes)


def tone(level_dbfs: float, n_samples: int = 2 * RATE_HZ, rate_hz: int = RATE_HZ) -> Floats:
    wave = np.sin(2 * np.pi * 997.0 / rate_hz * np.arange(n_samples))
    return np.tile(gain_from_db(level_dbfs) * wave, (2, 1))


def worked(
    steps: list[Step], sound: Floats, rate_hz: int = RATE_HZ, size: int = 4096
) -> list[Work]:
    watch = Watch()
    blocks = [sound[:, i : i + size] for i in range(0, sound.shape[1], size)]
    for _ in render(steps, blocks, rate_hz, 2, watch=watch):
        pass
    return list(watch.done())


def test_a_limiter_driven_by_six_decibels_takes_six() -> None:
    """A tone at -1 dBFS, driven by 6, under -1 dBTP: what goes is 6 dB and the margin."""
    (one,) = worked([step(Limiter(input_gain_db=6.0, ceiling_dbtp=-1.0))], tone(-1.0))
    assert one.processor == "limiter"
    assert one.kind == "peaks"
    assert len(one.taken_db) == 20
    assert one.taken_db[5:15] == pytest.approx(6.02, abs=0.05)
    assert one.most_db < 6.3
    assert one.share_over(5.0) > 0.9
    (rests,) = worked([step(Limiter(ceiling_dbtp=-1.0))], tone(-3.0))
    assert rests.most_db == 0.0


def test_a_clipper_takes_the_tops() -> None:
    (one,) = worked([step(Clipper(input_gain_db=3.0, ceiling_dbfs=-4.0))], tone(-3.0))
    assert one.taken_db[2:-2] == pytest.approx(4.0, abs=0.8)  # between samples it swings over


def test_a_compressor_takes_what_its_curve_says_make_up_apart() -> None:
    """Ratio 2 at 20 dB over the threshold: 10 dB; parallel, half of the sound stays."""
    curve = Compressor(
        threshold_db=-26, ratio=2, knee_db=0, attack_ms=1, release_ms=3000, auto_release=0,
        detector_high_pass_hz=0, makeup_db=5,
    )  # fmt: skip
    (one,) = worked([step(curve)], tone(-6.0))
    assert one.taken_db[10:] == pytest.approx(10.0, abs=0.4)
    (half,) = worked([step(curve.with_(mix=0.5, makeup_db=0.0))], tone(-6.0))
    wanted = -20 * np.log10(0.5 + 0.5 * gain_from_db(-10.0))
    assert half.taken_db[10:] == pytest.approx(wanted, abs=0.2)


def test_bands_with_several_gains_are_not_told() -> None:
    held = BANDS[0].with_(ratio=2, threshold_db=-40, range_db=6)
    alike = Multiband(crossovers_hz=(150.0,), bands=(held, BANDS[1]))
    (one,) = worked([step(alike)], tone(-6.0))
    assert one.kind == "level"
    apart = alike.with_(bands=(held.with_(gain_db=1.0), BANDS[1]))
    assert worked([step(apart)], tone(-6.0)) == []


def test_what_does_not_act_is_not_there_and_places_are_kept() -> None:
    steps = [
        step(Equalizer(bands=(Band(frequency_hz=100, gain_db=1),))),
        step(Compressor()),
        step(Compressor(ratio=2, threshold_db=-40)),
        step(Clipper(ceiling_dbfs=-6), bypass=True),
        step(Limiter(input_gain_db=3.0)),
    ]
    assert [one.place for one in worked(steps, tone(-6.0))] == [2, 4]


@pytest.mark.parametrize("rate_hz", [8000, 11_025, 44_100])
@pytest.mark.parametrize("size", [997, 4096, 100_000])
def test_any_split_tells_the_same(rate_hz: int, size: int) -> None:
    sound = np.ascontiguousarray(4.0 * piece(rate_hz, 1.55))
    steps = [step(Compressor(ratio=3, threshold_db=-30)), step(Limiter(input_gain_db=12.0))]
    whole = worked(steps, sound, rate_hz, sound.shape[1])
    for one, other in zip(whole, worked(steps, sound, rate_hz, size), strict=True):
        assert len(one.taken_db) == -(-sound.shape[1] * 10 // rate_hz)
        assert one.taken_db == pytest.approx(other.taken_db, abs=1e-9)
        assert one.most_db > 1.0


def test_looking_changes_no_bit() -> None:
    sound = np.ascontiguousarray(4.0 * piece(RATE_HZ, 1.5))
    steps = [step(Clipper(ceiling_dbfs=-6)), step(Limiter(input_gain_db=12.0))]
    plain = np.concatenate(list(play(steps, [sound], RATE_HZ, 2)), axis=1)
    seen = np.concatenate(list(play(steps, [sound], RATE_HZ, 2, Watch())), axis=1)
    assert plain.tobytes() == seen.tobytes()


def test_silence_and_nothing_are_untouched() -> None:
    for n_samples in (0, 1, 44_100):
        for one in worked([step(Limiter(input_gain_db=20.0))], np.zeros((2, n_samples))):
            assert one.most_db == 0.0
            assert one.share_over(0.0) == 0.0


def test_a_watch_goes_on_behind_a_spool() -> None:
    """The first steps were gauged while they were kept, the others while they were played on."""
    steps = (step(Compressor(ratio=3, threshold_db=-30)), step(Limiter(input_gain_db=6.0)))
    sound = tone(-6.0)
    with Spool() as spool:
        for _ in spool.keep(steps[:1], play(steps[:1], [sound], RATE_HZ, 2, spool.watch)):
            pass
        kept = spool.onward(steps)
        assert kept is not None
        watch = Watch(spool.watch)
        for _ in render(kept[0], kept[1], RATE_HZ, 2, watch=watch, first=1):
            pass
    straight = worked(list(steps), sound)
    for one, other in zip(watch.done(), straight, strict=True):
        assert (one.place, one.processor) == (other.place, other.processor)
        assert one.taken_db == pytest.approx(other.taken_db, abs=1e-9)
