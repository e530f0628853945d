"""Devices: that each does what its file says, in dB, and nothing else."""

import math
import tomllib
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.errors import SettingError
from burnish.playback.devices import Buzz, Device, device, devices
from burnish.playback.simulate import BuzzRunner, HeldBack, NoiseRunner, runners, simulate
from burnish.processors.equalizer import Band

Floats = NDArray[np.float64]
RATE = 48_000
NAMES = [
    "bluetooth-speaker", "car", "car-blown-sub", "cheap-phone", "club", "earbuds", "headphones",
    "in-ears", "kitchen-radio", "laptop", "mono", "phone", "television",
]  # fmt: skip


def played(
    one: Device, samples: Floats, rate_hz: int = RATE, cut: int = 4096, lufs: float = -14.0
) -> Floats:
    channels = len(samples)
    blocks = [
        np.ascontiguousarray(samples[:, i : i + cut]) for i in range(0, samples.shape[1], cut)
    ]
    stream = simulate(runners(one, rate_hz, channels, lufs), blocks, channels)
    return np.concatenate(list(stream), axis=1)


def linear(name: str) -> Device:
    """The device's filters and stereo alone."""
    return device(name).with_(limiter=None, protection=(), buzz=None, room=None)


def analogue_db(band: Band, f: Floats) -> Floats:
    """What the figures mean, from the textbook's analogue prototypes and no code of burnish."""
    s = 1j * f / band.frequency_hz
    order = band.slope_db_per_octave // 6
    if band.kind == "high_pass":
        return -10.0 * np.log10(1.0 + (band.frequency_hz / f) ** (2 * order))
    if band.kind == "low_pass":
        return -10.0 * np.log10(1.0 + (f / band.frequency_hz) ** (2 * order))
    a, q = 10.0 ** (band.gain_db / 40.0), band.q
    root = math.sqrt(a)
    shapes = {
        "bell": ((s * s + s * a / q + 1.0), (s * s + s / (a * q) + 1.0)),
        "low_shelf": (a * (s * s + root / q * s + a), (a * s * s + root / q * s + 1.0)),
        "high_shelf": (a * (a * s * s + root / q * s + 1.0), (s * s + root / q * s + a)),
    }
    over, under = shapes[band.kind]
    return np.asarray(20.0 * np.log10(np.abs(over / under)))


def test_the_devices_that_were_promised() -> None:
    assert list(devices()) == NAMES


def test_every_file_names_its_source() -> None:
    folder = Path(str(resources.files("burnish.playback"))) / "device"
    for path in folder.glob("*.toml"):
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        assert values["source"].strip(), path.name
        assert values["place"].split()[0] in ("on", "in"), path.name


@pytest.mark.parametrize("name", NAMES)
def test_filters_have_the_gain_of_their_figures(name: str) -> None:
    one = linear(name)
    impulse = np.zeros((2, 1 << 16))
    impulse[:, 1000] = 1.0
    out = played(one, impulse)
    f = np.geomspace(40.0, 15_000.0, 60)
    spectrum = np.fft.rfft(out[0])
    got = 20.0 * np.log10(np.abs(np.interp(f, np.fft.rfftfreq(1 << 16, 1 / RATE), abs(spectrum))))
    wanted = np.sum([analogue_db(band, f) for band in one.bands], axis=0) if one.bands else 0 * f
    heard = np.asarray(wanted) > -60.0
    np.testing.assert_allclose(got[heard], np.asarray(wanted)[heard], atol=0.3)


@pytest.mark.parametrize(
    ("name", "low_hz", "slope"),
    [("phone", 450, 24), ("cheap-phone", 800, 24), ("laptop", 200, 24), ("kitchen-radio", 150, 18)],
)
def test_small_speakers_begin_where_the_notes_say(name: str, low_hz: float, slope: int) -> None:
    band = next(band for band in device(name).bands if band.kind == "high_pass")
    assert (band.frequency_hz, band.slope_db_per_octave) == (low_hz, slope)


@pytest.mark.parametrize("name", ["phone", "cheap-phone", "bluetooth-speaker", "kitchen-radio"])
def test_one_speaker_plays_the_sum(name: str) -> None:
    noise = 0.1 * np.random.default_rng(1).standard_normal((2, 20_000))
    out = played(device(name), noise)
    np.testing.assert_allclose(out[0], out[1], atol=1e-12)
    # What is only in the side is not there at all.
    assert np.abs(played(device(name), np.stack((noise[0], -noise[0])))).max() < 1e-12


def test_mono_is_half_of_left_and_right() -> None:
    noise = 0.1 * np.random.default_rng(2).standard_normal((2, 20_000))
    out = played(device("mono"), noise)
    np.testing.assert_allclose(out, np.stack([noise.mean(axis=0)] * 2), atol=1e-13)


