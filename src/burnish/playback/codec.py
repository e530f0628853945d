"""A codec's round trip: sound as it comes back from AAC, MP3, Opus or Vorbis, in memory.

A lossy codec keeps the sound and not the wave: what it leaves out moves the peaks, and those of a
loud master rise over full scale. Everything here is floating point, so what a player would clip is
still there to be measured.

    aac-256      FFmpeg's own encoder, kbit/s        opus-128     libopus, kbit/s, at 48 kHz
    mp3-320      LAME, constant kbit/s               vorbis-q6    libvorbis, quality 0 to 10

Services use other encoders, or other versions of these: their peaks differ by some tenths of a
decibel. FFmpeg, LAME and libopus come with PyAV, libvorbis with libsndfile (FFmpeg's own Vorbis
encoder is another one, which nobody is sent).
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from burnish.audio import Source
from burnish.chain.ahead import close
from burnish.dsp.truepeak import TruePeak
from burnish.errors import SettingError
from burnish.units import db_from_gain

if TYPE_CHECKING:
    from av import AudioCodecContext, AudioFrame

Block = NDArray[np.float64]

_MP3_KBIT_S = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_FAMILIES = {
    "aac": (range(32, 321), "aac-32 to aac-320"),
    "mp3": (_MP3_KBIT_S, f"mp3-{', '.join(map(str, _MP3_KBIT_S[:-1]))} or 320"),
    "opus": (range(16, 511), "opus-16 to opus-510"),
    "vorbis": (range(11), "vorbis-q0 to vorbis-q10"),
}
_FFMPEG = {
    "aac": ("aac", "aac", "fltp"),
    "mp3": ("libmp3lame", "mp3float", "fltp"),
    "opus": ("libopus", "opus", "flt"),
}
"""Encoder, decoder and form of the encoder's samples. These decoders give floats, unclipped."""

AAC_OPTIONS = {"aac_coder": "fast", "aac_pns": "0", "aac_is": "0"}
"""FFmpeg's own way with AAC spoils single frames: of seven loud masters four came back up to 3.7 dB
over their ceiling at 256 kbit/s, once 7 dB at 128, by one to four frames of thousands. So coded,
without made-up noise and intensity stereo, none did at 256, the error is smaller and the time half.
At 128 the loudest of them still came back 4 dB higher: it is no encoder for few bits.
"""

_CHUNK = 4096
# Samples given to libvorbis at once: always as many, as what it gives depends on it; and few, as
# libsndfile keeps them on the stack.
_STEP = 4096  # samples in one step of the peak meter


@dataclass(frozen=True)
class Codec:
    """One codec at one bit rate (kbit/s) or, Vorbis, quality."""

    name: str
    family: str
    amount: int

    def rate_hz(self, rate_hz: int) -> int:
        """The rate at which sound of ``rate_hz`` is coded: 44.1 or 48 kHz, as listeners get it."""
        return 44_100 if self.family != "opus" and rate_hz % 11_025 == 0 else 48_000


def codec(name: str) -> Codec:
    """The codec of that name: ``aac-256``, ``mp3-320``, ``opus-128``, ``vorbis-q6``.

    Another name is a ``SettingError`` that tells those there are.
    """
    found = re.fullmatch(r"(?:(aac|mp3|opus)-|(vorbis)-q)(\d{1,3})", name)
    if found:
        family, amount = found[1] or found[2], int(found[3])
        if amount in _FAMILIES[family][0]:
            return Codec(name, family, amount)
    known = "; ".join(words for _, words in _FAMILIES.values())
    raise SettingError("codec-unknown", f"codec={name}: must be one of {known}")


def round_trip(blocks: Iterable[Block], rate_hz: int, channels: int, name: str) -> Iterator[Block]:
    """Encode a stream of ``(channels, n)`` blocks and decode it again: as long, and in its place.

    The encoder's delay and padding are taken off. Sound of another rate than the codec's is
    converted to it and back. Values over full scale are kept. Silence comes back as good as silent:
    codecs do not promise zeros. An encoder that is not installed is a ``SettingError``.
    """
    one = codec(name)
    own_hz = one.rate_hz(rate_hz)
    counted = _Counted(blocks)
    coded = _coded(_at_rate(counted, rate_hz, own_hz, channels), own_hz, channels, one)
    given = 0
    for block in _at_rate(coded, own_hz, rate_hz, channels):
        # Rounding to the codec's rate and back may cost a sample, or bring one.
        kept = block[:, : counted.n_samples - given] if counted.ended else block
        given += kept.shape[1]
        if kept.shape[1]:
            yield np.ascontiguousarray(kept)
    if given < counted.n_samples:
        yield np.zeros((channels, counted.n_samples - given))


