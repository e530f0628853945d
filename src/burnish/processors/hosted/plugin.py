"""Plugin: a plug-in of somebody else as a step of the chain, in a process of its own.

The settings name it; ``known`` opens it, twice, and finds out what must be known before it is
played: whether its parameters fit, how late it is, whether it gives the same bits twice. The runner
speaks with its process in blocks of a fixed size, so that any split of the stream is the same.
"""

import base64
import binascii
import os
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator

from burnish.errors import InputError, SettingError
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner
from burnish.processors.hosted import places
from burnish.processors.hosted.process import Hosted
from burnish.settings import setting

BLOCK = 4096
LARGEST_STATE = 2 << 20
"""Bytes of state that a recall sheet bears."""
_HEARD_S = 1.5
"""Of noise, in which the delay is measured: one of a second can be found."""
_NOISE = 0.1
"""Its RMS, -20 dBFS: gates are open, limiters are not at work."""
_SURE, _SECOND = 0.4, 0.8
"""The correlation that is trusted, and how high the next best place may be beside it."""
_NEAR_S = 0.001
"""A filter moves the correlation by less than this; only what is further is a delay."""


class Plugin(Processor):
    """A plug-in (VST3, on macOS also an Audio Unit) as a step, run in a process of its own.

    It works in 32-bit float: what passes is rounded at -150 dB of each sample. Its delay is taken
    out, as it tells it or as it is measured. A plug-in for one channel is run twice on stereo; of
    one for stereo alone a mono mix gets the left side. Where it crashes, hangs or gives samples
    that are no numbers, the work ends with one sentence. It is loaded from the system's folders
    of plug-ins, or from where you allow. Needs ``burnish[plugins]``.
    """

    name: ClassVar[str] = "plugin"

    path: str = setting(
        "",
        scale="text",
        help="File of the plug-in, or pedalboard:NAME for one of pedalboard's own; empty: none.",
    )
    plugin: str = setting("", scale="text", help="Which one, where the file holds several.")
    parameters: dict[str, float | bool | str] = setting(
        {}, scale="text", help="Its parameters by name, as `burnish list plugins FILE` tells them."
    )
    preset: str = setting(
        "", scale="text", help="A preset (.vstpreset) to begin from, where there is no state."
    )
    state: str = setting(
        "", scale="text", help="Its state in base64, set before the parameters; burnish saves it."
    )
    manufacturer: str = setting("", scale="text", help="Who made it; empty: not noted.")
    version: str = setting(
        "", scale="text", help="Its version; another one is refused. Empty: any is taken."
    )
    latency: Literal["measured", "told"] = setting(
        "measured", help="Its delay as it is measured where that is clear, or as it tells it."
    )

    @field_validator("state")
    @classmethod
    def _state_is_base64(cls, state: str) -> str:
        try:
            size = len(base64.b64decode(state, validate=True))
        except (binascii.Error, ValueError):
            raise ValueError("is not base64") from None
        if size > LARGEST_STATE:
            raise ValueError(f"is larger than {LARGEST_STATE} bytes")
        return state

    @property
    def is_neutral(self) -> bool:
        """Whether no plug-in is named."""
        return not self.path

    @property
    def called(self) -> str:
        """What to call it in a sentence."""
        return f"{self.path} ({self.plugin})" if self.plugin else self.path

    def start(self, rate_hz: int, channels: int) -> Runner:
        """Its process, opened and waiting."""
        if self.is_neutral:
            return Identity()
        return PluginRunner(self, rate_hz, channels, self.known(rate_hz, channels))

    def known(self, rate_hz: int, channels: int) -> "Known":
        """What is found out about it at this rate. It is opened twice, the first time asked."""
        places.found(self.path)
        with _one_by_one:
            return _known(self.model_dump_json(), rate_hz, channels)

    def noted(self, known: "Known") -> Self:
        """The same with what a recall needs for the same bits: its state, its version."""
        return self.with_(state=known.state, manufacturer=known.manufacturer, version=known.version)

    def opened(self, rate_hz: int, channels: int) -> tuple[Hosted, dict[str, Any]]:
        """Its process, and what it tells. A version that is not the noted one is refused."""
        path = places.found(self.path)
        hosted = Hosted(self.called)
        told = hosted.ask(
            do="open",
            path=path,
            name=self.plugin,
            parameters=self.parameters,
            preset=os.path.abspath(self.preset) if self.preset else "",
            state=self.state,
            rate_hz=rate_hz,
            channels=channels,
            block=BLOCK,
        )
        for noted, what in ((self.version, "version"), (self.manufacturer, "manufacturer")):
            if noted and noted != told[what]:
                hosted.close()
                raise SettingError(
                    "plugin-changed",
                    f"plugin {self.called}: {what} {told[what]} is installed, {noted} was noted; "
                    f"to play it nevertheless, take {what} out of the step",
                )
        return hosted, told


