// The desk: what is being changed of a version, what was before that, and how it is heard.
//
//     const desk = new Desk(work, stage);
//     await desk.load(version);
//     desk.edit({ steps }, isDone); desk.undo(); await desk.render();
//
// Events: "load", "edit", and "change" where the panels must be drawn anew (undo, redo, order).

import { History } from "./history.js";
import { Preview } from "./preview.js";

const WAIT_MS = 40; // between two requests while a slider moves
const AHEAD_S = 15; // what a preview holds where nothing is looped
const EARLY_S = 4;

export class Desk extends EventTarget {
  version = null; // with its plan and all
  delta = null; // the place of the step whose work is heard alone
  #history = new History({ wishes: {}, steps: [] });
  #now = null; // while a slider moves
  #preview = null;
  #timer = null;
  #until = Infinity;

  constructor(work, stage) {
    super();
    Object.assign(this, { work, stage });
    setInterval(() => this.#goOn(), 500);
  }

  async load(version) {
    this.endPreview();
    this.version = await this.work.ask(`/versions/${version.id}`);
    const { settings, plan } = this.version;
    this.#history = new History({ wishes: settings ?? {}, steps: plan.steps });
    this.#now = null;
    this.delta = null;
    await this.stage.hear(version);
    const address = `/api/projects/${this.work.id}/preview`;
    this.#preview = new Preview(this.stage.player, this.name, { address, sound: this.stage.upload.id });
    this.#tell("load");
  }

  get name() {
    return `v/${this.version?.id}`;
  }

  get now() {
    return this.#now ?? this.#history.now;
  }

  get wishes() {
    return this.now.wishes;
  }

  get steps() {
    return this.now.steps;
  }

  // Whether the steps, or the wishes, are other than those of the version.
  get isEdited() {
    return this.version !== null && !same(this.steps, this.version.plan.steps);
  }

  get hasWishes() {
    return this.version !== null && !same(this.wishes, this.version.settings ?? {});
  }

  get canUndo() {
    return this.#history.canUndo;
  }

  get canRedo() {
    return this.#history.canRedo;
  }

  edit(part, isDone = true) {
    const state = { ...this.now, ...part };
    this.#now = isDone ? null : state;
    if (isDone && !same(state, this.#history.now)) this.#history.push(state);
    if (part.steps) this.#hear();
    this.#tell("edit");
  }

  redraw() {
    this.#tell("change");
  }

  undo() {
    this.#history.undo();
    this.#turned();
  }

  redo() {
    this.#history.redo();
    this.#turned();
  }

  #turned() {
    this.#now = null;
    this.#hear();
    this.#tell("change");
  }

  // Hear only what one step takes away; null: all of it.
  hearDelta(place) {
    this.delta = place;
    this.#hear();
    this.#tell("edit");
  }

  // A new version: of the wishes, decided anew, or of the steps as they stand.
  async render(kind, note = "") {
    const { work, stage, version } = this;
    const body = { upload: stage.upload.id, parent: version?.id ?? null, note };
    if (kind === "steps") body.plan = { ...version.plan, steps: this.steps };
    else body.settings = given(this.wishes);
    const { job } = await work.ask("/versions", { body });
    const done = await work.done(job);
    await work.refresh();
    const made = work.version(done.version);
    if (this.version !== version || !made) return made;
    await this.load(made);
    stage.player.select(this.name);
    return made;
  }

  // Hearing

  #hear() {
    clearTimeout(this.#timer);
    if (!this.isEdited && this.delta === null) return this.endPreview();
    this.#timer = setTimeout(() => this.#ask(), WAIT_MS);
    return undefined;
  }

  async #ask() {
    const { player } = this.stage;
    if (!player.sounds.has(this.name)) return;
    if (player.selected !== this.name) player.select(this.name);
    const about = this.delta === null ? {} : { delta: this.delta };
    this.#until = player.loop ? Infinity : player.position + AHEAD_S * player.rate_hz;
    try {
      if (await this.#preview.ask({ steps: this.steps, ...about })) this.#tell("heard");
    } catch (error) {
      this.dispatchEvent(new CustomEvent("fault", { detail: error.message }));
    }
  }

  // Where nothing is looped, the preview is carried on as it is played.
  #goOn() {
    if (!this.#preview || (!this.isEdited && this.delta === null)) return;
    const { player } = this.stage;
    if (player.playing && !player.loop && player.position > this.#until - EARLY_S * player.rate_hz) this.#ask();
  }

  endPreview() {
    clearTimeout(this.#timer);
    this.#until = Infinity;
    if (this.#preview && this.stage.player.sounds.has(this.name)) this.#preview.end();
  }

  #tell(type) {
    this.dispatchEvent(new Event(type));
  }
}

// Wishes without those that say nothing.
export function given(wishes) {
  return Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== null && value !== ""));
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}
