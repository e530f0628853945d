// The deck: plays several sounds in step from one position counted in samples.
//
// It runs in the audio thread. All sounds are read at the same index, so a switch is only a change
// of gains; a loop is a jump of the index. What moves a gain moves it along a line of 5 ms.
// Output 0 is what is heard, matched in loudness; output 1 is the same as written, for the meters.

const FADE_S = 0.005;
const REPORT_S = 0.02;

class Layer {
  // One recording of a sound, of all of it or of `ranges`. A changed preview lies over the older one.
  constructor(spec) {
    Object.assign(this, spec); // id, ranges, gain, whole
    this.weight = 0;
    this.chunks = new Map();
    this.at = -1; // the chunk that `now` holds
    this.now = undefined;
    this.gone = false;
  }

  range(position) {
    return this.ranges.find(([start, end]) => start <= position && position < end);
  }

  chunk(index) {
    if (index !== this.at) {
      this.at = index;
      this.now = this.chunks.get(index);
    }
    return this.now;
  }
}

class Deck extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.shift = processorOptions.chunk_shift;
    this.mask = 2 ** this.shift - 1;
    this.step = 1 / Math.max(1, Math.round(FADE_S * sampleRate));
    this.margin = Math.ceil(FADE_S * sampleRate) + 256; // samples a fade may still read
    this.n_samples = 0;
    this.sounds = new Map(); // name -> {weight, layers}; the first layer is the lowest
    this.selected = null;
    this.position = 0;
    this.sought = null;
    this.loop = null;
    this.playing = false;
    this.stalled = false;
    this.transport = 0;
    this.n_done = 0;
    this.until_report = 0;
    this.port.onmessage = ({ data }) => {
      this[`on_${data.do}`](data);
      this.n_done += 1;
      this.report();
    };
  }

  on_length({ n_samples }) { this.n_samples = n_samples; }
  on_play() { this.playing = true; }
  on_pause() { this.playing = false; }
  on_seek({ position }) { this.sought = position; }
  on_loop({ loop }) { this.loop = loop; }
  on_select({ name }) { this.selected = name; }
  on_remove({ name }) { this.sounds.delete(name); }

  on_layer({ name, layer }) {
    if (!this.sounds.has(name)) this.sounds.set(name, { weight: 0, layers: [] });
    const { layers } = this.sounds.get(name);
    const known = layers.find(({ id }) => id === layer.id);
    if (known) Object.assign(known, layer);
    else layers.push(new Layer(layer));
  }

  on_chunk({ name, id, index, data }) {
    const layer = this.sounds.get(name)?.layers.find((one) => one.id === id);
    if (!layer) return;
    layer.chunks.set(index, data);
    layer.at = -1;
  }

  on_peel({ name, id }) {
    const layer = this.sounds.get(name)?.layers.find((one) => one.id === id);
    if (layer) layer.gone = true; // it is faded out first
  }

  on_drop({ name, id, index }) {
    const layer = this.sounds.get(name)?.layers.find((one) => one.id === id);
    layer?.chunks.delete(index);
    if (layer) layer.at = -1;
  }

  report() {
    const { position, playing, stalled, selected, n_done } = this;
    const moving = this.transport > 0;
    this.port.postMessage({ position, playing, stalled, selected, n_done, moving, time_s: currentTime });
    this.until_report = Math.round(REPORT_S * sampleRate);
  }

  // Whether the selected sound can be read from here on for as long as a fade lasts.
  readable() {
    const { layers } = this.sounds.get(this.selected) ?? { layers: [] };
    const here = this.sought ?? this.position;
    let last = here + this.margin;
    if (this.loop && here < this.loop.end && last >= this.loop.end)
      last = Math.min(this.loop.start + last - this.loop.end, this.loop.end - 1);
    return [here, last].every((position) => {
      const due = layers.filter((layer) => layer.range(position));
      return !due.length || due.some(({ chunks }) => chunks.has(position >> this.shift));
    });
  }

  // Whether a layer shall be heard here: not in its last 5 ms, unless the loop never leaves it.
  wanted(layer, position) {
    const range = layer.range(position);
    if (layer.gone || !range) return false;
    const { loop } = this;
    const held = loop && position < loop.end && loop.end <= range[1] && layer.range(loop.start);
    const bound = held ? loop.end : range[1];
    const last = Math.min(position + this.margin, bound - 1);
    if (![position, last].every((at) => layer.chunks.has(at >> this.shift))) return false;
    return layer.whole || held || position + this.margin < bound;
  }

  settle(name, sound) {
    // A whole new recording that is heard alone has no need of those below.
    const top = sound.layers.findLastIndex(({ whole, weight }) => whole && weight === 1);
    if (top > 0) {
      sound.layers.splice(0, top);
      this.port.postMessage({ settled: name, id: sound.layers[0].id });
    }
  }

  process(_, [heard, written]) {
    const n = heard[0].length;
    this.stalled = this.playing && !this.readable();
    const silent = this.transport === 0;
    for (const [name, sound] of this.sounds) {
      sound.target = name === this.selected ? 1 : 0;
      if (silent) sound.weight = sound.target;
      sound.layers.forEach((layer, k) => {
        layer.target = k === 0 || this.wanted(layer, this.position) ? 1 : 0;
        if (silent || k === 0) layer.weight = layer.target;
      });
      if (sound.layers.some(({ gone, weight }) => gone && weight === 0))
        sound.layers = sound.layers.filter(({ gone, weight }) => !gone || weight > 0);
      this.settle(name, sound);
    }
    if (silent && this.sought !== null) this.jump();
    const audible = [...this.sounds.values()].filter((one) => one.weight > 0 || one.target > 0);
    for (let i = 0; i < n; i++) {
      const open = this.playing && !this.stalled && this.sought === null;
      this.transport = toward(this.transport, open ? 1 : 0, this.step);
      if (this.transport === 0) {
        if (this.sought !== null) this.jump();
        continue;
      }
      this.mix(audible, heard, written, i);
      this.position += 1;
      if (this.loop && this.position === this.loop.end) this.position = this.loop.start;
      if (this.position >= this.n_samples) {
        this.playing = false;
        this.transport = 0;
        this.position = this.n_samples;
        this.report();
        break;
      }
    }
    this.until_report -= n;
    if (this.until_report <= 0) this.report();
    return true;
  }

  jump() {
    this.position = this.sought;
    this.sought = null;
    this.report();
  }

  mix(audible, heard, written, i) {
    const index = this.position >> this.shift;
    const within = this.position & this.mask;
    for (const sound of audible) {
      sound.weight = toward(sound.weight, sound.target, this.step);
      for (let channel = 0; channel < 2; channel++) {
        let plain = 0;
        let matched = 0;
        for (const layer of sound.layers) {
          if (channel === 0 && layer.weight !== layer.target)
            layer.weight = toward(layer.weight, layer.target, this.step);
          if (layer.weight === 0) continue;
          const chunk = layer.chunk(index); // zeros beyond its ranges
          const value = chunk ? chunk[Math.min(channel, chunk.length - 1)][within] : 0;
          plain += layer.weight * (value - plain);
          matched += layer.weight * (value * layer.gain - matched);
        }
        heard[channel][i] += this.transport * sound.weight * matched;
        written[channel][i] += this.transport * sound.weight * plain;
      }
    }
  }
}

function toward(value, target, step) {
  return value < target ? Math.min(target, value + step) : Math.max(target, value - step);
}

registerProcessor("burnish-deck", Deck);
