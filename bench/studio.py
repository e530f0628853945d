"""The studio: how soon a dropped mix is heard, and a moved slider; what ten listeners cost.

    python -m bench.studio [--minutes 4] [--moves 60] [--no-page]

A real server with two workers, asked over HTTP as its page asks. Exit 1 when a goal is missed.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx
import numpy as np

from bench.mixes import write_mix
from bench.page import Goal, circumstances, exit_code, goals_table, write_section
from bench.speed import memory_kib

FIRST_SOUND_S, MEDIAN_MS, P95_MS = 5.0, 300.0, 600.0
LOOP_S, HEARD_BYTES, LISTENERS = 8, 8 * 4096, 10  # 4096 samples: enough to go on playing
MOVED = {
    "equalizer": "bands",
    "compressor": "threshold_db",
    "multiband": "bands",
    "width": "low_width",
    "saturation": "drive_db",
    "limiter": "input_gain_db",
}
WISHED = {
    "low_db": (-2.0, 2.0),
    "mid_db": (-2.0, 2.0),
    "high_db": (-2.0, 2.0),
    "width": (0.7, 1.4),
    "warmth": (0.0, 1.0),
    "intensity": (0.2, 0.9),
    "loudness_lufs": (-14.0, -9.0),
    "style": ("jazz", "rock", "pop", "electronic", "metal"),
}
SERVE = """
import json, sys
from burnish.apps.studio.serve import serve
from burnish.apps.studio.settings import StudioSettings
serve(StudioSettings(**json.loads(sys.argv[1])), lambda at: print(at, flush=True))
"""


@contextlib.contextmanager
def served(folder):
    """A studio that is ready; its process and a client that is let in."""
    settings = {"data": str(folder / "data"), "port": 0, "token": "bench" * 8, "workers": 2}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, json.dumps(settings)], stdout=subprocess.PIPE, text=True
    )
    try:
        address = process.stdout.readline().partition("/?")[0]
        bearer = {"authorization": f"Bearer {settings['token']}"}
        with httpx.Client(base_url=address, headers=bearer, timeout=120) as client:
            time.sleep(10)  # until its workers have loaded, as they have before somebody comes
            yield process, client
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def dropped(client, mix):
    """Seconds from dropping a mix to its first sound, its analysis and its first master."""
    project = client.post("/api/projects", json={"name": "Song"}).json()["id"]
    there = f"/api/projects/{project}"
    data = mix.read_bytes()
    began = time.monotonic()
    query = {"name": mix.name, "master": True}
    upload = client.post(f"{there}/uploads", params=query, content=data).json()
    seconds = {}
    while "master" not in seconds:
        now = time.monotonic() - began
        heard = client.get(f"{there}/sounds/{upload['id']}/pcm", params={"count": 44_100})
        opened = client.get(there).json()
        if heard.status_code == 200:
            seconds.setdefault("sound", now)
        if opened["uploads"][0]["loudness_lufs"] is not None:
            seconds.setdefault("analysis", now)
        if opened["versions"]:
            seconds["master"] = now
        time.sleep(0.02)
    version = client.get(f"{there}/versions/{opened['versions'][0]['id']}").json()
    return there, upload["id"], version, seconds


def moved(steps, k):
    """The steps with one setting of one of them moved a little; another at each k."""
    steps = json.loads(json.dumps(steps))
    known = [one for one in steps if one["processor"] in MOVED]
    step = known[k % len(known)]
    name = MOVED[step["processor"]]
    if name == "bands":
        step["settings"]["bands"][0]["gain_db"] += 0.01 * (k + 1)
    else:
        step["settings"][name] = step["settings"].get(name, 0.0) * 0.98 - 0.001 * k
    return steps


def wished(k):
    """One wish moved; another at each k."""
    name = list(WISHED)[k % len(WISHED)]
    low, *_, high = WISHED[name]
    if name == "style":
        return {name: WISHED[name][k // len(WISHED) % len(WISHED[name])]}
    return {name: round(low + (high - low) * (0.618 * k % 1.0), 2)}


def slid(client, there, mix, version, rate_hz, moves, by_wishes=False):
    """Milliseconds from moving a slider to the first of the new sound, for each move."""
    begin = 60 * rate_hz
    took = []
    for k in range(-3, moves):  # the first three load what is not loaded yet
        began, got = time.monotonic(), 0
        if by_wishes:
            answer = client.post(
                f"{there}/versions/{version['id']}/sketch", json={"settings": wished(k + 3)}
            )
            steps = answer.json()["plan"]["steps"]
        else:
            steps = moved(version["plan"]["steps"], k + 3)
        asked = {
            "sound": mix, "version": version["id"], "steps": steps, "start": begin,
            "end": begin + LOOP_S * rate_hz, "place": begin + (k % LOOP_S) * rate_hz // 2,
        }  # fmt: skip
        with client.stream("POST", f"{there}/preview", json=asked) as answer:
            for piece in answer.iter_bytes():
                if got < HEARD_BYTES <= got + len(piece) and k >= 0:
                    took.append(1000 * (time.monotonic() - began))
                got += len(piece)
        time.sleep(0.3)  # as long as a hand takes
    return np.array(took)


def listened(client, there, sound, seconds):
    """Ten listen, each to a second of sound a second: late answers, and the slowest, in ms."""
    late, slowest = [0], [0.0]

    def listen():
        for k in range(seconds):
            began = time.monotonic()
            query = {"start": k * 44_100, "count": 44_100}
            answer = client.get(f"{there}/sounds/{sound}/pcm", params=query)
            took = time.monotonic() - began
            late[0] += answer.status_code != 200 or took > 1.0
            slowest[0] = max(slowest[0], 1000 * took)
            time.sleep(max(0.0, 1.0 - took))

    threads = [threading.Thread(target=listen) for _ in range(LISTENERS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return late[0], slowest[0]


def main():
    """Run, print, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=int, default=4)
    parser.add_argument("--moves", type=int, default=60)
    parser.add_argument("--no-page", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as held:
        mix = Path(name, "mix.wav")
        write_mix(mix, asked.minutes)
        process, client = held.enter_context(served(Path(name)))
        there, upload, version, seconds = dropped(client, mix)
        time.sleep(2)
        steps = version["plan"]["steps"]
        took = slid(client, there, upload, version, 44_100, asked.moves)
        by_wishes = slid(client, there, upload, version, 44_100, asked.moves, by_wishes=True)
        late, slowest = listened(client, there, version["sound"], 20)
        server_kib = int(
            Path(f"/proc/{process.pid}/status").read_text().partition("VmRSS:")[2].split()[0]
        )
        all_kib, _ = memory_kib(process.pid)
    (median, p95), (wish, wish_p95) = (np.percentile(one, (50, 95)) for one in (took, by_wishes))
    goals = [
        Goal("first sound of a dropped mix", f"{seconds['sound']:.1f} s",
             f"{FIRST_SOUND_S:g} s or less", seconds["sound"] <= FIRST_SOUND_S),
        Goal("slider to changed sound, median", f"{median:.0f} ms",
             f"{MEDIAN_MS:g} ms or less", median <= MEDIAN_MS),
        Goal("slider to changed sound, 95th percentile", f"{p95:.0f} ms",
             f"{P95_MS:g} ms or less", p95 <= P95_MS),
        Goal("wish to changed sound, median", f"{wish:.0f} ms",
             f"{MEDIAN_MS:g} ms or less", wish <= MEDIAN_MS),
        Goal("wish to changed sound, 95th percentile", f"{wish_p95:.0f} ms",
             f"{P95_MS:g} ms or less", wish_p95 <= P95_MS),
        Goal(f"late answers, {LISTENERS} listeners", str(late), "0", late == 0),
    ]  # fmt: skip
    text = [
        "## Studio",
        "",
        circumstances(),
        "",
        f"A mix of {asked.minutes} minutes: analysed after {seconds['analysis']:.1f} s, mastered "
        f"after {seconds['master']:.1f} s, both at once. {asked.moves} moves of "
        f"{', '.join(dict.fromkeys(s['processor'] for s in steps if s['processor'] in MOVED))} "
        f"on a loop of {LOOP_S} s, and as many of the wishes {', '.join(WISHED)}: until 93 ms of "
        f"the new sound are there. {LISTENERS} listeners: "
        f"slowest answer {slowest:.0f} ms; memory of the server {server_kib >> 10} MiB, with its "
        f"two workers {all_kib >> 10} MiB.",
        "",
        goals_table(goals),
    ]
    print("\n".join(text))
    if not asked.no_page:
        write_section("Studio", "\n".join(text))
    return exit_code(goals)


if __name__ == "__main__":
    sys.exit(main())
