"""Aspects: which sides of a reference are matched, and how much of each."""

from burnish.errors import SettingError
from burnish.settings import Settings, setting

FULL_AT = 0.5
"""The intensity, burnish's default, at which a reference is matched in full."""


class Aspects(Settings):
    """How much of each is matched: 0 leaves it, 1 goes as far as the evidence, 1.5 further."""

    tone: float = setting(1.0, low=0, high=1.5, help="Tone of the middle and of the side.")
    width: float = setting(1.0, low=0, high=1.5, help="How wide it is, by frequency.")
    dynamics: float = setting(1.0, low=0, high=1.5, help="How much the loudness moves.")
    loudness: float = setting(1.0, low=0, high=1, help="Integrated loudness.")


def aspects(words: str, intensity: float) -> Aspects:
    """What ``match`` asks for ("tone=0.8,width=0"), scaled by the intensity; the rest is 1.

    At intensity 0.5 and above it is as asked, below it is less, at 0 nothing but the loudness is
    matched. A word that is no aspect, or no number, is a ``SettingError``.
    """
    values: dict[str, float] = {}
    for part in filter(None, (one.strip() for one in words.split(","))):
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name not in Aspects.model_fields:
            known = ", ".join(Aspects.model_fields)
            raise SettingError("match-unknown", f"match={part}: must be ASPECT=X of {known}")
        try:
            values[name] = float(value)
        except ValueError:
            raise SettingError("match-unknown", f"match={part}: must be {name}=0 to 1.5") from None
    asked = Aspects(**values)
    scale = min(1.0, intensity / FULL_AT)
    return asked.with_(
        **{name: scale * getattr(asked, name) for name in ("tone", "width", "dynamics")}
    )
