"""The aliasing table: steady tones through every processor of the rack that makes harmonics.

    python -m bench.aliases [--only NAME] [--no-page]

A tone of 1245 and of 4987 Hz at two sample peaks goes through the processor at 44.1 kHz; all that
comes out below 20 kHz and is no harmonic of the tone is summed up and held against the tone. Both
are chosen so that no alias falls on a harmonic. A processor not named here is judged by its
EXAMPLE. Exit 1 when a goal is missed.
"""

import argparse
import sys
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from bench import metrics
from bench.page import Goal, circumstances, exit_code, goals_table, write_section

RATE_HZ = 44_100
TONES_HZ = (1245, 4987)
PEAKS_DBFS = (-18.0, -6.0)
SETTLED_S = 6  # gains have come to rest by then
CLIPPER_DB, SOFT_DB = -75.0, -90.0
SILENT_DB = -120.0  # fewer harmonics and aliases than this: it filters, or moves a gain


@dataclass(frozen=True)
class Case:
    """A processor at work, and how far down its aliases are to be; ``settings`` None: EXAMPLE."""

    name: str
    processor: str
    settings: dict | None = None
    most_db: float = SOFT_DB
    peaks_dbfs: tuple[float, float] = PEAKS_DBFS


CASES = (
    Case("saturation, soft", "saturation", {"character": "soft", "amount": 1}),
    Case("saturation, tape", "saturation", {"character": "tape", "amount": 1}),
    Case("saturation, tube", "saturation", {"character": "tube", "amount": 1}),
    Case(
        "clipper, 1 and 3 dB off, corner",
        "clipper",
        {"ceiling_dbfs": -3.0},
        CLIPPER_DB,
        (-2.0, 0.0),
    ),
    Case(
        "clipper, 1 and 3 dB off, knee 3 dB",
        "clipper",
        {"ceiling_dbfs": -3.0, "knee_db": 3.0},
        CLIPPER_DB,
        (-2.0, 0.0),
    ),
    Case("resonance, its windows' sidebands", "resonance", None, CLIPPER_DB),
    Case("limiter, 3 and 6 dB over", "limiter", {"input_gain_db": 5.0}, SOFT_DB, (-3.0, 0.0)),
)


def cases():
    """The cases above, and every other processor of the rack as its EXAMPLE stands.

    Not those that mend: a steady tone is not damaged, or it is the damage.
    """
    from burnish.processors import RACK

    out = {case.processor for case in CASES}
    out |= {name for name, (module, _) in RACK.items() if module.startswith("repair.")}
    return CASES + tuple(Case(name, name) for name in RACK if name not in out)


def processor_of(case):
    """The processor of a case, set."""
    from burnish.processors import RACK

    module, kind = RACK[case.processor]
    module = import_module(f"burnish.processors.{module}")
    return module.EXAMPLE if case.settings is None else getattr(module, kind)(**case.settings)


def judge(case, frequency_hz, peak_dbfs):
    """Harmonics and aliases against the tone in dB, from a settled second, both channels alike."""
    from burnish.processors.show import play

    t = np.arange((SETTLED_S + 2) * RATE_HZ) / RATE_HZ
    tone = 10 ** (peak_dbfs / 20) * np.sin(2 * np.pi * frequency_hz * t)
    out = play(processor_of(case), np.stack((tone, tone)), RATE_HZ)
    part = out[0, SETTLED_S * RATE_HZ : (SETTLED_S + 1) * RATE_HZ]
    return metrics.added_to_tone_db(part, frequency_hz, RATE_HZ)


def section(say=lambda _: None, only=""):
    """The text for the page, and its goals."""
    goals, linear = [], []
    tones = " | ".join(f"{f} Hz, low | {f} Hz, high" for f in TONES_HZ)
    lines = [f"| processor | peaks dBFS | harmonics, most | {tones} |"]
    lines.append("|-" * (3 + 2 * len(TONES_HZ)) + "|")
    for case in (case for case in cases() if only in case.name):
        added = [judge(case, f, peak) for f in TONES_HZ for peak in case.peaks_dbfs]
        harmonics, aliases = (max(figures) for figures in zip(*added, strict=True))
        if max(harmonics, aliases) < SILENT_DB:
            linear.append(case.name)
            continue
        peaks = ", ".join(f"{peak:g}" for peak in case.peaks_dbfs)
        cells = " | ".join(f"{figure:.0f}" for _, figure in added)
        lines.append(f"| {case.name} | {peaks} | {harmonics:.0f} | {cells} |")
        say(lines[-1])
        title, goal = f"aliases, {case.name}", f"at most {case.most_db:g} dB"
        goals.append(Goal(title, f"{aliases:.0f} dB", goal, aliases <= case.most_db))
    text = f"""## Aliases

{circumstances()}

A steady tone at {RATE_HZ / 1000:g} kHz, at two sample peaks, through every processor of the rack
but those that mend; in dB against the tone. Aliases: all that comes out below 20 kHz and is no
harmonic, summed; noise and drift count too. A processor without a setting in its name is judged by
its example.

{chr(10).join(lines)}

Neither harmonics nor aliases above {SILENT_DB:g} dB: {", ".join(linear) or "none"}.

{goals_table(goals)}
"""
    return text, goals


def main():
    """Judge all, write the section of the page, exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    parser.add_argument("--no-page", action="store_true", help="print only")
    asked = parser.parse_args()
    text, goals = section(lambda line: print(line, file=sys.stderr, flush=True), asked.only)
    if asked.no_page or asked.only:
        print(text)
    else:
        write_section("aliases", text)
    sys.exit(exit_code(goals))


if __name__ == "__main__":
    main()
