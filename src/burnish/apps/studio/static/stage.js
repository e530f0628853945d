// The stage: one mix, its versions and references, to be seen and heard.
//
//     const stage = await Stage.open(work, upload, { wave, controls, meters });
//     stage.hear(version); stage.open("v/ID")
//
// Names in the player: "mix", "v/ID" for a version, "r/ID" for a reference. What is heard goes through a
// place, a phone or a codec, where one is asked for (`stage.through`). Events: "heard" (the list),
// "through" (detail: the name of a sound that is heard in another way now).

import { Controls } from "./controls.js";
import { say } from "./element.js";
import { Meters } from "./meters.js";
import { Player, soundAt } from "./player.js";
import { Waveform } from "./waveform.js";

const MOST_VERSIONS = 4;

export class Stage extends EventTarget {
  through = ""; // the place asked for; with ! behind it, what a codec takes away
  #standing = new Map(); // name of a version -> the draft that is heard in its place
  #sent = new Map(); // name of a sound -> its base and the place that it goes through

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
    const id = this.#standing.get(name);
    return id ? `/api/projects/${this.work.id}/sounds/${id}` : this.#own(name);
  }

  #own(name) {
    const id = name === "mix" ? this.upload.id : name.split("/")[1];
    return `/api/projects/${this.work.id}/sounds/${id}`;
  }

  // How a sound is heard now, as a preview of it asks for.
  heardAs(name) {
    const [base, place] = this.#sent.get(name) ?? [this.#own(name), ""];
    const version = base.split("/").at(-1);
    if (!place) return { version };
    return { version, through: place.replace("!", ""), removed: place.endsWith("!") };
  }

  // Hear a draft in the place of a version; null: the version itself again.
  stand(name, id) {
    if ((this.#standing.get(name) ?? null) === id) return undefined;
    if (id === null) this.#standing.delete(name);
    else this.#standing.set(name, id);
    return this.send(name);
  }

  // Bring a sound to where it is asked for, as what it is now.
  async send(name) {
    const { player, work, through: place } = this;
    const base = this.base(name);
    const isOld = () => this.through !== place || this.base(name) !== base || !player.sounds.has(name);
    const [was, where] = this.#sent.get(name) ?? [this.#own(name), ""];
    if ((was === base && where === place) || !player.sounds.has(name)) return;
    const original = await soundAt(base, name);
    let [address, info, more] = [base, original.info, {}];
    if (place) {
      const plain = place.replace("!", "");
      const { job } = await work.ask(`${base.slice(base.indexOf("/sounds"))}/through`, { body: { through: plain } });
      if (job) {
        say(`${plain} is being made.`);
        await work.done(job);
        say("");
      }
      address = `${base}?through=${place.replace("!", "&removed=true")}`;
      if (place.endsWith("!")) more = { like: original.info };
    }
    if (isOld()) return;
    if (place) ({ info } = await soundAt(address, name));
    if (isOld()) return;
    player.revise(name, address, info, more);
    this.#sent.set(name, [base, place]);
    this.dispatchEvent(new CustomEvent("through", { detail: name }));
  }

  #sound(name, id, label) {
    return soundAt(`/api/projects/${this.work.id}/sounds/${id}`, name, label);
  }

  // Hear this one now; a blind test is not given away.
  choose(name) {
    if (!this.player.blind && this.player.selected !== name) this.player.select(name);
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
    this.#sent.delete(sound.name);
    this.#standing.delete(sound.name);
    this.player.add(sound);
    this.wave.load(sound.name, sound.base, sound.info);
    this.dispatchEvent(new Event("heard"));
  }

  // Away with what was deleted, here or in another window.
  forget(kept) {
    for (const name of this.player.names)
      if (name !== "mix" && !this.versions.some(({ id }) => name === `v/${id}`) && !this.references.some(({ id }) => name === `r/${id}`) && name !== kept)
        this.leave(name);
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
