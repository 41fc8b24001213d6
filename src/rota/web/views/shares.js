// Users: what each has now, what is promised them, what limits bind them.

import { get } from "../api.js";
import { Chart } from "../chart.js";
import { bar, fill, grid, h, panel, pill } from "../dom.js";
import { Page } from "../page.js";
import { UsagePanel } from "./usage.js";
import { count, duration, plain } from "../words.js";

const whole = (n) => (n === null ? "" : String(Math.round(n)));
const COLOURS = ["--running", "--done", "--waiting", "--failed", "--quiet"];

/** The page at #/shares. */
export class SharesPage extends Page {
  whole = new Chart({ title: "cores in use, the last day", step: true, series: [
    { name: "used", colour: "--running", show: whole }, { name: "there", colour: "--quiet", dash: [4, 4], show: whole }] });
  users = null;
  past = new UsagePanel();

  // What people are about to choose in a panel must not be drawn again under their hands.
  mount(place) {
    super.mount(place);
    const body = h("div");
    fill(this.body, body, this.past.place);
    this.body = body;
  }

  unmount() {
    super.unmount();
    this.whole.stop();
    this.users?.stop();
  }

  async show() {
    const [stat, config, queues, gauges, users, accounts] = await Promise.all(
      [get("/stat"), get("/config"), get("/queues"), get("/gauges"), get("/users"), get("/accounts")]);
    this.draw(stat, config, queues.queues, { users: users.users, accounts: accounts.accounts });
    this.chart(gauges);
  }

  chart({ at, cores, cores_used: used, users }) {
    if (at.length < 2) return;
    this.whole.set([at, used, cores]);
    const shown = largest(users);
    this.users?.stop();
    this.users = new Chart({ title: "by user", step: true,
      series: shown.map(([name], place) => ({ name: plain(name), colour: COLOURS[place], show: whole })) });
    if (!shown.length) return;
    this.charts.append(this.users.place);
    this.users.set([at, ...shown.map(([, column]) => column)]);
  }

  draw(stat, config, queues, { users: people, accounts }) {
    const users = [...stat.users].sort((a, b) => b.cores_used - a.cores_used);
    const states = (counts) => Object.entries(counts).map(([name, n]) => [pill(name, n), " "]);
    this.charts = h("div", { class: "charts" }, this.whole.place);
    fill(this.body,
      panel("Use", this.charts),
      notices(stat.channels),
      panel("Users now", grid(["User", "#Cores", "", "Tasks"], users.map((user) => [
        h("a", { href: `#/?q=user:${encodeURIComponent(user.name)}` }, plain(user.name)), count(user.cores_used),
        bar(stat.cores ? user.cores_used / stat.cores : 0, { says: `${user.cores_used} of ${stat.cores} cores` }),
        states(user.counts),
      ]), "Nobody has anything here now.")),
      panel("Shares of users", standing(people, "user")),
      accounts.length ? panel("Shares of accounts", standing(accounts, "account")) : null,
      panel("Queues", grid(["Queue", "Tasks", "Rules"], queues.map((queue) => [
        h("a", { href: `#/?q=queue:${encodeURIComponent(queue.name)}` }, plain(queue.name)), states(queue.counts), said(queue.rules)]))),
      panel("Policy", h("p", {}, `${config.policy}; what was used counts half after ${duration(config.half_life_s)}.`),
        grid(["Limit of", "What"], config.limits.map((limit) => {
          const { kind = "", name = "", ...rest } = limit;
          return [plain(`${kind} ${name}`), said(rest)];
        }), "No limits.")));
  }
}

// Who had how much of what is due: the factor is what the order of the queue goes by.
function standing(rows, kind) {
  const percent = (part) => `${(100 * part).toFixed(1)} %`;
  return grid([kind[0].toUpperCase() + kind.slice(1), "Of", "#Shares", "#Due", "#Had", "#Factor", "", "Limits"],
    rows.slice(0, 200).map((row) => [plain(row.name), plain(row.account), String(row.shares), percent(row.entitled),
      percent(row.effective), row.factor.toFixed(2), bar(row.factor, { says: `factor ${row.factor.toFixed(2)}` }),
      row.limits.map(said).join("; ")]), "Nobody has submitted anything yet.");
}

// Where people are told how their jobs went; a way that does not work must be seen here.
function notices(channels) {
  if (!channels.length) return null;
  return panel("Notices", grid(["Channel", "#Sent", "#Waiting", "#Given up", "Trouble"], channels.map((one) => [
    plain(one.name), count(one.sent), count(one.waiting), count(one.failed), one.error ? h("span", { class: "complaint" }, plain(one.error)) : "none"])));
}

function largest(users) {
  const sum = (column) => column.reduce((total, n) => total + n, 0);
  return Object.entries(users).sort((a, b) => sum(b[1]) - sum(a[1])).slice(0, COLOURS.length);
}

function said(rules) {
  return Object.entries(rules).filter(([, value]) => value !== null).map(([key, value]) => `${key}: ${plain(value)}`).join(", ");
}
