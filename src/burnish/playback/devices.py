"""Devices: what a phone, a car or a club does to the sound, read from TOML files by name.

The figures of a device are of its kind, not of a make: what is lost there is lost on most of them.
Each file says where its figures come from and how sure they are; one's own file works as well.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

from burnish.errors import SettingError
from burnish.processors.compressor import Compressor
from burnish.processors.dynamic_eq import DynamicBand
from burnish.processors.equalizer import Band
from burnish.processors.reverb import Reverb
from burnish.settings import Settings, setting
from burnish.targets.model import Confidence

_HERE = Path(__file__).parent / "device"

DRIVEN_LUFS = -14.0
"""How loud music arrives at a device that holds back what is loud: as the services play it. A
quieter master is turned up by who listens, so that its loudness is not judged here."""


class Noise(Settings):
    """Noise around the listener: white noise through some filters, always the same one."""

    below_music_db: float = setting(
        20.0, low=0, high=80, unit="dB", help="How far its RMS is under the music's loudness."
    )
    bands: tuple[Band, ...] = setting((), scale="text", help="What makes its colour.")
    seed: int = setting(1, low=0, high=999_999, help="Number that the noise is made from.")


class Buzz(Settings):
    """A torn cone: the bass drives it into its stops, further on one side than on the other."""

    low_hz: float = setting(60.0, low=20, high=200, unit="Hz", help="What drives it begins here.")
    high_hz: float = setting(120.0, low=40, high=400, unit="Hz", help="And ends here.")
    drive_db: float = setting(12.0, low=0, high=40, unit="dB", help="How hard it is driven.")
    bias: float = setting(0.3, low=0, high=1, help="How far it hangs to one side.")
    mix_db: float = setting(-18.0, low=-60, high=0, unit="dB", help="Gain of the buzz.")


class Device(Settings):
    """One thing that music is played on. Every default leaves the sound as it is."""

    name: str = setting(..., scale="text", help="Name on the command line.")
    title: str = setting(..., scale="text", help="Name in print.")
    about: str = setting("", scale="text", help="What it is, in a line.")
    place: str = setting("there", scale="text", help="Where it is heard, in a sentence: in a car.")
    stereo: Literal["stereo", "mono"] = setting("stereo", help="mono: one speaker plays the sum.")
    side_db: float = setting(
        0.0, low=-60, high=0, unit="dB", help="How much less of the side is heard."
    )
    mono_below_hz: float = setting(
        0.0, low=0, high=400, unit="Hz", help="The bass below this is mono; 0: it is not."
    )
    bands: tuple[Band, ...] = setting(
        (), scale="text", help="Its filters, of the equalizer's kind."
    )
    protection: tuple[DynamicBand, ...] = setting(
        (),
        scale="text",
        help="What it takes back when it is loud, of the dynamic equalizer's kind.",
    )
    buzz: Buzz | None = setting(None, scale="text", help="A torn cone; absent: it is whole.")
    limiter: Compressor | None = setting(
        None, scale="text", help="What holds its peaks, of the compressor's kind."
    )
    room: Reverb | None = setting(None, scale="text", help="The room around it.")
    noise: Noise | None = setting(None, scale="text", help="The noise around it.")
    source: str = setting(..., scale="text", help="Where the figures come from.")
    confidence: Confidence = setting(..., help="How sure they are.")

    @property
    def side_gain(self) -> float:
        """Linear gain of the side."""
        return 0.0 if self.stereo == "mono" else float(10.0 ** (self.side_db / 20.0))

    @property
    def is_linear(self) -> bool:
        """Whether twice the sound in gives twice the sound out."""
        return self.limiter is None and self.buzz is None and not self.protection


def devices() -> tuple[str, ...]:
    """Names of all devices, sorted."""
    return tuple(sorted(path.stem for path in _HERE.glob("*.toml")))


def device(name: str) -> Device:
    """The device of that name, or of a TOML file of one's own, given as its path."""
    return _own(Path(name)) if name.lower().endswith(".toml") else _shelved(name)


@cache
def _shelved(name: str) -> Device:
    if name not in devices():
        raise SettingError(
            "device-unknown", f"device={name}: must be one of {', '.join(devices())}"
        )
    return _load(_HERE / f"{name}.toml")


def _own(path: Path) -> Device:
    try:
        return _load(path)
    except FileNotFoundError:
        raise SettingError("device-unknown", f"device={path}: there is no such file") from None
    except OSError as error:
        raise SettingError("device-unknown", f"device={path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError("device-unreadable", f"device={path}: is not TOML: {error}") from None
    except SettingError as error:
        raise SettingError(error.code, f"{path}: {error.sentence}") from None


def _load(path: Path) -> Device:
    with path.open("rb") as file:
        values: dict[str, Any] = tomllib.load(file)
    return Device(**{"name": path.stem, **values})
