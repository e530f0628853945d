"""Sounds over HTTP: what is known of them, their samples, their peaks; and a plan's preview."""

import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from burnish.apps.studio.asked import through as place_of
from burnish.apps.studio.house import House
from burnish.apps.studio.house import of as house_of
from burnish.apps.studio.kinds import plan_of, refuse_outside
from burnish.apps.studio.listening import Heard
from burnish.apps.studio.preview import Preview, Region
from burnish.apps.studio.problems import Refused
from burnish.apps.studio.sounds import LONGEST_S, Sound, pcm_at, peaks_at, zoom_of
from burnish.chain import Step
from burnish.errors import SettingError

router = APIRouter(tags=["sounds"])

_FOREVER = "private, max-age=31536000, immutable"
Number = Annotated[int, Query(ge=0, le=2**40)]
Through = Annotated[str | None, Query(max_length=40)]


class SoundInfo(BaseModel):
    """What is known of a sound. Loudness and true peak are null until it is measured."""

    id: str
    rate_hz: int
    channels: int
    n_samples: int
    loudness_lufs: float | None
    true_peak_dbtp: float | None
    format: str
    bits: int | None
    etag: str
    gain_db: float = 0.0
    """What was heard ``through`` a place is turned to the loudness of the original by so much."""
    lowered_db: float = 0.0
    """All that is heard through a place is this much quieter than the sound, so it cannot clip."""


class PreviewAsked(BaseModel):
    """A region of a mix through the steps of a plan."""

    model_config = ConfigDict(extra="forbid")

    sound: str = Field(max_length=64, description="The id of a mix.")
    plan: dict[str, Any] | None = Field(None, description="A recall sheet as JSON.")
    steps: list[dict[str, Any]] | None = Field(None, max_length=64, description="Or its steps.")
    start: int = Field(ge=0, le=2**40, description="First sample of the region.")
    end: int = Field(ge=0, le=2**40, description="The sample behind its last; 60 s at most.")
    place: int | None = Field(None, ge=0, le=2**40, description="Sample to begin with, in it.")
    delta: int | None = Field(None, ge=0, le=63, description="What this step takes away, instead.")
    version: str | None = Field(
        None, max_length=64, description="The version that it is told the loudness beside."
    )
    through: str | None = Field(
        None, max_length=40, description="Heard as that version is through this place."
    )
    removed: bool = Field(False, description="With a codec: what it takes away, instead.")


class PreviewLoudness(BaseModel):
    """How loud a song would be that is as the region is; null where that cannot be told."""

    loudness_lufs: float | None


@router.get("/projects/{project}/sounds/{sound}")
def info(
    request: Request,
    project: str,
    sound: str,
    through: Through = None,
    removed: bool = False,
) -> SoundInfo:
    """What is known of a sound: that of an upload or of a version has its id."""
    return told(heard(house_of(request), project, sound, through, removed))


@router.get("/projects/{project}/sounds/{sound}/pcm", response_class=Response)
def pcm(
    request: Request,
    project: str,
    sound: str,
    start: Number = 0,
    count: Number = 2**40,
    through: Through = None,
    removed: bool = False,
) -> Response:
    """Samples ``start`` to ``start + count``: float32, little-endian, interleaved. At most 10 s."""
    return send_pcm(
        request, heard(house_of(request), project, sound, through, removed), start, count
    )


@router.get("/projects/{project}/sounds/{sound}/peaks", response_class=Response)
def peaks(
    request: Request,
    project: str,
    sound: str,
    per: Annotated[int, Query(ge=1, le=65_536)] = 1024,
    through: Through = None,
) -> Response:
    """Lowest and highest sample of every bin: int16, little-endian, [bin][channel][low, high].

    A bin has ``per`` samples or the next more of 256, 1024, 4096, 16384, 65536: ``X-Per`` says.
    """
    return send_peaks(request, heard(house_of(request), project, sound, through, False), per)


@router.post("/projects/{project}/preview", response_class=StreamingResponse)
def preview(request: Request, project: str, asked: PreviewAsked) -> StreamingResponse:
    """The region from ``place`` on, as float32, little-endian, interleaved, as it is made.

    What is heard is what would be written, but for dither, rounding and a change of rate; and steps
    begin 3 s before the region. The body ends early where another preview of the same mix is asked.
    """
    listening = house_of(request).listening
    steps, renderer, sound, region = _asked(request, project, asked)
    if asked.delta is not None and asked.delta >= len(steps):
        raise SettingError("setting-range", f"delta={asked.delta}: there are {len(steps)} steps")
    place = region.begin if asked.place is None else asked.place
    if not region.begin <= place <= region.end:
        raise SettingError(
            "setting-range", f"place={place}: must be {region.begin} to {region.end}"
        )
    beside = listening.beside(project, asked)
    made = listening.previewed(renderer, steps, region, place, asked.delta, beside)
    headers = {
        "x-rate-hz": str(sound.rate_hz),
        "x-channels": str(sound.channels),
        "x-samples": str(region.end - place),
        "x-differs": json.dumps({"dither": False, "rounded": False, "rate": False,
                                 "settled_s": (region.begin - region.first) / sound.rate_hz}),
    }  # fmt: skip
    if made.loudness_lufs is not None:
        headers["x-loudness-lufs"] = str(made.loudness_lufs)
    return StreamingResponse(made.blocks, media_type="application/octet-stream", headers=headers)


