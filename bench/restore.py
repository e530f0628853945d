"""The repair table: damage with known answers, mended by `burnish restore` and by its peers.

    python -m bench.restore --page              everything: the section of the page
    python -m bench.restore --only hiss         the cases whose group or name holds this, printed
    python -m bench.restore --no-peers --json   ours alone, the rows

What counts is how much nearer the mended sound is to its clean twin than the damaged one was: gain
of SDR in dB, a delay taken out. burnish gets the file and nothing else: what is damaged, and how
much, it finds itself. The peers are told more: which kind of damage it is, the mains, the level of
the hiss or a piece of it alone. Each has the one setting that came out best in the mean of its
group out of those that were tried:

    adeclick    method save; order 2 to 25, threshold 2 to 20, burst 0 to 10; on vinyl also with
                afftdn after it
    adeclip     method save (its overlap-add changes music that is not clipped); order 8 and 25,
                threshold 1 to 10, bins 100 to 9999, window 55 and 100
    afftdn      reduction 6 to 24 dB, floor -12 to +6 dB about the true one; the same with tracking
    sox         noisered 0.02 to 0.4, profile from the hiss alone
    noisereduce stationary, the same profile; reduction 0.5 to 1, 0 to 1.5 deviations
    notches     bandreject at the first 5 to 15 harmonics of the nominal mains, 0.3 to 8 Hz wide

Peers' figures are kept in build/bench/ (bench/kept.py).
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from bench import damage, limiters
from bench.damage import cases
from bench.kept import Kept, together
from bench.limiters import CORPUS, ROOT, read
from bench.page import Goal, circumstances, exit_code, goals_table, write_section

NULL_DB = -90.0
FASTEST = {"declick": 20.0, "dehum": 20.0, "denoise": 20.0, "declip": 2.0}
MOST_LAG = 8192
BURNISH = Path(sys.executable).with_name("burnish")


# ---- who mends ---------------------------------------------------------------------------------


def written(path, x, rate_hz):
    """The sound as a WAV file of floats."""
    soundfile.write(path, x.T, rate_hz, "FLOAT")
    return path


def burnish(sounds, folder):
    """The command line at its defaults; a gain that it says it used is taken out again."""
    mended, told = restored(written(folder / "damaged.wav", sounds.damaged, sounds.rate_hz), folder)
    gains_db = [s["settings"]["gain_db"] for s in told["steps"] if s["processor"] == "gain"]
    return mended * 10 ** (-sum(gains_db) / 20)


def restored(path, folder):
    """What `burnish restore` makes of a file, and what it says of it."""
    out = folder / "burnish.wav"
    command = [BURNISH, "restore", path, "-o", out, "--overwrite", "--json", "--quiet"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{path.name}: {done.stderr.strip()}")
    return read(out)[0], json.loads(done.stdout)


def ffmpeg(filters):
    """A chain of ffmpeg's filters; words in braces are filled in from the sounds."""

    def mend(sounds, _folder):
        x = sounds.damaged
        sound = ["-f", "f64le", "-ar", str(sounds.rate_hz), "-ac", str(len(x))]
        chain = filters(sounds) if callable(filters) else filters
        done = subprocess.run(
            ["ffmpeg", "-v", "error", *sound, "-i", "pipe:", "-af", chain, *sound, "pipe:"],
            input=np.ascontiguousarray(_with_tail(x).T).tobytes(),
            capture_output=True,
            check=True,
        )
        return np.frombuffer(done.stdout).reshape(-1, len(x)).T

    return mend


def _with_tail(x):
    """Silence after the end, for those that keep back what they are late by."""
    return np.pad(x, ((0, 0), (0, MOST_LAG)))


def afftdn(reduction_db, over_db, more=""):
    """ffmpeg's afftdn with the floor so far over the level of the hiss."""
    return ffmpeg(
        lambda sounds: (
            f"afftdn=nr={reduction_db}:nf={np.clip(sounds.hint + over_db, -80, -20)}{more}"
        )
    )


def notches(width_hz, n=10):
    """Band-rejects at the harmonics of the nominal mains."""
    return ffmpeg(
        lambda sounds: ",".join(
            f"bandreject=f={sounds.hint * k:g}:width_type=h:w={width_hz:g}" for k in range(1, n + 1)
        )
    )


def noisered(amount):
    """sox noisered, its profile from the hiss alone."""

    def mend(sounds, folder):
        paths = [folder / f"{name}.wav" for name in ("noise", "damaged", "sox")]
        written(paths[0], sounds.noise, sounds.rate_hz)
        written(paths[1], _with_tail(sounds.damaged), sounds.rate_hz)
        profile = folder / "sox.profile"
        sox = ("sox", "-V1")  # it warns of every WAV file of floats
        subprocess.run([*sox, paths[0], "-n", "noiseprof", profile], check=True)
        subprocess.run([*sox, *paths[1:], "noisered", profile, str(amount)], check=True)
        return read(paths[2])[0]

    return mend


