"""What every processor of the rack promises. A new one is tested here as soon as it is in RACK.

A module's ``EXAMPLE``, an audible setting, is used where it has one, otherwise its defaults.
"""

from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from burnish.errors import SettingError
from burnish.processors import RACK, Identity, Processor, Runner, processor_type
from burnish.processors.equalizer import Band, Equalizer
from burnish.processors.show import play
from burnish.settings import Settings
from pieces import piece

Floats = NDArray[np.float64]

RATE_HZ = 44_100
SLOW_RATE_HZ = 8_000  # where inner blocks and look-ahead are short, for blocks of one sample

every = pytest.mark.parametrize("name", RACK)


def example(name: str) -> Processor:
    module = import_module(f"burnish.processors.{RACK[name][0]}")
    found = getattr(module, "EXAMPLE", None) or processor_type(name)()
    assert isinstance(found, Processor)
    return found


def loud(rate_hz: int = RATE_HZ, duration_s: float = 2.0) -> Floats:
    """The loud half of the test piece, over full scale now and then."""
    both = piece(rate_hz, 2 * duration_s)
    return np.ascontiguousarray(1.6 * both[:, both.shape[1] // 2 :])


def run(runner: Runner, samples: Floats, block: int) -> Floats:
    starts = range(0, samples.shape[1], block)
    pieces = (np.ascontiguousarray(samples[:, i : i + block]) for i in starts)
    return np.concatenate([runner.process(p) for p in pieces], axis=1)


@every
def test_neutral_is_the_identity_bit_for_bit(name: str) -> None:
    processor = processor_type(name)()
    samples = loud()
    if processor.is_neutral:
        assert isinstance(processor.start(RATE_HZ, 2), Identity)
    else:
        samples *= 0.1  # a limiter has no neutral setting, but leaves alone what is not too loud
    for part in (samples, samples[:1]):
        assert np.array_equal(play(processor, part, RATE_HZ), part)


@every
@pytest.mark.parametrize("channels", [1, 2])
def test_blocks_of_any_size_give_the_same_bits(name: str, channels: int) -> None:
    samples = loud(SLOW_RATE_HZ)[:channels, :9000]
    whole = example(name).start(SLOW_RATE_HZ, channels).process(samples.copy())
    for block in (1, 17, 4096):
        assert np.array_equal(
            run(example(name).start(SLOW_RATE_HZ, channels), samples, block), whole
        )


@every
def test_uneven_blocks_give_the_same_bits(name: str) -> None:
    samples = loud()[:, :80_000]
    whole = example(name).start(RATE_HZ, 2).process(samples.copy())
    runner = example(name).start(RATE_HZ, 2)
    cuts = np.cumsum([0, 1, 0, 8191, 2, 25_000, 4095, 30_000, 512, 80_000])
    pieces = [runner.process(np.ascontiguousarray(samples[:, a:b])) for a, b in pairwise(cuts)]
    assert np.array_equal(np.concatenate(pieces, axis=1), whole)


UNLINKED = {
    "equalizer": {"bands": (Band(frequency_hz=2000, gain_db=4), Band(kind="high_pass"))},
    "match_eq": {"side_gains_db": ()},
    "compressor": {"link": 0.0},
    "bus_compressor": {"link": 0.0},
    "opto": {"link": 0.0},
    "vari_mu": {"link": 0.0},
    "limiter": {"link_transients": 0.0, "link_release": 0.0},
    "align": None,
    "balance": None,
    "reverb": None,
    "dehum": None,  # one frequency for both channels
    "denoise": None,
    "resonance": None,
    "low_end_focus": None,  # one gain for both channels
    "bass_harmonics": None,  # made of the middle
    "width": None,  # all it does is between the channels
    "multiband": None,
    "upward_compressor": None,
    "expander": None,
    "dynamic_eq": None,
    "deesser": None,
    "transient": None,
}
"""Changes that keep the channels apart; None where nothing can."""

STIRRED = {
    "limiter": {"link_transients": 0.5},
    "resonance": {"depth": 1.0, "threshold_db": 0.0},
}
"""Settings that must leave their end before others can be heard."""


@every
def test_stereo_is_each_channel_alone_where_unlinked(name: str) -> None:
    changes = UNLINKED.get(name, {})
    if changes is None:
        pytest.skip("the channels always know each other")
    processor = example(name).with_(**changes)
    samples = loud()
    samples[1] *= 0.5
    both = play(processor, samples, RATE_HZ)
    alone = [play(processor, samples[i : i + 1], RATE_HZ)[0] for i in (0, 1)]
    assert np.array_equal(both, np.stack(alone))
    assert not np.array_equal(both[0], both[1])


@every
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("n_samples", [0, 1, 2, 63, 64, 65])
def test_short_streams_keep_their_length(name: str, channels: int, n_samples: int) -> None:
    samples = loud()[:channels, 1000 : 1000 + n_samples]
    out = play(example(name), samples, RATE_HZ)
    assert out.shape == (channels, n_samples)
    assert np.isfinite(out).all()
    assert example(name).start(RATE_HZ, channels).process(np.zeros((channels, 0))).shape == (
        channels,
        0,
    )


@every
@pytest.mark.parametrize("channels", [1, 2])
def test_silence_stays_black(name: str, channels: int) -> None:
    assert not play(example(name), np.zeros((channels, 60_000)), RATE_HZ).any()


@every
def test_silence_after_music_becomes_black(name: str) -> None:
    samples = np.concatenate((loud(SLOW_RATE_HZ), np.zeros((2, 30 * SLOW_RATE_HZ))), axis=1)
    assert not play(example(name), samples, SLOW_RATE_HZ)[:, -SLOW_RATE_HZ:].any()


@every
def test_input_is_not_changed(name: str) -> None:
    samples = loud()
    kept = samples.copy()
    example(name).start(RATE_HZ, 2).process(samples)
    assert np.array_equal(samples, kept)


@every
@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 48_000, 96_000, 192_000, 384_000])
def test_every_rate(name: str, rate_hz: int) -> None:
    out = play(example(name), loud(rate_hz, 0.25), rate_hz)
    assert np.isfinite(out).all()
    assert out.any()


