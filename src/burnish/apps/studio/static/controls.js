// The transport, the versions to choose from, and the blind test, with their keys.
//
//     const controls = new Controls(element, player, wave);
//
// Space plays and pauses; 1 to 9 choose a version, up and down the neighbouring one; left and right
// move by 5 s, with Shift by 1 s; L loops; B begins and ends the blind test (then 1, 2, 3 are A, B, X).

import { Abx } from "./abx.js";
import { make } from "./meters.js";
import { clock } from "./waveform.js";

const STEP_S = 5;
const FINE_S = 1;

export class Controls {
  constructor(element, player, wave) {
    Object.assign(this, { element, player, wave, abx: null });
    element.classList.add("controls");
    const bar = make("div", { class: "transport", role: "group", "aria-label": "Transport" }, element);
    this.play = button(bar, "Play", "Space", () => player.toggle());
    this.play.classList.add("play");
    this.loop = button(bar, "Loop", "L", () => wave.toggleLoop());
    this.blind = button(bar, "Blind", "B", () => this.toggleBlind());
    this.time = make("span", { class: "time", role: "timer", "aria-label": "Position" }, bar);
    this.list = make("fieldset", { class: "versions" }, element);
    this.panel = make("section", { class: "abx", "aria-label": "Blind test", hidden: "" }, element);
    for (const type of ["state", "loop", "select", "list"]) player.addEventListener(type, () => this.#show(type));
    document.addEventListener("keydown", (event) => this.#key(event));
    setInterval(() => this.#tick(), 100);
    this.#show("list");
  }

  #show(type) {
    const { player } = this;
    this.play.firstChild.textContent = player.playing ? "Pause" : "Play";
    this.loop.setAttribute("aria-pressed", player.loop !== null);
    this.blind.setAttribute("aria-pressed", this.abx !== null);
    if (type === "list") this.#list();
    for (const input of this.list.querySelectorAll("input")) input.checked = input.value === player.selected;
  }

  #tick() {
    const { position, n_samples, rate_hz } = this.player;
    const text = `${clock(position / rate_hz)} / ${clock(n_samples / rate_hz)}`;
    if (this.time.textContent !== text) this.time.textContent = text;
  }

  #list() {
    const legend = make("legend");
    legend.textContent = "Hear";
    const rows = [...this.player.sounds.values()].map(({ name, label, info }, k) => {
      const row = make("label", { class: "version" });
      const input = make("input", { type: "radio", name: "version", value: name }, row);
      input.addEventListener("change", () => this.player.select(name));
      make("kbd", { "aria-hidden": true }, row).textContent = k + 1;
      make("span", { class: "name" }, row).textContent = label;
      const known = Number.isFinite(info.loudness_lufs);
      make("span", { class: "figure" }, row).textContent = known ? `${info.loudness_lufs.toFixed(1)} LUFS`.replace("-", "−") : "–";
      return row;
    });
    this.list.replaceChildren(legend, ...rows);
  }

  // The blind test of two sounds: the first one, and the one that is chosen or the second.
  toggleBlind(pair = null) {
    const { player } = this;
    const [first, second] = player.names;
    if (this.abx || second === undefined) this.abx = null;
    else this.abx = new Abx(...(pair ?? [first, player.selected === first ? second : player.selected]));
    player.blind = this.abx !== null;
    this.list.hidden = this.panel.hidden = false;
    this.list.hidden = player.blind;
    this.panel.hidden = !player.blind;
    document.documentElement.toggleAttribute("data-blind", player.blind);
    if (this.abx) this.#ask();
    else this.panel.replaceChildren(); // nobody answers any more, by a key that comes late either
    this.#show("blind");
    this.wave.draw();
  }

  #ask() {
    const { abx, panel, player } = this;
    panel.replaceChildren();
    const names = [abx.a, abx.b].map((name) => player.sounds.get(name).label);
    make("p", {}, panel).textContent = `A is ${names[0]}, B is ${names[1]}. X is one of them. Which?`;
    const hear = make("div", { role: "group", "aria-label": "Hear" }, panel);
    this.letters = ["a", "b", "x"].map((letter, k) => button(hear, `Hear ${letter.toUpperCase()}`, k + 1, () => this.#hear(letter)));
    const say = make("div", { role: "group", "aria-label": "Answer" }, panel);
    for (const letter of ["a", "b"])
      button(say, `X is ${letter.toUpperCase()}`, null, () => {
        const right = abx.answer(letter);
        this.#hear("x");
        this.#score(right ? "Right." : "Wrong.");
      });
    this.score = make("p", { role: "status", class: "score" }, panel);
    this.#score("");
    this.#hear("x");
  }

  #hear(letter) {
    this.player.select(this.abx.sound(letter));
    this.letters.forEach((one, k) => one.setAttribute("aria-pressed", "abx"[k] === letter));
  }

  #score(word) {
    const { right, trials, probability } = this.abx;
    const chance = `${(100 * probability).toFixed(probability < 0.1 ? 1 : 0)} %`;
    this.score.textContent = trials ? `${word} ${right} of ${trials} right. By guessing: ${chance}.` : "Nothing answered yet.";
  }

  #key(event) {
    const { player, wave, abx } = this;
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (target.matches("textarea, select, [contenteditable], input:not([type=radio])")) return;
    const step = (event.shiftKey ? FINE_S : STEP_S) * player.rate_hz;
    const along = (by) => player.names[(player.names.indexOf(player.selected) + by + player.names.length) % player.names.length];
    const radio = target.matches("input");
    const acts = {
      l: () => wave.toggleLoop(),
      b: () => this.toggleBlind(),
      "+": () => wave.zoom(0.5),
      "-": () => wave.zoom(2),
      0: () => wave.fit(),
      ArrowLeft: () => player.seek(player.position - step),
      ArrowRight: () => player.seek(player.position + step),
    };
    if (!target.matches("button, summary, a")) acts[" "] = () => player.toggle();
    if (!abx && !radio) {
      acts.ArrowUp = () => player.select(along(-1));
      acts.ArrowDown = () => player.select(along(1));
    }
    if (/^[1-9]$/.test(key)) {
      if (!abx) acts[key] = () => player.select(player.names[key - 1]);
      else if (key <= 3) acts[key] = () => this.#hear("abx"[key - 1]);
    }
    const act = acts[key.length === 1 ? key.toLowerCase() : key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}

function button(parent, text, key, act) {
  const element = make("button", { type: "button" }, parent);
  element.append(text);
  if (key !== null) make("kbd", { "aria-hidden": true }, element).textContent = key;
  if (key !== null) element.setAttribute("aria-keyshortcuts", key);
  element.addEventListener("click", act);
  return element;
}
