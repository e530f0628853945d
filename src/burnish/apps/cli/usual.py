"""The options that most commands have, said once."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")]
NoProgress = Annotated[bool, typer.Option("--quiet", help="No progress.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")]
Strict = Annotated[
    bool, typer.Option("--strict", help="End with 4 where the target was not reached.")
]
