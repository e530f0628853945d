"""What a profile is used as: a portrait to be matched, or a style."""

import math
from typing import Any

from burnish.errors import SettingError
from burnish.targets.model import (
    BAND_EDGES_HZ,
    N_BANDS,
    Confidence,
    Dynamics,
    Floors,
    Stereo,
    Style,
    StyleLoudness,
    Tone,
)
from burnish.targets.portrait import Curve, Portrait, Section
from burnish.targets.profile import FIGURES, Profile, Summary

_MOST = 0.5  # of the tracks must have a figure, for it to be theirs
_SCALARS = (
    *("range_lu", "plr_db", "psr_p5_db", "crest_400ms_db", "sharpness_db", "movement_db"),
    "swing_db",
)
_DENSITY = ("plr_db", "psr_p5_db", "crest_400ms_db")
"""What loudness takes: a mix has more of it than any record, so it is led to the middle."""

_ROWS = (
    *("momentary_db", "short_term_db", "bands_range_lu", "bands_movement_db"),
    "bands_side_to_mid_db",
)
_ALONE_DB = 1.5  # standard error of a figure of one track, as of one like it: opinion
_LEAST_SIDE_DB = -100.0  # a track under this is mono
_NARROW_BASS_DB, _MONO_BELOW_HZ = -15.0, 120.0  # records whose bass is this narrow have it mono
_LOUD_DB = 0.5  # what intensity 1 may take from the floors: as between pop and loud pop
_TIGHT_DB = 1.0  # half of the corridor that one track alone makes: opinion


def portrait(profile: Profile) -> Portrait:
    """The middle of a profile: medians, with the spreads of quartiles, as one portrait."""
    return _portrait(profile, None)


def nearest(profile: Profile, mix: Portrait) -> Portrait:
    """What this mix would be as one of the profile's tracks: each figure at the nearest quartile.

    Where the mix lies between the quartiles, as half of the tracks do, the figure is its own, so
    that matching it moves nothing. Loudness is the median, and so is how far the peaks stand over
    it, where the mix has more: mastering is what makes those.
    """
    return _portrait(profile, mix)


def _portrait(profile: Profile, mix: Portrait | None) -> Portrait:
    def scalar(name: str) -> float | None:
        return _towards(profile, name, 0, None if mix is None else getattr(mix, name))

    def row(name: str) -> Curve:
        own = () if mix is None else getattr(mix, name)
        return _curve(profile, name, own)

    loudness, loud, rate = (profile.one(key) for key in ("loudness_lufs", "loud_lufs", "rate_hz"))
    duration = profile.one("duration_s")
    if loudness is None or loud is None or rate is None or duration is None:
        raise SettingError("profile-broken", f"profile {profile.name}: no track has a loudness")
    cutoff = profile.one("cutoff_hz") if profile.known_share("cutoff_hz") > _MOST else None
    times = {name: row(name) for name in _ROWS}
    for name in ("momentary_db", "short_term_db"):
        times[name] = () if None in times[name] else times[name]
    side = profile.one("side_to_mid_db")
    return Portrait(
        names=(profile.name,),
        sounds=max(1.0, profile.effective),
        rate_hz=round(rate.median),
        duration_s=duration.mean * duration.n,
        loud=_section(profile, "loud", None if mix is None else mix.loud),
        quiet=_section(profile, "quiet", None if mix is None else mix.quiet)
        if profile.known_share("quiet_share") > _MOST
        else None,
        loudness_lufs=loudness.median,
        loud_lufs=loud.median,
        plr_error_db=_error(profile, "plr_db", 0),
        swing_error_db=_error(profile, "swing_db", 0),
        near_mono=side is None or side.median <= _LEAST_SIDE_DB or _no_side(profile),
        cutoff_hz=None if cutoff is None else cutoff.median,
        floor_db=(None,) * FIGURES["loud_mid_db"],
        spread={
            name: one.spread
            for name in ("loudness_lufs", "loud_lufs", *_SCALARS)
            if (one := profile.one(name)) is not None
        },
        **{name: scalar(name) for name in _SCALARS},
        **times,
    )


def _section(profile: Profile, part: str, mix: Section | None) -> Section:
    share, over = profile.one(f"{part}_share"), profile.one(f"{part}_over_db")
    values: dict[str, Any] = {}
    for side in ("mid", "side"):
        name = f"{part}_{side}_db"
        values[f"{side}_db"] = _curve(
            profile, name, () if mix is None else getattr(mix, f"{side}_db")
        )
        n = range(FIGURES[name])
        values[f"{side}_error_db"] = tuple(_error(profile, name, k) for k in n)
        values[f"{side}_spread_db"] = tuple(
            None if s is None else s.spread for s in profile.figures[name]
        )
    return Section(
        share=1.0 if share is None else min(1.0, share.median),
        loudness_db=0.0 if over is None else over.median,
        **values,
    )


