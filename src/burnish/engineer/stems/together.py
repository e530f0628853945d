"""Stems taken together: opened, held against each other and the mix, heard, and moved."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from burnish.audio import Block, Source, file_sha256, open_source, same_file
from burnish.chain import Stem, Teller
from burnish.chain.stems import Layout, StemSource
from burnish.dsp.resample import Resampler, resampled_length
from burnish.engineer.stems import advise_stems
from burnish.engineer.stems.heard import HeardStem
from burnish.errors import InputError
from burnish.finding import Finding
from burnish.measure.stem import StemFigures, StemMeter, twice
from burnish.measure.stem_fit import Lag, SumFit, SumMeter, lag_in
from burnish.settings import Settings, setting

DEEP_DB = -60.0  # a null this deep is the mix
UNLIKE_DB = 0.3  # a gain this far from that of all is told
_CONVERTED = 2  # samples by which lengths may differ once rates were brought together
_LOW = ("drums", "kick", "bass")


class StemWishes(Settings):
    """What is asked of the stems themselves."""

    mix: str = setting(
        "", scale="text", help="The mix that they should sum to: it is compared, not changed."
    )
    align: bool = setting(
        False, help="Move stems to where they lie in --mix; fill shorter ones with silence."
    )
    resample: bool = setting(False, help="Bring stems of another rate to that of the others.")
    moves: bool = setting(
        True, help="Mend what belongs to one stem alone, by 1.5 dB at most; else the plain sum."
    )


@dataclass(frozen=True)
class TakenStems:
    """The stems as one source, and what is known of them."""

    source: StemSource
    loudness_lufs: tuple[float, ...]
    fit: SumFit | None
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def take_stems(
    stems: Sequence[Stem], wishes: StemWishes, tell: Teller, held: ExitStack
) -> TakenStems:
    """Open stems, check them, hear them, decide their moves. ``held`` closes what was opened.

    What cannot be summed is an ``InputError``: another length, another rate, a stem twice.
    """
    _refuse_the_same_file(stems)
    sources = [held.enter_context(open_source(stem.file)) for stem in stems]
    with ThreadPoolExecutor(2) as pool:
        hashes = list(pool.map(file_sha256, [stem.file for stem in stems]))
    _refuse_the_same_bytes(stems, hashes)
    stems = [stem.with_(sha256=sha256) for stem, sha256 in zip(stems, hashes, strict=True)]
    mix = held.enter_context(open_source(wishes.mix)) if wishes.mix else None
    rate_hz = _rate(sources, mix, wishes.resample)
    lags: list[Lag | None] = []
    if mix is not None and wishes.align:
        lags = [lag_in(source, mix) for source in sources]
        stems = [_laid(stem, lag, rate_hz) for stem, lag in zip(stems, lags, strict=True)]
    layout = _layout(stems, sources, rate_hz, wishes)
    source = held.enter_context(StemSource(stems, sources, layout))
    figures, fit = _hear(source, mix, wishes, tell)
    _refuse_the_same_sound(stems, figures)
    findings = [*_silent(stems, figures)]
    if mix is not None:
        fitting = fit is not None and fit.null_db <= DEEP_DB
        if not lags and not fitting:
            lags = [lag_in(one, mix) for one in sources]
            findings += _displaced(stems, lags, rate_hz)
        findings.append(_fit(stems, mix, fit))
    heard = [HeardStem(*one) for one in zip(stems, figures, strict=True)]
    loudness_lufs = tuple(one.integrated_lufs for one in figures)
    if not wishes.moves:
        return TakenStems(source, loudness_lufs, fit, tuple(findings), ())
    advice = advise_stems(heard, rate_hz)
    if advice.moved:
        source.close()
        source = held.enter_context(source.moved(advice.stems))
        source.fill(told=tell.stage("stems", source))
    return TakenStems(source, loudness_lufs, fit, tuple(findings), advice.notes)


def _refuse_the_same_file(stems: Sequence[Stem]) -> None:
    for one, other in combinations(stems, 2):
        if same_file(one.file, other.file) and Path(one.file).exists():
            raise InputError("stems-twice", f"{other.file}: is given twice")


def _refuse_the_same_bytes(stems: Sequence[Stem], hashes: Sequence[str]) -> None:
    for (one, a), (other, b) in combinations(zip(stems, hashes, strict=True), 2):
        if a == b:
            raise InputError(
                "stems-twice", f"{other.file}: is the same as {one.file}, byte for byte"
            )


def _refuse_the_same_sound(stems: Sequence[Stem], figures: Sequence[StemFigures]) -> None:
    for (one, a), (other, b) in combinations(zip(stems, figures, strict=True), 2):
        if (louder_db := twice(a, b)) is not None:
            by = "" if abs(louder_db) < 0.005 else f", {louder_db:+.2f} dB"
            raise InputError("stems-twice", f"{other.file}: holds the same sound as {one.file}{by}")


def _rate(sources: Sequence[Source], mix: Source | None, resample: bool) -> int:
    """The rate of the sum: the mix's, or what most stems have, the higher of two as common."""
    counted = Counter(source.info.rate_hz for source in sources)
    common = max(counted, key=lambda rate_hz: (counted[rate_hz], rate_hz))
    rate_hz = mix.info.rate_hz if mix is not None and resample else common
    if resample:
        return rate_hz
    for source in (*sources, *((mix,) if mix is not None else ())):
        if source.info.rate_hz != common:
            usual = next(one for one in sources if one.info.rate_hz == common)
            raise InputError(
                "stems-rate",
                f"{source.info.name}: has {source.info.rate_hz} Hz where {usual.info.name} has "
                f"{common} Hz; --resample brings all stems to one rate",
            )
    return common


