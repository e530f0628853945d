"""Written: a plan rendered into a file, again until it is right, and read back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from burnish.audio import Source, Writer, open_source
from burnish.chain import Plan, Teller, render
from burnish.chain.recall import save
from burnish.chain.spool import Spool
from burnish.chain.work import Watch, Work
from burnish.deliver.outputs import Outputs
from burnish.deliver.tags import tagging
from burnish.engineer import Draft, Listener, corrected, proved, proved_behind
from burnish.engineer.codec_safe import lowered, with_decoded
from burnish.measure import Measurement, measure
from burnish.playback import decoded_true_peaks
from burnish.playback.small_speaker import SmallSpeaker, on_small_speaker

ATTEMPTS = 5  # renders of the whole until loudness and ceiling are met; one or two are usual


@dataclass(frozen=True)
class Written:
    """The plan whose render was kept, and what its file measures as read back."""

    plan: Plan
    after: Measurement
    decoded: dict[str, float] = field(default_factory=dict)
    """True peak of what comes back from each codec that was to hold, dBTP."""
    lowered_db: float = 0.0
    """How far the limiter's ceiling was lowered for them."""
    small_speaker: SmallSpeaker | None = None
    """What a phone leaves of its bass line; None: not looked at, or there is none."""
    work: tuple[Work, ...] = ()
    """What the steps of dynamics took away; nothing where an earlier run made the master."""


def write_until_right(
    source: Source,
    drafted: Draft,
    outputs: Outputs,
    overwrite: bool,
    tell: Teller,
    spool: Spool | None = None,
) -> Written:
    """Render the whole until its loudness is met, heard along, and its ceiling, read back.

    What the ``spool`` kept of the plan's first steps is not played again.
    """
    for attempt in range(1, ATTEMPTS + 1):
        last = attempt == ATTEMPTS
        judge = _Judge(drafted, last)
        work = write(source, drafted.plan, outputs.master, overwrite, tell, judge, spool)
        if work is None:
            drafted = judge.better or drafted
            continue
        if outputs.recall is not None:
            save(drafted.plan, outputs.recall, overwrite)  # a master is never without its sheet
        after, decoded = read_back(outputs.master, tell), {}
        better = proved(drafted, after)
        if better is None or last:
            decoded = _decoded(outputs.master, drafted.target.codecs, tell)
            better = better or proved_behind(drafted, decoded)
        if better is None or last:
            break
        drafted, overwrite = better, True
    plan = with_decoded(drafted.plan, drafted.target, decoded)
    if decoded and outputs.recall is not None:
        save(plan, outputs.recall, overwrite=True)  # the same settings, with what was proved
    with open_source(outputs.master) as kept:
        phone = on_small_speaker(kept, after.timeline.segment_power)
    return Written(plan, after, decoded, lowered(plan, drafted.target), phone, work or ())


class _Judge:
    """Accepts a render that is on target, or the last one; else knows the better draft."""

    def __init__(self, drafted: Draft, last: bool) -> None:
        self._drafted, self._last = drafted, last
        self.better: Draft | None = None

    def __call__(self, heard: Listener) -> bool:
        self.better = corrected(self._drafted, heard.integrated_lufs)
        return self._last or self.better is None


class _Missed(Exception):
    """The render is not accepted; the writer throws it away."""


def write(
    source: Source,
    plan: Plan,
    path: Path,
    overwrite: bool,
    tell: Teller,
    accept: Callable[[Listener], bool] = lambda heard: True,
    spool: Spool | None = None,
) -> tuple[Work, ...] | None:
    """Render a plan into a file that appears only when it is whole and accepted; else None.

    What its steps of dynamics took away is gauged along.
    """
    info, form = source.info, plan.output
    rate_hz = form.rate_hz or info.rate_hz
    n_samples = (2 * info.n_samples * rate_hz + info.rate_hz) // (2 * info.rate_hz)
    heard, told = Listener(rate_hz, info.channels), tell.stage("render", source)
    untouched = rate_hz == info.rate_hz and not any(step.acts for step in plan.steps)
    if untouched and info.bits is not None and not info.is_float:
        # A bit-exact pass is not dithered.
        form = form.with_(dither="none") if info.bits <= 8 * form.bytes_per_sample else form
    kept = None if spool is None else spool.onward(plan.steps)
    steps, blocks = (plan.steps, source.blocks()) if kept is None else kept
    watch = Watch(None if spool is None or kept is None else spool.watch)
    first = len(plan.steps) - len(steps)
    try:
        told_too = tagging(plan.tags, form)
        with Writer(path, form, rate_hz, info.channels, n_samples, overwrite, **told_too) as writer:
            done = 0
            stream = render(steps, blocks, info.rate_hz, info.channels, rate_hz, watch, first)
            for block in stream:
                writer.write(block)
                heard.feed(block)
                done += block.shape[1]
                told(done / n_samples)
            heard.finish()
            if not accept(heard):
                raise _Missed
    except _Missed:
        return None
    return watch.done()


def _decoded(path: Path, codecs: tuple[str, ...], tell: Teller) -> dict[str, float]:
    """True peak of a written file behind each codec: what a listener is sent."""
    if not codecs:
        return {}
    with open_source(path) as written:
        return decoded_true_peaks(written, codecs, tell.stage("codecs", written))


def read_back(path: Path, tell: Teller) -> Measurement:
    """Measure a written file: the master is judged by what was written."""
    with open_source(path) as written:
        return measure(written, tell.stage("prove", written))
