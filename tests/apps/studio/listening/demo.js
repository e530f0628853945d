// The listening engine on a page by itself, as the tests see it.
import { Player } from "/static/player.js";
import { Meters } from "/static/meters.js";
import { Waveform, overviewOf } from "/static/waveform.js";
import { Controls } from "/static/controls.js";

const { sounds, findings, corridor } = await (await fetch("/demo.json")).json();
const player = await Player.open(sounds);
const meters = await Meters.open(player, document.querySelector("#meters"), { corridor });
const wave = new Waveform(document.querySelector("#wave"), player);
const controls = new Controls(document.querySelector("#controls"), player, wave);
for (const name of player.names)
  wave.show(name, overviewOf(await player.samples(name, 0, player.n_samples), 512));
wave.mark(findings);
wave.addEventListener("finding", ({ detail }) => {
  document.querySelector("#finding").textContent = `${detail.title}. ${detail.advice}`;
});
Object.assign(globalThis, { player, meters, wave, controls });
document.documentElement.dataset.ready = "";
