"""What is told of a catalogue: counted by hand here, from the results' file there."""

import re
from pathlib import Path

import numpy as np
import pytest

from burnish.apps.batch.ledger import RESULTS, _table, _write_parquet
from burnish.apps.batch.places import Place
from burnish.apps.batch.records import Head, Record
from burnish.apps.batch.report import REPORT, report_page, write_report
from burnish.apps.batch.summary import EXAMPLES, Summary, summary_of
from burnish.errors import InputError

HEAD = Head(
    manifest="songs.csv", do="master", fingerprint="f", rows=130, run=1, first_part=1,
    began_at="2026-11-21T10:00:00+00:00", ended_at="2026-11-21T12:30:00+00:00",
)  # fmt: skip


def records() -> list[Record]:
    random = np.random.default_rng(3)
    found = [
        Record(
            number=k, identity=k, do="master", input=f"in/{k:03d}.wav", output=f"out/{k:03d}.wav",
            state="stood" if k < 20 else "made", passed=k % 10 != 0, seconds=1.0 + k / 100,
            audio_s=200.0, cpu_s=8.0, memory_mib=300.0 + k, input_bytes=40_000_000,
            output_bytes=60_000_000, before_lufs=float(random.normal(-18, 3)),
            after_lufs=float(random.normal(-11, 1)), true_peak_dbtp=0.2 if k == 7 else -1.0,
            attempts=2 if k == 30 else 1, findings=("mud",) if k % 2 else ("mud", "hum"),
        )
        for k in range(100)
    ]  # fmt: skip
    found.append(Record(100, 100, "master", "in/<b>.wav", "o", "made", before_lufs=None))
    found += [
        Record(101 + k, 101 + k, "master", f"in/bad{k}.wav", "o", "failed", code=code,
               sentence=f"in/bad{k}.wav: is -3 <broken>", passed=False)
        for k, code in enumerate(["input-unreadable"] * 7 + ["job-timeout"] * 2)
    ]  # fmt: skip
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Place:
    _write_parquet(_table(records()).to_batches(), tmp_path / RESULTS)
    return Place.of(tmp_path)


def test_all_is_counted(folder: Place) -> None:
    told = summary_of(folder)
    assert (told.rows, told.made, told.stood, told.failed) == (110, 81, 20, 9)
    assert told.not_passed == 10
    assert told.again == 1
    assert told.over_full_scale == 1
    assert told.audio_s == 20_000.0
    assert told.most_memory_mib == 399.0
    assert told.before.n == told.after.n == 100
    assert told.findings == {"mud": 100, "hum": 50}
    failures = told.failures_by_count()
    assert [(one.code, one.count, len(one.examples)) for one in failures] == [
        ("input-unreadable", 7, EXAMPLES),
        ("job-timeout", 2, 2),
    ]
    assert [number for _, number, _ in told.slowest] == [99, 98, 97, 96, 95]
    values = [one.after_lufs for one in records() if one.after_lufs is not None]
    assert told.after.middle == pytest.approx(np.median(values), abs=0.75)
    for lower, count in told.after.counts.items():
        assert count == sum(lower <= value < lower + 1.0 for value in values)


def test_the_page_says_it_and_stands_alone(folder: Place, tmp_path: Path) -> None:
    write_report(folder, summary_of(folder), HEAD)
    page = (tmp_path / REPORT).read_text("utf-8")
    assert "songs.csv" in page
    assert "20 rows are left" in page
    assert "in/bad0.wav: is −3 &lt;broken&gt;" in page
    assert "And 2 more" in page
    assert not re.search(r"<script|https?://|<broken>|in/<b>", page.replace("www.w3.org", ""))


def test_nothing_done_is_said_too(tmp_path: Path) -> None:
    assert "130" in report_page(Summary(), HEAD)
    with pytest.raises(InputError, match="has no results"):
        summary_of(Place.of(tmp_path))
