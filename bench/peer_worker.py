"""Runs the peers' limiters and two judges inside .venv-peers; bench/limiters.py sends it jobs.

A job is a JSON line {"peer", "input", "output", "rate_hz", "ceiling_db", "input_gain_db"}; input
and output are .npy files of shape (channels, samples). The answer is a JSON line {"error": null or
a sentence}. The peers get the ceiling as the threshold of their own limiter and are otherwise left
at their defaults. A job {"judge", "input", "output", "rate_hz"} asks a judge how far the sound of
the file output lies from that of input; the answer has its "figure" too. A job {"reduce": settings,
"input", "noise", "output", "rate_hz"} is for noisereduce.
"""

import json
import math
import sys
from functools import cache

import numpy as np
from scipy import signal


def matchering(x, rate_hz, ceiling_db):
    """matchering's limiter alone (Hyrax), threshold at the ceiling; it knows sample peaks only."""
    from matchering import Config
    from matchering.limiter import limit

    config = Config(internal_sample_rate=int(rate_hz), threshold=10 ** (ceiling_db / 20))
    return limit(np.ascontiguousarray(x.T), config).T


def pedalboard_limiter(x, rate_hz, ceiling_db):
    """pedalboard.Limiter, threshold at the ceiling, its default release (100 ms)."""
    import pedalboard

    return pedalboard.Limiter(threshold_db=ceiling_db)(x.astype(np.float32), rate_hz)


def pedalboard_brickwall(x, rate_hz, ceiling_db):
    """pedalboard.BrickwallLimiter, true peak mode, the ceiling as given, the rest default."""
    import pedalboard

    limiter = pedalboard.BrickwallLimiter(ceiling_db=ceiling_db, true_peak=True)
    return limiter(x.astype(np.float32), rate_hz)


def libsonare_limiter(x, rate_hz, ceiling_db):
    """libsonare's maximizer.truePeakLimiter, the ceiling as given, the rest default."""
    import libsonare

    stereo = np.broadcast_to(x, (2, x.shape[1])).astype(np.float32)
    made = libsonare.mastering_process_stereo(
        "maximizer.truePeakLimiter", *stereo, sample_rate=rate_hz, params={"ceilingDb": ceiling_db}
    )
    return np.stack([made.left, made.right])[: len(x)]


def heard_by_judges(x, rate_hz):
    """What the judges take: the mean of the channels at 48 kHz."""
    middle = x.mean(axis=0)
    if rate_hz == 48000:
        return middle
    divisor = math.gcd(rate_hz, 48000)
    return signal.resample_poly(middle, 48000 // divisor, rate_hz // divisor)


@cache
def visqol_api():
    """ViSQOL in its audio mode. What it is given is aligned already."""
    from visqol import VisqolApi

    api = VisqolApi()
    api.create(mode="audio", disable_global_alignment=True, disable_realignment=True)
    return api


def visqol_mos(x, y):
    """MOS-LQO of ViSQOL v3, 1 to about 4.73, which is untouched."""
    return float(visqol_api().measure_from_arrays(x, y, 48000).moslqo)


def zimtohrli_distance(x, y):
    """Distance of Zimtohrli, 0 is untouched."""
    import zimtohrli

    return float(zimtohrli.Pyohrli().distance(x, y))


def reduced(x, noise, rate_hz, settings):
    """noisereduce, stationary, its profile from the noise alone where there is any."""
    import noisereduce

    return noisereduce.reduce_noise(
        y=x, sr=rate_hz, stationary=True, y_noise=noise if noise.shape[1] else None, **settings
    )


JUDGES = {"visqol": visqol_mos, "zimtohrli": zimtohrli_distance}
PEERS = {
    "matchering": matchering,
    "pedalboard.Limiter": pedalboard_limiter,
    "pedalboard.BrickwallLimiter": pedalboard_brickwall,
    "libsonare": libsonare_limiter,
}


def main():
    """Answer jobs until standard input ends."""
    for line in sys.stdin:
        job = json.loads(line)
        answer = {"error": None}
        try:
            x = np.load(job["input"])
            if "reduce" in job:
                y = reduced(x, np.load(job["noise"]), job["rate_hz"], job["reduce"])
                np.save(job["output"], np.asarray(y, dtype=np.float64))
            elif "judge" in job:
                pair = [heard_by_judges(one, job["rate_hz"]) for one in (x, np.load(job["output"]))]
                answer["figure"] = JUDGES[job["judge"]](*pair)
            else:
                x = x * 10 ** (job["input_gain_db"] / 20)
                y = PEERS[job["peer"]](x, job["rate_hz"], job["ceiling_db"])
                np.save(job["output"], np.asarray(y, dtype=np.float64))
        except Exception as problem:  # noqa: BLE001  the other side decides what a failure means
            answer["error"] = f"{type(problem).__name__}: {problem}"
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
