"""Hysteresis against its equation, harmonics, heads and speeds, aliases, loudness."""

import math

import numpy as np
import pytest
from colour_tones import (
    HIGH_TONES,
    RATE_HZ,
    alias_db,
    gain_db,
    harmonics_db,
    loudness_change_lu,
    noise,
    spectrum_db,
    tone,
)
from numpy.typing import NDArray

from burnish.processors.show import play
from burnish.processors.tape import Magnetisation, Tape, bass, emphasis, reading

Floats = NDArray[np.float64]

C, K, FIELD = 0.96, 0.5, 2.4
NEVER_HZ = 1e12  # a rate at which the high-pass against DC does nothing
SPEEDS = ("7.5", "15", "30")


def magnetised(samples: Floats, drive_db: float = 0.0) -> Floats:
    """Magnetisation in units of its limit, for each sample of field at full scale."""
    tape = Magnetisation(drive_db, NEVER_HZ, 1)
    field = FIELD * 10 ** (drive_db / 20)
    return (samples + tape.added(samples[None])[0]) * C * field / 3


def langevin(q: float) -> float:
    return q / 3 - q**3 / 45 if abs(q) < 0.01 else 1 / math.tanh(q) - 1 / q


def by_the_book(field: Floats, coupling: float, steps: int) -> Floats:
    """Jiles and Atherton's equation as DAFx-19 gives it, by Euler in many small steps."""
    m, h, out = 0.0, 0.0, []
    for goal in field:
        d = (goal - h) / steps
        way = math.copysign(1.0, d)
        for _ in range(steps):
            q = h + coupling * m
            curve = langevin(q)
            steep = 1 / 3 - q * q / 15 if abs(q) < 0.01 else 1 / q**2 - 1 / math.sinh(q) ** 2
            moves = (1 - C) if way * (curve - m) > 0 else 0.0
            slope = moves * (curve - m) / ((1 - C) * way * K - coupling * (curve - m)) + C * steep
            m += d * slope / (1 - C * coupling * steep)
            h += d
        out.append(m)
    return np.array(out)


def wave(depth: float) -> Floats:
    """A loud slow tone with a quick quiet one on it: loops within loops."""
    t = np.arange(1200) / 400
    return depth * (np.sin(2 * np.pi * t) + 0.3 * np.sin(2 * np.pi * 7.3 * t)) * np.minimum(1, t)


@pytest.mark.parametrize("depth", [0.3, 1.5, 6.0])
def test_magnetisation_solves_the_equation(depth: float) -> None:
    """Within -70 dB of the book in small steps, in which the field's turns are cut by sampling."""
    made, wanted = magnetised(wave(depth) / FIELD), by_the_book(wave(depth), 0.0, 40)
    assert 20 * np.log10(np.std(made - wanted) / np.std(wanted)) < -70


def test_the_particles_own_field_is_next_to_nothing() -> None:
    """What is left out, with the coupling as published (1.6e-3): 50 dB down and mostly gain."""
    made, wanted = magnetised(wave(1.5) / FIELD), by_the_book(wave(1.5), 1.6e-3, 40)
    gain = float(made @ wanted / (made @ made))
    assert 20 * math.log10(gain) < 0.01
    assert 20 * np.log10(np.std(gain * made - wanted) / np.std(wanted)) < -65


def test_there_is_a_loop() -> None:
    """Coming down the tape holds more than going up; far out both meet at Langevin's curve."""
    up = np.linspace(-40, 40, 4001) / FIELD
    there = magnetised(np.concatenate((up[2000:], up[::-1], up)))
    down, rising = there[2001:6002][::-1], there[6002:]
    loop = down - rising
    assert loop[2000] == pytest.approx(2 * (1 - C) * langevin(K / 1.0) * 1.0, rel=0.25)
    assert (loop > -1e-9).all()
    assert loop[0] < 1e-3
    expected = [langevin(h) for h in (-40.0, 40.0)]
    assert [rising[0], rising[-1]] == pytest.approx(expected, abs=1e-3)


