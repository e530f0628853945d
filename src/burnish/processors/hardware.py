"""Hardware: a step that is played outside, through a device in a rack, and comes back recorded.

`burnish send` writes what goes out, `burnish return` finds what came back and fills in the figures
here. Played, the step gives the recording in place of what reaches it: its delay and the drift of
its clock taken out, at the rate of the plan. The same recording and figures give the same bits.
"""

from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from burnish.audio import file_sha256, open_source
from burnish.dsp.between import Between
from burnish.errors import InputError, SettingError
from burnish.processors.base import Block, Processor, Runner
from burnish.settings import setting
from burnish.units import gain_from_db

PARTS = 16
SAME_DB = 0.01
"""How far what reaches the step may be from what was sent; machines differ by far less."""
_BLACK_DBFS = -200.0
_READ = 262_144


class Hardware(Processor):
    """A device outside: its recording stands for what reaches this step.

    Without a recording it is not played. The figures are those of `burnish return`.
    """

    name: ClassVar[str] = "hardware"

    device: str = setting("", scale="text", help="What it is played through.")
    note: str = setting("", scale="text", help="How the device is set; names of photographs.")
    returned: str = setting("", scale="text", help="The recording of what came back.")
    sha256: str = setting("", scale="text", help="SHA-256 of the recording's bytes.")
    recorded_channels: tuple[int, ...] = setting(
        (),
        help="Which channel of the recording, from 1, holds each that was sent; empty: in order.",
    )
    inverted: tuple[bool, ...] = setting(
        (), help="Which of the sent channels came back upside down, and are turned."
    )
    gain_db: float = setting(
        0.0, low=-80, high=80, unit="dB", help="What the recording is raised by, as the tone told."
    )
    delay_samples: float = setting(
        0.0,
        low=-1e9,
        high=1e12,
        help="Where the first sample that was sent lies in the recording.",
    )
    drift_ppm: float = setting(
        0.0, low=-1000, high=1000, unit="ppm", help="How much more time passes in the recording."
    )
    lead_samples: int = setting(0, low=0, help="Samples that were sent before the programme.")
    n_samples: int = setting(0, low=0, help="Samples of the programme that was sent.")
    trim_db: float = setting(
        0.0, low=-40, high=0, unit="dB", help="How much softer the programme was sent."
    )
    sent_dbfs: tuple[float, ...] = setting(
        (), help="RMS of what was sent, in 16 parts: the recording stands for this alone."
    )
    first_sample: int = setting(0, low=0, help="Where in the programme it begins to be played.")

    @property
    def is_neutral(self) -> bool:
        """Never: it stands for something outside."""
        return False

    @property
    def called(self) -> str:
        """What to call it in a sentence."""
        return f"hardware ({self.device})" if self.device else "hardware"

    def start(self, rate_hz: int, channels: int) -> Runner:
        """A runner that plays the recording. Without one, or with another one, it is refused."""
        return Returned(self, rate_hz, channels)


