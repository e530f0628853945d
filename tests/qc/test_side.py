"""A side as read back: planted faults are found where they are, and a clean side is quiet."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.audio import Audio, AudioSource
from burnish.deliver.vinyl.make_sides import heard
from burnish.finding import Finding
from burnish.qc.carried import Carried, Song
from burnish.qc.side import psr_p5_db, side_findings
from burnish.targets.record import Record, record_of

RATE_HZ = 44_100
DURATION_S = 20.0
Floats = NDArray[np.float64]
T = np.arange(round(DURATION_S * RATE_HZ)) / RATE_HZ


def noise_in(low_hz: float, high_hz: float) -> Floats:
    spectrum = np.fft.rfft(np.random.default_rng(8).standard_normal(len(T)))
    hz = np.fft.rfftfreq(len(T), 1 / RATE_HZ)
    spectrum[(hz < low_hz) | (hz > high_hz)] = 0
    noise = np.fft.irfft(spectrum, len(T))
    return np.asarray(noise / noise.std())


def clean() -> Floats:
    """Beats with peaks far over a soft body, both channels nearly alike."""
    noise = noise_in(150, 3000)
    beat = np.exp(-25 * (T % 0.5)) * noise
    body = 0.05 * np.sin(2 * np.pi * 330 * T) + 0.05 * np.sin(2 * np.pi * 100 * T)
    middle = body + 0.12 * beat
    side = 0.01 * np.sin(2 * np.pi * 880 * T)
    return np.stack([middle + side, middle - side])


def between(a: float, b: float) -> Floats:
    return ((a <= T) & (b > T)).astype(np.float64)


def carried(samples: Floats, record: Record | None = None, songs: int = 1) -> Carried:
    measured, cutting, clipping = heard(
        AudioSource(Audio(np.ascontiguousarray(samples), RATE_HZ)), lambda done: None
    )
    step = DURATION_S / songs
    return Carried(
        name="A",
        medium="vinyl" if record else "cassette",
        measured=measured,
        cutting=cutting,
        clipping=clipping,
        songs=tuple(
            Song(f"A{k + 1}", f"Song {k + 1}", k * step, (k + 1) * step) for k in range(songs)
        ),
        ceiling_dbtp=-3.0,
        sibilance_db=-10.0,
        treble_db=-14.0,
        record=record,
    )


LP = record_of(12, 33)


def found_in(samples: Floats) -> dict[str, Finding]:
    return {one.code: one for one in side_findings(carried(samples, LP))}


def test_a_clean_side_is_quiet() -> None:
    assert found_in(clean()) == {}
    assert side_findings(carried(np.zeros((2, 100_000)), LP)) == ()


def wide_bass(x: Floats) -> Floats:
    return x + np.stack([1.0, -1.0])[:, None] * 0.1 * np.sin(2 * np.pi * 70 * T) * between(5, 8)


def wide_upper(x: Floats) -> Floats:
    return x + np.stack([1.0, -1.0])[:, None] * 0.1 * np.sin(2 * np.pi * 220 * T) * between(5, 8)


def turned_over(x: Floats) -> Floats:
    out = x.copy()
    out[1] *= 1 - 2 * between(5, 8)
    return out


def ess(x: Floats) -> Floats:
    return x + 0.12 * noise_in(6500, 10_000) * between(6, 6.2)


def rumble(x: Floats) -> Floats:
    return x + 0.05 * np.sin(2 * np.pi * 9 * T)


def offset(x: Floats) -> Floats:
    return x + 0.005


def flat(x: Floats) -> Floats:
    return np.where(between(5, 8) > 0, np.clip(3 * x, -0.6, 0.6), x)


@pytest.mark.parametrize(
    ("plant", "code", "place"),
    [
        (wide_bass, "vinyl-bass-side", (5, 8)),
        (wide_bass, "vinyl-depth", (5, 8)),
        (wide_upper, "vinyl-upper-bass-side", (5, 8)),
        (turned_over, "vinyl-phase", (5, 8)),
        (ess, "vinyl-sibilance", (6, 6.2)),
        (flat, "vinyl-flat-tops", (5, 8)),
        (rumble, "vinyl-infrasonic", None),
        (offset, "vinyl-dc", None),
    ],
)
def test_planted_faults_are_found_where_they_are(
    plant: Callable[[Floats], Floats], code: str, place: tuple[float, float] | None
) -> None:
    found = found_in(plant(clean()))
    assert code in found
    one = found[code]
    assert one.title.startswith("Side A: ")
    if place is not None:
        assert one.times_s
        for start, end in one.times_s:
            assert place[0] - 1.01 <= start <= end <= place[1] + 1.01


def test_a_brick_wall_is_found_by_its_psr() -> None:
    x = np.tanh(8 * clean()) * 0.5
    side = carried(x, LP, songs=2)
    psr_db = psr_p5_db(side.measured, 0.0, 10.0)
    assert psr_db is not None
    assert psr_db < 8
    codes = [one.evidence["song"] for one in side_findings(side) if one.code == "vinyl-limited"]
    assert codes == ["A1", "A2"]


def test_the_same_treble_is_too_much_inside_only() -> None:
    """Over 22 minutes the limit falls by 7.0 dB; here a side is as short, and it hardly does."""
    short = 60 * LP.recommended_min
    outer = 20 * np.log10(LP.groove_cm_s(0, short) / 51.0)
    inner = 20 * np.log10(LP.groove_cm_s(short, short) / 51.0)
    assert outer == pytest.approx(0.0, abs=0.05)
    assert inner == pytest.approx(-7.7, abs=0.1)
    speeds = carried(clean(), LP).groove_cm_s()
    assert speeds[0] == pytest.approx(51.0, abs=0.1)
    assert 50.0 < speeds[-1] < speeds[0]


def test_a_loud_last_song_lies_inside() -> None:
    tiny = Record(12, 33, ((0.1, 4.0), (0.3, 0.0)), 20.0 / 60, 1.0, 146.05, 60.3, "medium")
    x = clean() * (1 + 1.5 * between(10, 20))
    found = {one.code: one for one in side_findings(carried(x, tiny, songs=2))}
    one = found["vinyl-inner-groove"]
    assert one.evidence["louder_db"] == pytest.approx(7.96, abs=0.3)
    assert one.times_s == ((10.0, 20.0),)
    assert "vinyl-inner-groove" not in {
        two.code for two in side_findings(carried(x[:, ::-1], tiny, songs=2))
    }


def test_a_tape_knows_nothing_of_grooves() -> None:
    codes = {one.code for one in side_findings(carried(turned_over(wide_bass(clean()))))}
    assert not codes & {"cassette-bass-side", "cassette-phase", "cassette-depth"}
    assert "cassette-treble" in {
        one.code
        for one in side_findings(carried(clean() + 0.1 * noise_in(8500, 15_000) * between(3, 9)))
    }
