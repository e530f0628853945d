"""The rack. Each processor is one file: settings, design, kernel; loaded when it is first named."""

from importlib import import_module

from burnish.errors import SettingError
from burnish.processors.base import Block, FixedBlocks, Identity, Processor, Runner

RACK: dict[str, tuple[str, str]] = {
    "gain": ("gain", "Gain"),
    "align": ("align", "Align"),
    "balance": ("balance", "Balance"),
    "declip": ("repair.declip", "Declip"),
    "declick": ("repair.declick", "Declick"),
    "decrackle": ("repair.decrackle", "Decrackle"),
    "dropout": ("repair.dropout", "Dropout"),
    "dehum": ("repair.dehum", "Dehum"),
    "denoise": ("repair.denoise", "Denoise"),
    "equalizer": ("equalizer", "Equalizer"),
    "match_eq": ("match_eq", "MatchEq"),
    "passive_equalizer": ("passive_equalizer", "PassiveEqualizer"),
    "compressor": ("compressor", "Compressor"),
    "bus_compressor": ("bus_compressor", "BusCompressor"),
    "opto": ("opto", "Opto"),
    "vari_mu": ("vari_mu", "VariMu"),
    "multiband": ("multiband", "Multiband"),
    "upward_compressor": ("upward_compressor", "UpwardCompressor"),
    "expander": ("expander", "Expander"),
    "dynamic_eq": ("dynamic_eq", "DynamicEq"),
    "deesser": ("deesser", "Deesser"),
    "transient": ("transient", "Transient"),
    "resonance": ("resonance", "Resonance"),
    "saturation": ("saturation", "Saturation"),
    "tape": ("tape", "Tape"),
    "tube": ("tube", "Tube"),
    "transformer": ("transformer", "Transformer"),
    "low_end_focus": ("low_end_focus", "LowEndFocus"),
    "bass_harmonics": ("bass_harmonics", "BassHarmonics"),
    "width": ("width", "Width"),
    "reverb": ("reverb", "Reverb"),
    "clipper": ("clipper", "Clipper"),
    "limiter": ("limiter", "Limiter"),
}
"""Name in plans and on the command line -> (module, class)."""

OUTSIDE: dict[str, tuple[str, str]] = {
    "plugin": ("hosted.plugin", "Plugin"),
    "hardware": ("hardware", "Hardware"),
}
"""The same of steps that burnish does not play itself: what they promise is not the rack's."""


def processor_type(name: str) -> type[Processor]:
    """The settings class of the processor of that name; a ``SettingError`` lists the names."""
    known = {**RACK, **OUTSIDE}
    if name not in known:
        raise SettingError(
            "processor-unknown", f"processor={name}: must be one of {', '.join(known)}"
        )
    module, kind = known[name]
    found: type[Processor] = getattr(import_module(f"burnish.processors.{module}"), kind)
    return found


__all__ = [
    "OUTSIDE",
    "RACK",
    "Block",
    "FixedBlocks",
    "Identity",
    "Processor",
    "Runner",
    "processor_type",
]
