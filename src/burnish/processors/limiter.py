"""Limiter: the last processor of a master. It makes loud, and no peak passes its ceiling.

A peak of a mix is mostly a bass wave with something on top. So what has to go is taken from the
bass first, from the body next, and from the whole last, each only as long as it is needed there:

    low    what is below the low corner     gaps up to ``hold_ms`` are bridged
    body   what is below five times that    gaps a quarter as long
    whole  everything, true peak at 8x      gaps a twenty-eighth as long
    catch  everything, true peak at 16x     what interpolation at 8x had under-read

Each stage takes away a share a(t) of its band: y = x - a(t) band. The share asked at an instant is
what brings the wave there to the ceiling. Its valleys narrower than the hold are filled (closing),
so that a steady tone, which asks once every half wave, meets a steady gain and stays clean down to
1 / (2 hold), while a single transient is over as soon as it is over. What lasts (opening) may take
more from bass and body than what is short: a tone must stay clean, a kick must keep its weight.
Then it is widened by the attack and averaged over it (Hamalainen, DAFx-02): the average of values
that are all enough is enough, so the gain is never above what is required, at any sample, by
construction.
"""

from typing import ClassVar, Literal, NamedTuple

from burnish.processors.base import Block, FixedBlocks, Processor, Runner
from burnish.processors.limiter_stage import BLOCK_STEPS, Stage
from burnish.settings import setting
from burnish.units import gain_from_db

Character = Literal["transparent", "punchy", "aggressive"]

CONTROL_RATE_HZ = 5512.5  # steps of 8 samples at 44.1 kHz: 0.18 ms, shorter than any attack
LASTING_MS = 60.0  # longer than a kick is over the ceiling, shorter than any held note
SLOW_MS = 300.0  # what has lasted as long as this is sustained, for the release: opinion
MARGIN_DB = 0.02  # kept under the ceiling: what lies over 21.3 kHz, where interpolation ends, adds
# that much on the hardest driven music; and a quantiser adds its own
CATCH_SAMPLES = 44  # attack of the catch: a gain that moves within the reach of the interpolator
# would change what it reads; half the reach is enough (at 8 kHz 9 samples leave 0.02 dB, 44 none)


class _Times(NamedTuple):
    """How a character stretches the settings: factors of attack, hold and release."""

    attack: float
    hold: float
    release: float


CHARACTERS: dict[Character, _Times] = {
    "transparent": _Times(1.0, 1.0, 1.0),
    "punchy": _Times(3.0, 1.5, 6.0),
    "aggressive": _Times(0.6, 0.75, 0.3),
}

ATTACK_OF = {"low": 2.0, "body": 0.5, "whole": 0.3}
"""Attack of each stage as a share of ``attack_ms``: what is slower may move more slowly."""

HOLD_OF = {"low": 1.0, "body": 1 / 4, "whole": 1 / 28}
"""Hold of each stage: half a wave of the lowest tone that the stages before have left to it."""

BODY_RATIO = 5.0  # the body's corner over the low corner: 200 Hz and 1 kHz


