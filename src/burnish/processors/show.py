"""Something to hear and see of a processor: what ``python -m burnish.processors.NAME`` runs.

It prints the table of settings, writes a short test piece before and after (loudness as it comes
out, 32-bit float WAV) and draws what the processor does to tone, level and harmonics.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from burnish.dsp.fir import bins_hz
from burnish.processors.base import Processor
from burnish.settings import Declared, Settings

Floats = NDArray[np.float64]

RATE_HZ = 44_100


def show(processor: Processor, note: str = "") -> None:
    """Show this processor with these settings; ``note`` says in a few words what they are for.

    Takes ``--out DIR`` from the command line: the folder for the files, by default the present one.
    """
    parser = argparse.ArgumentParser(description=f"Show what {processor.name} does.")
    parser.add_argument(
        "--out", type=Path, default=Path(), help="folder for the WAV files and plot"
    )
    folder: Path = parser.parse_args().out
    print(f"{processor.name}: {note}" if note else processor.name)
    print(table(processor))
    folder.mkdir(parents=True, exist_ok=True)
    before = piece(RATE_HZ)
    after = play(processor, before, RATE_HZ)
    for when, samples in (("before", before), ("after", after)):
        path = folder / f"{processor.name}.{when}.wav"
        soundfile.write(path, samples.T, RATE_HZ, subtype="FLOAT")
        print(f"{when:>6}: {path}")
    path = folder / f"{processor.name}.png"
    try:
        draw(processor, before, after, path)
    except ModuleNotFoundError as missing:
        wanted = (missing.name or "").partition(".")[0]
        print(f"  plot: not drawn, {wanted} is not installed")
    else:
        print(f"  plot: {path}")


def table(settings: Settings) -> str:
    """The settings as declared: name, value, help, allowed values; bands one below the other."""
    lines = []
    for declared in type(settings).declared():
        value = getattr(settings, declared.name)
        items = [item for item in value if isinstance(item, Settings)] if _many(value) else []
        shown = f"{len(items)}, below" if items else _words(value)
        lines.append(_line(declared, shown, "  "))
        for number, item in enumerate(items, 1):
            given = item.model_dump(exclude_defaults=True).items()
            lines.append(f"    {number}: " + ", ".join(f"{k}={_words(v)}" for k, v in given))
        if items:
            lines.append("    each with (and these where nothing else is said)")
            lines.extend(_line(d, _words(d.default), "    ") for d in type(items[0]).declared())
    return "\n".join(lines)


def _line(declared: Declared, shown: str, indent: str) -> str:
    unit = f" {declared.unit}" if declared.unit else ""
    allowed = "" if declared.scale == "text" else f" ({declared.allowed})"
    return f"{indent}{declared.name:<24}{shown + unit:<18} {declared.help}{allowed}"


def _many(value: Any) -> bool:
    return isinstance(value, tuple)


def _words(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if _many(value):
        return " ".join(_words(item) for item in value) or "none"
    return str(value)


def play(processor: Processor, samples: Floats, rate_hz: int, block: int = 0) -> Floats:
    """All of ``(channels, n)`` samples through a fresh runner, its latency taken out.

    ``block`` is how many samples it gets at once; 0 is all. The result has the same length.
    """
    runner = processor.start(rate_hz, len(samples))
    n_samples = samples.shape[1]
    whole = np.concatenate((samples, np.zeros((len(samples), runner.latency))), axis=1)
    size = block or max(1, whole.shape[1])
    pieces = [
        runner.process(np.ascontiguousarray(whole[:, start : start + size]))
        for start in range(0, max(1, whole.shape[1]), size)
    ]
    return np.concatenate(pieces, axis=1)[:, runner.latency : runner.latency + n_samples]


def piece(rate_hz: int, duration_s: float = 6.0) -> Floats:
    """A few bars made of sums of tones and noise: kick, bass, hats left and right, a wide chord."""
    t = np.arange(round(duration_s * rate_hz)) / rate_hz
    noise = np.random.default_rng(1).standard_normal((2, len(t)))
    beat, half_beat = t % 0.5, t % 0.25
    kick = np.exp(-beat / 0.12) * np.sin(2 * np.pi * (50 * beat + 6 * (1 - np.exp(-beat / 0.02))))
    bass = np.sin(2 * np.pi * 55 * t) + 0.4 * np.sin(2 * np.pi * 110 * t + 1.0)
    hats = np.diff(noise, prepend=0.0, axis=1) * np.exp(-half_beat / 0.03)
    chord = sum(
        np.sin(2 * np.pi * f * t + k) / (k + 1) for k, f in enumerate((220, 277.2, 330, 880))
    )
    wide = np.stack((chord * (1 + 0.4 * np.sin(2.2 * t)), np.roll(chord, rate_hz // 97)))
    loud = np.where(t < 0.5 * duration_s, 0.4, 1.0)  # a quiet and a loud half
    return np.asarray(loud * (0.45 * kick + 0.12 * bass + 0.06 * hats + 0.08 * wide))


def draw(processor: Processor, before: Floats, after: Floats, path: Path) -> None:
    """Four pictures: change of tone, output over input level, harmonics of a tone, the wave."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 8), layout="constrained")
    FigureCanvasAgg(figure)
    tone, curve, harmonics, wave = figure.subplots(2, 2).flat
    figure.suptitle(processor.name)
    change = tone_change(processor)
    tone.semilogx(change.frequencies_hz, change.gains_db[0], label="middle")
    tone.semilogx(change.frequencies_hz, change.gains_db[1], label="side")
    tone.set(title="Gain of quiet noise", xlabel="Hz", ylabel="dB", xlim=(20, 20_000))
    tone.set_ylim(max(-30.0, change.gains_db.min() - 1), change.gains_db.max() + 1)
    tone.legend()
    asked_dbfs = np.arange(-60.0, 7.0, 3.0)
    curve.plot(asked_dbfs, asked_dbfs, color="0.8")
    curve.plot(asked_dbfs, [_steady_dbfs(processor, level) for level in asked_dbfs])
    curve.set(title="Steady 1 kHz tone", xlabel="in, dBFS", ylabel="out, dBFS")
    spectrum = _tone_spectrum(processor)
    harmonics.plot(spectrum.frequencies_hz, spectrum.gains_db[0], linewidth=0.8)
    harmonics.set(title="1 kHz tone at -6 dBFS", xlabel="Hz", ylabel="dB", ylim=(-160, 5))
    seconds = np.arange(before.shape[1]) / RATE_HZ
    wave.plot(seconds, before[0], linewidth=0.4, label="before")
    wave.plot(seconds, after[0], linewidth=0.4, label="after", alpha=0.7)
    wave.set(title="The test piece, left", xlabel="s", ylabel="sample value")
    wave.legend(loc="lower left")
    for axes in (tone, curve, harmonics, wave):
        axes.grid(True, which="both", color="0.92")
    figure.savefig(path, dpi=100)


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Gains in dB, shape ``(rows, n)``, at n frequencies in Hz."""

    frequencies_hz: Floats
    gains_db: Floats


def tone_change(processor: Processor) -> Spectrum:
    """The change of gain of middle and side, measured with white noise of -60 dBFS."""
    size, count = 16_384, 24
    noise = np.random.default_rng(2).standard_normal((2, size * (count + 1))) * 1e-3
    out = play(processor, noise, RATE_HZ)
    window = np.hanning(size)
    power = []
    for samples in (noise, out):
        parts = np.stack((samples[0] + samples[1], samples[0] - samples[1]))[:, size:]
        power.append(
            (np.abs(np.fft.rfft(parts.reshape(2, count, size) * window)) ** 2).mean(axis=1)
        )
    change_db = 10.0 * np.log10(np.maximum(power[1], 1e-30) / power[0])
    return Spectrum(bins_hz(size, RATE_HZ)[8:], change_db[:, 8:])  # from 20 Hz on


def _tone(level_dbfs: float, duration_s: float) -> Floats:
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    return np.tile(10.0 ** (level_dbfs / 20.0) * np.sin(2 * np.pi * 1000.0 * t), (2, 1))


def _steady_dbfs(processor: Processor, level_dbfs: float) -> float:
    settled = play(processor, _tone(level_dbfs, 1.5), RATE_HZ)[0, RATE_HZ:]
    return float(10.0 * np.log10(2.0 * np.mean(settled**2) + 1e-30))


def _tone_spectrum(processor: Processor) -> Spectrum:
    settled = play(processor, _tone(-6.0, 2.0), RATE_HZ)[0, RATE_HZ:]
    spectrum = np.abs(np.fft.rfft(settled * np.blackman(len(settled))))
    level_db = 20.0 * np.log10(np.maximum(spectrum / spectrum.max(), 1e-12))
    return Spectrum(bins_hz(len(settled), RATE_HZ), level_db[None])
