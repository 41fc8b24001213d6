// What most pages do alike: ask now and then, and soon after something happened; show, or say why not.

import { fill, h, soon } from "./dom.js";

/** A page that shows what `show()` draws into `this.body`. */
export class Page {
  constructor({ every = 5000, wait = 1500 } = {}) {
    this.every = every;
    this.again = soon(() => this.load(), wait);
  }

  mount(place) {
    this.body = h("div", { class: "page" });
    fill(place, this.body);
    this.timer = setInterval(() => document.hidden || this.load(), this.every);
    this.load();
  }

  unmount() {
    clearInterval(this.timer);
  }

  changed() {
    this.again();
  }

  async load() {
    try {
      await this.show();
    } catch (error) {
      fill(this.body, h("p", { class: "notice" }, error.message));
    }
  }
}
