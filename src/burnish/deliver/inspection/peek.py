"""What a sound file's header says, without decoding a sample of it. Read by FFmpeg."""

from pathlib import Path

from burnish.audio import SourceInfo, open_source
from burnish.audio.decode import Nameless, unreadable
from burnish.audio.files import opened

_CODECS = {"mp3float": "mp3", "libopus": "opus"}
_LOSSLESS = ("flac", "alac")
_FORMATS = {"mov": "m4a"}
_BY_THEMSELVES = (b"RIFF", b"RF64", b"BW64", b"fLaC", b"FORM", b"caff")


def peek(path: Path) -> SourceInfo:
    """Format, codec, rate, channels and about the length; an ``InputError`` where it is no sound.

    WAV, FLAC and AIFF tell their length to the sample; of others it is what the container says.
    """
    import av

    file, _ = opened(path)
    with file:
        if file.read(4) in _BY_THEMSELVES:
            with open_source(path) as source:
                return source.info
        file.seek(0)
        try:
            with av.open(Nameless(file), "r", options={"protocol_whitelist": "file"}) as box:
                if not box.streams.audio:
                    raise unreadable(path)
                stream = box.streams.audio[0]
                length_s = box.duration / av.time_base if box.duration else 0.0
                if stream.duration and stream.time_base:
                    length_s = float(stream.duration * stream.time_base)
                name = stream.codec_context.name
                codec = _CODECS.get(name, name)
                kind = box.format.name.split(",")[0]
                rate_hz = int(stream.rate)
                # Of ALAC FFmpeg tells the form of its samples: 16 bits, or wider ones as 32.
                width = 16 if stream.codec_context.format.name.startswith("s16") else 24
                return SourceInfo(
                    path=path,
                    format=_FORMATS.get(kind, kind),
                    codec=codec,
                    bits=width if codec in _LOSSLESS else None,
                    is_float=False,
                    rate_hz=rate_hz,
                    channels=int(stream.channels),
                    n_samples=round(length_s * rate_hz),
                )
        except av.error.FFmpegError:
            raise unreadable(path) from None
