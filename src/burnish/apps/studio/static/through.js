// Listen as: what is heard goes through a phone, a car or a codec, or only what a codec takes away.

import { catalogue } from "./api.js";
import { h, say } from "./element.js";

export async function throughPanel(element, { stage }) {
  const places = await catalogue("places");
  const { player } = stage;
  const turn = async () => {
    try {
      await stage.send(player.selected);
    } catch (error) {
      say(error.message, true);
    }
  };
  player.addEventListener("select", turn);

  const group = (legend, rows) => h("fieldset", { class: "places" }, h("legend", {}, legend), rows.map(([value, title, about]) => {
    const input = h("input", { type: "radio", name: "place", value });
    input.checked = value === stage.through;
    input.addEventListener("change", () => {
      stage.through = value;
      element.dataset.through = value;
      turn();
    });
    return h("label", { class: "place", title: about }, input, h("span", {}, title), about ? h("small", {}, about) : null);
  }));
  const of = (kind) => places.filter((one) => one.kind === kind);
  element.replaceChildren(
    h("p", { class: "lead" }, "What you hear goes through this, at the same loudness. The files stay as they are."),
    group("Here", [["", "As it is", "Nothing between the master and you"]]),
    group("On devices", of("device").map(({ name, title, about }) => [name, title, about])),
    group("Through a codec", of("codec").map(({ name, title }) => [name, title, ""])),
    group("Only what a codec takes away", of("codec").map(({ name, title }) => [`${name}!`, title, ""])));
}
