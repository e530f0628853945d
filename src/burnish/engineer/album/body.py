"""Body: what one track has from its album, when it is drafted."""

from dataclasses import dataclass
from typing import Any

from burnish.engineer.album import dynamics, tone
from burnish.engineer.album.signature import Signature
from burnish.engineer.rules.advice import Advice
from burnish.engineer.wishes import Wishes
from burnish.measure import Measurement
from burnish.targets import Target

FULL_AT = 0.5
"""The intensity, burnish's default, at which a track goes the whole of its share."""


@dataclass(frozen=True)
class Body:
    """The place of a track on its album: how loud, under which ceiling, toward what.

    Without a loudness its own target stands; without a signature nothing else moves: so it is with
    the anchor, which makes the signature.
    """

    loudness_lufs: float | None = None
    loudness_from: str = ""
    ceiling_dbtp: float | None = None
    ceiling_from: str = ""
    signature: Signature | None = None
    share: float = 0.0
    """How far it moves toward the signature, 0 to 1."""

    def bent(self, target: Target) -> Target:
        """The track's target with the album's loudness and ceiling; the same where they agree."""
        sources, values = dict(target.sources), dict[str, float]()
        if self.loudness_lufs is not None and self.loudness_lufs != target.loudness_lufs:
            values["loudness_lufs"] = self.loudness_lufs
            sources["loudness"] = self.loudness_from
        if self.ceiling_dbtp is not None and self.ceiling_dbtp < target.ceiling_dbtp:
            values["ceiling_dbtp"] = self.ceiling_dbtp
            sources["ceiling"] = self.ceiling_from
        return target.with_(**values, sources=sources) if values else target

    def wishes(self, wishes: Wishes) -> Wishes:
        """The track's wishes: "as loud as costs little" was asked of the anchor alone."""
        most = wishes.loudness_lufs == "max" and self.loudness_lufs is not None
        return wishes.with_(loudness_lufs=None) if most else wishes

    def tone(self, measured: Measurement, target: Target, wishes: Wishes, style: Advice) -> Advice:
        """Tone and width toward the signature, on top of what the style moves."""
        if self.signature is None:
            return Advice()
        share = self._share(wishes)
        return tone.advise(measured, target, self.signature, share, style.steps)

    def dynamics(
        self, measured: Measurement, target: Target, wishes: Wishes, style: Advice
    ) -> Advice:
        """Range toward the signature, where the style's own rule leaves it."""
        if self.signature is None:
            return Advice()
        share = self._share(wishes)
        return dynamics.advise(measured, target, self.signature, share, style.steps)

    def to_json(self) -> dict[str, Any]:
        """All of it, of plain numbers, strings, lists and None."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        signature = None if self.signature is None else self.signature.model_dump(mode="json")
        return {**values, "signature": signature}

    def _share(self, wishes: Wishes) -> float:
        """Less below the usual intensity, nothing at 0, as with a reference."""
        return self.share * min(1.0, wishes.intensity / FULL_AT)