@router.post("/projects/{project}/preview/loudness")
def preview_loudness(request: Request, project: str, asked: PreviewAsked) -> PreviewLoudness:
    """How loud a preview is, told from all of its region as soon as that is made.

    ``X-Loudness-Lufs`` of the preview itself is told from the 3 s before it and its first moments.
    Both compare it with the same moments of the version, or of the mix where none is named.
    """
    listening = house_of(request).listening
    steps, renderer, _, region = _asked(request, project, asked)
    beside = listening.beside(project, asked)
    if beside is None or not beside.tells(asked.delta):
        return PreviewLoudness(loudness_lufs=None)
    return PreviewLoudness(loudness_lufs=listening.loudness(renderer, steps, region, beside))


def _asked(
    request: Request, project: str, asked: PreviewAsked
) -> tuple[tuple[Step, ...], Preview, Sound, Region]:
    steps = _steps(asked)
    if asked.through is not None:
        asked.through = place_of(asked.through)
    elif asked.removed:
        raise SettingError("setting-missing", "through: must be given, to hear what it removes")
    renderer, sound = house_of(request).listening.preview(project, asked.sound)
    return steps, renderer, sound, renderer.region(asked.start, asked.end)


def _steps(asked: PreviewAsked) -> tuple[Step, ...]:
    if (asked.plan is None) == (asked.steps is None):
        raise SettingError("setting-missing", "plan: must be given, or steps, and not both")
    if asked.plan is not None:
        return plan_of(asked.plan).steps
    steps = tuple(Step(**one) for one in asked.steps or ())
    refuse_outside(steps)
    return steps


def heard(house: House, project: str, sound: str, through: str | None, removed: bool) -> Heard:
    """A sound of a project, through a place where one is named."""
    return house.listening.heard(
        project, sound, None if through is None else place_of(through), removed
    )


def told(one: Heard) -> SoundInfo:
    """What is told of it."""
    known = one.sound
    return SoundInfo(
        id=one.name,
        rate_hz=known.rate_hz,
        channels=known.channels,
        n_samples=known.n_samples,
        loudness_lufs=known.loudness_lufs,
        true_peak_dbtp=known.true_peak_dbtp,
        format=known.format,
        bits=known.bits,
        etag=one.etag,
        gain_db=one.gain_db,
        lowered_db=one.lowered_db,
    )


def send_pcm(request: Request, one: Heard, start: int, count: int) -> Response:
    """The samples, or 304 where the browser has them."""
    return kept(
        request,
        one.etag,
        one.sound,
        start,
        count,
        lambda n: pcm_at(one.folder, one.sound, start, n),
    )


def kept(
    request: Request,
    etag: str,
    sound: Sound,
    start: int,
    count: int,
    read: Callable[[int], bytes],
) -> Response:
    """The samples that ``read`` gives, for the browser to keep; or 304 where it has them."""
    if start > sound.n_samples:
        raise Refused(416, "range", f"start={start}: the sound has {sound.n_samples} samples")
    count = min(count, sound.n_samples - start)
    if count > LONGEST_S * sound.rate_hz:
        raise Refused(416, "range", f"count={count}: must be {LONGEST_S} s or less")
    tag = f'"{etag}.{start}.{count}"'
    if (same := _same(request, tag)) is not None:
        return same
    return Response(
        read(count),
        media_type="application/octet-stream",
        headers={"etag": tag, "cache-control": _FOREVER, "x-samples": str(count)},
    )


def send_peaks(request: Request, one: Heard, per: int) -> Response:
    """The peaks, or 304."""
    tag = f'"{one.etag}.peaks.{zoom_of(per)}"'
    if (same := _same(request, tag)) is not None:
        return same
    return Response(
        peaks_at(one.folder, per),
        media_type="application/octet-stream",
        headers={"etag": tag, "cache-control": _FOREVER, "x-per": str(zoom_of(per))},
    )


def _same(request: Request, tag: str) -> Response | None:
    known = request.headers.get("if-none-match", "")
    if tag in [one.strip().removeprefix("W/") for one in known.split(",")]:
        return Response(status_code=304, headers={"etag": tag, "cache-control": _FOREVER})
    return None
