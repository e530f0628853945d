// The player: a mix, its masters and a reference of one song, in step and matched in loudness.
//
//     const player = await Player.open([{ name: "mix", label: "Mix", base: "/api/sounds/1", info }]);
//     player.play(); player.select("master"); player.loop = { start: 44100, end: 88200 };
//
// Positions are samples at the player's rate, which is the first sound's. `info` is what the server
// says of a sound: {rate_hz, channels, n_samples, loudness_lufs, true_peak_dbtp}. Samples come from
// `${base}/pcm?start=&count=` as interleaved little-endian floats of 32 bits.
// Events: "select", "state", "loop", "list", "fault" (detail: what could not be read).

import { reach } from "./api.js";
import { Resampler } from "./resample.js";

const CHUNK_SHIFT = 16;
const CHUNK = 2 ** CHUNK_SHIFT; // samples that are fetched at once: 1.5 s at 44.1 kHz
const AHEAD_S = 6;
const FETCHES = 3; // at a time
const MOST_S = 5; // in one request
const AGAIN_MS = 1000;
const PREVIEWS = 3; // of one sound that are kept, one over the other
const IN_BOTH_DB = 10 * Math.log10(2); // a mono file is one channel, and heard from two

export class Player extends EventTarget {
  static async open(sounds, { context = null } = {}) {
    const player = new Player();
    player.context = context ?? contextAt(sounds[0].info.rate_hz);
    await player.context.audioWorklet.addModule(new URL("./deck.js", import.meta.url));
    player.#start();
    for (const sound of sounds) player.add(sound);
    return player;
  }

  sounds = new Map(); // name -> {name, label, info, layers, gain_db}
  selected = null;
  n_samples = 0;
  #loop = null;
  #matched = true;
  #state = { position: 0, playing: false, time_s: 0, n_done: 0 };
  #sent = 0;
  #sought = 0; // which of what was sent was the last seek
  #fetching = new Set();
  #resamplers = new Map();
  #last_id = 0;
  #waiting = [];
  #idle = [];