def decoded_true_peak_dbtp(
    blocks: Iterable[Block], rate_hz: int, channels: int, name: str, after_s: float = 0.0
) -> float:
    """True peak of what comes back from the codec, at the codec's own rate; -inf is silence.

    Read at 16x, as the ceiling of a master is. What lies before ``after_s`` is coded, and not
    looked at: where a piece is cut out of a song, a codec has yet to find its way in.
    """
    one = codec(name)
    own_hz = one.rate_hz(rate_hz)
    meter = TruePeak(channels, step=_STEP)
    early = round(after_s * own_hz / _STEP)
    for block in _coded(_at_rate(blocks, rate_hz, own_hz, channels), own_hz, channels, one):
        steps = meter.feed(block)
        meter.floor = max(meter.floor, float(steps[:, early:].max(initial=0.0)))
        early -= min(early, steps.shape[1])
    return db_from_gain(max(meter.floor, float(meter.finish()[:, early:].max(initial=0.0))))


def decoded_true_peaks(
    source: Source, names: Sequence[str], told: Callable[[float], None] = lambda done: None
) -> dict[str, float]:
    """``decoded_true_peak_dbtp`` of a whole source by codec, two of them at a time."""
    info = source.info
    done = dict.fromkeys(names, 0)

    def blocks(name: str) -> Iterator[Block]:
        for block in source.blocks():
            yield block
            done[name] += block.shape[1]
            told(min(1.0, sum(done.values()) / (len(names) * info.n_samples)))

    def peak(name: str) -> float:
        return decoded_true_peak_dbtp(blocks(name), info.rate_hz, info.channels, name)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(peak, names), strict=True))


