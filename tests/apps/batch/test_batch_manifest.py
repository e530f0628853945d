"""A manifest: read alike in all its forms, checked as a whole, outputs never alike."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnish.apps.batch.manifest import Manifest, ManifestError
from burnish.apps.batch.names import output_of
from burnish.apps.batch.places import Place
from burnish.apps.batch.unit import Unit
from burnish.apps.batch.works import DOES, WORKS, settings_of
from burnish.errors import InputError, SettingError

ROWS: list[dict[str, Any]] = [
    {"input": "a.wav", "style": "pop", "loudness_lufs": -12, "for": "spotify; apple-music"},
    {"input": "sub/b.flac", "report": "no"},
    {"input": "/music/c.wav", "output": "late/c.flac", "intensity": 0.25},
]


def units(folder: Path, name: str, do: Any = "master", **options: Any) -> list[Unit]:
    manifest = Manifest(str(folder / name), do, str(folder / "out"), options)
    manifest.check()
    return list(manifest.units())


def write(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    if name.endswith("parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_pylist([{c: row.get(c) for c in columns} for row in rows])
        pq.write_table(table, folder / name)
    elif name.endswith("jsonl"):
        (folder / name).write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    else:
        import csv

        with (folder / name).open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, columns, delimiter=";" if "semi" in name else ",")
            writer.writeheader()
            writer.writerows(rows)


@pytest.mark.parametrize("name", ["m.csv", "semi.csv", "m.jsonl", "m.parquet"])
def test_every_form_of_a_table_says_the_same(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, ROWS)
    found = units(tmp_path, name, warmth=0.5)
    assert [one.inputs[0] for one in found] == [
        str(tmp_path / "a.wav"), str(tmp_path / "sub/b.flac"), "/music/c.wav",
    ]  # fmt: skip
    assert [one.output for one in found] == [
        str(tmp_path / "out/a.master.wav"),
        str(tmp_path / "out/sub/b.master.wav"),
        str(tmp_path / "out/late/c.flac"),
    ]
    assert [one.settings for one in found] == [
        {"warmth": 0.5, "style": "pop", "loudness_lufs": -12.0,
         "for_": ["spotify", "apple-music"]},
        {"warmth": 0.5, "report": False},
        {"warmth": 0.5, "intensity": 0.25},
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["m.csv", "m.jsonl", "m.parquet"])
def test_a_table_may_be_behind_a_url(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, ROWS[:2])
    folder = f"memory://{tmp_path.name}/in"
    Place.of(f"{folder}/{name}").put(tmp_path / name)
    manifest = Manifest(f"{folder}/{name}", "master", str(tmp_path))
    assert manifest.check().rows == 2
    assert [one.inputs for one in manifest.units()] == [
        (f"{folder}/a.wav",), (f"{folder}/sub/b.flac",),
    ]  # fmt: skip
    for song in ("a.wav", "x/b.wav", "x/c.txt"):
        Place.of(f"{folder}/{song}").write(b"0")
    manifest = Manifest(f"{folder}/**/*.wav", "check", f"{folder}/out")
    manifest.check()
    assert [one.output for one in manifest.units()] == [
        f"{folder}/out/a.check.json", f"{folder}/out/x/b.check.json",
    ]  # fmt: skip


def test_a_folder_and_a_pattern_give_their_sounds(tmp_path: Path) -> None:
    for name in ("a.wav", "x/b.flac", "x/y/c.mp3", "x/notes.txt", ".hid/d.wav", "out/old.wav"):
        (tmp_path / "songs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "songs" / name).touch()

    songs = str(tmp_path / "songs")

    def names(source: str) -> list[str]:
        manifest = Manifest(source, "measure", f"{songs}/out")
        manifest.check()
        return [one.output.removeprefix(f"{songs}/out/") for one in manifest.units()]

    assert names(songs) == ["a.measure.json", "x/b.measure.json", "x/y/c.measure.json"]
    assert names(f"{songs}/*.wav") == ["a.measure.json"]
    assert names(f"{songs}/**/[bc].*") == ["x/b.measure.json", "x/y/c.measure.json"]
    assert names(f"{songs}/x/*.flac") == ["b.measure.json"]
    with pytest.raises(SettingError, match="must go into another folder"):
        Manifest(songs, "measure", songs).check()
    with pytest.raises(InputError, match="there is no sound file"):
        names(f"{songs}/*.aiff")
    with pytest.raises(InputError, match="is not there"):
        names(f"{songs}/nowhere")


def test_bad_rows_are_all_named_before_anything_starts(tmp_path: Path) -> None:
    bad = [
        {"input": "a.wav", "output": "one.wav"},
        {"input": "b.wav", "style": "polka"},
        {"output": "x.wav"},
        {"input": "c.wav", "loudness_lufs": "-99"},
        {"input": "d.wav", "output": "ONE.wav"},
        {"input": "e.wav", "output": "e.txt"},
        {"input": "f.wav", "output": "../f.wav"},
        {"input": "g.wav", "format": "flac", "bits": "32f"},
        {"input": "h.wav", "output": "one.flac"},
        {"input": "i.wav", "output": "state/i.wav"},
        {"input": "j.wav", "output": f"{tmp_path}/out/Marks/j.wav"},
        {"input": "k.wav", "for": "cd;spotfy"},
    ]
    write(tmp_path, "m.csv", bad)
    with pytest.raises(ManifestError) as caught:
        units(tmp_path, "m.csv")
    said = [str(one) for one in caught.value.faults]
    begins = [
        "row 2: style=polka: must be one of ",
        "row 3: input: must be given",
        "row 4: loudness_lufs=-99: must be -40 to -4 LUFS or max",
        f"row 5: output={tmp_path}/out/ONE.wav: is that of row 1 too",
        "row 6: output=e.txt: must end in .wav, .flac or .aiff",
        "row 7: output=../f.wav: must be below the batch's folder",
        "row 8: bits=32f: in FLAC must be 16 or 24",
        f"row 9: output={tmp_path}/out/one.flac: is that of row 1 too",  # one sheet, one report
        "row 10: output=state/i.wav: must not be what the batch keeps for itself",
        f"row 11: output={tmp_path}/out/Marks/j.wav: must not be what the batch keeps",
        "row 12: for=spotfy: must be one of ",
    ]
    assert len(said) == len(begins)
    for one, begin in zip(said, begins, strict=True):
        assert one.startswith(begin)
    write(tmp_path, "m.jsonl", [{"input": "a.wav", "loudness": 1}] * 33)
    with pytest.raises(ManifestError) as caught:
        units(tmp_path, "m.jsonl")
    assert (len(caught.value.faults), caught.value.more) == (20, 13)
    assert "is no setting of master; did you mean loudness_lufs?" in caught.value.sentence


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"style": 5}, "style=5: must be one of"),
        ({"style": {"a": 1}}, "style={'a': 1}: must be text"),
        ({"chain": ["a", "b"]}, r"chain=\['a', 'b'\]: must be text"),
        ({"reference": {"a": 1}}, "reference={'a': 1}: must be text"),
        ({"for": [True]}, r"for=\[True\]: must be text"),
    ],
)
def test_what_is_no_text_is_said_to_be_none(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        settings_of("master", given)
    assert settings_of("master", {"title": 1999, "bits": [24]}) == {"title": "1999", "bits": "24"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no head"),
        ("input,style,input\na.wav,,\n", "column input: is there twice"),
        ("input\n", "has no rows"),
        ("input\na.wav,1,2\n", "row 1: has 3 cells, but there are 1 columns"),
        (b"input\n\xff\xfe.wav\n", "is no CSV in UTF-8"),
        ("file,style\na.wav,pop\n", "has no column input, but file, style"),
        ('input,style\na.wav,\n"b.wav,\nc.wav,\n', "is no CSV after row 1: unexpected end of data"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: Any, said: str) -> None:
    (tmp_path / "m.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises((SettingError, InputError), match=said):
        units(tmp_path, "m.csv")


def test_blank_lines_and_line_breaks_in_quotes_are_no_rows_of_their_own(tmp_path: Path) -> None:
    text = '\ufeff\n input ;"Style"\n\n"a; ""b"".wav";\n;\nc.wav;pop\n'
    (tmp_path / "m.csv").write_text(text, encoding="utf-8")
    first, second = units(tmp_path, "m.csv")
    assert (first.rows, first.inputs) == ((1,), (f'{tmp_path}/a; "b".wav',))
    assert (second.rows, second.settings) == ((2,), {"style": "pop"})


def test_other_forms_that_are_broken_are_refused(tmp_path: Path) -> None:
    (tmp_path / "m.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(InputError, match="is no Parquet"):
        units(tmp_path, "m.parquet")
    (tmp_path / "m.jsonl").write_text('{"input": "a.wav"}\n[1]\n{"input"\n')
    with pytest.raises(ManifestError) as caught:
        units(tmp_path, "m.jsonl")
    assert [one.row for one in caught.value.faults] == [2, 3]
    with pytest.raises(InputError, match="there is no such file"):
        units(tmp_path, "none.csv")


def test_outputs_of_one_name_are_told_apart_whatever_the_order(tmp_path: Path) -> None:
    rows = [{"input": "a.wav"}, {"input": "a.flac"}, {"input": "a.flac", "style": "pop"}]
    write(tmp_path, "m.csv", rows)
    found = {one.inputs + tuple(one.settings): one.output for one in units(tmp_path, "m.csv")}
    assert len(set(found.values())) == 3
    write(tmp_path, "m.csv", rows[::-1])
    assert {o.inputs + tuple(o.settings): o.output for o in units(tmp_path, "m.csv")} == found
    write(tmp_path, "m.csv", [*rows, rows[1]])
    with pytest.raises(ManifestError, match=r"row 4: output=.*: is that of row 2 too"):
        units(tmp_path, "m.csv")


@given(st.text(max_size=40), st.sampled_from([do for do in DOES if do != "learn"]))
def test_no_name_leads_out_of_the_folder(name: str, do: Any) -> None:
    made = output_of(do, name, {})
    assert not made.startswith("/")
    assert ".." not in made.split("/")
    assert made.split("/")[0].casefold() not in ("state", "marks", "results.parquet")


def test_what_signs_a_url_is_no_part_of_a_name() -> None:
    signed = "https://store/in/My%20song.wav?sign=a.b/c&until=9"
    assert output_of("master", signed, {}) == "store/in/My song.master.wav"
    assert output_of("measure", "https://store/%2e%2e/x.wav", {}) == "store/x.measure.json"
    assert Place.of(signed).name == "My song.wav"


def test_rows_of_an_album_are_one_body_in_the_order_of_their_tracks(tmp_path: Path) -> None:
    rows = [
        {"input": "2.wav", "album": "One", "disc": 1, "track": "2/2", "title": "Two", "to": "cd"},
        {"input": "1.wav", "album": "One", "disc": 1, "track": 1, "title": "First", "to": "cd",
         "style": "jazz"},
        {"input": "x.wav"},
        {"input": "3.wav", "album": "Other", "album_artist": "Them", "label": "L"},
    ]  # fmt: skip
    write(tmp_path, "m.jsonl", rows)
    one, single, other = units(tmp_path, "m.jsonl")
    assert (one.do, one.rows, one.output) == ("album", (2, 1), str(tmp_path / "out/One"))
    assert one.settings == {"to": ["cd"]}
    assert one.release == {
        "title": "One",
        "tracks": [{"title": "First", "style": "jazz"}, {"title": "Two"}],
    }
    assert (single.do, single.rows) == ("master", (3,))
    assert other.release is not None
    assert (other.release["artist"], other.release["label"]) == ("Them", "L")
    assert other.output == str(tmp_path / "out/Them - Other")
    for broken, said in (
        ([rows[0], rows[2], rows[1]], r"album=One: began in row 1; its rows must follow"),
        ([rows[0], {**rows[1], "to": "spotify"}], "must be the same in all rows of album=One"),
        ([rows[0], {**rows[1], "track": 2}], "rows 1 and 2 have the same place"),
        ([{**rows[0], "isrc": "nonsense"}], "isrc"),
        ([{**rows[0], "track": "first"}], "track=first: must be 1 to 999"),
    ):
        write(tmp_path, "m.jsonl", broken)
        with pytest.raises(ManifestError, match=said):
            units(tmp_path, "m.jsonl")


def test_every_setting_of_every_work_may_stand_in_a_row() -> None:
    for do in DOES:
        for name, model in WORKS[do].names.items():
            default = model.model_fields[name].get_default()
            if default not in (None, "", (), []):
                assert list(settings_of(do, {name: str(default)})) == [name]


def test_identities_change_with_what_is_asked_and_with_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, "m.jsonl", [{"input": "a.wav", "warmth": 1}, {"input": "b.wav"}])
    first = {one.identity for one in units(tmp_path, "m.jsonl")}
    write(tmp_path, "m.csv", [{"input": "b.wav"}, {"input": "a.wav", "warmth": "1.0"}])
    assert {one.identity for one in units(tmp_path, "m.csv")} == first
    assert {one.identity for one in units(tmp_path, "m.csv", intensity=0.6)}.isdisjoint(first)
