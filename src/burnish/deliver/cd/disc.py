"""Disc: one audio CD as data: where each track begins, its codes, its flags, its texts.

All places are cd_frames (1/75 s, 588 samples) from the beginning of the image, which is the
beginning of the first track's pregap: 00:00:00 of the PQ codes.
"""

from dataclasses import dataclass, field

from burnish.deliver.cd.msf import SAMPLES_PER_CD_FRAME
from burnish.release import DigitalCopy

FIRST_PREGAP_CD_FRAMES = 150
"""Two seconds before the first track: the least that a CD has."""


@dataclass(frozen=True)
class Texts:
    """What CD-Text says of a disc or of one track; empty: nothing."""

    title: str = ""
    performer: str = ""
    songwriter: str = ""
    composer: str = ""
    arranger: str = ""
    message: str = ""


@dataclass(frozen=True)
class DiscTrack:
    """One track.

    ``start_cd_frame`` is index 01. ``pregap_cd_frame`` is index 00, where the pause before it
    begins; None: there is no pause; the first track's is 0. ``index_cd_frames`` are index 02, 03
    and so on. ``digital_copy``: once means no copies of copies (SCMS).
    ``isrc`` is twelve characters without hyphens, or empty.
    """

    start_cd_frame: int
    pregap_cd_frame: int | None = None
    index_cd_frames: tuple[int, ...] = ()
    isrc: str = ""
    pre_emphasis: bool = False
    digital_copy: DigitalCopy = "prohibited"
    four_channel: bool = False
    texts: Texts = field(default_factory=Texts)

    @property
    def first_cd_frame(self) -> int:
        """Where its first mark stands: index 00 if it has one, else index 01."""
        return self.start_cd_frame if self.pregap_cd_frame is None else self.pregap_cd_frame

    @property
    def marks(self) -> tuple[tuple[int, int], ...]:
        """(index, cd_frame) of each mark, in order."""
        pregap = () if self.pregap_cd_frame is None else ((0, self.pregap_cd_frame),)
        return (*pregap, (1, self.start_cd_frame), *enumerate(self.index_cd_frames, 2))


@dataclass(frozen=True)
class Disc:
    """One audio CD. ``lead_out_cd_frame`` is where it ends, and how long its image is.

    ``ean`` is thirteen digits, or empty. ``master_id`` names the master to the plant; it is not on
    the disc. ``genre_code`` (0 to 27, CD-Text's table) and ``disc_id`` go into CD-Text only.
    """

    tracks: tuple[DiscTrack, ...]
    lead_out_cd_frame: int
    ean: str = ""
    master_id: str = ""
    texts: Texts = field(default_factory=Texts)
    genre_code: int | None = None
    genre: str = ""
    disc_id: str = ""

    @property
    def n_samples(self) -> int:
        """Samples of the whole image in each channel, the first pregap among them."""
        return self.lead_out_cd_frame * SAMPLES_PER_CD_FRAME

    def end_cd_frame(self, track: int) -> int:
        """Where the track of that place (0 is the first) ends: at the next index 01."""
        after = track + 1
        last = after == len(self.tracks)
        return self.lead_out_cd_frame if last else self.tracks[after].start_cd_frame
