"""What a person should know of a finished master, from its records."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from burnish.audio import SourceInfo
from burnish.chain import InputNote, Plan
from burnish.finding import Finding
from burnish.measure import Measurement

MISS_LU = 0.05  # a written file may be this far from its target
OVER_DB = 0.01


def findings_of(
    plan: Plan,
    before: Measurement,
    after: Measurement,
    info: SourceInfo,
    note: InputNote | None = None,
    decoded: Mapping[str, float] | None = None,
    lowered_db: float = 0.0,
) -> tuple[Finding, ...]:
    """The source's own remarks, another mix than the sheet's, a target that was not reached."""
    found = [
        Finding("source-remark", "warn", "The file is not as it says", remark, "Export it anew.")
        for remark in info.remarks
    ]
    if note is not None and note.sha256 != plan.input.sha256:
        found.append(other_mix(info.name))
    wanted_lufs, ceiling_dbtp = plan.target.get("loudness_lufs"), plan.target.get("ceiling_dbtp")
    stopped = plan.target.get("stopped_by")
    got_lufs, got_dbtp = after.loudness.integrated_lufs, after.peaks.true_peak_dbtp
    if wanted_lufs is not None and got_lufs is not None and abs(got_lufs - wanted_lufs) > MISS_LU:
        held = (
            f"{stopped['rule']}: any louder, and {_broken(stopped)}."
            if stopped
            else "The settings of the plan lead there."
        )
        found.append(
            Finding(
                "loudness-stopped" if stopped else "loudness-missed",
                "info" if stopped else "warn",
                f"{got_lufs:.1f} LUFS instead of {wanted_lufs:.1f}",
                f"Held back by {held}" if stopped else held,
                "--intensity 1 widens the limits; a denser mix needs less.",
            )
        )
    if passed := plan.target.get("passed_by"):
        found.append(
            Finding(
                "rule-passed",
                "warn",
                f"Louder than the rule {passed['rule']} lets pass",
                f"Here {_broken(passed)} ({passed['value']:g} {passed['unit']}); nothing was to "
                "stop it.",
                "Without --no-stop the master ends where the rules hold.",
            )
        )
    if ceiling_dbtp is not None and got_dbtp is not None and got_dbtp > ceiling_dbtp + OVER_DB:
        found.append(
            Finding(
                "ceiling-passed",
                "warn",
                f"{got_dbtp:.2f} dBTP over the ceiling of {ceiling_dbtp:.2f}",
                "The file as read back has a higher true peak than was asked.",
                "Lower the limiter's ceiling in the recall sheet.",
            )
        )
    said = (*found, *_codecs(plan, decoded or {}, lowered_db))
    return tuple(replace(one, about="master") for one in said)


def other_mix(name: str) -> Finding:
    """A file that is not the one that a recall sheet was made from."""
    return Finding(
        "recall-other-mix",
        "warn",
        "Not the mix that the sheet was made from",
        f"{name} has another fingerprint (SHA-256) than the sheet names.",
        "The settings were respected; loudness and ceiling may come out otherwise.",
    )


def _codecs(plan: Plan, decoded: Mapping[str, float], lowered_db: float) -> Iterator[Finding]:
    """What the codecs cost, and those that did not hold all the same."""
    limit_dbtp = plan.target.get("decoded_ceiling_dbtp", 0.0)
    heard = ", ".join(f"{name} {peak:.2f}" for name, peak in decoded.items())
    if lowered_db > 0.0:
        yield Finding(
            "codec-lowered",
            "info",
            f"The ceiling is {lowered_db:.2f} dB lower for its codecs",
            f"So what comes back from them stays under {limit_dbtp:g} dBTP: {heard}.",
            "--codec-safe none keeps the ceiling, and lets them clip.",
        )
    passed = {name: peak for name, peak in decoded.items() if peak > limit_dbtp}
    if passed:
        worst = max(passed, key=lambda name: passed[name])
        yield Finding(
            "codec-passed",
            "warn",
            f"{passed[worst]:.2f} dBTP behind {worst}, over {limit_dbtp:g}",
            f"What comes back from its codecs: {heard} dBTP.",
            "Lower the limiter's ceiling, or ask for less loudness.",
        )


def _broken(stop: Mapping[str, Any]) -> str:
    """What a rule forbids, with its limit: 'more than 12 % of the punch is lost'."""
    limit = f"than {stop['limit']:g} {stop['unit']}"
    return str(stop["sentence"]).replace("than this", limit)
