// Elements in one line, what the studio says, and figures as people read them.

// h("button", { type: "button", onclick: act }, "Play"). False and null attributes are left out.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// The same in SVG.
export function shape(tag, attributes, parent = null) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent?.append(element);
  return element;
}

export function button(text, act, attributes = {}) {
  return h("button", { type: "button", onclick: act, ...attributes }, text);
}

// A line in the header; an error stays until something else is said.
export function say(text, isWrong = false) {
  const line = document.querySelector("#said");
  line.textContent = text;
  line.classList.toggle("wrong", isWrong);
}

// An act whose failure is told.
export function telling(act) {
  return async (...given) => {
    try {
      return await act(...given);
    } catch (error) {
      say(error.message, true);
      return undefined;
    }
  };
}

export function figure(value, digits = 1, unit = "") {
  if (value === null || value === undefined) return "–";
  return `${value.toFixed(digits).replace("-", "−")}${unit ? ` ${unit}` : ""}`;
}

// Draw anew what is in an element; the focus stays where it was.
export function redrawn(element, draw) {
  const path = [];
  for (let at = document.activeElement; at && at !== element; at = at.parentElement) {
    if (!element.contains(at)) break;
    path.unshift([...at.parentElement.children].indexOf(at));
  }
  draw();
  path.reduce((at, k) => at?.children[k], element)?.focus();
}

export function when(moment) {
  return new Date(moment).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

export function loudness({ loudness_lufs, true_peak_dbtp }) {
  return `${figure(loudness_lufs, 1, "LUFS")}, ${figure(true_peak_dbtp, 1, "dBTP")}`;
}

// What an `input` of files or a drop holds, to be taken one after the other.
export function dropZone(label, take, { accept = "audio/*,.wav,.flac,.aif,.aiff", many = true } = {}) {
  const input = h("input", { type: "file", accept, multiple: many });
  const zone = h("label", { class: "drop" }, h("span", {}, label), input);
  const taken = async (files) => {
    for (const file of files) await take(file);
    input.value = "";
  };
  input.addEventListener("change", () => taken([...input.files]));
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    taken([...event.dataTransfer.files]);
  });
  return zone;
}
