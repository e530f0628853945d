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
  if (line.textContent !== text) line.textContent = text;
  line.classList.toggle("wrong", isWrong);
}

// What ends in these words is not true any more.
export function unsay(words) {
  if (document.querySelector("#said")?.textContent.endsWith(words)) say("");
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
// `done` comes when all of them were taken.
export function dropZone(label, take, { accept = "audio/*,.wav,.flac,.aif,.aiff", many = true, done = () => {} } = {}) {
  const input = h("input", { type: "file", accept, multiple: many });
  const zone = h("label", { class: "drop" }, h("span", {}, label), input);
  const taken = async (files) => {
    for (const file of many ? files : files.slice(0, 1)) await take(file);
    input.value = "";
    done();
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

// A file that is dropped beside a zone is not opened in the page's place.
export function dropNowhereElse() {
  for (const type of ["dragover", "drop"])
    window.addEventListener(type, (event) => {
      if (event.defaultPrevented || !event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    });
}
