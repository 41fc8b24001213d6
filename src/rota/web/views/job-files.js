// The files that were stored of an attempt, each to be had.

import { address, get } from "../api.js";
import { fill, grid, h, panel } from "../dom.js";
import { plain, size } from "../words.js";

const SHOWN = 500;

/** A list of stored files; nothing when none was stored. */
export class FilesPanel {
  constructor() {
    this.place = h("div");
    this.key = "";
  }

  /** Ask when an attempt has ended that was not asked about before. */
  async draw(job) {
    const key = `${job.id}/${job.task}/${job.attempt}/${job.ended_at}`;
    if (!job.ended_at || !job.attempt || key === this.key) return;
    this.key = key;
    const found = await get(`/jobs/${job.id}/files`, { task: job.task, attempt: job.attempt });
    const files = found.files.filter((file) => file.digest);
    if (!files.length) {
      fill(this.place);
      return;
    }
    const rows = files.slice(0, SHOWN).map((file) => [
      h("a", { href: address(`/blobs/${file.digest}`, { attempt: `${job.id}.${found.task}.${found.attempt}` }),
        download: file.path.split("/").pop() }, plain(file.path)), size(file.size)]);
    const more = files.length > SHOWN ? h("p", { class: "hint" }, `and ${files.length - SHOWN} more: rota fetch ${job.id}`) : null;
    fill(this.place, panel(`Files (${files.length})`, grid(["File", "#Size"], rows), more));
  }
}