def _layout(
    stems: Sequence[Stem], sources: Sequence[Source], rate_hz: int, wishes: StemWishes
) -> Layout:
    lengths = [
        resampled_length(source.info.n_samples, source.info.rate_hz, rate_hz) for source in sources
    ]
    ends = [n + stem.offset_samples for stem, n in zip(stems, lengths, strict=True)]
    n_samples = max(ends)
    converted = any(source.info.rate_hz != rate_hz for source in sources)
    placed = any(stem.offset_samples for stem in stems)
    if not (wishes.align or placed or n_samples - min(ends) <= _CONVERTED * converted):
        usual = Counter(lengths).most_common(1)[0][0]
        like = next(k for k, n in enumerate(lengths) if n == usual)
        odd = next(k for k, n in enumerate(lengths) if n != usual)
        raise InputError(
            "stems-length",
            f"{sources[odd].info.name}: lasts {_time(lengths[odd], rate_hz)} where "
            f"{sources[like].info.name} lasts {_time(usual, rate_hz)}; export them from one start "
            "to one end, or --align fills the shorter with silence",
        )
    if n_samples < 1:
        raise InputError("stems-length", "stems: end before they begin; see their offset_samples")
    return Layout(rate_hz, max(source.info.channels for source in sources), n_samples)


def _time(n_samples: int, rate_hz: int) -> str:
    return f"{n_samples / rate_hz:.3f} s ({n_samples} samples)"


def _laid(stem: Stem, lag: Lag | None, rate_hz: int) -> Stem:
    """The stem where it lies in the mix."""
    if lag is None or lag.samples == 0:
        return stem
    moved = "later" if lag.samples > 0 else "earlier"
    note = (
        f"In the mix it begins {abs(lag.samples)} samples "
        f"({abs(lag.samples) / rate_hz:.4f} s) {moved}; it is moved there."
    )
    offset = stem.offset_samples + lag.samples
    return stem.with_(offset_samples=offset, notes=(*stem.notes, note))


def _hear(
    source: StemSource, mix: Source | None, wishes: StemWishes, tell: Teller
) -> tuple[list[StemFigures], SumFit | None]:
    """Hear every stem, and how they fit the mix, while the sum is made."""
    layout = source.layout
    meters = [
        StemMeter(layout.rate_hz, layout.channels, wishes.moves and stem.role in _LOW)
        for stem in source.stems
    ]
    products = SumMeter(len(meters))
    beside = None if mix is None else _beside(mix, layout)
    with ThreadPoolExecutor(2) as pool:

        def heard(parts: list[Block], total: Block) -> None:
            for _ in pool.map(lambda pair: pair[0].feed(pair[1]), zip(meters, parts, strict=True)):
                pass
            if beside is not None:
                products.feed(parts, _next(beside, total.shape))

        source.fill(heard, tell.stage("stems", source))
    return [meter.finish() for meter in meters], None if mix is None else products.finish()


@dataclass
class _Beside:
    """The mix, in pieces of any size."""

    blocks: Iterator[Block]
    held: Block


def _beside(mix: Source, layout: Layout) -> _Beside:
    info = mix.info
    blocks = mix.blocks()
    if info.rate_hz != layout.rate_hz:
        blocks = _converted(blocks, Resampler(info.rate_hz, layout.rate_hz, info.channels))
    if info.channels < layout.channels:
        blocks = (np.repeat(block, layout.channels, axis=0) for block in blocks)
    return _Beside(blocks, np.zeros((max(info.channels, layout.channels), 0)))


