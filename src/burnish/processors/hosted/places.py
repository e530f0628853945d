"""Where plug-ins may be loaded from. A plug-in is native code: a sheet of a stranger names none.

``BURNISH_PLUGINS`` says it, for this process and all that it starts:

- not set: the folders of the system, where what is installed lies; a studio's and a job's worker
  sets it to ``none`` unless it was started with something else
- ``none``: no plug-in at all
- ``system``: the folders of the system
- folders or files, between them what is between folders in ``PATH``: these too
"""

import os
import sys
from pathlib import Path

from burnish.errors import InputError, SettingError

BUILT_IN = "pedalboard:"
"""What a path begins with that names one of pedalboard's own processors."""
SAID = "BURNISH_PLUGINS"
ENDINGS = (".vst3", ".component")


def system_folders() -> tuple[Path, ...]:
    """The folders in which plug-ins are installed, by the rules of VST3 and of Audio Units."""
    home = Path.home()
    if sys.platform == "darwin":
        library = Path("Library") / "Audio" / "Plug-Ins"
        return tuple(
            root / library / kind for root in (home, Path("/")) for kind in ("VST3", "Components")
        )
    if sys.platform == "win32":
        own = os.environ.get("LOCALAPPDATA", str(home))
        shared = os.environ.get("COMMONPROGRAMFILES", "C:\\Program Files\\Common Files")
        return (Path(own, "Programs", "Common", "VST3"), Path(shared, "VST3"))
    return (home / ".vst3", Path("/usr/lib/vst3"), Path("/usr/local/lib/vst3"))


def allow(folder: Path) -> None:
    """Let plug-ins be loaded from there too, here and in what is started from here."""
    if not folder.exists():
        raise SettingError("plugin-folder", f"allow_plugins={folder}: there is no such folder")
    before = [one for one in _said() if one not in ("none", "system")]
    os.environ[SAID] = os.pathsep.join((*before, str(folder.resolve())))


def _said() -> list[str]:
    return [one for one in os.environ.get(SAID, "").split(os.pathsep) if one]


def are_allowed() -> bool:
    """Whether any plug-in may be loaded."""
    return _said() != ["none"]


def found(path: str) -> str:
    """The plug-in's real path, where it may be loaded.

    Elsewhere it is a ``SettingError``, and an ``InputError`` where there is none.
    """
    if not are_allowed():
        raise SettingError(
            "plugin-refused", f"plugin {path}: no plug-in is loaded here; {SAID} does not let it"
        )
    if path.startswith(BUILT_IN):
        return path
    real = Path(os.path.realpath(Path(path).expanduser()))
    folders = [*system_folders(), *(Path(one) for one in _said() if one != "system")]
    if not any(real.is_relative_to(os.path.realpath(folder)) for folder in folders):
        raise SettingError(
            "plugin-refused",
            f"plugin {path}: is native code, and lies in no folder that it may be loaded from; "
            f"if you trust it: --allow-plugins {real.parent}",
        )
    if not real.exists():
        raise InputError("plugin-missing", f"plugin {path}: there is no such file")
    return str(real)


def plugins_in(folder: Path) -> list[Path]:
    """Every plug-in under a folder, by name; a bundle is one."""
    seen: list[Path] = []
    for place, folders, files in os.walk(folder, followlinks=True):
        seen += [Path(place, one) for one in (*folders, *files) if one.endswith(ENDINGS)]
        folders[:] = [one for one in folders if not one.endswith(ENDINGS)]
    return sorted(seen)
