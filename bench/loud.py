"""The loud table: mixes made loud, the whole of `burnish master` against the peers' limiters.

    python -m bench.loud                        all of it
    python -m bench.loud --only 09 --lufs -8    some rows
    python -m bench.loud --no-peers --json F    ours alone, with the rows in F

Ten excerpts of the corpus, each brought to -9, -8 and -7 LUFS under -1 dBTP. Each peer gets the
input gain that makes it as loud as asked; burnish gets the mix and the loudness, and everything
else is its own doing. The written result is held against the mix at equal loudness. Peers' figures
are kept in build/bench/ (bench/kept.py).
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import soundfile

from bench import limiters, metrics
from bench.kept import Kept, together
from bench.limiters import CEILING_DBTP, CORPUS, ROOT, read
from bench.page import Goal, circumstances, exit_code, goals_table, write_section

LOUDNESS_LUFS = (-9.0, -8.0, -7.0)
SECONDS = 30
# name: file of the corpus, first second. All stand below -9 LUFS as they are.
EXCERPTS = {
    "01 folk pop, vocal": ("tracks/01_karissa_lets_go_fishin.ogg", 50),
    "02 jazz, electronic": ("tracks/02_macleod_vibe_ace.ogg", 15),
    "05 ballad": ("tracks/05_helland_faith_love_remix.mp3", 50),
    "06 light orchestral": ("tracks/06_helland_surreptitious.mp3", 20),
    "08 pop/rock, vocal": ("tracks/08_morin_on_the_run.ogg", 100),
    "09 industrial": ("tracks/09_crystan_battlescape01.ogg", 60),
    "10 orchestral": ("tracks/10_vanethian_theme.ogg", 100),
    "14 electronic, drums": ("tracks/14_lmms_saber_final_step.flac", 10),
    "15 electronic, chill": ("tracks/15_lmms_alf42red_mauiwowi.flac", 10),
    "song1 pop/rock": ("stems/song1/mix_unmastered.flac", 15),
}
MEASURES = {"lsd_db": "LSD", "crest_loss_db": "crest loss", "pumping_db": "pumping"}
ROWS_WANTED = 8  # of the ten, at each loudness
MISS_LU = 0.05
OVER_DB = 0.01
HOLDS_CEILING_DB = 0.3  # a peer further over works to another ceiling
JUDGED_S = (10, 20)  # the part that ViSQOL and Zimtohrli hear: they are slow
SAME = {"visqol_mos": 0.02, "zimtohrli": 0.0002}  # closer than this is the same to them
# Intensity 0 leaves tone and width as mixed, so that what is judged is what loudness cost; nothing
# is to stop it on the way.
WISHES = ("--intensity", "0", "--no-stop")

PEERS = limiters.PEERS | {"libsonare": limiters.in_worker("libsonare")}


@cache
def excerpt(name):
    """Samples and rate of a named excerpt."""
    where, start_s = EXCERPTS[name]
    return read(CORPUS / where, start_s, SECONDS)


def judged(x, y, rate_hz):
    """One result held against the mix."""
    part = slice(JUDGED_S[0] * rate_hz, JUDGED_S[1] * rate_hz)
    heard = metrics.at_loudness_of(y, x, rate_hz)[:, part]
    ask = limiters.worker().judge
    return {
        "loudness_lufs": metrics.integrated_lufs(y, rate_hz),
        "over_db": metrics.true_peak_dbtp(y, rate_hz) - CEILING_DBTP,
        "lsd_db": metrics.log_spectral_distance_db(x, y, rate_hz),
        "crest_loss_db": metrics.crest_loss_db(x, y, rate_hz),
        "pumping_db": metrics.music_pumping_db(x, y, rate_hz),
        "visqol_mos": ask("visqol", x[:, part], heard, rate_hz),
        "zimtohrli": ask("zimtohrli", x[:, part], heard, rate_hz),
    }


def judge_peer(peer, name, lufs):
    """A peer's figures for a row; None where it cannot get so loud."""
    x, rate_hz = excerpt(name)
    made = limiters.made_loud(PEERS[peer], x, rate_hz, lufs, CEILING_DBTP)
    return None if made is None else judged(x, made[0], rate_hz)