def _converted(blocks: Iterator[Block], resampler: Resampler) -> Iterator[Block]:
    for block in blocks:
        yield resampler.process(block)
    yield resampler.finish()


def _next(beside: _Beside, shape: tuple[int, ...]) -> Block:
    """The next piece of the mix; silence after its end."""
    channels, n = shape
    while beside.held.shape[1] < n:
        block = next(beside.blocks, None)
        if block is None:
            missing = n - beside.held.shape[1]
            block = np.zeros((len(beside.held), missing))
        beside.held = np.concatenate((beside.held, block), axis=1)
    piece, beside.held = beside.held[:, :n], beside.held[:, n:]
    return piece if len(piece) == channels else piece.mean(axis=0, keepdims=True)


def _silent(stems: Sequence[Stem], figures: Sequence[StemFigures]) -> Iterator[Finding]:
    for stem, one in zip(stems, figures, strict=True):
        if not math.isfinite(one.integrated_lufs):
            yield Finding(
                "stem-silent",
                "warn",
                f"{Path(stem.file).name} is silent",
                "Nothing in it is above -70 LUFS.",
                "If something should be in it, export it anew.",
                evidence={"sample_peak_dbfs": one.sample_peak_dbfs},
            )


def _displaced(
    stems: Sequence[Stem], lags: Sequence[Lag | None], rate_hz: int
) -> Iterator[Finding]:
    for stem, lag in zip(stems, lags, strict=True):
        # What the list of stems says already is no news.
        if lag is None or lag.samples == stem.offset_samples:
            continue
        later = "later" if lag.samples > 0 else "earlier"
        yield Finding(
            "stem-offset",
            "warn",
            f"{Path(stem.file).name} lies elsewhere in the mix",
            f"There it begins {abs(lag.samples)} samples ({abs(lag.samples) / rate_hz:.4f} s) "
            f"{later}.",
            "--align moves it there; better, export all stems from one start.",
            evidence={"offset_samples": lag.samples, "offset_s": lag.samples / rate_hz},
        )


def _fit(stems: Sequence[Stem], mix: Source, fit: SumFit | None) -> Finding:
    """Whether the stems are the mix, and what is not as in it."""
    name = mix.info.name
    if fit is None:
        return Finding(
            "stems-mix",
            "warn",
            "The stems are not this mix",
            f"Nothing of their sum is in {name}.",
            "Give the mix that the stems were made from.",
        )
    evidence = {
        "null_db": fit.null_db,
        "gain_db": round(fit.gain_db, 3),
        "null_with_own_gains_db": fit.best_null_db,
    }
    at = "" if abs(fit.gain_db) < 0.005 else f" at {fit.gain_db:+.2f} dB"
    if fit.null_db <= DEEP_DB:
        left = "nothing but rounding" if math.isinf(fit.null_db) else f"{fit.null_db:.1f} dB"
        detail = f"Taken away from {name}{at}, their sum leaves {left}."
        return Finding("stems-sum", "info", "The stems are the mix", detail, "", evidence=evidence)
    said = [f"Taken away from {name}{at}, their sum leaves {fit.null_db:.1f} dB"]
    if fit.best_null_db < fit.null_db - 3.0:
        said += _unlike(stems, fit)
    if fit.best_null_db > -20.0:
        said.append(
            "what is left is no matter of gains: a stem is missing, lies elsewhere, or the mix "
            "went through processors"
        )
    return Finding(
        "stems-mix",
        "warn",
        "The stems do not sum to the mix",
        "; ".join(said) + ".",
        "Export stems and mix from the same session, without processing on the sum.",
        evidence=evidence,
    )


def _unlike(stems: Sequence[Stem], fit: SumFit) -> list[str]:
    """Which stems are louder, softer, turned over or not there in the mix."""
    known = [gain for gain in fit.gains_db if gain is not None]
    usual = float(np.median(known)) if known else fit.gain_db
    said = []
    for stem, gain_db, inverted in zip(stems, fit.gains_db, fit.inverted, strict=True):
        name = Path(stem.file).name
        if inverted:
            said.append(f"{name} is upside down in it")
        elif gain_db is None:
            said.append(f"{name} is not in it")
        elif abs(gain_db - usual) > UNLIKE_DB:
            word = "louder" if gain_db > usual else "softer"
            said.append(f"{name} is {abs(gain_db - usual):.1f} dB {word} in it")
    return said