@every
@pytest.mark.parametrize("scale", [1e-300, 1e-12, 10.0, 1e6])
def test_any_size_stays_finite(name: str, scale: float) -> None:
    assert np.isfinite(play(example(name), scale * loud(duration_s=0.5), RATE_HZ)).all()


@every
def test_output_lines_up_with_the_input(name: str) -> None:
    """The latency that is told is the one there is."""
    noise = 0.05 * np.random.default_rng(5).standard_normal((2, 2**16))
    out = play(example(name), noise, RATE_HZ)
    product = np.fft.rfft(out[0]) * np.conj(np.fft.rfft(noise[0]))
    assert np.fft.irfft(product).argmax() == 0


@every
def test_runners_share_nothing(name: str) -> None:
    samples = loud(SLOW_RATE_HZ)
    first, second = (example(name).start(SLOW_RATE_HZ, 2) for _ in range(2))
    alone = example(name).start(SLOW_RATE_HZ, 2).process(samples.copy())
    half = samples.shape[1] // 2
    head = first.process(samples[:, :half].copy())
    second.process(samples[:, ::-1].copy())
    tail = first.process(samples[:, half:].copy())
    assert np.array_equal(np.concatenate((head, tail), axis=1), alone)


@every
def test_settings_come_back_from_a_recall_sheet(name: str) -> None:
    saved = example(name).model_dump_json()
    assert processor_type(name).model_validate_json(saved) == example(name)


@every
def test_settings_say_what_they_are(name: str) -> None:
    units = {"_hz": "Hz", "_db": "dB", "_ms": "ms", "_dbtp": "dBTP", "_s": "s"}
    for model in (processor_type(name), *_nested(example(name))):
        for declared in model.declared():
            assert declared.help.endswith("."), declared.name
            for ending, unit in units.items():
                if declared.name.endswith(ending):
                    assert declared.unit == unit, declared.name
            if declared.low is not None and declared.high is not None:
                assert declared.low <= declared.default <= declared.high, declared.name
                for beyond in (declared.low - 1, declared.high + 1):
                    with pytest.raises(SettingError, match=f"{declared.name}=.*must be"):
                        model(**{declared.name: beyond})
            else:
                assert declared.choices or declared.scale in ("text", "switch"), declared.name


def _nested(settings: Settings) -> set[type[Settings]]:
    values = (getattr(settings, d.name) for d in type(settings).declared())
    inner = (v for value in values if isinstance(value, tuple) for v in value)
    return {type(v) for v in inner if isinstance(v, Settings)}


Variant = tuple[str, Settings]


def variants(settings: Settings) -> Iterator[Variant]:
    """Every setting changed alone: to each other choice, or to the ends of its range."""
    for declared in type(settings).declared():
        value = getattr(settings, declared.name)
        others: list[object] = []
        if declared.choices:
            others = [c for c in declared.choices if c != value]
        elif isinstance(value, bool):
            others = [not value]
        elif isinstance(value, tuple) and value and isinstance(value[0], Settings):
            for i, item in enumerate(value):
                for path, changed in variants(item):
                    yield (
                        f"{declared.name}.{path}",
                        settings.with_(**{declared.name: (*value[:i], changed, *value[i + 1 :])}),
                    )
        elif isinstance(value, tuple):
            others = [tuple(1.2 * number for number in value)]
        else:
            others = [end for end in (declared.low, declared.high) if end not in (None, value)]
        for other in others:
            name = f"{declared.name}={other}" if declared.choices else declared.name
            yield name, settings.with_(**{declared.name: other})


def damaged(name: str) -> Floats:
    """The piece, with clicks or gaps of several lengths for those who mend only these."""
    samples = loud()
    if name == "declip":  # each cut top is solved for
        return np.ascontiguousarray(samples[:, : RATE_HZ // 2])
    if name in ("declick", "decrackle", "dropout"):
        for at, length in zip(range(5000, 80_000, 5000), (1, 4, 15, 60, 250) * 3, strict=True):
            samples[:, at : at + length] *= 0.0
            if name != "dropout":
                samples[:, at : at + length] += 0.8 * (-1.0) ** np.arange(length)
    return samples


@every
def test_every_setting_is_audible(name: str) -> None:
    """Changed alone, each setting moves the sound by more than -60 dB of it."""
    samples = damaged(name)
    stirred = example(name).with_(**STIRRED.get(name, {}))
    plain = play(stirred, samples, RATE_HZ)
    heard: dict[str, float] = {}
    for path, changed in variants(stirred):
        assert isinstance(changed, Processor)
        change = play(changed, samples, RATE_HZ) - plain
        with np.errstate(divide="ignore"):
            change_db = 20 * np.log10(np.std(change) / np.std(plain))
        heard[path] = max(heard.get(path, -np.inf), float(change_db))
    assert heard
    assert {path: db for path, db in heard.items() if db < -60} == {}


def test_the_audible_test_finds_a_deaf_setting() -> None:
    deaf = Equalizer(bands=(Band(frequency_hz=2000, gain_db=3),))
    samples = loud()
    plain = play(deaf, samples, RATE_HZ)
    same = {
        path
        for path, changed in variants(deaf)
        if isinstance(changed, Processor) and np.array_equal(play(changed, samples, RATE_HZ), plain)
    }
    assert same == {"bands.slope_db_per_octave"}
