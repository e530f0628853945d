"""The songs of an album: opened, refused where nothing can become of them, and taken in."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from burnish.audio import Source, open_source
from burnish.chain import Stem, Teller
from burnish.chain.album_sheet import beside
from burnish.chain.progress import Together
from burnish.chain.stem_sheet import named_stems
from burnish.deliver.artwork import checked
from burnish.deliver.products import refuse
from burnish.deliver.wishes import DeliveryWishes
from burnish.engineer import Taken, Wishes, take_in
from burnish.engineer.album import (
    wishes_for,
)
from burnish.engineer.stems.together import StemWishes, take_stems
from burnish.errors import SettingError
from burnish.finding import Finding
from burnish.release import Release, Track, faults

HIDDEN = "hidden before the first"


@dataclass(frozen=True)
class Song:
    """One track of the album, opened."""

    number: int
    track: Track
    source: Source
    wishes: Wishes
    files: tuple[Path, ...]
    """What it is made from: its file, or its stems."""
    stems: tuple[Stem, ...] = ()
    noticed: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What to call it."""
        return self.track.full_title or self.files[0].stem


def opened(
    release: Release, sheet: Path, wishes: Wishes, tell: Teller, held: ExitStack
) -> list[Song]:
    """Open every song of an album; ``held`` closes what was opened.

    What is hidden before the first is the last of them, and has the number 0.
    """
    songs = []
    for i, track in enumerate(release.tracks):
        own = wishes_for(track, wishes, sheet.parent)
        if track.stems:
            songs.append(_of_stems(i + 1, track, sheet, own, tell, held))
            continue
        path = beside(sheet, track.file)
        source = held.enter_context(open_source(path))
        songs.append(Song(i + 1, track, source, own, (path,)))
    if hidden := release.tracks[0].hidden_file:
        path = beside(sheet, hidden)
        track = Track(file=hidden, title=HIDDEN, keep_as_is=release.tracks[0].keep_as_is)
        songs.append(Song(0, track, held.enter_context(open_source(path)), wishes, (path,)))
    return songs


def _of_stems(
    number: int, track: Track, sheet: Path, wishes: Wishes, tell: Teller, held: ExitStack
) -> Song:
    names = []
    for words in track.stems:
        role, equals, file = words.partition("=")
        here = str(beside(sheet, file if equals else words))
        names.append(f"{role}={here}" if equals else here)
    given, mix = named_stems(names)
    taken = take_stems(given, StemWishes(mix=mix), tell, held)
    stems = taken.source.stems
    files = tuple(Path(stem.file) for stem in stems)
    return Song(number, track, taken.source, wishes, files, stems, taken.findings, taken.notes)


def refuse_songs(
    release: Release,
    sheet: Path,
    songs: Sequence[Song],
    to: Sequence[str],
    delivery: DeliveryWishes,
) -> None:
    """What cannot become of it is said before any work is done."""
    lengths_s = [song.source.info.duration_s for song in songs if song.number]
    for fault in faults(release, lengths_s):
        raise SettingError(fault.code, f"{sheet}: {fault.sentence}")
    if release.artwork:
        checked(beside(sheet, release.artwork))
    infos = {song.number: song.source.info for song in songs}
    hidden = infos.pop(0, None)
    refuse(to, release, list(infos.values()), hidden, delivery)


def taken_in(songs: Sequence[Song], tell: Teller) -> list[Taken]:
    """Measure every song; what is to be mastered is examined too."""
    together = Together(
        tell, "measure", [s.source.info.duration_s for s in songs], {"measure": (0.0, 1.0)}
    )
    taken = []
    for i, song in enumerate(songs):
        wishes = None if song.track.keep_as_is else song.wishes
        taken.append(take_in(song.source, together.of(i), wishes))
        together.finish(i)
    return taken
