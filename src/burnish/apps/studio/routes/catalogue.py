"""The catalogue over HTTP: styles, targets, devices, processors, and what may be asked."""

from typing import Any

from fastapi import APIRouter

from burnish import __version__
from burnish.apps.studio import catalogue

router = APIRouter(prefix="/catalogue", tags=["catalogue"])


@router.get("/styles")
def styles() -> list[dict[str, Any]]:
    """Every style."""
    return catalogue.styles_told()


@router.get("/targets")
def targets() -> list[dict[str, Any]]:
    """Every place that a master can be delivered to."""
    return catalogue.targets_told()


@router.get("/places")
def places() -> list[dict[str, Any]]:
    """What a sound can be heard through."""
    return catalogue.places_told()


@router.get("/processors")
def processors() -> list[dict[str, Any]]:
    """Every processor with its settings: range, unit, scale, help; enough to draw its sliders."""
    return catalogue.processors_told()


@router.get("/wishes")
def wishes() -> dict[str, Any]:
    """What may be asked of a master, of its file, of an album, of a release and its tracks."""
    return {"burnish": __version__, **catalogue.wishes_told()}