def judge_ours(name, lufs):
    """burnish's figures for a row, and what stopped it; None where there is no master."""
    x, rate_hz = excerpt(name)
    with tempfile.TemporaryDirectory() as folder:
        mix, master = Path(folder) / "mix.wav", Path(folder) / "master.wav"
        soundfile.write(mix, x.T, rate_hz, "FLOAT")
        command = [sys.executable, "-m", "burnish", "master", mix, "-o", master, "--bits", "32f"]
        command += ["--loudness-lufs", f"{lufs:g}", "--ceiling-dbtp", f"{CEILING_DBTP:g}"]
        done = subprocess.run(
            [*command, *WISHES, "--json", "--quiet", "--no-report"], capture_output=True, text=True
        )
        if done.returncode:
            print(done.stderr.strip(), file=sys.stderr)
            return None
        told = json.loads(done.stdout)
        y, _ = read(master)
    return judged(x, y, rate_hz) | {"stopped_by": (told["stopped_by"] or {}).get("rule", "")}


DEPENDS = (
    *(judged, judge_peer, limiters.made_loud, limiters.alimiter, JUDGED_S, CEILING_DBTP),
    *(metrics.k_weighting, metrics.integrated_lufs, metrics.interpolator, metrics.true_peak_dbtp),
    *(metrics.log_spectral_distance_db, metrics.crest_loss_db, metrics.music_pumping_db),
)


def judge(names, loudness, peers=PEERS, say=lambda _: None):
    """{row: {who: figures or None}}; a row is a name and a loudness."""
    limiters.worker()  # one for both threads; the judges live there too
    kept = Kept("loud", *DEPENDS, ROOT / "bench" / "peer_worker.py")

    def judge_row(row):
        name, lufs = row
        figures = {"burnish": judge_ours(name, lufs)}
        for peer in peers:
            key = f"{peer} | {EXCERPTS[name]} | {SECONDS} | {lufs:g}"
            figures[peer] = kept.of(key, lambda: judge_peer(peer, name, lufs))  # noqa: B023  at once
        say(f"{name} @ {lufs:g}")
        return figures

    rows = [(name, lufs) for lufs in loudness for name in names]
    found = together(judge_row, rows)
    return {f"{name} @ {lufs:g}": row for (name, lufs), row in zip(rows, found, strict=True)}


# ---- the page ----------------------------------------------------------------------------------


def reached(figures, lufs):
    """Whether these figures belong to a result as loud as asked."""
    return figures is not None and abs(figures["loudness_lufs"] - lufs) <= MISS_LU


def best(row, measure, most_over_db=math.inf):
    """The smallest figure among the peers of a row, or None."""
    values = [
        figures[measure]
        for who, figures in row.items()
        if who != "burnish" and figures and figures["over_db"] <= most_over_db
    ]
    return min(values, default=None)


def is_best(row, measure, most_over_db=math.inf):
    """Whether burnish has the smallest figure of a row, or the same, as it is printed."""
    rival = best(row, measure, most_over_db)
    return rival is None or round(row["burnish"][measure], 2) <= round(rival, 2)


def rival_of(row):
    """The peer that LSD calls the best of a row, or None."""
    peers = {who: f for who, f in row.items() if who != "burnish" and f}
    return min(peers, key=lambda who: peers[who]["lsd_db"], default=None)


def directions(row):
    """By LSD, ViSQOL and Zimtohrli: burnish worse than its rival (-1), like it (0), better (1)."""
    ours, rival = row["burnish"], row[rival_of(row)]

    def sign(better_by, same):
        return 0 if abs(better_by) <= same else int(math.copysign(1, better_by))

    return (
        sign(rival["lsd_db"] - ours["lsd_db"], 0.05),
        sign(ours["visqol_mos"] - rival["visqol_mos"], SAME["visqol_mos"]),
        sign(rival["zimtohrli"] - ours["zimtohrli"], SAME["zimtohrli"]),
    )


def goals(table):
    """Rows won at each loudness, in each measure, and what the two judges say."""
    found = []
    for lufs in dict.fromkeys(float(row.rpartition("@ ")[2]) for row in table):
        rows = {name: row for name, row in table.items() if name.endswith(f"@ {lufs:g}")}
        made = {name: row for name, row in rows.items() if reached(row["burnish"], lufs)}
        n, wanted = len(rows), math.ceil(ROWS_WANTED / 10 * len(rows))
        goal = f"at least {wanted} of {n}"
        late = [name.partition(" @")[0] for name in rows if name not in made]
        text = f"{len(made)} of {n}" + (f" (not: {', '.join(late)})" if late else "")
        found.append(Goal(f"{lufs:g} LUFS: reached within {MISS_LU} LU", text, "all", not late))
        holding = sum(row["burnish"]["over_db"] <= OVER_DB for row in made.values())
        text = f"{holding} of {n} rows"
        found.append(Goal(f"{lufs:g} LUFS: true peak held", text, goal, holding >= wanted))
        for measure, word in MEASURES.items():
            won = sum(is_best(row, measure) for row in made.values())
            fair = sum(is_best(row, measure, HOLDS_CEILING_DB) for row in made.values())
            text = f"{won} of {n} rows ({fair} against peers that hold the ceiling)"
            title = f"{lufs:g} LUFS: best or equal-best {word}"
            found.append(Goal(title, text, goal, won >= wanted))
        told = [directions(row) for row in made.values() if rival_of(row)]
        for k, word in ((1, "ViSQOL"), (2, "Zimtohrli")):
            agree = sum(one[0] * one[k] >= 0 for one in told)
            text = f"{agree} of {len(told)} rows"
            passed = bool(told) and agree >= math.ceil(ROWS_WANTED / 10 * len(told))
            found.append(Goal(f"{lufs:g} LUFS: {word} agrees with LSD", text, goal, passed))
    return found


