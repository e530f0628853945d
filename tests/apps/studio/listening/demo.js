// The listening engine on a page by itself, as the tests see it.
import { Player } from "/static/player.js";
import { Meters } from "/static/meters.js";
import { Waveform } from "/static/waveform.js";
import { Controls } from "/static/controls.js";

const { sounds, findings, corridor, overviews } = await (await fetch("/demo.json")).json();
const player = await Player.open(sounds);
const meters = await Meters.open(player, document.querySelector("#meters"), { corridor });
const wave = new Waveform(document.querySelector("#wave"), player);
const controls = new Controls(document.querySelector("#controls"), player, wave);
for (const name of player.names) wave.show(name, overviews[name]);
wave.mark(findings);
wave.addEventListener("finding", ({ detail }) => {
  document.querySelector("#finding").textContent = `${detail.title}. ${detail.advice}`;
});
Object.assign(globalThis, { player, meters, wave, controls });
document.documentElement.dataset.ready = "";
