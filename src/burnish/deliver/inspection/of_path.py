"""Inspect whatever a path is: a sound file, a folder of them, a DDP, an album."""

from pathlib import Path

from burnish.chain import Teller, Told
from burnish.deliver.inspection.album import inspect_album, products_in
from burnish.deliver.inspection.ddp import inspect_ddp, is_ddp
from burnish.deliver.inspection.file import inspect_file
from burnish.deliver.inspection.folder import inspect_folder
from burnish.deliver.inspection.record import Inspection
from burnish.errors import InputError
from burnish.targets import delivery

_SHEETS = (".yaml", ".yml")


def inspect(
    path: str | Path, *, for_: str | None = None, progress: Told | None = None
) -> Inspection:
    """The twenty checks before something goes out: of a file, a folder, a DDP, an album.yaml.

    ``for_`` is the target that it goes to, as ``spotify`` or ``cd``: with it the demands of the
    target are held, without it what is broken is found. Nothing is changed and nothing written.
    What cannot be read is an ``InputError``, a target that is not known a ``SettingError``.
    """
    path, tell = Path(path), Teller(progress)
    place = None if for_ is None else delivery(for_)
    if not path.exists():
        raise InputError("input-missing", f"{path}: there is no such file or folder")
    if path.suffix.lower() in _SHEETS:
        return inspect_album(path, place, tell)
    if not path.is_dir():
        return inspect_file(path, place, tell=tell)
    if is_ddp(path):
        return inspect_ddp(path, place, tell=tell)
    if products_in(path) and not (path / "manifest.json").is_file():
        return inspect_album(path, place, tell)
    return inspect_folder(path, place, tell=tell)