def noisereduce(reduction, deviations):
    """noisereduce 3.0.3, stationary; its profile from the hiss alone where there is any.

    Even at reduction 0 it loses what lies under 100 Hz; only what the reduction changed is taken.
    """

    def mend(sounds, _folder):
        job = (sounds.damaged, sounds.noise, sounds.rate_hz)
        settings = {"n_std_thresh_stationary": deviations}
        at_0, at_all = (
            limiters.worker().reduce(*job, settings | {"prop_decrease": one})
            for one in (0.0, reduction)
        )
        return sounds.damaged + at_all - at_0

    return mend


PEERS = {
    "clicks": {"ffmpeg adeclick": (ffmpeg, "adeclick=m=s:a=25:t=2")},
    "vinyl": {
        "ffmpeg adeclick": (ffmpeg, "adeclick=m=s:a=25:t=2"),
        "adeclick, afftdn": (ffmpeg, "adeclick=m=s:a=25:t=2,afftdn=nr=6:nf=-60:tn=1"),
    },
    "clipping": {"ffmpeg adeclip": (ffmpeg, "adeclip=m=s:a=8:t=1:n=1000")},
    "hum": {
        "ffmpeg notches": (notches, 0.3, 5),
        "noisereduce": (noisereduce, 0.5, 0.5),
    },
    "hiss": {
        "ffmpeg afftdn": (afftdn, 24, 0),
        "ffmpeg afftdn, tracking": (afftdn, 24, 0, ":tn=1"),
        "sox noisered": (noisered, 0.02),
        "noisereduce": (noisereduce, 0.5, 1.5),
    },
}
"""Damage -> peer -> what makes its mender, and with which settings."""


# ---- judging -----------------------------------------------------------------------------------


def aligned(sounds, mended):
    """As long as the clean twin, with a constant delay taken out."""
    n = sounds.clean.shape[1]
    size = 1 << (max(n, mended.shape[1]) + MOST_LAG).bit_length()
    product = sum(
        np.conj(np.fft.rfft(a, size)) * np.fft.rfft(b, size)
        for a, b in zip(sounds.clean, mended, strict=True)
    )
    lags = np.fft.irfft(product)
    lag = int(np.concatenate((lags[-MOST_LAG:], lags[: MOST_LAG + 1])).argmax()) - MOST_LAG
    y = np.pad(mended, ((0, 0), (max(0, -lag), n + MOST_LAG)))
    return y[:, max(0, lag) : max(0, lag) + n]


def row(case, peers, kept):
    """SDR of the damaged one in dB, and the gain of burnish and each peer."""
    sounds = case.make()
    told = {"before": sounds.sdr_db}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def gain_db(mend):
            return sounds.gain_db(aligned(sounds, mend(sounds, folder)))

        told["burnish"] = gain_db(burnish)
        if peers:
            for who, (make, *how) in PEERS[case.group].items():
                key = f"{who} {how} | {case.group} | {case.name}"
                told[who] = kept.of(key, lambda make=make, how=how: gain_db(make(*how)))
    return told


def judge(only="", peers=True, say=lambda _: None):
    """{(group, name): gains in dB}."""
    files = (Path(damage.__file__), ROOT / "bench" / "peer_worker.py")
    ways = (ffmpeg, afftdn, notches, noisered, noisereduce, written, aligned, _with_tail)
    kept = Kept("restore", *files, *ways, MOST_LAG)

    def judge_case(case):
        told = row(case, peers, kept)
        say(f"{case.group}, {case.name}: " + ", ".join(f"{k} {v:.1f}" for k, v in told.items()))
        return (case.group, case.name), told

    wanted = [case for case in cases() if only in case.group or only in case.name]
    return dict(together(judge_case, wanted))


def false_repairs(say=lambda _: None):
    """{track: (steps that mended, null in dB)} of every clean track of the corpus, as floats."""
    from bench.quality import music

    def look(track):
        x, rate_hz = read(CORPUS / track)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            y, told = restored(written(folder / "clean.wav", x, rate_hz), folder)
        x = x.astype(np.float32)
        power = np.square(y - x).sum() / np.square(x).sum()
        found = (
            ", ".join(s["processor"] for s in told["steps"]),
            10 * math.log10(power) if power else -math.inf,
        )
        say(f"clean {track}: {found[0] or 'nothing'}, {found[1]:.1f} dB")
        return Path(track).stem, found

    return dict(together(look, music()))


