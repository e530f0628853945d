"""Stems in words: what each is, where it lies, what was done to it alone."""

from dataclasses import dataclass
from pathlib import Path

from burnish.chain import Step
from burnish.report.result import MasterResult


@dataclass(frozen=True)
class StemRow:
    """One stem of a master, for a table."""

    name: str
    role: str
    loudness_lufs: float | None
    place: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...]


def stem_rows(result: MasterResult) -> tuple[StemRow, ...]:
    """A row for every stem; none for a master of a mix."""
    told, stems = result.stems, result.plan.stems
    loudness = told.loudness_lufs if told is not None else (None,) * len(stems)
    rows = []
    for stem, lufs in zip(stems, loudness, strict=True):
        place = [f"{stem.gain_db:+.1f} dB"] if stem.gain_db else []
        if stem.offset_samples:
            place.append(f"{stem.offset_samples:+d} samples")
        rows.append(
            StemRow(
                name=Path(stem.file).name,
                role=stem.role + (f", {stem.group}" if stem.group else ""),
                loudness_lufs=lufs,
                place=", ".join(place),
                steps=stem.steps,
                notes=stem.notes,
            )
        )
    return tuple(rows)


def kept_words(result: MasterResult) -> str:
    """How exactly the mastered stems sum to the master; nothing where none were written."""
    told = result.stems
    if told is None or told.kept_null_db is None:
        return ""
    if told.kept_null_db == float("-inf"):
        return "they sum to the master, bit for bit"
    return f"they sum to the master within {told.kept_null_db:.0f} dB"
