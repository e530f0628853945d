"""Short sounds in every container, a release full of texts, and other programs' eyes on them."""

import functools
import json
import re
import shutil
import subprocess
from pathlib import Path

import av
import numpy as np

from burnish.audio import OutputFormat, Writer
from burnish.deliver.artwork import Cover
from burnish.deliver.tags import Fields, ReplayGains, wav_chunks, write_tags
from needed import need_tool

RATE_HZ = 48_000
N_SAMPLES = 9_600
CODECS = {
    "flac.flac": "flac",
    "opus.opus": "libopus",
    "mp3.mp3": "libmp3lame",
    "aac.m4a": "aac",
    "alac.m4a": "alac",
}
CONTAINERS = [*CODECS, "vorbis.ogg", "aiff.aiff", "wav.wav"]

FIELDS = Fields(
    title="Ärger “unter uns” 👩‍👩‍👧 (Radio Edit)",
    artist="Ana & die Gezeiten",
    album="Τα τραγούδια <μας>",
    album_artist="Чайковский",
    track=3,
    n_tracks=12,
    date="2026-11-21",
    genre="Städtische Musik",
    composer="坂本 龍一",
    songwriter="O'Néill; ‘Ó’",
    lyricist="فرهاد",
    arranger="Dvořák",
    conductor="Ørsted",
    producer="Sigur Rós",
    engineer="Łukasz",
    mastered_by="Ðorð",
    publisher="éditions 日本",
    label="Лейбл",
    catalogue_number="CAT-001",
    upc="0036000291452",
    isrc="USRC17607839",
    copyright="2026 Лейбл",
    phonographic_copyright="2026 Ana",
    language="pt-BR",
    explicit="yes",
    credits=(("Vocals", "Ana"), ("Шум", "Бо")),
)
GAINS = ReplayGains(-14.0, -1.0, -13.5, -0.9)


def tone():
    return 0.1 * np.sin(0.05 * np.arange(N_SAMPLES) + np.array([[0.0], [1.0]]))


def _encoded(path, codec):
    with av.open(str(path), "w") as box:
        stream = box.add_stream(codec, rate=RATE_HZ, layout="stereo")
        samples = np.ascontiguousarray(tone(), np.float32)
        whole = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        whole.sample_rate = RATE_HZ
        context = stream.codec_context
        fit = av.AudioResampler(
            format=context.format.name,
            layout="stereo",
            rate=RATE_HZ,
            frame_size=context.frame_size or None,
        )
        for piece in [*fit.resample(whole), *fit.resample(None), None]:
            for packet in stream.encode(piece):
                box.mux(packet)


@functools.cache
def _bare(folder, name):
    path = folder / f"bare-{name}"
    if name in CODECS:
        _encoded(path, CODECS[name])
    elif name == "vorbis.ogg":
        import soundfile

        soundfile.write(path, tone().T, RATE_HZ, format="OGG", subtype="VORBIS")
    else:
        form = OutputFormat(format=name.split(".")[0])
        with Writer(path, form, RATE_HZ, 2, N_SAMPLES) as writer:
            writer.write(tone())
    return path


def bare(factory, name):
    """The sound without a tag, made once."""
    folder = factory.getbasetemp() / "bare"
    folder.mkdir(exist_ok=True)
    return _bare(folder, name)


def tagged(factory, folder: Path, name: str, fields=FIELDS, cover: Cover | None = None, gains=None):
    """The sound again, with these tags."""
    source = bare(factory, name)
    path = folder / name
    if name == "wav.wav":
        from burnish.audio.chunks import copy_with_chunks

        copy_with_chunks(source, path, wav_chunks(fields, cover=cover, gains=gains), True)
    else:
        shutil.copy(source, path)
        write_tags(path, fields, cover, gains)
    return path


def run(tool, *arguments):
    command = [need_tool(tool), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode("utf-8")


def decoded(path):
    """MD5 of what FFmpeg hears in it."""
    return run("ffmpeg", "-v", "error", "-i", path, "-map", "0:a", "-f", "md5", "-")


def by_ffprobe(path):
    """Its tags, by names in small letters."""
    document = json.loads(
        run("ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", path)
    )
    streams = document["streams"]
    told = {}
    for tags in (*(s.get("tags", {}) for s in streams if s["codec_type"] == "audio"),
                 document["format"].get("tags", {})):  # fmt: skip
        told |= {name.lower(): text for name, text in tags.items()}
    pictures = [s for s in streams if s["codec_type"] == "video"]
    return told, pictures


def by_mediainfo(path):
    document = json.loads(run("mediainfo", "--Output=JSON", path))
    general = document["media"]["track"][0]
    return {**general, **general.get("extra", {})}


def by_exiftool(path):
    """Its tags, the first of each name plainly, further ones as "Copy1:Name" and so on."""
    (document,) = json.loads(run("exiftool", "-j", "-a", "-G4", path))
    return {name.removeprefix("Unknown:"): value for name, value in document.items()}


def by_metaflac(path):
    lines = run("metaflac", "--no-utf8-convert", "--export-tags-to=-", path).splitlines()
    return dict(line.split("=", 1) for line in lines)


def by_ogg_tool(tool, path):
    told = run(tool, path)
    return dict(re.findall(r"^\s+([A-Z0-9_]+)=(.*)$", told, re.MULTILINE))
