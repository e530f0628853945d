"""Whether a release fits on a CD, told from the lengths of its files before any work is done."""

from collections.abc import Iterator, Sequence

from burnish.audio import Block, Source, SourceInfo
from burnish.chain.layout import CD_RATE_HZ, lay_out, song_of
from burnish.deliver.cd.cdtext import cd_text
from burnish.deliver.cd.of_release import Offsets, disc_of
from burnish.deliver.cd.red_book import MOST_TRACKS, check_disc
from burnish.deliver.wishes import DeliveryWishes
from burnish.errors import SettingError
from burnish.finding import Finding
from burnish.release import Release, Track


def refuse(
    release: Release,
    lengths_s: Sequence[float | None] = (),
    hidden_s: float | None = None,
    wishes: DeliveryWishes | None = None,
) -> tuple[Finding, ...]:
    """Raise what makes a CD of the release impossible, as a ``SettingError`` in one sentence.

    ``lengths_s`` are those of the tracks' files before trims, ``hidden_s`` that of what is hidden
    before the first; unknown, it counts as nothing. Where the length of a track is not known
    (None), only their number is looked at. What is only to be warned of is returned.
    """
    n_tracks = len(release.tracks)
    if not 1 <= n_tracks <= MOST_TRACKS:
        raise SettingError("cd-tracks", f"{n_tracks} tracks: a CD has 1 to {MOST_TRACKS}")
    known = [length for length in lengths_s if length is not None]
    if len(known) < n_tracks:
        return ()
    asked = wishes or DeliveryWishes()
    songs = [
        song_of(track, _Length(length), f"track {number}", CD_RATE_HZ)
        for number, (track, length) in enumerate(zip(release.tracks, known, strict=True), 1)
    ]
    hidden = None
    if hidden_s is not None:
        hidden = song_of(Track(), _Length(hidden_s), "the hidden track", CD_RATE_HZ)
    layout = lay_out(release, songs, hidden, CD_RATE_HZ, 2, cd_frames=True)
    disc = disc_of(release, layout, offsets_of(asked))
    return (*check_disc(disc), *cd_text(disc, asked.codes_in_cd_text).findings)


def offsets_of(wishes: DeliveryWishes) -> Offsets:
    """The offsets of marks that were asked for."""
    return Offsets(
        start_cd_frames=wishes.cd_start_offset_frames,
        first_cd_frames=wishes.cd_first_offset_frames,
        pause_cd_frames=wishes.cd_pause_offset_frames,
        end_cd_frames=wishes.cd_end_offset_frames,
    )


class _Length(Source):
    """A source of which nothing is known but its length."""

    def __init__(self, length_s: float) -> None:
        self.info = SourceInfo(
            path=None,
            format="memory",
            codec="pcm",
            bits=16,
            is_float=False,
            rate_hz=CD_RATE_HZ,
            channels=2,
            n_samples=round(length_s * CD_RATE_HZ),
        )

    def _read(self, block_samples: int, start: int, stop: int) -> Iterator[Block]:
        raise ValueError("only its length is known")
