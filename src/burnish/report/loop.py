"""LoopCheck: how a loop through hardware came back, as a record, a table and findings."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from burnish import __version__
from burnish.finding import Finding, Verdict, verdict
from burnish.measure.loop import Loop
from burnish.measure.returned import Jump, Looked, Returned
from burnish.qc.places import when
from burnish.report.words import number
from burnish.settings import finite_or_none

if TYPE_CHECKING:
    from rich.console import Console

_CHANNELS = ("left", "right")
BALANCE_DB, SKEW_SAMPLES, WANDER_SAMPLES = 0.3, 0.5, 0.25
LEAST_SNR_DB, DRIFT_PPM, FAITHFUL = 55.0, 0.05, 0.7
CROSSTALK_DB, MONO_DB, DC_DBFS = -20.0, -1.0, -60.0
UNSTEADY_SAMPLES, UNCHANGED_DB = 0.1, -100.0
"""What is told of (opinion): 0.3 dB of balance is heard as a shift, 55 dB under the programme hiss
is heard in a fade; a groove or a tape keeps its channels 25 dB apart."""


@dataclass(frozen=True)
class LoopCheck:
    """What `burnish return` found in a recording, before anything was made of it."""

    recording: Path
    device: str
    rate_hz: int
    """Of the recording."""
    duration_s: float
    """Of the programme."""
    loop: Loop
    returned: Returned
    looked: Looked
    programme_dbfs: float
    """RMS of the programme as it came back."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a person should know, faults first."""
        order = {"fail": 0, "warn": 1, "info": 2}
        found = [replace(one, about="master") for one in _findings(self)]
        return tuple(sorted(found, key=lambda one: order[one.severity]))

    @property
    def verdict(self) -> Verdict:
        """Fail: record it again."""
        return verdict(self.findings)

    def to_json(self) -> dict[str, Any]:
        """The loop as one document."""
        loop, back = self.loop, self.returned
        return {
            "burnish": __version__,
            "file": str(self.recording),
            "device": self.device,
            "verdict": self.verdict,
            "rate_hz": self.rate_hz,
            "delay_samples": loop.delay_samples,
            "delay_s": loop.delay_samples / self.rate_hz,
            "drift_ppm": loop.drift_ppm,
            "gain_db": [finite_or_none(one) for one in loop.gains_db],
            "inverted": list(loop.inverted),
            "swapped": loop.swapped,
            "recorded_channels": list(loop.recorded_channels),
            "skew_samples": loop.skew_samples,
            "crosstalk_db": finite_or_none(loop.crosstalk_db),
            "dc": list(loop.dc),
            "unsteady_samples": loop.unsteady_samples,
            "passes": loop.passes,
            "tone_distortion_and_noise_db": [finite_or_none(one) for one in loop.tone_noise_db],
            "noise_dbfs": [finite_or_none(one) for one in loop.noise_dbfs],
            "noise_dbfs_is_silence": all(one == -math.inf for one in loop.noise_dbfs),
            "sample_peak_dbfs": finite_or_none(self.looked.peak_dbfs),
            "programme_dbfs": finite_or_none(self.programme_dbfs),
            "changed_db": back.null_db,
            "correlation": back.correlation,
            "wander_samples": back.wander_samples,
            "is_another": back.is_another,
            "burst_fit": loop.fit,
            "dropouts_s": [list(one) for one in back.dropouts_s],
            "jumps": [{"at_s": one.at_s, "samples": one.samples} for one in back.jumps],
            "clipped_s": [list(one) for one in self.looked.clipped_s],
            "findings": [one.to_json() for one in self.findings],
        }


def print_loop(console: "Console", check: LoopCheck, findings: bool = True) -> None:
    """The figures of a loop, and what is to be said of it, unless a master says it."""
    from rich.table import Table

    name = f" through {check.device}" if check.device else ""
    console.print(f"{check.recording.name}: a loop{name}", style="bold")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    for row in rows(check):
        table.add_row(*row)
    console.print(table)
    for finding in check.findings if findings else ():
        console.print()
        places = f" ({when(finding.times_s, check.duration_s)})" if finding.times_s else ""
        console.print(f"{finding.title}{places}. {finding.detail} {finding.advice}")


