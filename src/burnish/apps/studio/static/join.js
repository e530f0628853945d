// A join, heard: the end of one song, the gap or crossfade, the beginning of the next. What is heard
// are the masters where the album was mastered, else the files as they are; trims, fades, gaps and
// crossfades are those on the timeline, sample by sample as the sequence has them.
//
//     const sources = await Sources.of(work, album);   // again, once it was mastered
//     await hearJoin(work, release, k, sources);       // of track k - 1 and track k

import { reach } from "./api.js";
import { when } from "./element.js";
import { address, soundAt } from "./player.js";

const AROUND_S = 5;
const MOST_S = 5; // in one request
const FALL = 10 ** (60 / 20); // of an exponential fade
const CURVES = {
  linear: (t) => t,
  "equal-power": (t) => Math.sin((Math.PI * t) / 2),
  exponential: (t) => (FALL ** t - 1) / (FALL - 1),
  "s-curve": (t) => (1 - Math.cos(Math.PI * t)) / 2,
};

// Where the sound of each track is: its master of the last delivery, or its file.
export class Sources {
  static async of(work, album) {
    const sources = new Sources();
    Object.assign(sources, { work, masters: new Map(), made_at: null });
    const { deliveries } = await work.ask(`/albums/${album.id}`);
    const last = deliveries.find(({ state }) => state === "done"); // the newest comes first
    if (!last) return sources;
    const path = `/albums/${album.id}/deliveries/${last.job}/masters`;
    for (const { number, sound } of await work.ask(path).catch(() => []))
      sources.masters.set(sound, `/api/projects/${work.id}${path}/${number}`);
    sources.made_at = last.ended_at;
    return sources;
  }

  base({ file }) {
    return this.masters.get(file) ?? `/api/projects/${this.work.id}/sounds/${file}`;
  }

  isMastered({ file, keep_as_is }) {
    return keep_as_is ? this.made_at !== null : this.masters.has(file);
  }

  // What is heard, in a sentence.
  said(tracks) {
    const raw = tracks.filter((track) => !this.isMastered(track)).length;
    if (raw === tracks.length) return "Joins are heard from the files as they are. Master the album to hear them as they will be.";
    const made = `Joins are heard from the masters of ${when(this.made_at)}`;
    return raw ? `${made}; ${raw} of ${tracks.length} songs came later, and are heard as they are.` : `${made}.`;
  }
}

// The gain of a fade in over its position, 0 to 1.
export function gainAt(curve, t) {
  return (CURVES[curve] ?? CURVES.linear)(t);
}

let playing = null;

// Play it, and let the work know by its event "join"; tells where in the album it begins, in s from the end of the song before, and how long it is.
export async function hearJoin(work, release, k, sources) {
  const { buffer, before_s } = await joinOf(release, k, sources);
  quiet();
  const context = (playing = new AudioContext({ sampleRate: buffer.sampleRate }));
  const source = new AudioBufferSourceNode(context, { buffer });
  const output = new GainNode(context);
  source.connect(output).connect(context.destination);
  source.start();
  heard = { context, output, buffer };
  work.dispatchEvent(new Event("join"));
  const ended = new Promise((done) => {
    source.addEventListener("ended", done);
    context.addEventListener("statechange", () => context.state === "closed" && done());
  });
  return { from_s: -before_s, length_s: buffer.duration, now_s: () => context.currentTime, ended };
}

// No join any more.
export function quiet() {
  playing?.close();
  playing = null;
}

export let heard = null; // what plays, for who listens to it

// The join as one buffer, at the rate of the song before.
export async function joinOf(release, k, sources) {
  const [one, next] = [release.tracks[k - 1], release.tracks[k]];
  const cross_s = next.crossfade_s;
  const gap_s = cross_s > 0 ? 0 : next.gap_s ?? release.gap_s;
  const crossing = { length_s: cross_s, curve: next.crossfade_curve };
  const before = await piece(sources.base(one), one, AROUND_S + cross_s, true, crossing);
  const behind = await piece(sources.base(next), next, AROUND_S + cross_s, false, crossing);
  const { rate_hz } = before;
  const meets_s = before.length_s - cross_s + gap_s;
  const n = Math.round((meets_s + behind.length_s) * rate_hz);
  const offline = new OfflineAudioContext(Math.max(before.channels.length, behind.channels.length), n, rate_hz);
  for (const [part, at_s] of [[before, 0], [behind, Math.round(meets_s * rate_hz) / rate_hz]]) {
    const buffer = new AudioBuffer({ numberOfChannels: part.channels.length, length: part.channels[0].length, sampleRate: part.rate_hz });
    part.channels.forEach((channel, c) => buffer.copyToChannel(channel, c));
    const source = new AudioBufferSourceNode(offline, { buffer });
    source.connect(offline.destination);
    source.start(at_s);
  }
  return { buffer: await offline.startRendering(), before_s: before.length_s };
}

// The last or the first seconds of a track, faded: {channels, rate_hz, length_s}.
async function piece(base, track, wanted_s, isEnd, crossing) {
  const { info } = await soundAt(base, track.file);
  const { rate_hz, n_samples, channels } = info;
  const samples = (seconds) => Math.round(seconds * rate_hz);
  const first = samples(track.start_s);
  const last = Math.min(n_samples, track.end_s === null ? n_samples : samples(track.end_s));
  const length = last - first;
  const count = Math.max(1, Math.min(length, samples(wanted_s)));
  const from = isEnd ? length - count : 0; // in the track
  const values = await read(base, first + from, count, channels, rate_hz);
  const n_in = Math.min(length, samples(track.fade_in.length_s));
  const n_out = Math.min(length - n_in, samples(track.fade_out.length_s));
  const n_cross = Math.min(length, samples(crossing.length_s));
  const gain = (at) => {
    let value = 1;
    if (at < n_in) value *= gainAt(track.fade_in.curve, (at + 0.5) / n_in);
    if (at >= length - n_out) value *= gainAt(track.fade_out.curve, (length - at - 0.5) / n_out);
    const within = isEnd ? length - at - 0.5 : at + 0.5;
    if (within < n_cross && crossing.curve !== "none") value *= gainAt(crossing.curve, within / n_cross);
    return value;
  };
  const gains = Float32Array.from({ length: count }, (_, i) => gain(from + i));
  const split = Array.from({ length: channels }, (_, c) => Float32Array.from({ length: count }, (_, i) => gains[i] * values[i * channels + c]));
  return { channels: split, rate_hz, length_s: count / rate_hz };
}

async function read(base, start, count, channels, rate_hz) {
  const out = new Float32Array(count * channels);
  const most = MOST_S * rate_hz;
  for (let at = 0; at < count; at += most) {
    const answer = await reach(address(base, "/pcm", `start=${start + at}&count=${Math.min(most, count - at)}`));
    if (!answer.ok) throw new Error(`the server says ${answer.status}`);
    out.set(new Float32Array(await answer.arrayBuffer()), at * channels);
  }
  return out;
}
