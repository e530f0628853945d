"""A profile's file: YAML with a line a track, and the figures of them all for people to read."""

import json
import math
from datetime import date
from pathlib import Path
from typing import Any

from burnish.errors import SettingError
from burnish.targets.profile import N_FIGURES, SHOWN, Profile, Summary, Track, Value

FORMAT = 1
_HEAD = """\
# A profile of burnish: what the tracks below have in common. Use it with
#   burnish master MIX --profile THIS     to be matched
#   burnish master MIX --style THIS       as a style
# `figures` are made from `tracks` and are here to be read; what is changed in them is not.
"""
_DIGITS = 2
_MOST_BYTES = 200_000_000


def text_of(profile: Profile) -> str:
    """The file of a profile: the same tracks give the same bytes."""
    lines = [
        f"{_HEAD}profile: {FORMAT}",
        f"n: {len(profile.tracks)}",
        f"half_life_days: {_json(profile.half_life_days)}",
        f"percentiles: {_json(list(SHOWN))}",
        "figures:",
    ]
    for name, summaries in profile.figures.items():
        lines.append(f"  {name}:")
        lines += [f"    {key}: {_json(row)}" for key, row in _rows(summaries).items()]
    lines.append("outliers:" if profile.outliers else "outliers: []")
    lines += [
        f"- {_json({'name': one.name, 'distance': one.distance, 'figure': one.figure})}"
        for one in profile.outliers
    ]
    lines.append("tracks:")
    lines += [f"- {_json(_row(track))}" for track in profile.tracks]
    return "\n".join(lines) + "\n"


def summaries_json(profile: Profile) -> dict[str, Any]:
    """The figures as they stand in the file: name -> n, mean, sd and percentiles, or rows."""
    return {name: _rows(summaries) for name, summaries in profile.figures.items()}


def _rows(summaries: tuple[Summary | None, ...]) -> dict[str, Any]:
    rows: dict[str, list[Any]] = {"n": [0 if s is None else s.n for s in summaries]}
    for name in ("mean", "sd"):
        rows[name] = [None if s is None else _short(getattr(s, name)) for s in summaries]
    for k, percentile in enumerate(SHOWN):
        rows[f"p{percentile}"] = [
            None if s is None else _short(s.percentiles[k]) for s in summaries
        ]
    return {key: row[0] if len(row) == 1 else row for key, row in rows.items()}


def _short(value: float) -> float:
    return round(value, _DIGITS) + 0.0  # no -0.0


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _row(track: Track) -> dict[str, Any]:
    dated = {} if track.date is None else {"date": track.date, "date_from": track.date_from}
    values = " ".join("-" if v is None else f"{v:g}" for v in track.values)
    return {"name": track.name, "sha256": track.sha256, **dated, "values": values}


def rounded(value: Value) -> Value:
    """A figure as a profile keeps it: two digits after the point, six in all."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{round(value, _DIGITS) + 0.0:g}")


def load_profile(path: str | Path) -> Profile:
    """Read a profile; it is called as its file is.

    What is missing, broken or something else is a ``SettingError``.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise SettingError("profile-broken", f"{path}: is too large to be a profile")
        document = _parsed(path)
    except FileNotFoundError:
        raise SettingError("profile-missing", f"{path}: there is no such profile") from None
    except OSError as error:
        raise SettingError(
            "profile-unreadable", f"{path}: cannot be read: {error.strerror}"
        ) from None
    if not isinstance(document, dict) or "profile" not in document or "tracks" not in document:
        raise SettingError("profile-broken", f"{path}: is not a profile that burnish learned")
    if document["profile"] != FORMAT:
        raise SettingError(
            "profile-format",
            f"{path}: profile={document['profile']}: this burnish reads format {FORMAT}",
        )
    half_life = document.get("half_life_days")
    if half_life is not None and not (_number(half_life) and half_life > 0):
        raise SettingError("profile-broken", f"{path}: half_life_days={half_life}: must be over 0")
    tracks = document["tracks"]
    if not isinstance(tracks, list) or not tracks:
        raise SettingError("profile-broken", f"{path}: tracks: must be a list of one or more")
    read = [_track(path, k, row) for k, row in enumerate(tracks, 1)]
    return Profile.of(path.stem, read, half_life)


def _parsed(path: Path) -> Any:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    except UnicodeDecodeError:
        raise SettingError("profile-broken", f"{path}: is not a profile: not text") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise SettingError("profile-broken", f"{path}: is not readable as YAML{line}") from None


def _track(path: Path, k: int, row: Any) -> Track:
    def broken(why: str) -> SettingError:
        return SettingError("profile-broken", f"{path}: track {k}: {why}")

    if not isinstance(row, dict):
        raise broken("must have name, sha256 and values")
    for key in ("name", "sha256", "values"):
        if not isinstance(row.get(key), str):
            raise broken(f"{key}: must be text")
    words = row["values"].split()
    if len(words) != N_FIGURES:
        raise broken(f"values: must be {N_FIGURES}, are {len(words)}")
    try:
        values = tuple(None if word == "-" else float(word) for word in words)
        if any(value is not None and not math.isfinite(value) for value in values):
            raise ValueError
    except ValueError:
        raise broken("values: must be numbers, or - for what is not known") from None
    day = row.get("date")
    if day is not None:
        try:
            day = date.fromisoformat(str(day)).isoformat()
        except ValueError:
            raise broken(f"date={day}: must be like 2019-05-31") from None
    date_from = "tag" if row.get("date_from") == "tag" else "file"
    return Track(row["name"], row["sha256"], values, day, date_from if day else None)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
