"""Loops through hardware that is not there: how exactly they are found, and what is left of them.

    python -m bench.hardware            print the table
    python -m bench.hardware --page     write the section of the page

Each loop is worked out exactly by bench/loop.py, which shares nothing with burnish; 20 s of noise
with hits go through it, up to 20 kHz (0.454 of the rate, where that is less).
"""

import argparse
import sys
import time
from dataclasses import dataclass

import numpy as np

from bench.loop import programme, recorded
from bench.page import Goal, circumstances, exit_code, goals_table, write_section
from burnish.audio import Audio, AudioSource
from burnish.dsp.between import Between
from burnish.dsp.sync import Layout
from burnish.measure.loop import find_loop

SECONDS = 20
MOST_ERROR_SAMPLES, MOST_RESIDUAL_DB, TOP_HZ = 0.01, -80.0, 20_000.0


@dataclass(frozen=True)
class Case:
    """One loop. ``noise_dbfs`` None: clean. ``clean``: its residual has a goal."""

    name: str
    rate_hz: int = 44_100
    delay: float = 1234.37
    ppm: float = 0.0
    recorder_hz: int = 0
    gain_db: float = 0.0
    noise_dbfs: float | None = None
    channels: int = 2
    swapped: bool = False
    inverted: bool = False
    filtered: str = ""
    clean: bool = True


CASES = (
    Case("0.37 samples", delay=0.37),
    Case("9000.73 samples", delay=9000.73),
    Case("9000.73 samples, 48 kHz", 48_000, 9000.73),
    Case("9000.73 samples, 96 kHz", 96_000, 9000.73),
    Case("drift 1 ppm", ppm=1.0),
    Case("drift -25 ppm, 48 kHz", 48_000, ppm=-25.0),
    Case("drift 100 ppm", delay=9000.73, ppm=100.0),
    Case("drift 100 ppm, 96 kHz", 96_000, 0.37, 100.0),
    Case("recorded at 48 kHz, 10 ppm", ppm=10.0, recorder_hz=48_000),
    Case("recorded at 96 kHz", recorder_hz=96_000),
    Case("gain -7.3 dB", ppm=20.0, gain_db=-7.3),
    Case("inverted and swapped", ppm=20.0, inverted=True, swapped=True),
    Case("mono", channels=1, ppm=20.0),
    Case("noise at -90 dBFS", ppm=20.0, noise_dbfs=-90.0, clean=False),
    Case("noise at -60 dBFS", ppm=20.0, noise_dbfs=-60.0, clean=False),
    Case("noise at -40 dBFS", ppm=20.0, noise_dbfs=-40.0, clean=False),
    Case("high-pass of 12 Hz", ppm=20.0, filtered="high", clean=False),
    Case("low-pass of 30 kHz", ppm=20.0, filtered="low", clean=False),
    Case("both", ppm=20.0, filtered="both", clean=False),
)


@dataclass(frozen=True)
class Row:
    """What was found of one loop."""

    case: Case
    delay_error: float
    drift_error: float
    gain_error_db: float
    residual_db: float
    right: bool
    """Whether polarity and channels were told as they are."""
    cpu_s: float


def response(case):
    """The gain of the simulated transformer, first order, as a function of cycles a sample."""
    if not case.filtered:
        return None

    def gain(cycles):
        f = 1j * cycles * case.rate_hz
        high = f / (f + 12.0) if case.filtered in ("high", "both") else 1.0
        low = 1.0 / (1.0 + f / 30_000.0) if case.filtered in ("low", "both") else 1.0
        return high * low

    return gain


