"""Charts over frequency: tone in third octaves, and how wide and how alike each band is."""

import math
from collections.abc import Sequence

from burnish.measure import Measurement
from burnish.report import svg
from burnish.report.result import MasterResult
from burnish.targets import BAND_EDGES_HZ, Style, style, styles

LOWEST_TONE_DB, NARROWEST_DB, WIDEST_DB = -40.0, -36.0, 6.0
OCTAVES = tuple(
    zip(
        (31.5, 63.0, 125.0, 250.0, 500.0, 1e3, 2e3, 4e3, 8e3, 16e3),
        ("31", "63", "125", "250", "500", "1k", "2k", "4k", "8k", "16k Hz"),
        strict=True,
    )
)
REFERENCE_HZ = (795.0, 2550.0)
"""Between these the tone's zero lies, for the styles' corridors as for the spectrum."""

_ACROSS = svg.Axis(25.0, 20000.0, OCTAVES, log=True)


def style_of(result: MasterResult) -> Style | None:
    """The style whose corridors count; None where references decide, or nobody knows it."""
    name = result.target.get("style")
    return style(name) if name in styles() and not result.target.get("match") else None


def tone(result: MasterResult) -> str:
    """The long-term spectrum of both, and where half of the style's records lie."""
    before, after = (relative_tone(one) for one in (result.before, result.after))
    known = [value for _, value in (*before, *after) if value is not None]
    if not known:
        return ""
    corridor = None
    if (chosen := style_of(result)) is not None:
        label = f"half of all {chosen.name} records"
        corridor = svg.Corridor(label, BAND_EDGES_HZ, chosen.tone.q25_db, chosen.tone.q75_db)
        known += [*chosen.tone.q75_db]
    top = 5.0 * math.ceil(max(known) / 5.0)
    low = max(LOWEST_TONE_DB, 5.0 * math.floor(min(known) / 5.0))
    y = svg.Axis(
        low,
        top,
        svg.every(low, top, 5 if top - low <= 35 else 10),
        "dB per octave, 0 is the mean of 0.8 to 2.5 kHz",
    )
    lines = [
        svg.Line(kind, word, [hz for hz, _ in row], [value for _, value in row])
        for kind, word, row in (("before", "mix", before), ("after", "master", after))
    ]
    desc = _moved(result.before.spectrum.bands_db, result.after.spectrum.bands_db)
    return svg.chart(
        "Tone of mix and master in third octaves", _ACROSS, y, lines, corridor, desc=desc
    )


def _moved(before: Sequence[float | None], after: Sequence[float | None]) -> str:
    """What changed by band, for who cannot see it."""
    said = [
        f"{_hz(low)} to {_hz(high)} {b - a:+.1f} dB"
        for low, high, a, b in zip(BAND_EDGES_HZ, BAND_EDGES_HZ[1:], before, after, strict=False)
        if a is not None and b is not None and math.isfinite(a) and math.isfinite(b)
    ]
    return f"Master against mix: {', '.join(said)}."


def _hz(frequency_hz: float) -> str:
    return f"{frequency_hz / 1000:.1f} kHz" if frequency_hz >= 1000 else f"{frequency_hz:.0f} Hz"


def relative_tone(one: Measurement) -> list[tuple[float, float | None]]:
    """Mid and side together in third octaves, relative to the mean of 0.8 to 2.5 kHz."""
    row: list[tuple[float, float | None]] = []
    for hz, mid, side in zip(
        one.spectrum.band_hz, one.spectrum.mid_db, one.spectrum.side_db, strict=True
    ):
        power = sum(10.0 ** (value / 10.0) for value in (mid, side) if value is not None)
        row.append((hz, 10.0 * math.log10(power) if power > 0.0 else None))
    low, high = REFERENCE_HZ
    middle = [value for hz, value in row if value is not None and low <= hz <= high]
    if not middle:
        return [(hz, None) for hz, _ in row]
    zero = sum(middle) / len(middle)
    return [(hz, None if v is None else max(v - zero, LOWEST_TONE_DB)) for hz, v in row]


def stereo(result: MasterResult) -> str:
    """How wide each band is, and how alike its channels are."""
    before, after = result.before.stereo, result.after.stereo
    if before.near_mono and after.near_mono:
        return "<p>Mono: both channels are the same.</p>"
    return _width(result) + _correlation(result)


def _width(result: MasterResult) -> str:
    before, after = (
        [_held(v) for v in one.stereo.bands_side_to_mid_db] for one in (result.before, result.after)
    )
    known = [v for v in (*before, *after) if v is not None]
    if not known:
        return ""
    corridor, chosen = None, style_of(result)
    if chosen is not None and chosen.stereo.band_q25_db:
        q25, q75 = chosen.stereo.band_q25_db, chosen.stereo.band_q75_db
        corridor = svg.Corridor(f"half of all {chosen.name} records", BAND_EDGES_HZ, q25, q75)
        known += [*q25, *q75]
    low = max(NARROWEST_DB, 6.0 * math.floor(min(known) / 6.0))
    top = max(0.0, 6.0 * math.ceil(max(known) / 6.0))
    y = svg.Axis(low, top, svg.every(low, top, 6), "side over mid, dB: up is wider")
    desc = _moved(before, after)
    return svg.chart(
        "Width of mix and master by band", _ACROSS, y, _both(before, after), corridor,
        desc=desc, height=200,
    )  # fmt: skip


def _held(value: float | None) -> float | None:
    """Within what is drawn: a mono band is as narrow as it gets."""
    return None if value is None else min(WIDEST_DB, max(NARROWEST_DB, value))


def _correlation(result: MasterResult) -> str:
    before, after = (one.stereo.bands_correlation for one in (result.before, result.after))
    known = [v for v in (*before, *after) if v is not None]
    if not known:
        return ""
    low = -1.0 if min(known) < -0.05 else 0.0
    y = svg.Axis(low, 1.0, svg.every(low, 1.0, 0.5), "correlation: 1 is mono, 0 unrelated")
    said = [
        f"{_hz(a)} to {_hz(b)} {was:.2f} to {now:.2f}"
        for a, b, was, now in zip(BAND_EDGES_HZ, BAND_EDGES_HZ[1:], before, after, strict=False)
        if was is not None and now is not None
    ]
    desc = f"From mix to master: {', '.join(said)}."
    return svg.chart(
        "Correlation of mix and master by band", _ACROSS, y, _both(before, after),
        desc=desc, height=140,
    )  # fmt: skip


def _both(before: Sequence[float | None], after: Sequence[float | None]) -> list[svg.Line]:
    return [_stairs("before", "mix", before), _stairs("after", "master", after)]


def _stairs(kind: str, name: str, values: Sequence[float | None]) -> svg.Line:
    """A value for each of the nine bands, held from edge to edge."""
    x: list[float] = []
    y: list[float | None] = []
    for low, high, value in zip(BAND_EDGES_HZ, BAND_EDGES_HZ[1:], values, strict=False):
        x += [low, high]
        y += [value, value]
    return svg.Line(kind, name, x, y)
