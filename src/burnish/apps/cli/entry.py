"""Where the command line begins and ends: which command, and what its end means to a shell.

Only the command that is called is imported, so that ``burnish --help`` is quick. A new command is a
file in ``commands`` and a line in ``COMMANDS``.
"""

import contextlib
import errno
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

from burnish.apps.cli.screen import say
from burnish.errors import BurnishError

COMMANDS = {
    "master": ("master", "Make a master of a mix, with its recall sheet and a report."),
    "recall": ("recall", "Render a recall sheet again: the same bits."),
    "stems": ("stems", "Make a master from stems."),
    "measure": ("measure", "Measure files: loudness, peaks, dynamics, tone, stereo."),
    "check": ("check", "Look mixes through: what is wrong, and what to do about it."),
    "restore": ("restore", "Repair a recording: clicks, clipping, hum, hiss; nothing else."),
    "playback": ("playback", "Hear what is lost on phones, in cars, on services, behind codecs."),
    "compare": ("compare", "Compare two recordings at equal loudness."),
    "learn": ("learn", "Learn a profile from many records."),
    "ddp": ("ddp", "Read the DDP of a CD: what it holds, whether it is whole, its sound."),
    "album": ("album", "Master an album as one body, put it in sequence, deliver it."),
    "album new": ("album_new", "Write the album.yaml of a folder of mixes."),
    "album suggest": ("album_suggest", "Propose an order of an album's songs, and gaps."),
    "deliver": ("deliver", "Deliver finished masters: streaming, download, CD, vinyl ..."),
    "qc": ("qc", "Inspect what is finished before it goes out: the twenty checks."),
    "send": ("send", "Write what is to be played out through hardware."),
    "return": ("returned", "Take in what came back from hardware, and master on from there."),
    "sheet": ("sheet", "Show a plan in common terms, to set by hand; take it into a DAW."),
    "studio": ("studio", "Open the studio in the browser."),
    "batch": ("batch", "Do it with a whole catalogue: a manifest, many workers, resumed."),
    "batch status": ("batch_status", "Tell how a batch is: progress, speed, failures."),
    "list": ("shelves", "List styles, targets, devices, processors, formats or plug-ins."),
    "demo": ("demo", "Master the example that comes with burnish."),
}
"""Name, of one or two words -> (file in ``commands``, one line of help)."""

FAULT, USAGE, OUTPUT, INTERRUPTED = 1, 2, 5, 130

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def run(words: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; ``words`` are the arguments after the name."""
    words = list(sys.argv[1:] if words is None else words) or ["--help"]
    if (both := " ".join(words[:2])) in COMMANDS:
        words = [both, *words[2:]]
    try:
        with _stoppable(), _one_line():
            code = _app(words)(args=words, prog_name="burnish", standalone_mode=False)
            sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except BurnishError as error:
        return _say(error, error.code, error.sentence, error.exit_code)
    except (Stopped, KeyboardInterrupt, typer.Abort) as error:
        return _say(error, "interrupted", "stopped; nothing half-written is left", INTERRUPTED)
    except (BrokenPipeError, SystemExit):
        # Who reads us has seen enough (`burnish list styles | head -1`); typer makes it an exit.
        _into_the_void()
        return 0
    except MemoryError as error:
        return _say(error, "memory", "this machine has not enough memory for it", FAULT)
    except Exception as error:  # noqa: BLE001  the last net: no traceback for a person
        if isinstance(error, OSError) and error.errno in _FULL and error.filename is None:
            # Faults of files have names: this is what standard output is sent to.
            _into_the_void()
            sentence = f"standard output: cannot be written: {error.strerror}"
            return _say(error, "output-no-room", sentence, OUTPUT)
        # A wrong option: the one kind of error that typer raises, under a name that varies.
        if callable(words_of := getattr(error, "format_message", None)):
            sentence = str(words_of()).rstrip(".")
            return _say(error, "usage", f"{sentence}; see burnish --help", USAGE)
        sentence = (
            f"{type(error).__name__}: {error}. This is a fault of burnish, please report it "
            "with what BURNISH_DEBUG=1 shows"
        )
        return _say(error, "fault", sentence, FAULT)


def _into_the_void() -> None:
    """What is still to be printed goes nowhere: Python would try again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _app(words: list[str]) -> typer.Typer:
    """The commands, of which only the called one is real; the others are a line of help."""
    app = typer.Typer(
        name="burnish",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )

    @app.callback(help="From a finished mix to a release: measured, explained, rebuildable.")
    def burnish(
        version: Annotated[
            bool,
            typer.Option("--version", callback=_version, is_eager=True, help="Say the version."),
        ] = False,
    ) -> None:
        pass

    called = next((word for word in words if not word.startswith("-")), "")
    for name, (module, line) in COMMANDS.items():
        command: Callable[..., Any] = _unloaded
        if name == called:
            command = import_module(f"burnish.apps.cli.commands.{module}").command
        app.command(name, short_help=line)(command)
    return app


def _unloaded() -> None:
    """The place of a command in the list of commands."""


def _version(wanted: bool) -> None:
    if wanted:
        from burnish import __version__

        typer.echo(f"burnish {__version__}")
        raise typer.Exit


class Stopped(BaseException):
    """Somebody wants us to end: Ctrl-C, a polite kill, a closed terminal.

    Not KeyboardInterrupt, which typer ends in silence, and which Python remembers: raised inside an
    `exec`, as many imports do, it makes the exit code that of the signal though it was caught.
    """


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Turn the signals that mean "end" into ``Stopped``, so that everything cleans up behind it."""

    def stop(number: int, _: Any) -> None:
        raise Stopped(signal.Signals(number).name)

    before: dict[int, Any] = {}
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        # Only the main thread may do this; elsewhere (a test, a server) the host decides. And what
        # is ignored stays so: that is how `nohup` and a shell's `&` are made.
        with contextlib.suppress(ValueError, AttributeError):
            number = getattr(signal, name)
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _one_line() -> Iterator[None]:
    """An error is one line: what NumPy says of samples beyond all bounds is for a debugger."""
    with warnings.catch_warnings():
        if not _debugging():
            warnings.filterwarnings("ignore", category=RuntimeWarning)
        yield


def _debugging() -> bool:
    return os.environ.get("BURNISH_DEBUG") not in (None, "", "0")


def _say(error: BaseException, code: str, sentence: str, exit_code: int) -> int:
    if _debugging():
        import traceback

        traceback.print_exception(error)
    say(code, sentence)
    return exit_code