def _curve(profile: Profile, name: str, own: Curve) -> Curve:
    mix = own if len(own) == FIGURES[name] else (None,) * FIGURES[name]
    return tuple(_towards(profile, name, k, value) for k, value in enumerate(mix))


def _towards(profile: Profile, name: str, k: int, own: float | None) -> float | None:
    """The median; or, where a mix's own figure is given, the nearest to it within the quartiles."""
    one = profile.figures[name][k]
    if one is None or profile.known_share(name, k) < _MOST:
        return None
    high = one.median if name in _DENSITY else one.at(75)
    return one.median if own is None else min(max(own, one.at(25)), high)


def _error(profile: Profile, name: str, k: int) -> float | None:
    """The standard error of the median of so many tracks."""
    one = profile.figures[name][k]
    if one is None or profile.known_share(name, k) < _MOST:
        return None
    # 1.25: a median is that much less sure than a mean (normal distribution).
    return 1.25 * max(one.spread, _ALONE_DB) / math.sqrt(max(1.0, profile.effective))


def _no_side(profile: Profile) -> bool:
    shares = [profile.known_share("loud_side_db", k) for k in range(FIGURES["loud_side_db"])]
    return max(shares) < _MOST


def as_style(profile: Profile) -> Style:
    """The profile as a style: corridors from its quartiles, floors from its tenth percentiles.

    Few tracks make wide corridors: half as wide as ``1 dB / sqrt(n)`` at least.
    """
    n = profile.effective
    sure: Confidence = "high" if n >= 30 else "medium" if n >= 8 else "low"
    from_ = {"source": f"learned from {len(profile.tracks)} tracks", "confidence": sure}
    loudness, range_, plr, psr = (
        _known(profile, name) for name in ("loudness_lufs", "range_lu", "plr_db", "psr_p5_db")
    )
    width = _known(profile, "side_to_mid_db")
    tone = [_known(profile, "bands_db", k) for k in range(N_BANDS)]
    least = _TIGHT_DB / math.sqrt(max(1.0, n))
    by_band = _bands(profile)
    bass = profile.figures["bands_side_to_mid_db"][0]
    narrow = bass is None or bass.median <= _NARROW_BASS_DB
    floors = (plr.at(10), psr.at(10))
    return Style(
        name=profile.name,
        about=f"Your own: learned from {len(profile.tracks)} tracks.",
        tone=Tone(
            median_db=tuple(_r(one.median) for one in tone),
            q25_db=tuple(_r(min(one.at(25), one.median - least)) for one in tone),
            q75_db=tuple(_r(max(one.at(75), one.median + least)) for one in tone),
            **from_,
        ),
        loudness=StyleLoudness(
            low_lufs=_r(loudness.at(25)),
            aim_lufs=_r(loudness.median),
            high_lufs=_r(min(0.0, loudness.at(75))),
            **from_,
        ),
        dynamics=Dynamics(
            range_low_lu=_r(range_.at(25)),
            range_median_lu=_r(range_.median),
            range_high_lu=_r(range_.at(75)),
            plr_low_db=_r(plr.at(25)),
            plr_median_db=_r(plr.median),
            plr_high_db=_r(plr.at(75)),
            **from_,
        ),
        stereo=Stereo(
            **{f"{key}_db": _r(width.at(p)) for key, p in _WIDTHS.items()},
            **by_band,
            mono_below_hz=_MONO_BELOW_HZ if narrow else 0.0,
            **from_,
        ),
        floors=Floors(
            plr_db=_r(max(0.0, floors[0])),
            psr_db=_r(max(0.0, floors[1])),
            loud_plr_db=_r(max(0.0, floors[0] - _LOUD_DB)),
            loud_psr_db=_r(max(0.0, floors[1] - _LOUD_DB)),
            **from_,
        ),
    )


_WIDTHS = {"q10": 10, "q25": 25, "median": 50, "q75": 75, "q90": 90}


def _known(profile: Profile, name: str, k: int = 0) -> Summary:
    one = profile.figures[name][k]
    if one is None:
        what = name.rpartition("_")[0].replace("_", " ")
        if name == "bands_db":
            what = f"tone from {BAND_EDGES_HZ[k]:g} Hz"
        raise SettingError(
            "profile-lacks",
            f"profile {profile.name}: none of its tracks has a {what}; it cannot be a style",
        )
    return one


def _bands(profile: Profile) -> dict[str, tuple[float, ...]]:
    bands = profile.figures["bands_side_to_mid_db"]
    known = [one for one in bands if one is not None]
    if len(known) < len(bands):
        return {}
    return {
        f"band_{key}_db": tuple(_r(one.at(p)) for one in known)
        for key, p in _WIDTHS.items()
        if p in (25, 50, 75)
    }


def _r(value: float) -> float:
    return round(value, 2) + 0.0