class Returned(Runner):
    """Plays the recording, and holds what reaches the step against what was sent."""

    def __init__(self, settings: Hardware, rate_hz: int, channels: int) -> None:
        self._settings = settings
        self._path = _checked(settings)
        with open_source(self._path) as source:
            info = source.info
        wanted = settings.recorded_channels or tuple(range(1, channels + 1))
        if len(wanted) != channels or not all(1 <= i <= info.channels for i in wanted):
            raise SettingError(
                "hardware-channels",
                f"recorded_channels={list(wanted)}: must name {channels} of the "
                f"{info.channels} channels of {settings.returned}",
            )
        self._channels = [i - 1 for i in wanted]
        signs = np.where(settings.inverted or (False,) * channels, -1.0, 1.0)
        self._gains = gain_from_db(settings.gain_db - settings.trim_db) * signs[:, None]
        speed = info.rate_hz / rate_hz * (1.0 + 1e-6 * settings.drift_ppm)
        self._begin = settings.delay_samples + speed * settings.lead_samples
        self._between = Between(speed)
        self._done = settings.first_sample
        self._first = max(0, self._before(self._done))
        self._held = np.zeros((channels, 0))
        self._end = info.n_samples
        self._sent = SentParts(settings.n_samples, settings.first_sample)

    def process(self, block: Block) -> Block:
        """Take what reaches the step, and return as much of the recording."""
        n = block.shape[1]
        if n == 0:
            return block
        self._compare(block)
        self._fetch(self._before(self._done + n) + 2 * self._between.reach + 1)
        out = self._between.read(self._held, self._first, self._begin, self._done, n)
        self._done += n
        over = min(self._before(self._done) - self._first, self._held.shape[1])
        if over > _READ:
            self._held = np.ascontiguousarray(self._held[:, over:])
            self._first += over
        return np.asarray(out * self._gains)

    def _before(self, k: int) -> int:
        """The first sample of the recording that sample k needs."""
        return int(np.floor(self._begin + self._between.step * k)) - self._between.reach

    def _fetch(self, stop: int) -> None:
        """Hold the recording up to ``stop``.

        It is open only while it is read, as a stream may end anywhere.
        """
        begin = self._first + self._held.shape[1]
        if begin >= min(stop, self._end):
            return
        with open_source(self._path) as source:
            blocks = source.blocks(start=begin, stop=max(stop, begin + _READ))
            read = [block[self._channels] for block in blocks]
        self._held = np.concatenate((self._held, *read), axis=1)

    def _compare(self, block: Block) -> None:
        """Raise the ``SettingError`` where what comes is not what went out."""
        given = self._settings
        if not given.sent_dbfs:
            return
        if self._done + block.shape[1] > given.n_samples:
            raise SettingError(
                "hardware-stale",
                f"{given.called}: {given.n_samples} samples were sent, and more reach it now; "
                "send it again with `burnish send`",
            )
        for part, dbfs in self._sent.feed(block):
            sent = given.sent_dbfs[part] if part < len(given.sent_dbfs) else None
            if sent is None or abs(dbfs - sent) > SAME_DB:
                raise SettingError(
                    "hardware-stale",
                    f"{given.called}: what reaches it is not what was sent; the mix or a step "
                    "before it has changed. Send it again with `burnish send`",
                )


class SentParts:
    """The RMS of a programme in 16 parts: enough to know it again."""

    def __init__(self, n_samples: int, first: int = 0) -> None:
        self._edges = [i * n_samples // PARTS for i in range(PARTS + 1)]
        self._place = first
        self._power = 0.0
        # A part whose beginning is not heard is not judged.
        self._part = next((i for i, edge in enumerate(self._edges) if edge >= first), PARTS)
        self._skip = self._edges[self._part] - first

    def feed(self, block: NDArray[np.float64]) -> list[tuple[int, float]]:
        """Hear the next samples; return the parts that end in them, each with its dBFS."""
        found: list[tuple[int, float]] = []
        here = min(self._skip, block.shape[1])
        self._skip -= here
        self._place += here
        while here < block.shape[1] and self._part < PARTS:
            end = self._edges[self._part + 1]
            n = min(end - self._place, block.shape[1] - here)
            self._power += float(np.square(block[:, here : here + n]).sum())
            here, self._place = here + n, self._place + n
            if self._place == end:
                size = block.shape[0] * (end - self._edges[self._part])
                mean = self._power / size if size else 0.0
                dbfs = 10.0 * np.log10(mean) if mean > 1e-20 else _BLACK_DBFS
                found.append((self._part, round(float(dbfs), 4)))
                self._power = 0.0
                self._part += 1
        return found


def _checked(settings: Hardware) -> Path:
    """The recording, where there is one and it is the one that was measured."""
    if not settings.returned:
        raise SettingError(
            "hardware-not-returned",
            f"{settings.called}: nothing has come back from it yet; `burnish send` writes what to "
            "play out, and `burnish return` takes in what was recorded",
        )
    path = Path(settings.returned)
    if not path.is_file():
        raise InputError(
            "hardware-recording",
            f"{path}: is not there, and {settings.called} needs it; put it beside the sheet, or "
            "record it again",
        )
    if settings.sha256 and file_sha256(path) != settings.sha256:
        raise InputError(
            "hardware-recording",
            f"{path}: is another recording than {settings.called} was measured with; take it in "
            "with `burnish return`",
        )
    return path
