"""Premasters: what is taken off a master's plan, and what the cutting chain does, in dB."""

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.audio import Audio, AudioSource, OutputFormat
from burnish.chain import InputNote, Plan, Step
from burnish.engineer.vinyl import (
    Ellipse,
    Groove,
    for_cutting,
    for_tape,
    limit_db,
    loud_sections_lufs,
    premaster_plan,
    unlimited,
)
from burnish.measure.cutting import Cutting, cutting
from burnish.processors.clipper import Clipper
from burnish.processors.compressor import Compressor
from burnish.processors.deesser import Deesser
from burnish.processors.dynamic_eq import DynamicEq
from burnish.processors.equalizer import Equalizer, response_db
from burnish.processors.gain import Gain
from burnish.processors.limiter import Limiter
from burnish.targets.record import record_of

RATE_HZ = 44_100
Floats = NDArray[np.float64]
NOTE = InputNote(rate_hz=RATE_HZ, channels=2, n_samples=RATE_HZ)


def step(settings: object, **more: object) -> Step:
    return Step(processor=settings.name, settings=settings, **more)  # type: ignore[attr-defined]


def plan(*steps: Step) -> Plan:
    return Plan(input=NOTE, output=OutputFormat(), steps=steps)


def heard(treble_db: float, bass_side: float = 0.3) -> Cutting:
    """Pink-like noise in the middle, 60 Hz in the side, bursts of treble twice a second."""
    random = np.random.default_rng(3)
    n = 6 * RATE_HZ
    t = np.arange(n) / RATE_HZ
    body = 0.3 * np.sin(2 * np.pi * 300 * t) + 0.3 * np.sin(2 * np.pi * 90 * t)
    burst = random.standard_normal(n)
    spectrum = np.fft.rfft(burst)
    hz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    spectrum[(hz < 8000) | (hz > 11_000)] = 0
    burst = np.fft.irfft(spectrum, n)
    burst *= np.sqrt(np.mean(body**2)) * 10 ** (treble_db / 20) / burst.std()
    body += burst * (np.sin(2 * np.pi * 2 * t) > 0.5)
    side = bass_side * np.sin(2 * np.pi * 60 * t)
    return cutting(AudioSource(Audio(np.stack([body + side, body - side]), RATE_HZ)))


OUTER = Groove(record_of(12, 33), 0.0, 10.0, 1320.0)
INNER = Groove(record_of(12, 33), 1100.0, 1320.0, 1320.0)


def of_kind(steps: tuple[Step, ...], kind: type) -> list[Step]:
    return [one for one in steps if isinstance(one.settings, kind)]


def test_limiter_and_clipper_go_and_what_only_spared_them() -> None:
    eq = step(Equalizer())
    mine = step(Compressor(ratio=2.0))
    spared = step(Compressor(ratio=2.0), evidence={"harm_of_the_limiter_alone": 0.4})
    master = plan(
        eq, mine, spared, step(Clipper(ceiling_dbfs=-3.0)), step(Limiter(input_gain_db=9.0))
    )
    assert unlimited(master) == (eq, mine)


def test_the_drive_stays_where_a_later_step_works_by_level() -> None:
    colour = step(Compressor(ratio=3.0, threshold_db=-20.0))
    master = plan(step(Limiter(input_gain_db=6.0)), colour, step(Limiter(input_gain_db=2.0)))
    first, second = unlimited(master)
    assert isinstance(first.settings, Gain)
    assert first.settings.gain_db == 6.0
    assert second == colour