class _Counted:
    """A stream that knows how many samples have gone by, and whether it has ended."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.n_samples = 0
        self.ended = False
        self._blocks = blocks

    def __iter__(self) -> Iterator[Block]:
        try:
            for block in self._blocks:
                self.n_samples += block.shape[1]
                yield block
            self.ended = True
        finally:
            close(self._blocks)


def _at_rate(
    blocks: Iterable[Block], in_rate_hz: int, out_rate_hz: int, channels: int
) -> Iterator[Block]:
    if in_rate_hz == out_rate_hz:
        yield from blocks
        return
    from burnish.dsp.resample import Resampler  # soxr is loaded only where it is needed

    resampler = Resampler(in_rate_hz, out_rate_hz, channels)
    for block in blocks:
        yield resampler.process(block)
    yield resampler.finish()


def _coded(blocks: Iterable[Block], rate_hz: int, channels: int, one: Codec) -> Iterator[Block]:
    """Encode and decode at a rate that the codec knows."""
    if one.family == "vorbis":
        return _vorbis(blocks, rate_hz, channels, one.amount / 10)
    return _ffmpeg(blocks, rate_hz, channels, one)


def _ffmpeg(blocks: Iterable[Block], rate_hz: int, channels: int, one: Codec) -> Iterator[Block]:
    coder = _FFmpeg(rate_hz, channels, one)
    n_samples = given = 0
    for block in blocks:
        n_samples += block.shape[1]
        for out in coder.take(block):
            yield out
            given += out.shape[1]
    if n_samples:
        for out in coder.finish():
            kept = out[:, : n_samples - given]  # the last frame is filled up with silence
            yield kept
            given += kept.shape[1]


class _FFmpeg:
    """An encoder whose packets go straight into a decoder; no container, no file."""

    def __init__(self, rate_hz: int, channels: int, one: Codec) -> None:
        import av

        encoder, decoder, self._form = _FFMPEG[one.family]
        layout = "mono" if channels == 1 else "stereo"
        try:
            self._encoder = cast("AudioCodecContext", av.CodecContext.create(encoder, "w"))
            self._decoder = cast("AudioCodecContext", av.CodecContext.create(decoder, "r"))
        except av.codec.codec.UnknownCodecError:
            raise SettingError(
                "codec-missing", f"codec={one.name}: PyAV was built without {encoder} here"
            ) from None
        self._encoder.sample_rate = self._decoder.sample_rate = rate_hz
        self._encoder.layout = self._decoder.layout = layout
        self._encoder.format = self._form
        self._encoder.bit_rate = 1000 * one.amount
        self._encoder.time_base = Fraction(1, rate_hz)
        self._encoder.options = dict(AAC_OPTIONS) if one.family == "aac" else {}
        self._encoder.open()
        if self._encoder.extradata:
            self._decoder.extradata = self._encoder.extradata
        self._size = self._encoder.frame_size
        self._rate_hz, self._channels, self._layout = rate_hz, channels, layout
        self._held = np.zeros((channels, 0), dtype=np.float32)
        self._place = 0
        self._early = -1  # samples of the encoder's delay that are still to come; -1: not known

    def take(self, block: Block) -> Iterator[Block]:
        """Encode what fills whole frames; give what comes out of the decoder."""
        held = np.concatenate((self._held, block), axis=1, dtype=np.float32)
        whole = held.shape[1] // self._size * self._size
        for start in range(0, whole, self._size):
            yield from self._through(self._as_av(held[:, start : start + self._size]))
        self._held = held[:, whole:].copy()

    def finish(self) -> Iterator[Block]:
        """The last frame, which may be shorter, and what the coders still hold."""
        if self._held.shape[1]:
            yield from self._through(self._as_av(self._held))
        yield from self._through(None)
        yield from map(self._samples, self._decoder.decode(None))

    def _as_av(self, samples: NDArray[np.float32]) -> "AudioFrame":
        import av

        rows = samples if self._form == "fltp" else samples.T.reshape(1, -1)
        packed = av.AudioFrame.from_ndarray(np.ascontiguousarray(rows), self._form, self._layout)
        packed.sample_rate = self._rate_hz
        packed.time_base = self._encoder.time_base
        packed.pts = self._place
        self._place += samples.shape[1]
        return packed

    def _through(self, packed: "AudioFrame | None") -> Iterator[Block]:
        for packet in self._encoder.encode(packed):
            for decoded in self._decoder.decode(packet):
                if self._early < 0:
                    # Packets are dated before zero by the encoder's delay. Some decoders take it
                    # off, told by the packet, and some do not.
                    cut = (packet.duration or decoded.samples) - decoded.samples
                    self._early = max(0, -(decoded.pts or 0) - cut)
                out = self._samples(decoded)
                dropped = min(self._early, out.shape[1])
                self._early -= dropped
                if out.shape[1] > dropped:
                    yield out[:, dropped:]

    def _samples(self, decoded: "AudioFrame") -> Block:
        rows = decoded.to_ndarray()
        if not decoded.format.is_planar:
            rows = rows.reshape(-1, self._channels).T
        return np.asarray(rows, dtype=np.float64)


def _vorbis(
    blocks: Iterable[Block], rate_hz: int, channels: int, quality: float
) -> Iterator[Block]:
    """Vorbis by libsndfile. The packed sound, some 20 kB a second, is kept until all is packed."""
    import soundfile

    if "VORBIS" not in soundfile.available_subtypes("OGG"):
        raise SettingError("codec-missing", "codec=vorbis: libsndfile was built without it here")
    packed = io.BytesIO()
    with soundfile.SoundFile(
        packed, "w", rate_hz, channels, "VORBIS", format="OGG", compression_level=1.0 - quality
    ) as encoder:
        n_samples = 0
        held = np.zeros((0, channels))
        for block in blocks:
            n_samples += block.shape[1]
            held = np.concatenate((held, block.T))
            whole = len(held) // _CHUNK * _CHUNK
            for start in range(0, whole, _CHUNK):
                encoder.write(held[start : start + _CHUNK])
            held = held[whole:].copy()
        encoder.write(held)
    if not n_samples:
        return
    packed.seek(0)
    with soundfile.SoundFile(packed) as decoder:
        while len(rows := decoder.read(65_536, dtype="float64", always_2d=True)):
            yield np.ascontiguousarray(rows.T)
