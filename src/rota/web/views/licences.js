// Licences: how many there are, who holds how many; and, while one looks, over time.

import { get } from "../api.js";
import { Chart } from "../chart.js";
import { bar, fill, h, panel, soon } from "../dom.js";
import { plain } from "../words.js";

const KEPT = 1800;

/** The page at #/licences. */
export class LicencesPage {
  constructor() {
    this.charts = new Map();
    this.again = soon(() => this.load(), 1000);
  }

  mount(place) {
    this.body = h("div", { class: "page" });
    fill(place, this.body);
    this.timer = setInterval(() => document.hidden || this.load(), 3000);
    this.load();
  }

  unmount() {
    clearInterval(this.timer);
    for (const { chart } of this.charts.values()) chart.stop();
  }

  changed() {
    this.again();
  }

  async load() {
    try {
      const { licences } = await get("/licences");
      if (!licences.length) {
        fill(this.body, h("p", { class: "empty" }, "No licence is declared. The operator's file does that: see “rota config --help”."));
        return;
      }
      fill(this.body, licences.map((one) => this.draw(one)));
    } catch (error) {
      fill(this.body, h("p", { class: "notice" }, error.message));
    }
  }

  draw(one) {
    const { chart, data } = this.chart(one.name);
    data[0].push(Date.now() / 1000);
    data[1].push(one.held);
    data[2].push(one.count);
    if (data[0].length > KEPT) data.forEach((column) => column.shift());
    if (data[0].length > 1) setTimeout(() => chart.set(data));
    const users = Object.entries(one.users).sort((a, b) => b[1] - a[1]);
    return panel(plain(one.name),
      h("div", { class: "meter wide" }, "held", bar(one.count ? one.held / one.count : 0, { says: `${one.held} of ${one.count}` }),
        h("span", {}, `${one.held} / ${one.count}, ${one.free} free`)),
      h("p", {}, users.map(([user, n]) => [h("a", { class: "tag", href: `#/?q=user:${encodeURIComponent(user)}` }, `${user} ${n}`), " "])),
      h("div", { class: "charts" }, chart.place));
  }

  chart(name) {
    if (!this.charts.has(name)) {
      const whole = (n) => (n === null ? "" : String(Math.round(n)));
      const chart = new Chart({ title: "since this page was opened", step: true, series: [
        { name: "held", colour: "--running", show: whole }, { name: "count", colour: "--quiet", dash: [4, 4], show: whole }] });
      this.charts.set(name, { chart, data: [[], [], []] });
    }
    return this.charts.get(name);
  }
}
