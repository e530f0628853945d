"""The player, sample by sample: its own graph rendered offline by a real browser."""

import numpy as np
import pytest

from burnish.audio import Audio
from burnish.measure import measure

RATE_HZ = 44_100
FADE = 221  # samples: 5 ms
QUANTUM = 128


def counting(n_samples: int, sign: float = 1.0) -> np.ndarray:
    """Samples that tell their own index: 2**-20 a step, exact in 32 bits."""
    row = sign * (np.arange(n_samples) + 1.0) * 2.0**-20
    return np.array((row, row))


def told(samples: np.ndarray) -> np.ndarray:
    """The index that each sample tells."""
    return np.rint(samples * 2.0**20).astype(int) - 1


ALIKE = {"loudness_lufs": -20.0, "true_peak_dbtp": -1.0}


def test_plays_what_is_there_bit_for_bit(sounds, render) -> None:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (2, 150_000)).astype("<f4").astype(float)
    one = sounds.put("noise", RATE_HZ, noise, **ALIKE)
    heard = render([one], [(0, "player.play()")], 3.0).samples
    # From the end of the 5 ms of fade-in on, over the seams of the pieces that are fetched.
    assert np.array_equal(heard[:, FADE:130_000], noise[:, FADE:130_000])
    assert heard[0, 0] == pytest.approx(noise[0, 0] / FADE, rel=0.01)


def test_a_switch_holds_the_position_to_the_sample(sounds, render) -> None:
    a = sounds.put("up", RATE_HZ, counting(100_000), **ALIKE)
    b = sounds.put("down", RATE_HZ, counting(100_000, -1.0), **ALIKE)
    script = [(0, "player.play()"), (0.5, "player.select('down')"), (1.0, "player.select('up')")]
    heard = render([a, b], script, 1.5).samples[0]
    back = int(np.argmax(heard < 0.0)), int(0.5 * RATE_HZ)
    assert 0 <= back[0] - back[1] <= FADE + 2 * QUANTUM
    settled = np.r_[FADE:22_000, 22_700:44_000, 44_800:66_000]
    assert np.array_equal(told(np.abs(heard[settled])), settled)
    signs = np.sign(heard[[10_000, 30_000, 60_000]])
    assert signs.tolist() == [1.0, -1.0, 1.0]
    # The gains cross along a line: no step is larger than two full scales over the fade.
    crossing = np.abs(np.diff(heard[21_900:22_700]))
    assert crossing.max() < 2.2 * np.abs(heard[22_700]) / FADE


def test_a_loop_is_exact_to_the_sample(sounds, render) -> None:
    one = sounds.put("count", RATE_HZ, counting(200_000), **ALIKE)
    # The ends lie within pieces, and the loop goes over the seam at 65536.
    script = [(0, "player.loop = { start: 60001, end: 70007 }; player.play()")]
    heard = told(render([one], script, 1.0).samples[0])
    expected = 60_001 + np.arange(len(heard)) % (70_007 - 60_001)
    assert np.array_equal(heard[FADE:], expected[FADE:])


def test_seek_and_pause_fade_and_land_on_the_sample(sounds, render) -> None:
    one = sounds.put("count", RATE_HZ, counting(200_000), **ALIKE)
    script = [(0, "player.play()"), (0.25, "player.seek(150000)"), (0.5, "player.pause()")]
    heard = render([one], script, 0.75).samples[0]
    first = int(np.argmax(told(heard) > 140_000))
    landed = np.arange(first + 300, 21_900)
    indices = told(heard[landed])
    assert np.array_equal(np.diff(indices), np.ones(len(indices) - 1))
    assert 150_000 <= indices[0] <= 150_000 + 300 + FADE
    assert np.all(heard[22_050 + FADE + 2 * QUANTUM :] == 0.0)


