// What the page says and asks by itself: a short note, and one question before a deed.

import { fill, h } from "./dom.js";

const NOTE_MS = 6000;

/** Show a note for some seconds; *kind* is "good" or "bad". */
export function toast(text, kind = "good") {
  const note = h("div", { class: `toast ${kind}` }, text);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), NOTE_MS);
}

/** Say what went wrong, with what to do about each field. */
export function complain(error) {
  const told = (error.complaints || []).map((one) =>
    [one.key || one.field, one.problem || one.what, one.remedy].filter(Boolean).join(": "));
  toast([error.message, ...told.slice(0, 4)].join("\n"), "bad");
}

/** Ask once; return whether the answer was yes.  *more* are further elements to show. */
export function confirm(title, { does, danger = false, more = [] }) {
  const dialog = document.getElementById("ask");
  return new Promise((answer) => {
    // Not by the event "close": it comes late, when the next question may stand there.
    const end = (said) => () => {
      dialog.close();
      answer(said);
    };
    dialog.oncancel = () => answer(false);
    const yes = h("button", { class: danger ? "danger full" : "full", type: "button", autofocus: true,
      onclick: end(true) }, does);
    fill(dialog, h("h2", { id: "ask-title" }, title), more,
      h("div", { class: "actions" }, yes, h("button", { type: "button", onclick: end(false) }, "Cancel")));
    dialog.showModal();
  });
}