  #start() {
    const { context } = this;
    this.rate_hz = context.sampleRate;
    this.deck = new AudioWorkletNode(context, "burnish-deck", {
      numberOfInputs: 0,
      numberOfOutputs: 2,
      outputChannelCount: [2, 2],
      processorOptions: { chunk_shift: CHUNK_SHIFT },
    });
    this.output = new GainNode(context); // what is heard
    this.deck.connect(this.output, 0).connect(context.destination);
    this.deck.port.onmessage = ({ data }) => this.#hear(data);
  }

  #send(message, transfer = []) {
    this.#sent += 1;
    this.deck.port.postMessage(message, transfer);
  }

  // When the deck has done all it was told.
  async settled() {
    if (this.#state.n_done < this.#sent)
      await new Promise((done) => this.#waiting.push({ n: this.#sent, done }));
  }

  // When all that is to be heard next has been read.
  async loaded() {
    await new Promise((done) => {
      this.#idle.push(done);
      this.#fetch();
    });
    await this.settled();
  }

  #hear(data) {
    if ("settled" in data) {
      const sound = this.sounds.get(data.settled);
      const k = sound?.layers.findIndex(({ id }) => id === data.id);
      if (k > 0) sound.layers.splice(0, k);
      return;
    }
    const before = this.#state;
    if (data.n_done < this.#sought) data = { ...data, position: before.position, time_s: before.time_s }; // it does not know yet
    this.#state = data;
    this.#waiting = this.#waiting.filter(({ n, done }) => data.n_done < n || done());
    if (before.playing !== data.playing || before.stalled !== data.stalled) this.#tell("state");
    this.#fetch();
  }

  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  // What is in the list

  add({ name, label = name, base, info }) {
    const layers = [this.#layer(base, info, { whole: true })];
    this.sounds.set(name, { name, label, info, layers });
    if (!this.n_samples) {
      this.n_samples = layers[0].end; // the first sound is the song; others may be shorter
      this.#send({ do: "length", n_samples: this.n_samples });
    }
    this.#match();
    if (this.selected === null) this.select(name);
    this.#tell("list");
    this.#fetch();
  }

  remove(name) {
    this.sounds.delete(name);
    this.#send({ do: "remove", name });
    if (this.selected === name) this.select(this.names[0]);
    this.#match();
    this.#tell("list");
  }

  get names() {
    return [...this.sounds.keys()];
  }

  // A new recording of all of a sound. It is faded to in 5 ms, as soon as it can be read here.
  // `like` is the info of a sound that it is turned as far down as: for what a step takes away.
  revise(name, base, info, { like = info } = {}) {
    const sound = this.sounds.get(name);
    sound.info = like;
    sound.layers.push(this.#layer(base, info, { whole: true, like }));
    this.#match();
    this.#tell("list");
    this.#fetch();
  }

  // A new recording of parts of a sound, at the player's rate: `channels` from sample `start` on.
  // Pieces with the same `id` are one preview; a later preview lies over those before. Without an
  // `info` of its own it is turned down as far as what it lies over.
  replace(name, { id, start, channels, info = null }) {
    const sound = this.sounds.get(name);
    const end = start + channels[0].length;
    let layer = sound.layers.find(({ preview }) => preview === id);
    if (!layer) {
      this.peel(name, PREVIEWS - 1);
      const like = info ?? sound.layers.at(-1).like;
      layer = { id: ++this.#last_id, preview: id, ranges: [], whole: false, like, kept: new Map() };
      sound.layers.push(layer);
    }
    layer.ranges = merged([...layer.ranges, [start, end]]);
    this.#match();
    for (let index = start >> CHUNK_SHIFT; index * CHUNK < end; index++) {
      const data = layer.kept.get(index) ?? channels.map(() => new Float32Array(CHUNK));
      const [from, to] = [Math.max(start, index * CHUNK), Math.min(end, (index + 1) * CHUNK)];
      data.forEach((whole, k) => whole.set(channels[k].subarray(from - start, to - start), from - index * CHUNK));
      layer.kept.set(index, data);
      this.#send({ do: "chunk", name, id: layer.id, index, data });
    }
  }

  // The same from an answer of the server that is still coming in: interleaved floats, heard as
  // they arrive. The samples are at the player's rate.
  async preview(name, { id, start, response, info = null }) {
    const n_channels = info?.channels ?? Number(response.headers.get("x-channels"));
    const width = 4 * n_channels;
    let rest = new Uint8Array(0);
    for (const reader = response.body.getReader(); ; ) {
      const { value, done } = await reader.read();
      if (done) return;
      const bytes = new Uint8Array(rest.length + value.length);
      bytes.set(rest);
      bytes.set(value, rest.length);
      const n_samples = Math.floor(bytes.length / width);
      rest = bytes.slice(n_samples * width);
      if (!n_samples) continue;
      const values = new Float32Array(bytes.buffer, 0, n_samples * n_channels);
      const channels = Array.from({ length: n_channels }, () => new Float32Array(n_samples));
      values.forEach((value, k) => { channels[k % n_channels][Math.floor(k / n_channels)] = value; });
      this.replace(name, { id, start, channels, info });
      start += n_samples;
    }
  }

  // What is known by now of the loudness of a preview.
  match(name, id, loudness_lufs) {
    const layer = this.sounds.get(name)?.layers.find(({ preview }) => preview === id);
    if (!layer) return;
    layer.like = { ...layer.like, loudness_lufs };
    this.#match();
  }

  // Take the oldest previews of a sound away, so that `n_left` remain.
  peel(name, n_left = 0) {
    const { layers } = this.sounds.get(name);
    const previews = layers.filter(({ preview }) => preview !== undefined);
    for (const layer of previews.slice(0, Math.max(0, previews.length - n_left))) {
      layers.splice(layers.indexOf(layer), 1);
      this.#send({ do: "peel", name, id: layer.id });
    }
    this.#match();
  }

  #layer(base, info, more) {
    const end = Math.ceil((info.n_samples * this.rate_hz) / info.rate_hz);
    return { id: ++this.#last_id, base, info, like: info, end, ranges: [[0, end]], held: new Set(), ...more };
  }

  // Loudness: all are turned down to the softest, and further where that one would pass full scale

  get matched() {
    return this.#matched;
  }

  set matched(value) {
    this.#matched = value;
    this.#match();
  }

  #match() {
    const layers = [...this.sounds.values()].flatMap((sound) => sound.layers.map(({ like }) => like));
    const gains_db = matching_db(layers, this.#matched);
    for (const { name, layers: own } of this.sounds.values())
      for (const layer of own) {
        layer.gain_db = gains_db.get(layer.like);
        const { id, ranges, whole } = layer;
        this.#send({ do: "layer", name, layer: { id, ranges, whole, gain: 10 ** (layer.gain_db / 20) } });
      }
  }

  gain_db(name) {
    return this.sounds.get(name).layers.at(-1).gain_db;
  }

  // Transport

  async play() {
    if (this.position >= this.n_samples - 1) this.seek(this.#loop?.start ?? 0);
    if (this.context.state === "suspended" && !(this.context instanceof OfflineAudioContext))
      await this.context.resume();
    this.#send({ do: "play" });
  }

  pause() {
    this.#send({ do: "pause" });
  }

  toggle() {
    return this.playing ? this.pause() : this.play();
  }

  seek(position) {
    const to = Math.round(Math.min(Math.max(0, position), Math.max(0, this.n_samples - 1)));
    this.#state = { ...this.#state, position: to, time_s: this.context.currentTime };
    this.#send({ do: "seek", position: to });
    this.#sought = this.#sent;
    this.#fetch();
  }

  select(name) {
    if (!this.sounds.has(name)) return;
    this.selected = name;
    this.#send({ do: "select", name });
    this.#fetch();
    this.#tell("select", name);
  }

  get loop() {
    return this.#loop;
  }

  // {start, end} in samples, the end not heard; or null.
  set loop(loop) {
    if (loop) {
      const start = Math.max(0, Math.round(loop.start));
      const end = Math.min(this.n_samples, Math.round(loop.end));
      loop = end - start >= 0.02 * this.rate_hz ? { start, end } : null;
    }
    this.#loop = loop;
    this.#send({ do: "loop", loop });
    if (loop && (this.position < loop.start || this.position >= loop.end)) this.seek(loop.start);
    this.#tell("loop", loop);
    this.#fetch();
  }

  get playing() {
    return this.#state.playing;
  }

  get stalled() {
    return this.#state.stalled === true;
  }

  // The sample that is heard now.
  get position() {
    const { position, playing, moving, time_s } = this.#state;
    if (!playing || !moving) return position;
    const late_s = this.context.outputLatency || 0;
    const passed_s = Math.min(0.1, this.context.currentTime - time_s);
    const now = position + (passed_s - late_s) * this.rate_hz;
    const { start, end } = this.#loop ?? {};
    if (this.#loop && position < end && now >= end) return start + ((now - start) % (end - start));
    return Math.min(this.n_samples, Math.max(0, now));
  }

  // Reading ahead: what is selected first, then the others, and the beginning of the loop

  #windows() {
    const from = Math.min(this.#state.position, this.n_samples);
    const ahead = Math.round(AHEAD_S * this.rate_hz);
    const windows = [[from, from + ahead]];
    const { start, end } = this.#loop ?? {};
    if (this.#loop && from < end && from + ahead > end)
      windows.splice(0, 1, [from, end], [start, Math.min(end, start + ahead)]);
    return windows;
  }

  #fetch() {
    if (this.#fetching.size >= FETCHES) return;
    const wanted = [];
    const indices = new Set();
    this.#windows().forEach(([from, to], k) => {
      for (let index = from >> CHUNK_SHIFT; index * CHUNK < to; index++) indices.add(index);
      for (const sound of this.sounds.values())
        for (const layer of sound.layers.filter(({ held }) => held))
          for (let index = from >> CHUNK_SHIFT; index * CHUNK < Math.min(to, layer.end); index++) {
            const far = index - (from >> CHUNK_SHIFT) + k + (sound.name === this.selected ? 0 : 1.5);
            if (!layer.held.has(index)) wanted.push({ sound, layer, index, far });
          }
    });
    this.#forget(indices);
    if (!wanted.length) for (const done of this.#idle.splice(0)) done();
    wanted.sort((a, b) => a.far - b.far);
    for (const { sound, layer, index } of wanted) {
      const key = `${layer.id}/${index}`;
      if (this.#fetching.size >= FETCHES) break;
      if (!this.#fetching.has(key)) this.#load(sound, layer, index, key);
    }
  }

  #forget(indices) {
    const here = this.#state.position >> CHUNK_SHIFT;
    for (const { name, layers } of this.sounds.values())
      for (const { id, held } of layers)
        for (const index of held ?? [])
          if (!indices.has(index) && index !== here - 1) {
            held.delete(index);
            this.#send({ do: "drop", name, id, index });
          }
  }

  async #load(sound, layer, index, key) {
    this.#fetching.add(key);
    try {
      const count = Math.min(CHUNK, layer.end - index * CHUNK);
      const read = await this.#read(layer, index * CHUNK, count);
      const data = read.map((part) => (part.length === CHUNK ? part : padded(part)));
      layer.held.add(index);
      this.#send({ do: "chunk", name: sound.name, id: layer.id, index, data }, data.map((part) => part.buffer));
    } catch (error) {
      if (this.sounds.get(sound.name) === sound) {
        this.#tell("fault", `${sound.label} cannot be read: ${error.message}`);
        await new Promise((done) => setTimeout(done, AGAIN_MS));
      }
    }
    this.#fetching.delete(key);
    this.#fetch();
  }

  // `count` samples of a sound from `start` on, at the player's rate: one array a channel.
  samples(name, start, count) {
    return this.#read(this.sounds.get(name).layers.findLast(({ whole }) => whole), start, count);
  }

  async #read({ base, info }, start, count) {
    if (info.rate_hz === this.rate_hz) return pcm(base, info, start, count);
    if (!this.#resamplers.has(info.rate_hz))
      this.#resamplers.set(info.rate_hz, new Resampler(info.rate_hz, this.rate_hz));
    const resampler = this.#resamplers.get(info.rate_hz);
    const needs = resampler.needs(start, count);
    const source = await pcm(base, info, needs.start, needs.count);
    return source.map((channel) => resampler.convert(channel, start, count));
  }
}

// The gain of each sound (keyed by its info): nobody is turned up, and all are as loud as the
// softest. A sound without a loudness keeps its own.
export function matching_db(infos, matched = true) {
  const heard = (info) => info.loudness_lufs + (info.channels === 1 ? IN_BOTH_DB : 0);
  const known = infos.filter((info) => Number.isFinite(info.loudness_lufs));
  const softest = Math.min(...known.map(heard));
  const gains = infos.map((info) => (matched && known.includes(info) ? softest - heard(info) : 0));
  const over = infos.map((info, k) => (Number.isFinite(info.true_peak_dbtp) ? info.true_peak_dbtp + gains[k] : 0));
  const down = Math.max(0, ...over);
  return new Map(infos.map((info, k) => [info, gains[k] - down]));
}

// Channels of a range of a sound; zeros where the range leaves the recording.
async function pcm(base, { channels, n_samples, rate_hz }, start, count) {
  const out = Array.from({ length: channels }, () => new Float32Array(count));
  const last = Math.min(n_samples, start + count);
  const most = MOST_S * rate_hz;
  for (let first = Math.max(0, start); first < last; first += most) {
    const asked = Math.min(most, last - first);
    const answer = await reach(address(base, "/pcm", `start=${first}&count=${asked}`));
    if (!answer.ok) throw new Error(`the server says ${answer.status}`);
    const values = new Float32Array(await answer.arrayBuffer());
    if (values.length !== asked * channels) throw new Error("the answer is cut short");
    out.forEach((channel, c) => {
      for (let i = first - start, k = c; k < values.length; i++, k += channels) channel[i] = values[k];
    });
  }
  return out;
}

// An address under a sound's: what its own query says (`?through=phone`) stays.
export function address(base, path, query = "") {
  const [place, own] = base.split("?");
  return `${place}${path}?${[own, query].filter(Boolean).join("&")}`;
}

// A sound of the server, as `add` takes it.
export async function soundAt(base, name, label = name) {
  let answer = await reach(base);
  // It was swept for want of room, and is decoded anew.
  for (let k = 0; answer.status === 409 && k < 120; k += 1) {
    await new Promise((over) => setTimeout(over, 500));
    answer = await reach(base);
  }
  if (!answer.ok) throw new Error(`the server says ${answer.status}`);
  return { name, label, base, info: await answer.json() };
}

function merged(ranges) {
  const out = [];
  for (const [start, end] of ranges.sort((a, b) => a[0] - b[0]))
    if (out.length && start <= out.at(-1)[1]) out.at(-1)[1] = Math.max(out.at(-1)[1], end);
    else out.push([start, end]);
  return out;
}

function padded(part) {
  const whole = new Float32Array(CHUNK);
  whole.set(part);
  return whole;
}

function contextAt(rate_hz) {
  try {
    return new AudioContext({ sampleRate: rate_hz, latencyHint: "interactive" });
  } catch {
    return new AudioContext(); // the device's own rate; all sounds are converted to it
  }
}
