"""What devices leave of the loudest ten seconds is what playback says of these alone."""

import numpy as np
import pytest

from burnish.audio import Audio, AudioSource
from burnish.measure import measure
from burnish.playback.excerpt import on_devices
from burnish.playback.play import playback
from pieces import piece

RATE_HZ = 44_100


def test_the_loudest_part_is_played_and_judged_as_playback_does() -> None:
    samples = np.concatenate((0.2 * piece(RATE_HZ, 3.0), piece(RATE_HZ, 10.0)), axis=1)
    sound = Audio(samples, RATE_HZ)
    found = on_devices(AudioSource(sound), measure(sound))
    assert found is not None
    assert (found.start_s, found.duration_s) == (3.0, 10.0)
    alone = playback(Audio(samples[:, 3 * RATE_HZ :].copy(), RATE_HZ), on=("phone", "club"))
    scores = {one.device.name: one.translation.score for one in found.devices}
    assert len(scores) > 5
    for one in alone.devices:
        assert scores[one.device.name] == one.translation.score
    assert scores["phone"] < scores["earbuds"]
    assert found.to_json()["devices"][0].keys() == {"name", "title", "score", "sentence"}


@pytest.mark.parametrize("duration_s", [0.0, 0.2, 2.0])
def test_what_is_silent_or_too_short_is_played_nowhere(duration_s: float) -> None:
    sound = Audio(np.zeros((2, round(duration_s * RATE_HZ))), RATE_HZ)
    assert on_devices(AudioSource(sound), measure(sound)) is None