@dataclass(frozen=True)
class Known:
    """What is found out about a plug-in before it is played.

    ``missing`` is how many samples fewer than it was given it gives, at most; ``late`` how much
    later its sound is in what it gives. Together they are its latency.
    """

    name: str
    manufacturer: str
    version: str
    state: str
    instances: int
    told_latency: int
    missing: int
    late: int
    repeats: bool
    """Whether two runs gave the same bits."""

    @property
    def latency(self) -> int:
        """How many samples late it is, in all."""
        return self.missing + self.late


_one_by_one = threading.Lock()  # so that two steps that are alike are opened once


@lru_cache(maxsize=64)
def _known(settings: str, rate_hz: int, channels: int) -> Known:
    plugin = Plugin.model_validate_json(settings)
    first, told, missing = _heard(plugin, rate_hz, channels)
    again, _, _ = _heard(plugin, rate_hz, channels)
    late = int(told["latency"])
    if plugin.latency == "measured":
        late = max(delay(first, _noise(channels, rate_hz), rate_hz, late), -missing)
    return Known(
        name=str(told["name"]),
        manufacturer=str(told["manufacturer"]),
        version=str(told["version"]),
        state=str(told["state"]),
        instances=int(told["instances"]),
        told_latency=int(told["latency"]),
        missing=missing,
        late=late,
        repeats=first.tobytes() == again.tobytes(),
    )


def _noise(channels: int, rate_hz: int) -> Block:
    """The noise that a plug-in is tried with, another in each channel."""
    n_samples = -(-int(_HEARD_S * rate_hz) // BLOCK) * BLOCK
    return _NOISE * np.random.default_rng(1).standard_normal((channels, n_samples))


def _heard(
    plugin: Plugin, rate_hz: int, channels: int
) -> tuple[NDArray[np.float32], dict[str, Any], int]:
    """Noise through a fresh process: what comes out, what it tells, and how much is missing."""
    hosted, told = plugin.opened(rate_hz, channels)
    try:
        noise = _noise(channels, rate_hz)
        parts, given, got, missing = [], 0, 0, 0
        for start in range(0, noise.shape[1], BLOCK):
            part = hosted.process(noise[:, start : start + BLOCK])
            parts.append(part)
            given, got = given + BLOCK, got + part.shape[1]
            missing = max(missing, given - got)
        if not got:
            raise InputError(
                "plugin-garbage", f"plugin {plugin.called}: gave no sample within {_HEARD_S:g} s"
            )
        # Now that it has run at this rate it knows its delay; its state is that before it ran.
        told = {**told, "latency": hosted.ask(do="told")["latency"]}
        return np.concatenate(parts, axis=1), told, missing
    finally:
        hosted.close()


def delay(heard: NDArray[np.float32], given: Block, rate_hz: int, told: int = 0) -> int:
    """How many samples later than what was given it is heard; as ``told`` where that is not clear.

    The place where the correlation of both is largest, whatever its sign. It is clear where one
    place stands out, and more than a filter may have moved it.
    """
    n = 1 << (given.shape[1] + heard.shape[1]).bit_length()
    made, was = np.asarray(heard[0], float), given[0]
    power = np.sqrt(np.dot(made, made) * np.dot(was, was))
    if power <= 0.0:
        return told
    product = np.fft.irfft(np.fft.rfft(made, n) * np.conj(np.fft.rfft(was, n)), n)
    size = np.abs(product) / power
    place = int(size.argmax())
    near = max(2, round(_NEAR_S * rate_hz))
    lag = place if place < n // 2 else place - n
    around = np.take(size, np.arange(place - near, place + near + 1), mode="wrap").copy()
    rest = size.copy()
    rest[np.arange(place - near, place + near + 1) % n] = 0.0
    if around.max() < _SURE or rest.max() > _SECOND * around.max() or abs(lag - told) <= near:
        return told
    return lag


class PluginRunner(FixedBlocks):
    """A plug-in at work. What it gives early or late waits here, so that its delay is steady."""

    def __init__(self, plugin: Plugin, rate_hz: int, channels: int, known: Known) -> None:
        super().__init__(BLOCK, channels, known.latency)
        self._hosted, _ = plugin.opened(rate_hz, channels)
        self._waiting = np.zeros((channels, known.missing), np.float32)

    def run(self, block: Block) -> Block:
        """A block through the process."""
        made = self._hosted.process(block)
        waiting = np.concatenate((self._waiting, made), axis=1)
        if waiting.shape[1] < self.size:
            self.close()
            raise InputError(
                "plugin-garbage",
                f"plugin {self._hosted.called}: gives fewer samples than it is given",
            )
        self._waiting = waiting[:, self.size :].copy()
        return waiting[:, : self.size].astype(np.float64)

    def close(self) -> None:
        """End its process."""
        self._hosted.close()


EXAMPLE = Plugin(
    path="pedalboard:Compressor",
    parameters={"threshold_db": -24.0, "ratio": 2.5, "attack_ms": 15.0, "release_ms": 120.0},
)

if __name__ == "__main__":
    from burnish.processors.show import show

    show(EXAMPLE, "a compressor of somebody else, in a process of its own")
