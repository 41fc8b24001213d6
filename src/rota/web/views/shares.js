// Users: what each has now, what is promised them, what limits bind them.

import { get } from "../api.js";
import { bar, fill, grid, h, panel, pill, soon } from "../dom.js";
import { count, duration, plain } from "../words.js";

/** The page at #/shares. */
export class SharesPage {
  constructor() {
    this.again = soon(() => this.load(), 1500);
  }

  mount(place) {
    this.body = h("div", { class: "page" });
    fill(place, this.body);
    this.load();
  }

  changed() {
    this.again();
  }

  async load() {
    try {
      const [stat, config, queues] = await Promise.all([get("/stat"), get("/config"), get("/queues")]);
      this.draw(stat, config, queues.queues);
    } catch (error) {
      fill(this.body, h("p", { class: "notice" }, error.message));
    }
  }

  draw(stat, config, queues) {
    const users = [...stat.users].sort((a, b) => b.cores_used - a.cores_used);
    const states = (counts) => Object.entries(counts).map(([name, n]) => [pill(name, n), " "]);
    fill(this.body,
      panel("Users now", grid(["User", "#Cores", "", "Tasks", "#Share"], users.map((user) => [
        h("a", { href: `#/?q=user:${encodeURIComponent(user.name)}` }, plain(user.name)), count(user.cores_used),
        bar(stat.cores ? user.cores_used / stat.cores : 0, { says: `${user.cores_used} of ${stat.cores} cores` }),
        states(user.counts), String(config.shares[user.name] ?? 1),
      ]), "Nobody has anything here now.")),
      panel("Queues", grid(["Queue", "Tasks", "Rules"], queues.map((queue) => [
        h("a", { href: `#/?q=queue:${encodeURIComponent(queue.name)}` }, plain(queue.name)), states(queue.counts), said(queue.rules)]))),
      panel("Policy", h("p", {}, `${config.policy}; what was used counts half after ${duration(config.half_life_s)}.`),
        grid(["Limit of", "What"], config.limits.map((limit) => {
          const { kind = "", name = "", ...rest } = limit;
          return [plain(`${kind} ${name}`), said(rest)];
        }), "No limits.")));
  }
}

function said(rules) {
  return Object.entries(rules).filter(([, value]) => value !== null).map(([key, value]) => `${key}: ${plain(value)}`).join(", ");
}