def rows(check: LoopCheck) -> tuple[tuple[str, str, str], ...]:
    """Name, figure and unit of what was found."""
    loop, back = check.loop, check.returned
    both = " / ".join
    return (
        ("delay", number(loop.delay_samples, 3), f"samples, {_ms(check):.3f} ms"),
        ("drift of the clock", number(loop.drift_ppm, 3), "ppm"),
        ("level of the tone", both(number(one, 2) for one in loop.gains_db), "dB"),
        ("polarity", both("inverted" if one else "right" for one in loop.inverted), ""),
        ("channels", "swapped" if loop.swapped else "right", ""),
        ("distortion and noise of the tone", both(number(x) for x in loop.tone_noise_db), "dB"),
        ("noise floor", both(number(one) for one in loop.noise_dbfs), "dBFS"),
        ("highest sample", number(check.looked.peak_dbfs, 2), "dBFS"),
        ("what the loop changed", number(back.null_db), "dB under the programme"),
        ("dropouts", str(len(back.dropouts_s) + len(_jumps(check))), ""),
        ("clipped places", str(len(check.looked.clipped_s)), ""),
    )


def _ms(check: LoopCheck) -> float:
    return 1000.0 * check.loop.delay_samples / check.rate_hz


def _findings(check: LoopCheck) -> Iterator[Finding]:
    loop, back = check.loop, check.returned
    yield from _another(check) if back.is_another else _breaks(check)
    if check.looked.clipped_s and back.null_db > UNCHANGED_DB:
        yield Finding(
            "hardware-clipped", "fail", f"Clipped in {_many(len(check.looked.clipped_s), 'place')}",
            "Tops of the wave are cut off flat: a converter or the device had no more room.",
            "Turn the device's output or the converter's input down, and record it again.",
            times_s=check.looked.clipped_s,
        )  # fmt: skip
    if loop.passes > 1:
        yield Finding(
            "hardware-passes", "info", f"{loop.passes} passes are in the recording",
            "The last of them was taken.", "Cut the recording where another one is meant.",
        )  # fmt: skip
    yield from _wiring(loop, steady=_is_steady(check))
    noise = max(loop.noise_dbfs)
    if check.programme_dbfs - noise < LEAST_SNR_DB and not back.is_another:
        yield Finding(
            "hardware-noise", "warn", f"Noise of {noise:.0f} dBFS",
            f"It lies {check.programme_dbfs - noise:.0f} dB under the programme.",
            "Send hotter into the device and record lower behind it; look for hum in the cables.",
        )  # fmt: skip
    if (walk := _wander(check)) > WANDER_SAMPLES:
        yield Finding(
            "hardware-wander", "warn", f"The clock wanders by {walk:.1f} samples",
            "A steady drift was taken out; this is what is left of it.",
            "Let one clock drive both converters; a tape does this by its nature.",
        )  # fmt: skip
    if abs(loop.drift_ppm) > DRIFT_PPM and _is_steady(check):
        yield Finding(
            "hardware-drift", "info", f"The clocks differ by {loop.drift_ppm:.2f} ppm",
            "The recording was brought back to the speed of the mix.",
            "Let one clock drive both converters, and nothing need be converted.",
        )  # fmt: skip


def _another(check: LoopCheck) -> Iterator[Finding]:
    yield Finding(
        "hardware-another", "fail", "What came back is not what was sent",
        "The bursts are there, and between them another programme, or none.",
        "Give the recording of this send (--plan names its sheet), or record it again.",
        times_s=((0.0, check.duration_s),),
    )  # fmt: skip


