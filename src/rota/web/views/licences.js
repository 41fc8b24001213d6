// Licences: how many there are, who holds how many, now and over the last day.

import { get } from "../api.js";
import { Chart } from "../chart.js";
import { bar, fill, h, panel } from "../dom.js";
import { Page } from "../page.js";
import { plain } from "../words.js";

/** The page at #/licences. */
export class LicencesPage extends Page {
  charts = new Map();

  unmount() {
    super.unmount();
    for (const chart of this.charts.values()) chart.stop();
  }

  async show() {
    const [{ licences }, gauges] = await Promise.all([get("/licences"), get("/gauges")]);
    if (!licences.length) {
      fill(this.body, h("p", { class: "empty" }, "No licence is declared. The operator's file does that: see “rota config --help”."));
      return;
    }
    fill(this.body, licences.map((one) => this.draw(one)));
    for (const one of licences) {
      const use = gauges.licences[one.name];
      if (use && gauges.at.length > 1) this.chart(one.name).set([gauges.at, use.held, use.count]);
    }
  }

  draw(one) {
    const users = Object.entries(one.users).sort((a, b) => b[1] - a[1]);
    return panel(plain(one.name),
      h("div", { class: "meter wide" }, "held", bar(one.count ? one.held / one.count : 0, { says: `${one.held} of ${one.count}` }),
        h("span", {}, `${one.held} / ${one.count}, ${one.free} free`)),
      h("p", {}, users.map(([user, n]) => [h("a", { class: "tag", href: `#/?q=user:${encodeURIComponent(user)}` }, `${user} ${n}`), " "])),
      h("div", { class: "charts" }, this.chart(one.name).place));
  }

  chart(name) {
    if (!this.charts.has(name)) {
      const whole = (n) => (n === null ? "" : String(Math.round(n)));
      this.charts.set(name, new Chart({ title: "the last day", step: true, series: [
        { name: "held", colour: "--running", show: whole }, { name: "there are", colour: "--quiet", dash: [4, 4], show: whole }] }));
    }
    return this.charts.get(name);
  }
}