def cell(figures, lufs):
    """Over / LSD / crest loss / pumping."""
    if figures is None:
        return "cannot reach it"
    short = f", only {figures['loudness_lufs']:.1f} LUFS" if not reached(figures, lufs) else ""
    parts = (f"{figures['over_db']:+.2f}", *(f"{figures[m]:.2f}" for m in MEASURES))
    return " / ".join(parts) + short


def as_markdown(table):
    """All rows, then what the two judges say of burnish and its rival."""
    who = list(next(iter(table.values())))
    lines = ["| mix @ LUFS | " + " | ".join(who) + " |", "|-" * (len(who) + 1) + "|"]
    for name, row in table.items():
        lufs = float(name.rpartition("@ ")[2])
        lines.append(f"| {name} | " + " | ".join(cell(row[one], lufs) for one in who) + " |")
    lines += ["", "| mix @ LUFS | rival | LSD | ViSQOL | Zimtohrli | by LSD / ViSQOL / Zimtohrli |"]
    lines.append("|-|-|-|-|-|-|")
    words = {1: "better", 0: "same", -1: "worse"}
    for name, row in table.items():
        rival, ours = rival_of(row), row["burnish"]
        if rival is None or ours is None:
            continue
        pairs = (
            f"{ours[key]:.{digits}f} / {row[rival][key]:.{digits}f}"
            for key, digits in (("lsd_db", 2), ("visqol_mos", 2), ("zimtohrli", 4))
        )
        said = " / ".join(words[one] for one in directions(row))
        lines.append(f"| {name} | {rival} | " + " | ".join(pairs) + f" | {said} |")
    return "\n".join(lines)


def section(say=lambda _: None):
    """The text for the page, and its goals."""
    return as_section(judge(tuple(EXCERPTS), LOUDNESS_LUFS, say=say))


def as_section(table):
    """The text for the page of these rows, and their goals."""
    heard_s = JUDGED_S[1] - JUDGED_S[0]
    found = goals(table)
    text = f"""## Loud

{circumstances()}

Excerpts of {SECONDS} s, brought to -9, -8 and -7 LUFS under {CEILING_DBTP:g} dBTP: burnish by its
whole path (`burnish master --loudness-lufs X {" ".join(WISHES)}`), each peer by the input gain that
makes it as loud within {limiters.TOLERANCE_LU} LU. Each cell: true peak over the ceiling / LSD /
crest loss / pumping, in dB, held against the mix at equal loudness. LSD and crest loss as under
Limiters. Pumping: swing, 0.5 to 8 Hz, of the gain of each octave from 500 Hz to 8 kHz between that
octave's own hits. Best means the smallest figure of the row as printed, whatever a peer's true
peak.

ViSQOL (audio, MOS, higher is better) and Zimtohrli (distance, lower is better) hear {heard_s} s of
the mix and of the result, equally loud. The rival is the peer with the least LSD of the row; the
last column says whether burnish is better or worse than it, by each of the three.

{as_markdown(table)}

{goals_table(found)}
"""
    return text, found


def main():
    """Write the section of the page, or print some rows; exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="rows whose name holds this text, e.g. 14")
    parser.add_argument("--lufs", type=float, nargs="*", default=LOUDNESS_LUFS)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--no-page", action="store_true", help="print only")
    parser.add_argument("--json", metavar="FILE", help="print only, and write the rows")
    asked = parser.parse_args()
    names = tuple(name for name in EXCERPTS if asked.only in name)
    peers = {} if asked.no_peers else PEERS
    table = judge(names, asked.lufs, peers, lambda text: print(text, file=sys.stderr, flush=True))
    text, found = as_section(table)
    whole = len(table) == len(EXCERPTS) * len(LOUDNESS_LUFS) and peers
    if whole and not asked.no_page and not asked.json:
        write_section("loud", text)
    else:
        print(text)
    if asked.json:
        Path(asked.json).write_text(json.dumps(table, indent=1))
    sys.exit(exit_code(found))


if __name__ == "__main__":
    main()