def _breaks(check: LoopCheck) -> Iterator[Finding]:
    """Where sound is missing, or samples are."""
    back = check.returned
    if back.dropouts_s:
        yield Finding(
            "hardware-dropout", "fail", _many(len(back.dropouts_s), "dropout"),
            "Something was sent there, and nothing came back.",
            "Record it again, with larger buffers.", times_s=back.dropouts_s,
        )  # fmt: skip
    if jumps := _jumps(check):
        most = max(jumps, key=lambda one: abs(one.samples))
        verb = "lost" if most.samples > 0 else "doubled"
        yield Finding(
            "hardware-jump", "fail", f"{abs(most.samples):.0f} samples were {verb}",
            "From there on the recording lies elsewhere.",
            "Record it again, with larger buffers.",
            times_s=tuple((max(0.0, one.at_s - 0.25), one.at_s + 0.25) for one in jumps),
        )  # fmt: skip


def _jumps(check: LoopCheck) -> tuple[Jump, ...]:
    """Those that a pace as uneven as the tone's does not make."""
    pace = check.loop.unsteady_samples
    if pace <= UNSTEADY_SAMPLES:
        return check.returned.jumps
    return tuple(one for one in check.returned.jumps if abs(one.samples) > 10.0 * pace)


def _wander(check: LoopCheck) -> float:
    """How far the recording walks from a steady drift, in samples."""
    pace, back = check.loop.unsteady_samples, check.returned
    uneven = pace > UNSTEADY_SAMPLES
    walk = back.wander_samples if uneven or back.correlation > FAITHFUL else None
    return 0.0 if _jumps(check) else max(walk or 0.0, pace if uneven else 0.0)


def _is_steady(check: LoopCheck) -> bool:
    """Whether a line through the bursts tells the drift, and how late each channel is."""
    return not _jumps(check) and check.loop.unsteady_samples <= UNSTEADY_SAMPLES


def _wiring(loop: Loop, steady: bool) -> Iterator[Finding]:
    if loop.swapped:
        yield Finding(
            "hardware-swapped", "warn", "Left and right are swapped",
            "Each channel's burst came back in the other.",
            "They were put back; look at the cables.",
        )  # fmt: skip
    if any(loop.inverted) and not all(loop.inverted):
        which = _CHANNELS[loop.inverted.index(True)]
        yield Finding(
            "hardware-inverted", "warn", f"The {which} channel is inverted",
            "Its burst came back upside down, the other one did not.",
            "It was turned; look for a cable with pins 2 and 3 exchanged.",
        )  # fmt: skip
    elif any(loop.inverted):
        yield Finding(
            "hardware-inverted", "info", "The loop inverts polarity",
            "All of it came back upside down.", "It was turned; there is nothing to be done.",
        )  # fmt: skip
    if len(loop.gains_db) == 2 and abs(apart := loop.gains_db[1] - loop.gains_db[0]) > BALANCE_DB:
        which = _CHANNELS[int(apart > 0)]
        yield Finding(
            "hardware-balance", "warn", f"The {which} channel is {abs(apart):.1f} dB louder",
            "So the level tone came back; the balance was left as it is.",
            "Look at the device's controls of both channels.",
        )  # fmt: skip
    if loop.crosstalk_db > CROSSTALK_DB:
        mono = loop.crosstalk_db > MONO_DB
        yield Finding(
            "hardware-crosstalk", "fail" if mono else "warn",
            "It came back as mono" if mono else "Left and right are mixed with each other",
            f"Each channel's burst is in the other, at {loop.crosstalk_db:.0f} dB.",
            "Look for a summing cable, a monitor set to mono, a device that narrows.",
        )  # fmt: skip
    if (dc := max(abs(one) for one in loop.dc)) > 10.0 ** (DC_DBFS / 20.0):
        yield Finding(
            "hardware-dc", "warn", f"DC of {100.0 * dc:.1f} % of full scale",
            "It is in the silence before the programme too, and was left.",
            "Look at the converter; a high pass of 10 Hz behind it takes it out.",
        )  # fmt: skip
    if steady and abs(loop.skew_samples) > SKEW_SAMPLES:
        which = _CHANNELS[int(loop.skew_samples > 0)]
        yield Finding(
            "hardware-skew", "warn",
            f"The {which} channel is {abs(loop.skew_samples):.2f} samples late",
            "Both were moved by the mean of their delays.",
            "Look for a digital device in one channel only.",
        )  # fmt: skip


def _many(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
