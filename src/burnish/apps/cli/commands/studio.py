"""``burnish studio``: the studio in the browser."""

import importlib
import os
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from burnish.errors import SettingError


def command(
    port: Annotated[int, typer.Option("--port", help="Port to listen on; 0: a free one.")] = 8765,
    host: Annotated[
        str,
        typer.Option("--host", help="Address to listen on; any but 127.0.0.1 demands a password."),
    ] = "127.0.0.1",
    name: Annotated[
        list[str] | None,
        typer.Option("--name", show_default=False, help="A name that it may be called by."),
    ] = None,
    folder: Annotated[
        list[Path] | None,
        typer.Option(
            "--folder", show_default=False, readable=False, help="A folder to pick mixes from."
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", readable=False, show_default=False, help="Folder for everything."),
    ] = None,
    database: Annotated[str, typer.Option("--database", help="URL of a PostgreSQL database.")] = "",
    quota: Annotated[
        int, typer.Option("--quota-mib", help="All that is kept, decoded sound too; 0: no limit.")
    ] = 0,
    upload: Annotated[int, typer.Option("--upload-mib", help="Largest upload.")] = 2048,
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--proxy", show_default=False, help="Address of a proxy that is believed who comes."
        ),
    ] = None,
    workers: Annotated[int, typer.Option("--workers", help="Jobs done at the same time.")] = 2,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open it in the browser.")
    ] = True,
    native: Annotated[
        bool, typer.Option("--native", help="Open it in a window of its own, by pywebview.")
    ] = False,
) -> None:
    """Open the studio: projects, masters and albums in the browser, on this machine.

    The address that is printed holds a key: whoever has it is let in. With a password, which is
    read from BURNISH_STUDIO_PASSWORD or asked for, others can be let in too: --host 0.0.0.0.
    """
    try:
        from burnish.apps.studio.access import password_hash
        from burnish.apps.studio.serve import serve
        from burnish.apps.studio.settings import StudioSettings, is_loopback
    except ImportError as error:
        raise SettingError(
            "studio-missing", f"{error.name}: is not installed; pip install 'burnish[studio]'"
        ) from None
    window = _window() if native else None
    secret = os.environ.get("BURNISH_STUDIO_PASSWORD", "")
    if not secret and not is_loopback(host) and sys.stdin.isatty():
        secret = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    settings = StudioSettings(
        host=host,
        port=port,
        names=tuple(name or ()),
        folders=tuple(str(one.resolve()) for one in folder or ()),
        data=str(data or _data_folder()),
        database=database,
        workers=workers,
        quota_mib=quota,
        upload_mib=upload,
        proxies=tuple(proxy or ()),
        password_hash=password_hash(secret) if secret else "",
    )

    def told(address: str) -> None:
        print(f"burnish studio: {address}", flush=True)
        if not settings.is_private:
            said = "others can reach it, by the password; without TLS before it, it can be read"
            print(f"burnish studio: {said}", file=sys.stderr, flush=True)
        if browser and not native:
            webbrowser.open(address)

    serve(settings, told, window)


def _window() -> Callable[[str], None]:
    """Shows an address in a window, until that is closed."""
    try:
        webview = importlib.import_module("webview")
    except ImportError:
        raise SettingError(
            "extra-missing", "native: needs pywebview; pip install pywebview, or leave --native out"
        ) from None

    def show(address: str) -> None:
        webview.create_window("burnish studio", address, width=1440, height=960)
        try:
            webview.start()
        except Exception as error:  # whatever its toolkit says: none is there, or no screen
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise SettingError("native", f"native: no window can be opened: {said}") from error

    return show


def _data_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("burnish") / "studio"