def test_versions_are_matched_to_the_softest_within_a_fifth_of_a_lu(sounds, render) -> None:
    rng = np.random.default_rng(2)
    mix = 0.05 * rng.standard_normal((2, 4 * RATE_HZ))
    master = np.tanh(9.0 * mix) * 0.8
    mono = 0.3 * rng.standard_normal((1, 4 * RATE_HZ))
    names = ["mix", "master", "mono"]
    given = [sounds.put(n, RATE_HZ, x) for n, x in zip(names, (mix, master, mono), strict=True)]
    heard = []
    for name in names:
        script = [(0, f"player.select('{name}'); player.play()")]
        samples = render(given, script, 3.5).samples
        heard.append(measure(Audio(samples, RATE_HZ)).loudness.integrated_lufs)
        assert np.abs(samples).max() <= 1.0
    assert max(heard) - min(heard) < 0.2
    written = given[0]["info"]["loudness_lufs"]
    assert heard[0] == pytest.approx(written, abs=0.1)  # the softest stays as it is


def test_nobody_is_turned_up_past_full_scale(page) -> None:
    gains = page.evaluate(
        """async (infos) => {
          const { matching_db } = await import("/static/player.js");
          return [...matching_db(infos).values()];
        }""",
        [
            {"loudness_lufs": -20.0, "true_peak_dbtp": 3.0, "channels": 2},
            {"loudness_lufs": -8.0, "true_peak_dbtp": -1.0, "channels": 2},
            {"loudness_lufs": None, "true_peak_dbtp": None, "channels": 2},
        ],
    )
    assert gains == pytest.approx([-3.0, -15.0, -3.0])


@pytest.mark.parametrize("other_hz", [48_000, 96_000, 22_050])
def test_a_version_at_another_rate_stays_in_step(sounds, render, other_hz) -> None:
    def tone(rate_hz: int) -> np.ndarray:
        t = np.arange(4 * rate_hz) / rate_hz
        return np.array((0.4 * np.sin(2 * np.pi * 997.0 * t), 0.3 * np.sin(2 * np.pi * 5003.0 * t)))

    a = sounds.put("own", RATE_HZ, tone(RATE_HZ), **ALIKE)
    b = sounds.put("other", other_hz, tone(other_hz), **ALIKE)
    script = [(0, "player.play()"), (0.5, "player.select('other')")]
    heard = render([a, b], script, 3.0).samples
    settled = slice(int(0.55 * RATE_HZ), int(2.9 * RATE_HZ))
    left = heard[:, settled] - tone(RATE_HZ)[:, settled]
    assert 20 * np.log10(np.abs(left).max()) < -85.0


def test_a_changed_preview_is_heard_at_once_and_only_where_it_is(sounds, render) -> None:
    one = sounds.put("count", RATE_HZ, counting(200_000), **ALIKE)
    change = """
      const part = new Float32Array(8000).map((_, k) => -(70001 + k) * 2 ** -20);
      for (const [from, to] of [[6000, 8000], [0, 3000], [3000, 6000]]) {
        const piece = part.slice(from, to);
        player.replace("count", { id: "p1", start: 70000 + from, channels: [piece, piece] });
      }
    """
    script = [(0, "player.loop = { start: 70000, end: 78000 }; player.play()"), (0.5, change)]
    heard = render([one], script, 1.5).samples[0]
    indices = 70_000 + np.arange(len(heard)) % 8000
    assert np.array_equal(told(np.abs(heard[FADE:22_000])), indices[FADE:22_000])
    after = slice(22_050 + FADE + 2 * QUANTUM, None)
    assert np.all(heard[after] < 0.0)  # the loop never leaves it: no fade at the wrap
    assert np.array_equal(told(-heard[after]), indices[after])


