"""Premasters: each track rendered without its limiter, then through the chain for its medium.

What is kept as it is has no plan, and stays as it is but for its gain.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from burnish.audio import Block, OutputFormat, Source, Writer, open_source
from burnish.chain import Plan, Step, Teller, render
from burnish.chain.progress import Together
from burnish.chain.recall import load
from burnish.chain.stems import Layout, StemSource
from burnish.deliver.order import Master, Order
from burnish.engineer.rules import Advice
from burnish.engineer.vinyl import loud_sections_lufs, unlimited
from burnish.measure.cutting import Cutting, cutting
from burnish.measure.listen import Listener
from burnish.release import Track

Chain = Callable[[int, Cutting, int], Advice]
"""(track from 0, how it sounds without its limiter, channels) -> the chain for its medium."""

_THREADS = 2


@dataclass(frozen=True)
class Premaster:
    """One track fit for its medium, not yet at its gain: a WAV of floats, or the file kept."""

    file: Path
    plan: Plan | None
    """The master's plan; None: it was kept as it is."""
    advice: Advice
    relation_db: float
    """Gain that makes its loud sections as loud as in its master."""
    rate_hz: int


def premasters(
    order: Order, chain: Chain, scratch: Path, stage: str, tell: Teller
) -> tuple[Premaster, ...]:
    """Make the premaster of every track, two at a time; files go to ``scratch``."""
    tracks = list(zip(order.masters, order.release.tracks, strict=True))
    durations_s = []
    for master in order.masters:
        with open_source(master.file) as source:
            durations_s.append(source.info.duration_s)
    shares = {"open": (0.0, 0.6), "close": (0.6, 1.0)}
    together = Together(tell, stage, durations_s, shares)

    def make(place: int) -> Premaster:
        master, track = tracks[place]
        made = _premaster(
            master,
            track,
            lambda found, channels: chain(place, found, channels),
            scratch / f"{place + 1:02d}",
            together.of(place),
        )
        together.finish(place)
        return made

    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            return tuple(pool.map(make, range(len(tracks))))
        except BaseException:
            together.stop()
            raise


def _premaster(
    master: Master,
    track: Track,
    chain: Callable[[Cutting, int], Advice],
    stem: Path,
    tell: Teller,
) -> Premaster:
    with open_source(master.file) as source:
        if master.recall is None:
            return Premaster(master.file, None, Advice(), 0.0, source.info.rate_hz)
        wanted = Listener(source.info.rate_hz, source.info.channels)
        for block in source.blocks(source.info.rate_hz, *_cut(track, source)):
            wanted.feed(block)
        wanted.finish()
    plan = load(master.recall)
    opened, made = stem.with_suffix(".open.wav"), stem.with_suffix(".wav")
    with _mix(master, master.recall, plan) as mix:
        _render(opened, mix, unlimited(plan), tell.stage("open", mix))
    with open_source(opened) as source:
        found = cutting(source, None, *_cut(track, source))
        advice = chain(found, source.info.channels)
        heard = _render(made, source, advice.steps, tell.stage("close", source), track)
    opened.unlink()
    loud_lufs, wanted_lufs = map(loud_sections_lufs, (heard.segment_power, wanted.segment_power))
    known = min(loud_lufs, wanted_lufs) > float("-inf")
    relation_db = wanted_lufs - loud_lufs if known else 0.0
    return Premaster(made, plan, advice, relation_db, source.info.rate_hz)


@contextmanager
def _mix(master: Master, sheet: Path, plan: Plan) -> Iterator[Source]:
    """The mix that a master was made from: a file, or the sum of its stems."""
    if plan.stems:
        stems = tuple(s.with_(file=str(_near(Path(s.file), sheet))) for s in plan.stems)
        layout = Layout(plan.input.rate_hz, plan.input.channels, plan.input.n_samples)
        with StemSource.open(stems, layout) as source:
            yield source
    else:
        file = master.mix or _near(Path(plan.input.file), sheet)
        with open_source(file) as source:
            yield source


def _near(named: Path, sheet: Path) -> Path:
    """A file that a sheet names: where it says, or else beside the sheet."""
    beside = sheet.parent / named.name
    return beside if not named.exists() and beside.exists() else named


def _render(
    path: Path,
    source: Source,
    steps: tuple[Step, ...],
    told: Callable[[float], None],
    track: Track | None = None,
) -> Listener:
    """Render into a WAV of floats; hear of it what the track's trims leave."""
    info = source.info
    first, stop = (0, 0) if track is None else _cut(track, source)
    heard = Listener(info.rate_hz, info.channels)
    blocks: Iterable[Block] = render(steps, source.blocks(), info.rate_hz, info.channels)
    form = OutputFormat(bits="32f")
    with Writer(path, form, info.rate_hz, info.channels, info.n_samples) as writer:
        done = 0
        for block in blocks:
            writer.write(block)
            a, b = max(0, first - done), max(0, stop - done)
            heard.feed(block[:, a:b])
            done += block.shape[1]
            told(done / info.n_samples)
    heard.finish()
    return heard


def _cut(track: Track, source: Source) -> tuple[int, int]:
    """First and last sample that a track's trims leave."""
    info = source.info
    end_s = info.duration_s if track.end_s is None else track.end_s
    return round(track.start_s * info.rate_hz), min(info.n_samples, round(end_s * info.rate_hz))
