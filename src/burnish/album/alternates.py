"""Alternates of an album's songs: each through the plan of its track, beside its master."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from burnish.album.songs import Song
from burnish.chain import Told
from burnish.chain.album_sheet import beside
from burnish.deliver.masters import Masters
from burnish.report.album_result import AlbumTrack
from burnish.versions import check_files, master_versions


def refuse_alternates(songs: Sequence[Song], sheet: Path) -> None:
    """What cannot become of them is said before any work is done."""
    for song in songs:
        check_files(_files(song, sheet), None if song.stems else song.files[0])


def with_alternates(
    songs: Sequence[Song],
    tracks: Sequence[AlbumTrack],
    sheet: Path,
    masters: Masters,
    progress: Told | None,
) -> tuple[AlbumTrack, ...]:
    """The tracks with their alternates: ``MASTER.instrumental.wav`` beside ``MASTER.wav``.

    What is there already, made from the same, is not rendered again. The alternates of a track
    that is kept as it is are kept too.
    """
    made = []
    for song, track in zip(songs, tracks, strict=True):
        files = _files(song, sheet)
        if track.result is not None and files:
            plan, master = track.result.plan, track.master.file
            versions = master_versions(files, plan, master, progress=progress, record=masters)
            files = {one.label: one.output for one in versions}
            track = replace(track, versions=versions)
        if files:
            track = replace(track, master=replace(track.master, versions=files))
        made.append(track)
    return tuple(made)


def _files(song: Song, sheet: Path) -> dict[str, Path]:
    return {label: beside(sheet, file) for label, file in song.track.versions.items()}
