// The stage: one mix, its versions and references, to be seen and heard.
//
//     const stage = await Stage.open(work, upload, { wave, controls, meters });
//     stage.hear(version); stage.open("v/ID")
//
// Names in the player: "mix", "v/ID" for a version, "r/ID" for a reference. Event: "heard" (the list).

import { Controls } from "./controls.js";
import { Meters } from "./meters.js";
import { Player, soundAt } from "./player.js";
import { Waveform } from "./waveform.js";

const MOST_VERSIONS = 4;

export class Stage extends EventTarget {
  static async open(work, upload, elements) {
    const stage = new Stage();
    Object.assign(stage, { work, upload });
    stage.player = await Player.open([await stage.#sound("mix", upload.id, "Mix")]);
    stage.wave = new Waveform(elements.wave, stage.player);
    stage.wave.load("mix", stage.base("mix"), stage.player.sounds.get("mix").info);
    stage.controls = new Controls(elements.controls, stage.player, stage.wave);
    stage.meters = await Meters.open(stage.player, elements.meters);
    stage.player.addEventListener("fault", ({ detail }) => stage.dispatchEvent(new CustomEvent("fault", { detail })));
    for (const version of stage.versions.slice(-MOST_VERSIONS)) await stage.hear(version);
    for (const one of stage.references) await stage.refer(one);
    return stage;
  }

  // The versions of this mix, the oldest first.
  get versions() {
    return this.work.versions.filter(({ upload }) => upload === this.upload.id);
  }

  // The references that can be heard by now.
  get references() {
    return this.work.uploads.filter(({ kind, verdict }) => kind === "reference" && verdict !== null);
  }

  base(name) {
    const id = name === "mix" ? this.upload.id : name.split("/")[1];
    return `/api/projects/${this.work.id}/sounds/${id}`;
  }

  #sound(name, id, label) {
    return soundAt(`/api/projects/${this.work.id}/sounds/${id}`, name, label);
  }

  // Put a version among what is heard; with more than four the oldest goes.
  async hear(version) {
    const name = `v/${version.id}`;
    if (this.player.sounds.has(name)) return;
    const sound = await this.#sound(name, version.id, `Version ${version.number}`);
    const others = this.player.names.filter((one) => one.startsWith("v/"));
    if (others.length >= MOST_VERSIONS) this.player.remove(others.find((one) => one !== this.player.selected));
    this.#add(sound);
  }

  async refer(upload) {
    const name = `r/${upload.id}`;
    if (!this.player.sounds.has(name)) this.#add(await this.#sound(name, upload.id, upload.name));
  }

  #add(sound) {
    this.player.add(sound);
    this.wave.load(sound.name, sound.base, sound.info);
    this.dispatchEvent(new Event("heard"));
  }

  leave(name) {
    if (name === "mix" || !this.player.sounds.has(name)) return;
    this.player.remove(name);
    this.dispatchEvent(new Event("heard"));
  }

  // A mix is heard before it is measured; then its loudness comes to be known.
  measured({ id, loudness_lufs, true_peak_dbtp }) {
    const info = this.player.sounds.get(id === this.upload.id ? "mix" : `r/${id}`)?.info;
    if (!info || info.loudness_lufs === loudness_lufs) return;
    Object.assign(info, { loudness_lufs, true_peak_dbtp });
    this.player.matched = this.player.matched;
    this.player.dispatchEvent(new CustomEvent("list"));
  }

  // Play from a moment on, with what is around it as the region.
  playAt(start_s, end_s = start_s) {
    const { player, wave } = this;
    const [start, end] = [start_s, Math.max(end_s, start_s + 1)].map((at) => at * player.rate_hz);
    wave.select({ start, end });
    player.seek(start);
    player.play();
  }
}