def speeds():
    """{processor: seconds of stereo sound at 44.1 kHz that it mends in a second}, one thread, warm.

    Each alone, on an excerpt that needs it, with what the engineer chose for it; declip with the
    drive at which 1 % of the samples are cut.
    """
    from burnish.audio import Audio, AudioSource
    from burnish.engineer.repair import Repairs, mend
    from burnish.measure.examine import examine
    from burnish.processors.show import play

    name = "01 folk pop"
    x, rate_hz = damage.music(name, damage.HUM_SECONDS)
    top = np.quantile(np.abs(x), 0.99)
    materials = {
        "declick": damage.clicked(x, rate_hz, 1.0, np.random.default_rng(1)),
        "declip": np.clip(x, -top, top),
        "dehum": damage.humming(x, rate_hz, 50.0, np.random.default_rng(2)),
        "denoise": damage.hissing(x, rate_hz, -50.0, np.random.default_rng(3))[1],
    }
    found = {}
    for processor, damaged in materials.items():
        source = AudioSource(Audio(np.ascontiguousarray(damaged), rate_hz))
        steps = mend(examine(source), Repairs(), source).steps
        settings = next((s.settings for s in steps if s.processor == processor), None)
        if settings is None:
            found[processor] = None
            continue
        play(settings, damaged[:, : 2 * rate_hz], rate_hz, 4096)
        start_s = time.thread_time()
        play(settings, damaged, rate_hz, 4096)
        found[processor] = damaged.shape[1] / rate_hz / (time.thread_time() - start_s)
    return found


# ---- the page ----------------------------------------------------------------------------------


def mean(rows, group, who):
    """Mean gain over the cases of a group."""
    return float(np.mean([told[who] for (of, _), told in rows.items() if of == group]))


def goals(rows, nulls, factors):
    """Better than each peer in the mean, nothing mended where nothing is damaged, fast enough."""
    found = []
    for group, peers in PEERS.items():
        ours = mean(rows, group, "burnish")
        for who in peers:
            theirs = mean(rows, group, who)
            title = f"{group}: mean gain of SDR against {who}"
            found.append(Goal(title, f"{ours:+.2f} dB", f"over {theirs:+.2f} dB", ours > theirs))
    touched = [
        f"{track} ({steps}, {null:.0f} dB)"
        for track, (steps, null) in nulls.items()
        if null > NULL_DB
    ]
    title = f"clean tracks that restore changes, of {len(nulls)}"
    found.append(
        Goal(title, "; ".join(touched) or "none", f"none above {NULL_DB:g} dB", not touched)
    )
    for processor, least in FASTEST.items():
        factor = factors.get(processor)
        text = "was not asked for" if factor is None else f"{factor:.1f}"
        passed = None if factor is None else factor >= least
        found.append(Goal(f"{processor}: real-time factor", text, f"at least {least:g}", passed))
    return found


def as_markdown(rows):
    """A table a group: a row a kind of damage, its pieces of music averaged; then the mean."""
    parts = []
    for group, peers in PEERS.items():
        names = ("burnish", *peers)
        of = {name: told for (g, name), told in rows.items() if g == group}
        kinds = {}
        for name, told in of.items():
            kinds.setdefault(name.partition(",")[0], []).append(told)
        lines = [f"| {group} | SDR before | {' | '.join(names)} |", "|-" * (len(names) + 2) + "|"]
        for kind, told in [*kinds.items(), ("**mean**", list(of.values()))]:
            before = np.mean([one["before"] for one in told])
            cells = (f"{np.mean([one[who] for one in told]):+.2f}" for who in names)
            lines.append(f"| {kind} | {before:.1f} | {' | '.join(cells)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def section(say=lambda _: None):
    """The text for the page, and its goals."""
    limiters.make_peers()
    rows, nulls, factors = judge(say=say), false_repairs(say), speeds()
    found = goals(rows, nulls, factors)
    text = f"""## Restore

{circumstances()}

Excerpts of {damage.SECONDS} s with damage made or mixed into them (bench/damage.py), and the
corpus's own damaged files with their clean twins. SDR before, and the gain of SDR against the clean
twin in dB, a constant delay taken out; each row is the mean of its pieces of music. burnish is
`burnish restore` at its defaults, told nothing. The peers are told the kind of damage, the nominal
mains, the level of the hiss or a piece of it alone, and have the best of several settings
(bench/restore.py says which were tried).

{as_markdown(rows)}

{goals_table(found)}
"""
    return text, found


def main():
    """Write the section of the page, or print some rows; exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--page", action="store_true", help="write the section of the page")
    asked = parser.parse_args()

    def say(text):
        print(text, file=sys.stderr, flush=True)

    if asked.page:
        text, found = section(say)
        write_section("restore", text)
        sys.exit(exit_code(found))
    rows = judge(asked.only, not asked.no_peers, say)
    if asked.json:
        print(
            json.dumps(
                {f"{group} | {name}": told for (group, name), told in rows.items()}, indent=1
            )
        )
        return
    for group in dict.fromkeys(group for group, _ in rows):
        told = next(told for (of, _), told in rows.items() if of == group)
        means = ", ".join(f"{who} {mean(rows, group, who):+.2f}" for who in told)
        print(f"{group}: {means}")


if __name__ == "__main__":
    main()
