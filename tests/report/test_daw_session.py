"""A REAPER project is read back by a reader of its chunks that knows nothing of the writer."""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

from burnish.report.session import Lane, Mark, labels, rpp, table


@dataclass
class Chunk:
    """One ``<NAME ...`` to ``>``."""

    name: str
    words: list[str]
    values: list[list[str]] = field(default_factory=list)
    chunks: list["Chunk"] = field(default_factory=list)

    def value(self, name: str) -> list[str]:
        return next(words[1:] for words in self.values if words[0] == name)

    def all(self, name: str) -> list["Chunk"]:
        return [one for one in self.chunks if one.name == name]


def words_of(line: str) -> list[str]:
    """Words, of which some stand in one of three kinds of quotes."""
    found, rest = [], line.strip()
    while rest:
        if rest[0] in "\"'`":
            inside, _, rest = rest[1:].partition(rest[0])
            found.append(inside)
        else:
            word, _, rest = rest.partition(" ")
            found.append(word)
        rest = rest.strip()
    return found


def read(text: str) -> Chunk:
    stack = [Chunk("", [])]
    for line in text.splitlines():
        if (bare := line.strip()).startswith("<"):
            name, *words = words_of(bare[1:])
            stack[-1].chunks.append(chunk := Chunk(name, words))
            stack.append(chunk)
        elif bare == ">":
            stack.pop()
        else:
            stack[-1].values.append(words_of(bare))
    assert len(stack) == 1, "a chunk is not closed"
    (project,) = stack[0].chunks
    return project


LANES = (
    Lane("Mix", Path('/songs/My "best" mix.wav'), 61.5, muted=True),
    Lane("Master", Path("/songs/out/it's.flac"), 61.5, gain_db=-6.0206),
    Lane("Stem: bass", Path("/elsewhere/b.mp3"), 50.0, begin_s=2.25, gain_db=1.5),
    Lane("Stem: cut", Path("/songs/c.wav"), 50.0, skip_s=0.5),
)
MARKS = (Mark("Hum, 50 Hz", 3.0), Mark('A "bad" place', 10.0, 12.5))


def test_a_project_holds_tracks_files_and_marks() -> None:
    project = read(rpp(LANES, MARKS, 44_100, Path("/songs"), "song"))
    assert project.name == "REAPER_PROJECT"
    assert project.value("SAMPLERATE") == ["44100", "1", "0"]
    tracks = project.all("TRACK")
    assert [one.value("NAME") for one in tracks] == [[lane.name] for lane in LANES]
    assert [one.value("MUTESOLO")[0] for one in tracks] == ["1", "0", "0", "0"]
    assert abs(float(tracks[1].value("VOLPAN")[0]) - 0.5) < 1e-5
    items = [one.all("ITEM")[0] for one in tracks]
    assert float(items[0].value("LENGTH")[0]) == 61.5
    assert float(items[2].value("POSITION")[0]) == 2.25
    assert float(items[3].value("SOFFS")[0]) == 0.5
    assert float(items[3].value("LENGTH")[0]) == 49.5
    sources = [one.all("SOURCE")[0] for one in items]
    assert [one.words[0] for one in sources] == ["WAVE", "FLAC", "MP3", "WAVE"]
    assert [one.value("FILE")[0] for one in sources] == [
        'My "best" mix.wav',
        "out/it's.flac",
        "/elsewhere/b.mp3",
        "c.wav",
    ]
    marks = [words[1:] for words in project.values if words[0] == "MARKER"]
    assert [one[:4] for one in marks] == [
        ["1", "3.000000", "Hum, 50 Hz", "0"],
        ["2", "10.000000", 'A "bad" place', "1"],
        ["2", "12.500000", "", "1"],
    ]
    assert len({one.words[0] for one in tracks}) == len(LANES)


def test_the_same_session_is_the_same_text_and_safe_lines() -> None:
    twice = [rpp(LANES, MARKS, 48_000, Path("/songs"), "song") for _ in range(2)]
    assert twice[0] == twice[1]
    odd = rpp((Lane("a\n  >\n<b \"'`", Path("/x.wav"), 1.0),), (), 48_000, Path("/"), ">")
    (track,) = read(odd).all("TRACK")
    assert track.value("NAME") == ["a > <b \"''"]


def test_marks_for_others() -> None:
    assert labels(MARKS).splitlines()[1] == '10.000000\t12.500000\tA "bad" place'
    rows = list(csv.DictReader(io.StringIO(table(MARKS))))
    assert rows[0] == {
        "#": "M1",
        "Name": "Hum, 50 Hz",
        "Start": "0:03.000",
        "End": "",
        "Length": "",
    }
    assert (rows[1]["#"], rows[1]["End"], rows[1]["Length"]) == ("R1", "0:12.500", "0:02.500")