def test_no_rate_is_known() -> None:
    """The same wave, half as fast, is magnetised alike."""
    once = magnetised(wave(1.0))
    slow = magnetised(np.repeat(wave(1.0), 3))[2::3]
    assert np.abs(once - slow).max() < 2e-4


def test_harmonics_are_odd() -> None:
    """H3 near -57 dB for a nominal tone, the same at 100 Hz and 1 kHz; even ones 120 dB down."""
    for frequency_hz in (100, 1000):
        h2, h3, h4, h5, _ = harmonics_db(Tape(amount=1), frequency_hz, -18)
        assert h3 == pytest.approx(-57.0, abs=0.6)
        assert h5 < h3 - 15
        assert max(h2, h4) < -120


def test_third_harmonic_by_level() -> None:
    """1 dB per dB where only the loop makes it, 2 dB per dB and more where the curve bends."""
    h3 = {level: harmonics_db(Tape(amount=1), 1000, level)[1] for level in (-48, -36, -12, -6)}
    assert (h3[-36] - h3[-48]) / 12 == pytest.approx(1.0, abs=0.05)
    assert (h3[-6] - h3[-12]) / 6 == pytest.approx(2.0, abs=0.1)


def test_three_percent() -> None:
    """The mark of a tape's maximum level: 14 dB over nominal at 0 dB of drive."""
    assert (
        harmonics_db(Tape(amount=1), 1000, -3)[1] > -31 > harmonics_db(Tape(amount=1), 1000, -5)[1]
    )


@pytest.mark.parametrize("drive_db", [0.0, 6.0])
@pytest.mark.parametrize(("frequency_hz", "level_dbfs"), HIGH_TONES)
def test_aliases(drive_db: float, frequency_hz: int, level_dbfs: float) -> None:
    """Below -100 dB to 7 kHz at -6 dBFS; at 9 kHz and -12 dBFS -88 dB."""
    most_db = -100 if frequency_hz <= 7000 else -88
    assert alias_db(Tape(drive_db=drive_db, amount=1), frequency_hz, level_dbfs) < most_db


def test_aliases_of_the_highest_treble() -> None:
    """15 kHz at -18 dBFS, which no music has: -78 dB at 6 dB of drive."""
    for drive_db in (0.0, 6.0):
        assert alias_db(Tape(drive_db=drive_db, amount=1), 15_000, -18) < -77


@pytest.mark.parametrize("speed_ips", SPEEDS)
@pytest.mark.parametrize("drive_db", [-12.0, 0.0, 6.0])
@pytest.mark.parametrize("amount", [0.5, 1.0])
def test_loudness_is_held(speed_ips: str, drive_db: float, amount: float) -> None:
    tape = Tape(speed_ips=speed_ips, drive_db=drive_db, amount=amount)  # type: ignore[arg-type]
    assert loudness_change_lu(tape, -18) == pytest.approx(0.0, abs=0.45)


@pytest.mark.parametrize(("speed_ips", "treble_db"), [("7.5", -2.6), ("15", -1.4), ("30", -0.7)])
def test_reading_losses_by_speed(speed_ips: str, treble_db: float) -> None:
    """Slow tape loses the top: 20 kHz at 15 and 30 inches a second, 16 kHz at 7.5."""
    top_hz = 16_000.0 if speed_ips == "7.5" else 20_000.0
    assert reading(speed_ips).gain_db(np.array([top_hz]))[0] == pytest.approx(treble_db, abs=0.15)


def test_reading_is_spacing_thickness_and_gap() -> None:
    """By hand at 10 kHz and 15 inches a second; a gap as long as the wave hears nothing."""
    k = 2 * np.pi * 10_000 / 0.381
    by_hand = (
        20 * np.log10(np.exp(-k * 0.3e-6))
        + 20 * np.log10((1 - np.exp(-k * 0.3e-6)) / (k * 0.3e-6))
        + 20 * np.log10(np.sin(k * 1e-6) / (k * 1e-6))
    )
    assert reading("15").gain_db(np.array([10_000.0]))[0] == pytest.approx(by_hand, abs=1e-9)
    assert reading("7.5").gain_db(np.array([0.1905 / 2e-6]))[0] == pytest.approx(-40, abs=0.1)


