"""The tags of a single master: in its file before it has a name, and its samples untouched."""

from pathlib import Path
from typing import Literal

import mutagen
import numpy as np
import pytest
import soundfile

from burnish.audio import OutputFormat, Writer
from burnish.audio.tags import read_tags
from burnish.deliver.tags import tagging
from burnish.errors import SettingError
from burnish.release import SongTags

TAGS = SongTags(title="Ein Lied", artist="Björk & Söhne", album="Три", isrc="us-abc-26-00001")


@pytest.mark.parametrize("kind", ["wav", "flac", "aiff"])
def test_a_master_tells_its_song(kind: Literal["wav", "flac", "aiff"], tmp_path: Path) -> None:
    samples = np.random.default_rng(1).normal(0, 0.1, (2, 5001))
    form, plain, told = OutputFormat(format=kind), tmp_path / f"a.{kind}", tmp_path / f"b.{kind}"
    for path, tags in ((plain, SongTags()), (told, TAGS)):
        with Writer(path, form, 44_100, 2, 5001, **tagging(tags, form)) as writer:
            writer.write(samples)
    assert not tagging(SongTags(), form)
    np.testing.assert_array_equal(
        *(soundfile.read(path, dtype="int32")[0] for path in (plain, told))
    )
    tags = read_tags(told)
    for name, text in {**TAGS.told, "isrc": "USABC2600001"}.items():
        assert tags.text(name) == text, name
    seen = mutagen.File(told).tags  # on another road
    assert str(seen["isrc"][0] if kind == "flac" else seen["TSRC"]) == "USABC2600001"


def test_a_wrong_code_is_said_before_any_work() -> None:
    with pytest.raises(SettingError, match="isrc=US1: must be 2 letters"):
        SongTags(isrc="US1")
