"""Options made from declared settings, so that a setting is declared once."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, Literal, get_args

import typer

from burnish.settings import Declared, Settings


def with_settings(*models: type[Settings], only: set[str] | None = None) -> Callable[..., Any]:
    """Give a command one option for each setting of the models, under the setting's own name.

    The command's ``settings`` argument gets what was given, by name; what was not given is left
    out, so the model's own default stands. A setting that the command declares itself is left to
    it. Ranges are checked by the model, not by the option: the words of a fault are the same
    everywhere.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        parameters = [
            parameter
            for parameter in inspect.signature(function).parameters.values()
            if parameter.name != "settings"
        ]
        own = {parameter.name for parameter in parameters}
        generated: dict[str, inspect.Parameter] = {}
        for model in models:
            for one in model.declared():
                # Of two models with a setting of one name the first has it.
                if one.name not in own | set(generated) and (only is None or one.name in only):
                    generated[one.name] = _parameter(model, one)
        names = list(generated)

        def command(**values: Any) -> Any:
            settings = {
                name: tuple(value) if isinstance(value, list) else value
                for name in names
                if (value := values.pop(name)) not in (None, [])
            }
            return function(**values, settings=settings)

        command.__name__ = function.__name__
        command.__doc__ = function.__doc__
        command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [*parameters, *generated.values()]
        )
        return command

    return decorate


def flag(name: str) -> str:
    """The option of a setting: ``loudness_lufs`` is ``--loudness-lufs``, ``for_`` is ``--for``."""
    return "--" + name.strip("_").replace("_", "-")


def _parameter(model: type[Settings], one: Declared) -> inspect.Parameter:
    kind, many = _kind(model.model_fields[one.name].annotation)
    if one.scale == "switch":
        metavar, option = None, f"{flag(one.name)}/--no-{flag(one.name)[2:]}"
    else:
        metavar, option = _metavar(one, kind), flag(one.name)
    annotation: Any = Annotated[
        (list[kind] if many else kind) | None,  # type: ignore[valid-type]
        typer.Option(option, help=_help(one), metavar=metavar, show_default=False),
    ]
    return inspect.Parameter(
        one.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation
    )


def _kind(annotation: Any) -> tuple[type, bool]:
    """The plain type that the command line reads, and whether the option may be repeated."""
    parts = {annotation, *get_args(annotation)}
    for part in get_args(annotation):
        parts |= set(get_args(part))
    many = getattr(annotation, "__origin__", None) is tuple
    if any(getattr(part, "__origin__", None) is Literal for part in parts):
        return str, many  # words, or a number or a word: the model reads it
    for kind in (bool, float, int):
        if kind in parts:
            return kind, many
    return str, many


def _metavar(one: Declared, kind: type) -> str:
    if one.low is not None and one.high is not None:
        return "|".join((f"{one.low:g}..{one.high:g}", *one.choices))
    if _short(one):
        return "|".join(one.choices)
    return {float: "X", int: "N"}.get(kind, "NAME")


def _help(one: Declared) -> str:
    about = [one.help.rstrip(".")]
    if one.choices and not _short(one):
        about.append(f"one of {', '.join(one.choices)}")
    if one.unit:
        about.append(f"in {one.unit}")
    if one.default not in (None, (), ""):
        given = f"{one.default:g}" if isinstance(one.default, float) else one.default
        about.append(f"default {given}")
    return "; ".join(about) + "."


def _short(one: Declared) -> bool:
    """Whether the choices fit beside the option; else the help tells them."""
    return 0 < len("|".join(one.choices)) <= SHORT


SHORT = 16
"""Choices longer than this would push the help of every option aside."""