def test_a_preview_fades_out_where_it_ends_and_a_new_recording_takes_over(sounds, render) -> None:
    one = sounds.put("count", RATE_HZ, counting(200_000), **ALIKE)
    sounds.put("again", RATE_HZ, counting(200_000, -1.0), **ALIKE)
    patch = """
      const part = new Float32Array(10000).map((_, k) => -(10001 + k) * 2 ** -20);
      player.replace("count", { id: "p", start: 10000, channels: [part, part] }); player.play();
    """
    info = {"rate_hz": RATE_HZ, "channels": 2, "n_samples": 200_000, **ALIKE}
    revise = f"player.revise('count', '/sounds/again', {info!r})"
    heard = render([one], [(0, patch), (1.0, revise)], 1.5).samples[0]
    assert np.array_equal(told(np.abs(heard[12_000:19_000])), np.arange(12_000, 19_000))
    assert np.sign(heard[[9_000, 15_000, 20_001, 40_000, 50_000]]).tolist() == [1, -1, 1, 1, -1]
    assert np.abs(np.diff(heard)).max() < 1e-3  # no click at any seam
    assert np.array_equal(told(-heard[45_000:]), np.arange(45_000, len(heard)))


def test_an_answer_of_the_server_is_heard_as_it_comes(sounds, render) -> None:
    one = sounds.put("count", RATE_HZ, counting(200_000), **ALIKE)
    sounds.put("part", RATE_HZ, counting(200_000, -1.0), **ALIKE)
    change = """
      const info = { ...player.sounds.get("count").info };
      const response = await fetch("/sounds/part/pcm?start=30000&count=100000");
      await player.preview("count", { id: "s", start: 30000, response, info });
    """
    heard = render([one], [(0, "player.play()"), (0.5, change)], 1.5).samples[0]
    assert np.array_equal(told(heard[FADE:30_000]), np.arange(FADE, 30_000))
    assert np.array_equal(told(-heard[31_000:]), np.arange(31_000, len(heard)))


def test_the_end_is_silence_and_stops(sounds, render) -> None:
    one = sounds.put("short", RATE_HZ, counting(20_000), **ALIKE)
    stopped = "player.loop = null; await player.settled(); if (player.playing) throw Error('on')"
    script = [(0, "player.play()"), (1.0, stopped)]
    heard = render([one], script, 1.25).samples[0]
    assert told(heard[19_999:20_000]).tolist() == [19_999]
    assert np.all(heard[20_000:] == 0.0)


def test_what_a_step_takes_away_is_as_far_down_as_the_step(sounds, render) -> None:
    """A delta is far softer than all else: were it matched, all else would be turned down to it."""
    one = sounds.put("count", RATE_HZ, counting(200_000), **ALIKE)
    soft = sounds.put("soft", RATE_HZ, counting(200_000), loudness_lufs=-26.0, true_peak_dbtp=-9.0)
    sounds.put("taken", RATE_HZ, counting(200_000, -1.0), **ALIKE)
    info = {"rate_hz": RATE_HZ, "channels": 2, "n_samples": 200_000, "loudness_lufs": -60.0}
    revise = (
        f"player.revise('count', '/sounds/taken?through=x', {info!r},"
        " { like: player.sounds.get('count').info })"
    )
    script = [(0, "player.play()"), (0.5, revise)]
    heard = render([one, soft], script, 1.0).samples[0]
    down = 10.0 ** (-6.0 / 20.0)
    indices = np.arange(len(heard)) + 1.0
    assert heard[10_000:20_000] == pytest.approx(down * indices[10_000:20_000] / 2**20, rel=1e-6)
    assert heard[25_000:] == pytest.approx(-down * indices[25_000:] / 2**20, rel=1e-6)


def test_an_hour_is_not_kept_in_memory(sounds, render) -> None:
    """Pieces that are neither near nor in the loop are let go: about 8 s of a sound are held."""
    one = sounds.put("long", RATE_HZ, np.zeros((2, 60 * RATE_HZ)), **ALIKE)
    count = """
      const held = player.sounds.get("long").layers[0].held;
      if (held.size > 7) throw new Error(`${held.size} pieces are held`);
    """
    script = [(0, "player.play()")]
    script += [(0.25 * k, f"player.seek({k * 9 * RATE_HZ})") for k in range(1, 6)]
    script += [(1.5, count)]
    assert not render([one], script, 1.75).samples.any()
