"""The cover: is it what shops take, and a smaller copy of it to lie in every file.

Sources: Spotify's and Apple Music's pages for providers (square, RGB, JPEG or PNG, no upscaling;
3000 px asked for, 4000 welcome), the common ground of distributors (1400 px at least, 10 MB at
most), as of 2026.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from burnish.errors import InputError
from burnish.finding import Finding, Severity

LEAST_PX = 1400
ASKED_PX = 3000
MOST_PX = 10_000
MOST_BYTES = 10_000_000
EMBEDDED_PX = 1400

_SAID = "the cover must be a JPEG or PNG, square, in RGB, 3000 pixels wide"
_SIGNATURES = (
    (b"%PDF", "a PDF"), (b"GIF8", "a GIF"), (b"II*\0", "a TIFF"), (b"MM\0*", "a TIFF"),
    (b"8BPS", "a Photoshop file"), (b"BM", "a BMP"), (b"<svg", "an SVG"), (b"<?xml", "XML"),
    (b"%!PS", "PostScript"), (b"PK\x03\x04", "a ZIP"),
)  # fmt: skip


@dataclass(frozen=True)
class Artwork:
    """A cover that is a whole JPEG or PNG, and what shops would say of it."""

    path: Path
    kind: Literal["jpeg", "png"]
    width_px: int
    height_px: int
    mode: str
    """Its colours, as Pillow names them: RGB, L (grey), CMYK, P (palette), RGBA ..."""
    n_bytes: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Cover:
    """A picture to be embedded: an RGB JPEG."""

    data: bytes
    width_px: int
    height_px: int
    mime: str = "image/jpeg"


def checked(path: str | Path) -> Artwork:
    """Open a cover, decode all of it, and say what shops would turn down.

    What is no JPEG or PNG, or broken off, or larger than 10000 pixels, is an ``InputError``.
    """
    path = Path(path)
    with _opened(path) as picture:
        kind: Literal["jpeg", "png"] = "png" if picture.format == "PNG" else "jpeg"
        width, height = picture.size
        n_bytes = path.stat().st_size
        turned = picture.getexif().get(0x0112, 1) != 1  # EXIF's orientation
        faint = "transparency" in picture.info
        picture.load()
        mode = "RGBA" if faint and picture.mode == "RGB" else str(picture.mode)
        found = tuple(_judged(width, height, mode, n_bytes, turned))
    return Artwork(path, kind, width, height, mode, n_bytes, found)


def embedded(artwork: Artwork, most_px: int = EMBEDDED_PX) -> Cover:
    """A copy for the tags: JPEG, sRGB, never larger than ``most_px`` and never enlarged.

    Upright, without what a camera wrote of place and time; transparency lies on white.
    """
    from PIL import Image, ImageOps

    with _opened(artwork.path) as picture:
        profile = picture.info.get("icc_profile")
        if picture.format == "JPEG":
            picture.draft(None, (most_px, most_px))  # decodes no more than is needed
        image = ImageOps.exif_transpose(picture)
        if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
            image = image.convert("RGBA")
            white = Image.new("RGBA", image.size, "white")
            image = Image.alpha_composite(white, image).convert("RGB")
        else:
            image = _in_srgb(image, profile)
        image.thumbnail((most_px, most_px), Image.Resampling.LANCZOS)
        held = BytesIO()
        # not optimize=True: Pillow then gives up on noise, which packs to more than a byte a pixel
        image.save(held, "JPEG", quality=90, subsampling=0)
        return Cover(held.getvalue(), *image.size)


def _in_srgb(image: Any, profile: bytes | None) -> Any:
    """The picture in sRGB by its own colour profile, or as it is where that cannot be read."""
    from PIL import ImageCms

    if profile:
        try:
            own = ImageCms.ImageCmsProfile(BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(image, own, srgb, outputMode="RGB") or image
        except ImageCms.PyCMSError:
            pass
    if image.mode.startswith(("I", "F")):  # 16 bits of grey, which convert() would clip
        image = image.point(lambda value: value / 256).convert("L")
    return image.convert("RGB")


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The picture, not yet decoded; whatever is wrong with it is one sentence."""
    from PIL import Image, UnidentifiedImageError

    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # own limit, below
            start = file.read(64)
            file.seek(0)
            with Image.open(file, formats=("JPEG", "PNG")) as picture:
                if max(picture.size) > MOST_PX:
                    raise InputError(
                        "artwork-size",
                        f"{path}: is {picture.size[0]} x {picture.size[1]} pixels; "
                        f"must be at most {MOST_PX} on a side",
                    )
                yield picture
    except FileNotFoundError:
        raise InputError("input-missing", f"{path}: there is no such file") from None
    except Image.DecompressionBombError:
        raise InputError(
            "artwork-size", f"{path}: must be at most {MOST_PX} pixels on a side"
        ) from None
    except UnidentifiedImageError:
        raise InputError("artwork-kind", f"{path}: is {_kind(start)}; {_SAID}") from None
    except (OSError, ValueError, SyntaxError) as error:
        if isinstance(error, IsADirectoryError | PermissionError):
            said = "is a folder" if path.is_dir() else "may not be read by this user"
            raise InputError("input-unreadable", f"{path}: {said}") from None
        raise InputError(
            "artwork-broken", f"{path}: is broken off or damaged; save the cover again"
        ) from None


