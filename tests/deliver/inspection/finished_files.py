"""Finished files to inspect: a clean master as WAV, and WAVs whose headers lie."""

import struct
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "qc"))

from finished_sounds import RATE_HZ, master

from burnish.audio import OutputFormat, Writer
from burnish.deliver.inspection import Inspection
from burnish.finding import Finding

__all__ = ["RATE_HZ", "by_check", "master", "outcomes", "raw_wav", "write"]


def write(path: Path, samples: np.ndarray | None = None, bits: str = "24") -> Path:
    """The clean master, or other samples, as the file that the name says."""
    samples = master() if samples is None else samples
    suffix = {".flac": "flac", ".aiff": "aiff"}.get(path.suffix, "wav")
    form = OutputFormat(format=suffix, bits=bits, dither="none")
    with Writer(path, form, RATE_HZ, len(samples), samples.shape[1]) as writer:
        writer.write(np.ascontiguousarray(samples))
    return path


def raw_wav(path: Path, **lies: object) -> Path:
    """A WAV of 16 bits by hand: ``tag``, ``behind`` (name, content), ``riff`` (its size is off by),
    ``per_s``, ``pad`` (of an odd chunk before the samples).
    """  # fmt: skip
    whole = np.round(master().T * 32767.0).astype("<i2").tobytes()
    tag, per_s = lies.get("tag", 1), lies.get("per_s", 4 * RATE_HZ)
    form = struct.pack("<HHIIHH", tag, 2, RATE_HZ, per_s, 4, 16)
    if tag == 0xFFFE:
        guid = bytes.fromhex("0100000000001000800000aa00389b71")
        form += struct.pack("<HHI", 22, 16, 3) + guid
    body = b"fmt " + struct.pack("<I", len(form)) + form
    if "pad" in lies:
        body += b"LIST" + struct.pack("<I", 5) + b"INFO!" + bytes(lies["pad"])
    body += b"data" + struct.pack("<I", len(whole)) + whole
    for name, content in lies.get("behind", ()):
        body += name + struct.pack("<I", len(content)) + content
    riff = 4 + len(body) + lies.get("riff", 0)
    path.write_bytes(b"RIFF" + struct.pack("<I", riff) + b"WAVE" + body)
    return path


def by_check(one: Inspection, number: int) -> dict[str, Finding]:
    """The findings of one check, by code."""
    return {finding.code: finding for finding in one.checks[number - 1].findings}


def outcomes(one: Inspection) -> dict[int, str]:
    """How each of the twenty came out."""
    return {check.number: check.outcome for check in one.checks}
