"""Runs the peers' limiters inside .venv-peers; bench/limiters.py sends it jobs over pipes.

A job is a JSON line {"peer", "input", "output", "rate_hz", "ceiling_db", "input_gain_db"}; input
and output are .npy files of shape (channels, samples). The answer is a JSON line {"error": null or
a sentence}. The peers get the ceiling as the threshold of their own limiter and are otherwise left
at their defaults.
"""

import json
import sys

import numpy as np


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


PEERS = {
    "matchering": matchering,
    "pedalboard.Limiter": pedalboard_limiter,
    "pedalboard.BrickwallLimiter": pedalboard_brickwall,
}


def main():
    """Answer jobs until standard input ends."""
    for line in sys.stdin:
        job = json.loads(line)
        try:
            x = np.load(job["input"]) * 10 ** (job["input_gain_db"] / 20)
            y = PEERS[job["peer"]](x, job["rate_hz"], job["ceiling_db"])
            np.save(job["output"], np.asarray(y, dtype=np.float64))
            error = None
        except Exception as problem:  # noqa: BLE001  the other side decides what a failure means
            error = f"{type(problem).__name__}: {problem}"
        print(json.dumps({"error": error}), flush=True)


if __name__ == "__main__":
    main()