@pytest.mark.parametrize("speed_ips", SPEEDS)
def test_quiet_sound_has_the_response_of_the_heads(speed_ips: str) -> None:
    """The digital filters follow the formulas within 0.12 dB from 20 Hz to 18 kHz."""
    f = np.geomspace(20, 18_000, 200)
    plain = Tape(speed_ips=speed_ips, head_bump_db=2, amount=1)  # type: ignore[arg-type]
    made = gain_db(plain, f, -160)
    wanted = sum(a.gain_db(f) for a in (*bass(speed_ips, 2), reading(speed_ips)))
    wanted = wanted - np.interp(1000, f, wanted) + np.interp(1000, f, made)
    assert np.abs(made - wanted).max() < 0.12


@pytest.mark.parametrize(("speed_ips", "bump_hz"), [("7.5", 25.0), ("15", 50.0), ("30", 100.0)])
def test_head_bump_doubles_with_speed(speed_ips: str, bump_hz: float) -> None:
    """Published for mastering machines: near 50 Hz at 15, near 100 Hz at 30 inches a second."""
    f = np.geomspace(10, 400, 2000)
    lift = sum(a.gain_db(f) for a in bass(speed_ips, 2.0))
    assert f[int(np.argmax(lift))] == pytest.approx(bump_hz, rel=0.06)
    assert np.max(lift) == pytest.approx(2.0, abs=0.2)
    assert np.interp(bump_hz / 2.5, f, lift) < -1 or bump_hz < 26
    assert lift[0] < lift[int(np.argmax(lift))] - 1.5


@pytest.mark.parametrize(("speed_ips", "us"), [("7.5", 70), ("15", 35), ("30", 17.5)])
def test_record_emphasis_is_the_standards(speed_ips: str, us: float) -> None:
    """+3 dB at 1 / (2 pi t), less what the end of the emphasis takes, 0.26 dB."""
    corner_hz = 1e6 / (2 * np.pi * us)
    lift_db = emphasis(speed_ips).gain_db(np.array([corner_hz]))[0]
    assert lift_db == pytest.approx(10 * np.log10(2 / (1 + 1 / 16)), abs=1e-9)


def test_treble_is_softened_sooner_at_low_speed() -> None:
    """10 kHz at -6 dBFS, against the same quiet, by speed."""

    def squeezed_db(speed_ips: str) -> float:
        tape = Tape(speed_ips=speed_ips, amount=1)  # type: ignore[arg-type]
        loud, quiet = (
            float(spectrum_db(tape, tone(10_000, level))[10_000]) - level for level in (-6, -50)
        )
        return loud - quiet

    squeezed = [squeezed_db(speed_ips) for speed_ips in SPEEDS]
    assert squeezed == sorted(squeezed)
    assert squeezed[0] < -2.5
    assert -1.5 < squeezed[2] < 0


def test_amount_is_a_mix() -> None:
    """Half the amount, half of what was changed, but for the gain that holds the loudness."""
    samples = noise(-18)
    full, half = (play(Tape(amount=a, drive_db=3), samples, RATE_HZ) for a in (1.0, 0.5))

    def off_gain(out: Floats) -> Floats:
        return out - samples * float(np.vdot(out, samples) / np.vdot(samples, samples))

    ratio = np.std(off_gain(half)) / np.std(off_gain(full))
    assert ratio == pytest.approx(0.5, abs=0.01)


def test_no_direct_current_stays() -> None:
    """A hit that ends in silence leaves the tape magnetised; what is heard goes to 0 and is 0."""
    hit = np.concatenate((tone(100, 0, 0.0525)[0], np.zeros(4 * RATE_HZ)))[None]
    out = play(Tape(amount=1, drive_db=12), hit, RATE_HZ)
    assert np.abs(out[0, RATE_HZ:]).max() < 1e-6
    assert not out[0, -RATE_HZ // 10 :].any()
