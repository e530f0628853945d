"""Minutes, seconds and cd_frames: how a CD counts time, 75 cd_frames to the second."""

CD_FRAMES_PER_S = 75
SAMPLES_PER_CD_FRAME = 588
BYTES_PER_CD_FRAME = 2352
"""One cd_frame (a sector): 588 samples of two channels, 16 bits each, at 44.1 kHz."""


def msf(n_cd_frames: int, separator: str = ":") -> str:
    """``MM:SS:FF``; minutes may pass 59, not 99. The caller keeps ``n_cd_frames`` at 0 or more."""
    seconds, cd_frames = divmod(n_cd_frames, CD_FRAMES_PER_S)
    minutes, seconds = divmod(seconds, 60)
    if not 0 <= minutes <= 99:
        raise ValueError(f"n_cd_frames={n_cd_frames}: must be 00:00:00 to 99:59:74")
    return separator.join(f"{part:02d}" for part in (minutes, seconds, cd_frames))


def seconds(n_cd_frames: int) -> float:
    """Cd_frames as seconds."""
    return n_cd_frames / CD_FRAMES_PER_S
