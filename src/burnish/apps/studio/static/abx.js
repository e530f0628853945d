// Blind listening: which of two is X, and how likely so many right answers are by guessing.

export class Abx {
  #x;

  constructor(a, b, random = chance) {
    Object.assign(this, { a, b, random, trials: 0, right: 0, answers: [] });
    this.#draw();
  }

  #draw() {
    this.#x = this.random() < 0.5 ? this.a : this.b;
  }

  // The name of the sound behind "a", "b" or "x". Not to be shown.
  sound(letter) {
    return { a: this.a, b: this.b, x: this.#x }[letter];
  }

  // Say that X is "a" or "b"; returns whether it was, and draws the next X.
  answer(letter) {
    const right = this.sound(letter) === this.#x;
    this.trials += 1;
    this.right += right ? 1 : 0;
    this.answers.push({ said: this.sound(letter), was: this.#x });
    this.#draw();
    return right;
  }

  get probability() {
    return guessed(this.right, this.trials);
  }
}

// The chance of `right` or more of `trials` by tossing a coin (one-sided binomial test).
export function guessed(right, trials) {
  let sum = 0;
  let log = -trials * Math.LN2; // of the chance of none right
  for (let k = 0; k <= trials; k++) {
    if (k >= right) sum += Math.exp(log);
    log += Math.log((trials - k) / (k + 1));
  }
  return Math.min(1, sum);
}

// The same names in an order that nobody knows (Fisher and Yates).
export function shuffled(names, random = chance) {
  const order = [...names];
  for (let k = order.length - 1; k > 0; k--) {
    const other = Math.floor(random() * (k + 1));
    [order[k], order[other]] = [order[other], order[k]];
  }
  return order;
}

function chance() {
  return crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32;
}
