"""A user's own chain: its steps are played instead of the rules' own, and only loudness is solved.

A chain that ends in a limiter keeps it: driven where a loudness is asked for, else left as written.
To any other chain burnish adds its own limiter at the end.
"""

from dataclasses import dataclass
from typing import Self

from burnish.chain import Step
from burnish.engineer.rules import Advice
from burnish.engineer.wishes import Wishes
from burnish.errors import SettingError
from burnish.processors.limiter import Limiter
from burnish.targets import Target

_HEARD = {"style", "for_", "loudness_lufs", "ceiling_dbtp", "intensity", "stop", "codec_safe"}
"""Wishes that are about loudness and peaks; all others are the rules'."""


@dataclass(frozen=True)
class OwnChain:
    """The steps before the limiter at the end, and that limiter; None: burnish adds its own."""

    steps: tuple[Step, ...]
    last: Step | None
    limiter: Limiter | None
    as_written: bool
    said: tuple[str, ...] = ()

    @classmethod
    def of(cls, steps: tuple[Step, ...], wishes: Wishes, said: tuple[str, ...] = ()) -> Self:
        """Take a chain apart; a wish that no rule is there to hear is a ``SettingError``.

        Only a limiter of the whole sound ends a chain: it alone holds the ceiling. What is ``said``
        of its steps goes into the notes.
        """
        for one in wishes.declared():
            if one.name not in _HEARD and getattr(wishes, one.name) != one.default:
                raise SettingError(
                    "usage",
                    f"chain: only its own steps are played; leave out {one.name.strip('_')}",
                )
        playing = [step for step in steps if not step.bypass]
        last = playing[-1] if playing else None
        if last is None or not isinstance(last.settings, Limiter) or last.on != "stereo":
            return cls(steps, None, None, False, said)
        limiter = last.settings
        if wishes.ceiling_dbtp is not None:
            limiter = limiter.with_(ceiling_dbtp=wishes.ceiling_dbtp)
        before = tuple(step for step in steps if step is not last)
        return cls(before, last, limiter, wishes.loudness_lufs is None, said)

    @property
    def advice(self) -> Advice:
        """The steps, and what is to be said of them."""
        notes = ["The steps are those of the chain given; no rule was asked."]
        if self.as_written:
            notes.append("Its limiter is left as written; --loudness-lufs drives it.")
        elif self.limiter is None:
            notes.append("It ends in no limiter; burnish added its own.")
        return Advice(self.steps, (*notes, *self.said))

    def bend(self, target: Target) -> Target:
        """The target under the ceiling of the chain's own limiter, where it has one."""
        if self.limiter is None or self.limiter.ceiling_dbtp == target.ceiling_dbtp:
            return target
        return target.with_(
            ceiling_dbtp=self.limiter.ceiling_dbtp,
            sources={**target.sources, "ceiling": "the chain's own limiter"},
        )

    def ending(self) -> tuple[Step, ...]:
        """The limiter that is left as written."""
        if self.last is None or self.limiter is None:
            return ()
        return (self.last.with_(settings=self.limiter),)