@pytest.mark.parametrize("slope", [6, 12])
@pytest.mark.parametrize("corner_hz", [75.0, 150.0, 300.0])
def test_the_elliptical_equaliser_against_theory(corner_hz: float, slope: int) -> None:
    """A Butterworth high-pass on the side alone: 10 log10 of 1 / (1 + (fc / f)^2n)."""
    advice = for_cutting(heard(-40.0), OUTER, Ellipse(corner_hz, slope), 2)
    (found,) = [
        one.settings
        for one in of_kind(advice.steps, Equalizer)
        if one.settings.bands[0].on == "side"  # type: ignore[attr-defined]
    ]
    assert isinstance(found, Equalizer)
    hz = np.array([corner_hz / 4, corner_hz / 2, corner_hz, 2 * corner_hz, 2000.0])
    theory = -10 * np.log10(1 + (corner_hz / hz) ** (slope // 3))
    for rate_hz in (44_100, 96_000):
        assert response_db(found, hz, rate_hz, "side") == pytest.approx(theory, abs=0.05)
        assert response_db(found, hz, rate_hz, "mid") == pytest.approx(0.0, abs=1e-9)


def test_subsonic_and_top() -> None:
    advice = for_cutting(heard(-40.0), INNER, Ellipse(), 2)
    passes = [one.settings.bands[0] for one in of_kind(advice.steps, Equalizer)]  # type: ignore[attr-defined]
    low, _, top = passes
    assert (low.kind, low.frequency_hz, low.slope_db_per_octave) == ("high_pass", 20.0, 12)
    assert (top.kind, top.slope_db_per_octave) == ("low_pass", 12)
    assert 16_000 <= top.frequency_hz < 16_500
    outer = for_cutting(heard(-40.0), OUTER, Ellipse(), 2).steps[-1].settings
    assert 17_900 < outer.bands[0].frequency_hz <= 18_000  # type: ignore[attr-defined]


def test_one_channel_has_no_elliptical_equaliser() -> None:
    advice = for_cutting(heard(-40.0), OUTER, Ellipse(), 1)
    assert not [
        one for one in of_kind(advice.steps, Equalizer) if one.settings.bands[0].on == "side"
    ]  # type: ignore[attr-defined]


def test_limits_fall_with_the_groove() -> None:
    assert limit_db(-10.0, 51.0) == -10.0
    assert limit_db(-10.0, 25.5) == pytest.approx(-16.02, abs=0.01)


def test_treble_is_held_only_where_it_passes_the_groove() -> None:
    soft, middling, hot = heard(-30.0), heard(-11.0), heard(-3.0)
    assert len(for_cutting(soft, INNER, Ellipse(), 2).steps) == 3
    outer = for_cutting(middling, OUTER, Ellipse(), 2).steps
    inner = for_cutting(middling, INNER, Ellipse(), 2).steps
    assert not of_kind(outer, Deesser)
    (deesser,) = of_kind(inner, Deesser)
    assert of_kind(inner, DynamicEq)
    assert deesser.evidence["sibilance_db"] > deesser.evidence["limit_db"]
    deeper = of_kind(for_cutting(hot, INNER, Ellipse(), 2).steps, Deesser)[0].settings
    assert deeper.range_db >= deesser.settings.range_db  # type: ignore[attr-defined]


def test_type_i_tape_holds_less_treble_than_type_ii() -> None:
    found = heard(-7.0)
    first, second = for_tape(found, "I"), for_tape(found, "II")
    assert len(of_kind(first.steps, DynamicEq)) == 1
    assert not of_kind(second.steps, DynamicEq)
    assert first.steps[-1].settings.bands[0].frequency_hz == 15_000  # type: ignore[attr-defined]


def test_the_sheet_of_a_premaster() -> None:
    master = plan(step(Gain(gain_db=1.0)), step(Limiter(input_gain_db=9.0)))
    advice = for_cutting(heard(-40.0), OUTER, Ellipse(), 2)
    made = premaster_plan(master, advice, -2.5, -3.0, "vinyl")
    assert made.step("limiter") is None
    assert made.steps[-1].settings == Gain(gain_db=-2.5)
    taped = premaster_plan(master, advice, 2.5, -1.0, "cassette", 3.0)
    assert taped.steps[-1].settings == Limiter(ceiling_dbtp=-1.0)


def test_loud_sections_do_not_hear_the_quiet_ones() -> None:
    power = np.concatenate((np.full(200, 1e-2), np.full(400, 1e-4)))
    assert loud_sections_lufs(power) == pytest.approx(-20.69, abs=0.01)
    assert loud_sections_lufs(np.full(10, 1e-2)) == pytest.approx(-20.69, abs=0.01)
    assert loud_sections_lufs(np.zeros(100)) == float("-inf")