def _kind(start: bytes) -> str:
    if not start:
        return "empty"
    for signature, name in _SIGNATURES:
        if start.lstrip().startswith(signature):
            return name
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "a WebP"
    if start[4:8] == b"ftyp":
        return "an AVIF or HEIC"
    if start[:3] == b"\xff\xd8\xff" or start[:4] == b"\x89PNG":
        return "a damaged picture"
    return "no picture that is known"


def _judged(width: int, height: int, mode: str, n_bytes: int, turned: bool) -> Iterator[Finding]:
    yield from _of_size(width, height)
    yield from _of_colours(mode)
    if n_bytes > MOST_BYTES:
        yield _said(
            "artwork-heavy", "warn", "The cover's file is large", f"{n_bytes / 1e6:.1f} MB",
            f"Save it as a JPEG of quality 90: most shops take {MOST_BYTES // 1_000_000} MB.",
        )  # fmt: skip
    if turned:
        yield _said(
            "artwork-turned", "warn", "The cover relies on a note to be turned upright",
            "orientation in its EXIF data", "Turn it in a picture editor and save it again.",
        )  # fmt: skip


def _of_size(width: int, height: int) -> Iterator[Finding]:
    size = f"{width} x {height} pixels"
    if width != height:
        yield _said(
            "artwork-not-square", "fail", "The cover is not square", size, "Crop it to a square."
        )
    if min(width, height) < LEAST_PX:
        yield _said(
            "artwork-small", "fail", "The cover is too small", size,
            f"Export it anew with {ASKED_PX} x {ASKED_PX} pixels; "
            f"enlarging this one would be seen.",
        )  # fmt: skip
    elif min(width, height) < ASKED_PX:
        yield _said(
            "artwork-small", "warn", "The cover is smaller than shops ask for", size,
            f"Export it anew with {ASKED_PX} x {ASKED_PX} pixels.",
        )  # fmt: skip


def _of_colours(mode: str) -> Iterator[Finding]:
    if mode == "CMYK":
        yield _said(
            "artwork-colours", "fail", "The cover is in CMYK", "colours for print, not for screens",
            "Export it in RGB (sRGB).",
        )  # fmt: skip
    elif mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        yield _said(
            "artwork-transparent", "fail", "The cover has an alpha channel", f"colours: {mode}",
            "Export it without transparency.",
        )  # fmt: skip
    elif mode == "P":
        yield _said(
            "artwork-colours", "fail", "The cover has a palette", "256 colours at most",
            "Export it in RGB with 24 bits.",
        )  # fmt: skip
    elif mode in ("L", "1", "I", "F", "I;16"):
        yield _said(
            "artwork-grey", "warn", "The cover is stored as greys", f"colours: {mode}",
            "Black and white is fine; export it in RGB, which shops ask for.",
        )  # fmt: skip
    elif mode != "RGB":
        yield _said(
            "artwork-colours", "fail", "The cover is not in RGB", f"colours: {mode}",
            "Export it in RGB (sRGB).",
        )  # fmt: skip


def _said(code: str, severity: Severity, title: str, detail: str, advice: str) -> Finding:
    return Finding(code, severity, title, detail, advice, about="master")