@pytest.mark.parametrize(("name", "side_db"), [("laptop", -3.0), ("television", -2.0)])
def test_speakers_close_together_take_from_the_side(name: str, side_db: float) -> None:
    tone = 0.1 * np.sin(2 * np.pi * 1000.0 * np.arange(RATE) / RATE)
    middle = played(linear(name), np.stack((tone, tone)))[0]
    side = played(linear(name), np.stack((tone, -tone)))[0]
    inner = slice(RATE // 4, -RATE // 4)
    ratio = np.sqrt((side[inner] ** 2).mean() / (middle[inner] ** 2).mean())
    assert 20.0 * math.log10(ratio) == pytest.approx(side_db, abs=0.01)


def test_the_bass_of_a_club_is_mono() -> None:
    t = np.arange(2 * RATE) / RATE
    inner = slice(RATE // 2, -RATE // 2)

    def side_db(hz: float) -> float:
        tone = 0.1 * np.sin(2 * np.pi * hz * t)
        middle = played(linear("club"), np.stack((tone, tone)))[0]
        side = played(linear("club"), np.stack((tone, -tone)))[0]
        return 10.0 * math.log10((side[inner] ** 2).mean() / (middle[inner] ** 2).mean())

    assert side_db(40.0) < -35.0
    assert side_db(1000.0) == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("channels", [1, 2])
def test_any_blocks_give_the_same_bits(name: str, channels: int) -> None:
    noise = 0.3 * np.random.default_rng(3).standard_normal((channels, 9_000))
    one = device(name)
    whole = played(one, noise, cut=9_000)
    assert whole.shape == noise.shape
    for cut in (17, 4096):
        np.testing.assert_array_equal(played(one, noise, cut=cut), whole)
    np.testing.assert_array_equal(played(one, noise[:, :700], cut=1), played(one, noise[:, :700]))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 192_000])
def test_every_rate_is_played(name: str, rate_hz: int) -> None:
    noise = 0.3 * np.random.default_rng(4).standard_normal((2, 5_000))
    out = played(device(name), noise, rate_hz)
    assert out.shape == noise.shape
    assert np.isfinite(out).all()
    assert not played(device(name), np.zeros((2, 5_000)), rate_hz).any()


def test_a_device_that_does_nothing_gives_every_bit(tmp_path: Path) -> None:
    path = tmp_path / "wire.toml"
    path.write_text('title = "A wire"\nsource = "copper"\nconfidence = "high"\n')
    noise = np.random.default_rng(5).standard_normal((2, 5_000))
    np.testing.assert_array_equal(played(device(str(path)), noise), noise)


def test_ones_own_device_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_text('title = "Odd"\nsource = "me"\nconfidence = "high"\nside_db = 3\n')
    with pytest.raises(SettingError, match=r"side_db=3: must be -60 to 0 dB"):
        device(str(path))
    path.write_text("title = ")
    with pytest.raises(SettingError, match="is not TOML"):
        device(str(path))
    with pytest.raises(SettingError, match="there is no such file"):
        device(str(tmp_path / "none.toml"))
    with pytest.raises(SettingError, match=r"^device=gramophone: must be one of bluetooth-speaker"):
        device("gramophone")


def test_a_limiter_is_driven_as_loud_as_services_play() -> None:
    """A quieter master is turned up by who listens: the limiter takes the same of both."""
    t = np.arange(2 * RATE) / RATE
    music = np.stack([0.5 * np.sin(2 * np.pi * 1500.0 * t) * (1 + np.sin(2 * np.pi * 2 * t))] * 2)
    taken = []
    for gain_db in (0.0, -12.0):
        steps = runners(device("phone"), RATE, 2, -14.0 + gain_db)
        list(simulate(steps, [10 ** (gain_db / 20) * music], 2))
        taken.append(next(one.mean_db for one in steps if isinstance(one, HeldBack)))
    assert taken[0] > 1.0
    assert taken[1] == pytest.approx(taken[0], abs=1e-9)


def test_the_small_box_takes_its_bass_back_when_it_is_loud() -> None:
    t = np.arange(3 * RATE) / RATE
    inner = slice(RATE, -RATE // 4)

    def gain_db(level: float) -> float:
        tone = np.stack([level * np.sin(2 * np.pi * 90.0 * t)] * 2)
        out = played(device("bluetooth-speaker"), tone)
        return 10.0 * math.log10((out[:, inner] ** 2).mean() / (tone[:, inner] ** 2).mean())

    assert -7.0 < gain_db(0.9) - gain_db(0.05) < -2.0


def test_a_torn_cone_buzzes_and_nothing_folds_back() -> None:
    """A tone of 100 Hz gets its harmonics, and between them there is nothing, even at 8 kHz."""
    rate = 8_000
    tone = 0.5 * np.sin(2 * np.pi * 101.0 * np.arange(2 * rate) / rate)[None]
    out = BuzzRunner(Buzz(), rate, 1).process(tone)[0, rate:]
    power = np.abs(np.fft.rfft(out * np.blackman(rate))) ** 2
    harmonics = [101 * k for k in range(1, 40)]
    at = [float(power[k - 3 : k + 4].sum()) for k in harmonics]
    assert -60.0 < 10.0 * math.log10(at[1] / at[0]) < -20.0  # even ones: it hangs to one side
    assert -60.0 < 10.0 * math.log10(at[2] / at[0]) < -20.0
    near = np.zeros(len(power), dtype=bool)
    for k in harmonics:
        near[max(0, k - 4) : k + 5] = True
    assert 10.0 * math.log10(power[~near].max() / at[0]) < -90.0


def test_the_noise_of_a_car_is_as_loud_as_its_file_says() -> None:
    noise = device("car").noise
    assert noise is not None
    assert noise.below_music_db == 20.0
    rms = 0.01
    made = NoiseRunner(noise, rms, RATE, 2).process(np.zeros((2, 40 * RATE)))
    assert np.sqrt((made**2).mean()) == pytest.approx(rms, rel=0.05)
    power = np.abs(np.fft.rfft(made[0])) ** 2
    hz = np.fft.rfftfreq(made.shape[1], 1 / RATE)
    assert power[hz > 400].sum() < 0.01 * power.sum()
    again = NoiseRunner(noise, rms, RATE, 2)
    parts = [again.process(np.zeros((2, n))) for n in (1, 17, 4096, 886)]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), made[:, :5000])
