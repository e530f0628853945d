"""``burnish batch``: a whole catalogue, on one machine or many."""

import json as json_text
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from burnish.apps.batch.asked import BatchSettings
from burnish.apps.batch.events import Observer
from burnish.apps.batch.executors import executor_for
from burnish.apps.batch.learned import learn, refuse
from burnish.apps.batch.ledger import read_head
from burnish.apps.batch.manifest import Manifest, ManifestError
from burnish.apps.batch.metrics import Metrics
from burnish.apps.batch.places import Place
from burnish.apps.batch.report import REPORT, write_report
from burnish.apps.batch.rows import import_pyarrow
from burnish.apps.batch.run import SETUP, Run, Summary, open_folder
from burnish.apps.batch.summary import summary_of
from burnish.apps.batch.works import WORKS
from burnish.apps.cli.batch_progress import BatchWatch
from burnish.apps.cli.options import with_settings
from burnish.apps.cli.screen import out, print_json, say
from burnish.apps.cli.usual import Json, Quiet
from burnish.errors import SettingError
from burnish.settings import Settings

DOES_NOT_PASS = 4
_MODELS: tuple[type[Settings], ...] = tuple(
    dict.fromkeys(model for work in WORKS.values() for model in work.models)
)
_OPTIONS = {*BatchSettings.model_fields, *(n for model in _MODELS for n in model.model_fields)}
_INNER = {"storage", "part_rows", "part_s", "backoff_s"}


@with_settings(BatchSettings, *_MODELS, only=_OPTIONS - _INNER)
def command(
    manifest: Annotated[
        str,
        typer.Argument(
            metavar="MANIFEST",
            show_default=False,
            help="CSV, JSON lines or Parquet with a row a song; or a folder, or a pattern of "
            "files, as 'songs/**/*.flac'. A path or a URL.",
        ),
    ],
    output: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR|URL",
            show_default=False,
            help="Folder of outputs, state and results.",
        ),
    ],
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run that is there.")
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="With --resume: those in quarantine too.")
    ] = False,
    learn_: Annotated[
        str,
        typer.Option(
            "--learn",
            metavar="PROFILE.yaml",
            show_default=False,
            help="Learn a profile of all rows (--do learn).",
        ),
    ] = "",
    storage: Annotated[
        str,
        typer.Option(
            metavar="JSON",
            show_default=False,
            help='Options of fsspec by protocol: {"s3": {"endpoint_url": "http://..."}}.',
        ),
    ] = "",
    metrics_port: Annotated[
        int | None,
        typer.Option(
            metavar="PORT",
            min=0,
            max=65535,
            show_default=False,
            help="Tell Prometheus how the run is, at http://127.0.0.1:PORT/metrics.",
        ),
    ] = None,
    no_page: Annotated[bool, typer.Option("--no-page", help="Draw no page of the run.")] = False,
    json: Json = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that no batch wrote.")
    ] = False,
    quiet: Quiet = False,
    *,
    settings: dict[str, Any],
) -> int:
    """Do the same with many songs or albums: master, restore, measure, check, qc, album, learn.

    A row may say any setting; an option holds for all rows that say nothing else. A second run does
    nothing; --resume goes on after anything. Exit code 4 where a row failed or does not pass.
    """  # fmt: skip
    import_pyarrow()
    own = {k: settings.pop(k) for k in BatchSettings.model_fields if k in settings}
    if learn_:
        own = {"do": "learn", **own}
    asked = BatchSettings(**own, storage=storage_of(storage))
    if learn_ and asked.do != "learn":
        raise SettingError("usage", f"--learn: not with --do {asked.do}")
    profile = Place.of(learn_, asked.storage) if learn_ else None
    if profile is not None:
        refuse(profile, overwrite or resume)
    rows = Manifest(manifest, asked.do, output, settings, asked.storage)
    try:
        checked = rows.check()
    except ManifestError as error:
        _tell(error, json)
        raise
    ledger = open_folder(output, asked)
    with (
        _told(metrics_port) as observers,
        BatchWatch(quiet) as watch,
        executor_for(asked.scheduler or None, asked.workers, SETUP, asked.patience_s) as crew,
    ):
        run = Run(rows, checked, ledger, crew, asked, (watch, *observers), overwrite=overwrite)
        summary = run.go(resume, retry_failed)
    document = {"output": output, "do": asked.do, **summary.to_json()}
    if asked.do == "learn":
        place = profile or Place.of(output, asked.storage).join("profile.yaml")
        document["learned"] = learn(ledger, checked, place)
    if not no_page:
        document["report"] = _reported(Place.of(output, asked.storage))
    if json:
        print_json(document)
    elif not quiet:
        _print(output, summary, document)
    return 0 if summary.passed else DOES_NOT_PASS


@contextmanager
def _told(metrics_port: int | None) -> Iterator[tuple[Observer, ...]]:
    """Who is told how the run goes, beside who watches."""
    if metrics_port is None:
        yield ()
        return
    with Metrics().served(metrics_port) as metrics:
        yield (metrics.told,)


def _reported(folder: Place) -> str:
    """Draw the page of the run; where it is."""
    head = read_head(folder)
    if head is not None:
        write_report(folder, summary_of(folder), head)
    return folder.join(REPORT).url


def storage_of(text: str) -> dict[str, Any]:
    """The value of ``--storage``."""
    try:
        told = json_text.loads(text) if text else {}
    except ValueError as error:
        raise SettingError("usage", f"--storage: is no JSON: {error}") from None
    if not isinstance(told, dict) or not all(isinstance(one, dict) for one in told.values()):
        raise SettingError("usage", '--storage: must be like {"s3": {"endpoint_url": "..."}}')
    return told


def _tell(error: ManifestError, json: bool) -> None:
    """The rows that cannot be used, one a line."""
    if json:
        faults = [{"row": one.row, "sentence": one.sentence} for one in error.faults]
        print_json({"faults": faults, "more": error.more})
        return
    for one in error.faults:
        say("manifest-row", str(one))
    if error.more:
        say("manifest-row", f"and {error.more} more")


def _print(output: str, summary: Summary, document: dict[str, Any]) -> None:
    screen = out()
    sums = summary.sums
    done = sums["made"] + sums["stood"]
    screen.print(
        f"{done} of {sums['rows']} rows done ({summary.worked} looked at in this run), "
        f"{sums['failed']} failed, {sums['not_passed']} do not pass",
        soft_wrap=True,
    )
    for code, count in sums["failures"].items():
        screen.print(f"  {count:>7}  {code}")
    if "learned" in document:
        screen.print(f"{document['learned']['profile']}: of {document['learned']['tracks']} tracks")
    screen.print(f"{output.rstrip('/')}/results.parquet", soft_wrap=True)
    if "report" in document:
        screen.print(document["report"], soft_wrap=True)
