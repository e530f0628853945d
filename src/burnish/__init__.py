"""burnish: from a finished mix to a release.

    file -> read -> measure -> engineer -> render -> deliver -> report
            Audio   Measurement  Plan       Audio    the file   page

``master.py`` shows this road on one page. Each other road has its own: ``check.py`` (what is wrong
with a mix), ``restore.py`` (repair only), ``stems.py`` (from stems to a master), ``album/flow.py``
(from mixes to a release), ``delivery.py`` (from masters to products), ``versions.py`` (alternates
of a song) and ``hardware.py`` (out through a device and back). All lead through these rooms, of
which each uses only those above it:

    dsp                 kernels on arrays
    audio               files: read in blocks, written whole
    release, targets    what comes out, and what it shall be: data
    measure             numbers, no opinion
    processors          the rack
    chain               a plan of steps, and the renderer that plays it
    playback, qc        how a master sounds elsewhere; what is wrong with a sound
    engineer            decides, and never touches a sample
    deliver             writes what goes out, and proves it
    report              says what was done, and why
    apps                what people start: jobs, batch, studio, cli

The names below are the whole public face, loaded when they are first used.

>>> import burnish
>>> burnish.__version__
'0.1.0'
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from burnish.album.flow import album
    from burnish.audio import Audio, read
    from burnish.chain import Plan, Step
    from burnish.check import CheckResult, check
    from burnish.deliver.inspection import Inspection, inspect
    from burnish.delivery import DeliveryResult, deliver
    from burnish.engineer.learn import Learned, learn
    from burnish.errors import BurnishError
    from burnish.master import master, plan, recall, render
    from burnish.measure import Measurement, measure
    from burnish.measure.comparison import Comparison, compare
    from burnish.report.album_result import AlbumResult
    from burnish.restore import RestoreResult, restore
    from burnish.stems import stems

_HOMES = {
    "AlbumResult": "burnish.report.album_result",
    "Audio": "burnish.audio",
    "BurnishError": "burnish.errors",
    "CheckResult": "burnish.check",
    "Comparison": "burnish.measure.comparison",
    "DeliveryResult": "burnish.delivery",
    "Inspection": "burnish.deliver.inspection",
    "Learned": "burnish.engineer.learn",
    "Measurement": "burnish.measure",
    "Plan": "burnish.chain",
    "RestoreResult": "burnish.restore",
    "Step": "burnish.chain",
    "album": "burnish.album.flow",
    "check": "burnish.check",
    "compare": "burnish.measure.comparison",
    "deliver": "burnish.delivery",
    "inspect": "burnish.deliver.inspection",
    "learn": "burnish.engineer.learn",
    "master": "burnish.master",
    "measure": "burnish.measure",
    "plan": "burnish.master",
    "read": "burnish.audio",
    "recall": "burnish.master",
    "render": "burnish.master",
    "restore": "burnish.restore",
    "stems": "burnish.stems",
}

__all__ = [
    "AlbumResult",
    "Audio",
    "BurnishError",
    "CheckResult",
    "Comparison",
    "DeliveryResult",
    "Inspection",
    "Learned",
    "Measurement",
    "Plan",
    "RestoreResult",
    "Step",
    "__version__",
    "album",
    "check",
    "compare",
    "deliver",
    "inspect",
    "learn",
    "master",
    "measure",
    "plan",
    "read",
    "recall",
    "render",
    "restore",
    "stems",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its room, at first use."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'burnish' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return __all__


class _Face(ModuleType):
    """Keeps ``burnish.master`` and ``burnish.measure`` the functions, not the rooms they live in.

    Python binds a submodule to its package as soon as anybody imports it; these two would then
    hide the functions of the same name.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