class Limiter(Processor):
    """Raise the sound and hold every true peak at the ceiling.

    Below the ceiling nothing is touched, bit for bit. More input gain is louder, and costs more
    bass and punch. Silence stays silence. True peak is that of ITU-R BS.1770-5, read at 16x.
    """

    name: ClassVar[str] = "limiter"

    input_gain_db: float = setting(
        0.0, low=-60, high=60, unit="dB", help="Gain before the ceiling: how hard it is driven."
    )
    ceiling_dbtp: float = setting(
        -1.0, low=-24, high=0, unit="dBTP", help="True peak that is never passed."
    )
    character: Character = setting(
        "transparent", help="transparent hides; punchy moves slower, aggressive faster and louder."
    )
    attack_ms: float = setting(
        1.0, low=0.2, high=10, unit="ms", scale="log", help="How softly the gain moves into a peak."
    )
    hold_ms: float = setting(
        14.0,
        low=2,
        high=40,
        unit="ms",
        scale="log",
        help="Gaps between peaks that are bridged; half a wave of the lowest tone to keep clean.",
    )
    release_ms: float = setting(
        1.0,
        low=0,
        high=1000,
        unit="ms",
        help="Time to come back from sustained reduction; a single peak is over ten times sooner.",
    )
    low_first_db: float = setting(
        3.0, low=0, high=24, unit="dB", help="Most that bass and body give first, for short peaks."
    )
    low_lasting_db: float = setting(
        9.0, low=0, high=24, unit="dB", help="Most that they give for tones that last."
    )
    low_hz: float = setting(
        200.0, low=80, high=500, unit="Hz", scale="log", help="Corner below which bass gives first."
    )
    link_transients: float = setting(
        1.0, low=0, high=1, help="How far a peak of one channel lowers the other: 1 is alike."
    )
    link_release: float = setting(
        1.0, low=0, high=1, help="How far the channels come back together: 1 is alike."
    )

    @property
    def is_neutral(self) -> bool:
        """Never: even at its defaults it holds the ceiling."""
        return False

    @property
    def held_at(self) -> float:
        """The true peak it lets through, linear: a little under the ceiling, see ``MARGIN_DB``."""
        return gain_from_db(self.ceiling_dbtp - MARGIN_DB)

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner whose latency is the block plus the look-ahead of all stages."""
        return _Limiter(self, rate_hz, channels)


class _Limiter(FixedBlocks):
    """Gain, then the four stages in a row."""

    def __init__(self, settings: Limiter, rate_hz: int, channels: int) -> None:
        self.step = max(1, round(rate_hz / CONTROL_RATE_HZ))
        self.gain = gain_from_db(settings.input_gain_db)
        *self.bands, self.whole, self.catch = _stages(settings, rate_hz, self.step, channels)
        latency = sum(stage.latency for stage in (*self.bands, self.whole, self.catch))
        super().__init__(self.step * BLOCK_STEPS, channels, latency)

    def run(self, block: Block) -> Block:
        if self.gain != 1.0:
            block = block * self.gain
        for stage in self.bands:
            block = stage.run(block)
        block = self.whole.run(block)
        return self.catch.run(block, self.whole.left_over)


def _stages(s: Limiter, rate_hz: int, step: int, channels: int) -> list[Stage]:
    """Low, body, whole and catch, with their times in steps."""
    times = CHARACTERS[s.character]
    ceiling = s.held_at
    steps_of_ms = rate_hz / step / 1000

    def stage(part: str, band_hz: float | None = None) -> Stage:
        return Stage(
            channels,
            step,
            ceiling=ceiling,
            half_width=_half_width(band_hz, rate_hz) if band_hz else 0,
            most=most if band_hz else (1.0, 1.0),
            factor=1 if band_hz else 8,
            length=round(LASTING_MS * steps_of_ms) if band_hz else 0,
            gap=round(s.hold_ms * times.hold * HOLD_OF[part] * steps_of_ms),
            attack=max(1, round(s.attack_ms * times.attack * ATTACK_OF[part] * steps_of_ms)),
            release=s.release_ms * times.release * steps_of_ms,
            slow=SLOW_MS * steps_of_ms,
            link_transients=s.link_transients,
            link_release=s.link_release,
        )

    lasting_db = max(s.low_first_db, s.low_lasting_db)
    most = (1.0 - gain_from_db(-s.low_first_db), 1.0 - gain_from_db(-lasting_db))
    bands = (("low", s.low_hz), ("body", BODY_RATIO * s.low_hz))
    stages = [
        stage(part, band_hz) for part, band_hz in bands if lasting_db > 0 and band_hz < rate_hz / 6
    ]
    catch = Stage(
        channels,
        step,
        ceiling=ceiling,
        factor=16,
        attack=max(round(steps_of_ms), -(-CATCH_SAMPLES // step)),
        link_transients=s.link_transients,
    )
    return [*stages, stage("whole"), catch]


def _half_width(band_hz: float, rate_hz: int) -> int:
    """Half the width of one of three boxes in a row that are 6 dB down at ``band_hz``.

    Three boxes of w samples are (sinc(f w / rate))**3: 6 dB down where sinc is 0.7943, at 0.3695.
    """
    return max(1, round((0.3695 * rate_hz / band_hz - 1) / 2))


EXAMPLE = Limiter(input_gain_db=9.0, link_transients=0.5)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "Nine decibels louder; the peaks stay where they were.")
