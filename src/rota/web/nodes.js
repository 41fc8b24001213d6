// Nodes as cards: what is used of them, and why one takes no work.

import { bar, fill, h, pill, size } from "./dom.js";

const NODES_MAX = 60;

/** Show *nodes*; a large cluster is cut to the busiest. */
export function showNodes(place, nodes) {
  const busiest = [...nodes].sort((a, b) => b.cores_used - a.cores_used);
  fill(place, busiest.slice(0, NODES_MAX).map(card));
}

function card(node) {
  return h(
    "article",
    { class: "node" },
    h("h3", {}, node.name, pill(node.state)),
    meter("cores", node.cores_used, node.cores, String),
    node.memory ? meter("memory", node.memory_used, node.memory, size) : null,
    node.gpus ? meter("gpus", node.gpus_used, node.gpus, String) : null,
    node.reason && node.state !== "up" ? h("p", { class: "why" }, node.reason.text) : null,
  );
}

function meter(name, used, total, show) {
  const told = `${show(used)} / ${show(total)}`;
  return h("div", { class: "meter" }, name, bar(total ? used / total : 0), h("span", {}, told));
}