def judged(case):
    """Send it through its loop, and judge what is found."""
    rate_hz, recorder_hz = case.rate_hz, case.recorder_hz or case.rate_hz
    layout = Layout(rate_hz, case.channels, SECONDS * rate_hz)
    sound = programme(rate_hz, layout.n_programme, case.channels)
    sent = np.concatenate((layout.head(), sound, layout.tail()), axis=1)
    back = recorded(sent, case.delay, case.ppm, recorder_hz / rate_hz, response(case))
    back *= 10.0 ** (case.gain_db / 20.0) * (-1.0 if case.inverted else 1.0)
    back = np.ascontiguousarray(back[::-1]) if case.swapped else back
    if case.noise_dbfs is not None:
        noise = np.random.default_rng(7).standard_normal(back.shape)
        back += 10.0 ** (case.noise_dbfs / 20.0) * noise
    started = time.process_time()
    loop = find_loop(AudioSource(Audio(back, recorder_hz)), layout)
    begin = loop.delay_samples + loop.speed * layout.programme
    rows = back[[i - 1 for i in loop.recorded_channels]]
    there = Between(loop.speed).read(rows, 0, begin, 0, layout.n_programme)
    cpu_s = time.process_time() - started
    signs = np.where(loop.inverted, -1.0, 1.0)[:, None]
    there *= signs * 10.0 ** (-np.array(loop.gains_db)[:, None] / 20.0)
    return Row(
        case=case,
        delay_error=loop.delay_samples - case.delay,
        drift_error=loop.drift_ppm - case.ppm,
        gain_error_db=loop.gain_db - case.gain_db,
        residual_db=residual_db(there, sound, rate_hz),
        right=loop.swapped == case.swapped and set(loop.inverted) == {case.inverted},
        cpu_s=cpu_s,
    )


def residual_db(there, sound, rate_hz):
    """Energy of the difference against that of the sound, up to 20 kHz."""
    f = np.fft.rfftfreq(sound.shape[1], 1.0 / rate_hz)
    left, whole = (
        np.square(np.abs(np.fft.rfft(x, axis=1)))[:, f <= TOP_HZ].sum()
        for x in (there - sound, sound)
    )
    return float(10.0 * np.log10(left / whole))


def table(rows):
    """All loops as a table of markdown."""
    lines = [
        "| loop | delay off, samples | drift off, ppm | gain off, dB | residual dB | told |",
        "|-|-|-|-|-|-|",
    ]
    lines += [
        f"| {row.case.name} | {row.delay_error:+.5f} | {row.drift_error:+.5f} "
        f"| {row.gain_error_db:+.4f} | {row.residual_db:.1f} | {'yes' if row.right else '**no**'} |"
        for row in rows
    ]
    return "\n".join(lines)


def goals(rows):
    """What every loop has to hold; a filter's delay is its own."""
    plain = [row for row in rows if not row.case.filtered]
    worst = max(abs(row.delay_error) for row in plain)
    clean = max(row.residual_db for row in rows if row.case.clean)
    wrong = sum(not row.right for row in rows)
    return [
        Goal(
            f"delay, largest error of {len(plain)} loops, noise included",
            f"{worst:.5f} samples",
            f"at most {MOST_ERROR_SAMPLES}",
            worst <= MOST_ERROR_SAMPLES,
        ),
        Goal(
            "residual of a clean loop to 20 kHz, largest",
            f"{clean:.1f} dB",
            f"below {MOST_RESIDUAL_DB:.0f} dB",
            clean < MOST_RESIDUAL_DB,
        ),
        Goal("polarity and channels told wrongly", f"{wrong}", "none", not wrong),
    ]


def section(say):
    """The section of the page, and its goals."""
    rows = []
    for case in CASES:
        rows.append(judged(case))
        say(table(rows[-1:]).splitlines()[-1])
    found = goals(rows)
    audio_s = SECONDS * len(rows)
    speed = audio_s / sum(row.cpu_s for row in rows)
    text = f"""## Hardware

{circumstances()}

{SECONDS} s of noise with hits, up to 20 kHz, sent through loops that are worked out exactly by
Fourier sums (bench/loop.py). Delay and drift against what was set, gain as the level tone tells it;
residual: what is left of the programme after it was lined up and its gain undone, to 20 kHz, both
channels. Of noise the residual is the noise itself; of a filter, the filter (its delay is judged
at the burst's energy). To find and line up: {speed:.0f} x real time on one core.

{table(rows)}

### Goals of hardware

{goals_table(found)}
"""
    return text, found


def main():
    """Print or write the table; exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--page", action="store_true", help="write the section of the page")
    asked = parser.parse_args()
    text, found = section(lambda words: print(words, file=sys.stderr, flush=True))
    if asked.page:
        write_section("hardware", text)
    else:
        print(text)
    sys.exit(exit_code(found))


if __name__ == "__main__":
    main()
