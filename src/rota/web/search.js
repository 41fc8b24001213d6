// What is typed above the queue → a query of the API.
//
//   fit user:ada state:failed,held tag:paper queue:long since:2h 120     →
//   {name: "*fit*", user: "ada", state: "failed,held", tag: …, queue: …, since: …, ids: "120"}

const KEYS = new Set(["user", "state", "tag", "queue", "since", "name"]);

/** Return the query that *text* says; *wrong* are its words that say nothing known. */
export function parse(text) {
  const query = {};
  const wrong = [];
  const ids = [];
  const names = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const [, key, value] = /^([a-z]+):(.+)$/.exec(word) || [];
    if (key && KEYS.has(key) && key !== "name") query[key] = value;
    else if (key === "name") names.push(value);
    else if (key || /^[a-z]+:$/.test(word)) wrong.push(word);
    else if (/^\d+(\[\d*\])?$/.test(word)) ids.push(Number.parseInt(word, 10));
    else names.push(/[*?[]/.test(word) ? word : `*${word}*`);
  }
  if (ids.length) query.ids = ids.join(",");
  if (names.length) query.name = names.join(",");
  return { query, wrong };
}

/** Return *text* with *key* set to *value*; an empty value takes it out. */
export function withWord(text, key, value) {
  const rest = text.split(/\s+/).filter((word) => word && !word.startsWith(`${key}:`));
  return (value ? [...rest, `${key}:${value}`] : rest).join(" ");
}
