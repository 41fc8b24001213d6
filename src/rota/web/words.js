// Numbers and instants, for people.

/** Seconds: 12ms, 4.2s, 3m05s, 2h07m, 5d03h. */
export function duration(seconds) {
  const two = (n) => String(Math.floor(n)).padStart(2, "0");
  if (seconds > 0 && seconds < 0.1) return `${Math.max(1, Math.round(seconds * 1000))}ms`;
  if (seconds < 60) return `${Math.max(0, seconds).toFixed(seconds < 10 ? 1 : 0)}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)}h${two((seconds / 60) % 60)}m`;
  return `${Math.floor(seconds / 86400)}d${two((seconds / 3600) % 24)}h`;
}

/** Bytes. */
export function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let at = 0;
  for (; Math.abs(value) >= 1024 && at < units.length - 1; at += 1) value /= 1024;
  return `${at && value < 100 ? value.toFixed(1) : Math.round(value)} ${units[at]}`;
}

/** A count, with thin spaces between thousands. */
export function count(n) {
  return n.toLocaleString("en").replaceAll(",", "\u2009");
}

/** "1 job", "12 jobs". */
export function plural(n, word) {
  return `${count(n)} ${word}${n === 1 ? "" : "s"}`;
}

/** An instant in the reader's zone; the day only when it is another than today. */
export function when(instant) {
  if (!instant) return "";
  const at = new Date(instant);
  const time = at.toLocaleTimeString([], { hour12: false });
  return at.toDateString() === new Date().toDateString()
    ? time
    : `${at.toLocaleDateString()} ${time}`;
}

/** How long ago, or how long until. */
export function ago(instant) {
  const seconds = (Date.now() - Date.parse(instant)) / 1000;
  return seconds >= 0 ? `${duration(seconds)} ago` : `in ${duration(-seconds)}`;
}

/** Control and direction characters made visible: a name must not pretend to be another. */
export function plain(text) {
  // eslint-disable-next-line no-control-regex
  return String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}

/** Bytes as a job file takes them back, nothing rounded: 2GiB, 1500B. */
export function exactSize(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let at = 0;
  for (; value && value % 1024 === 0 && at < units.length - 1; at += 1) value /= 1024;
  return `${value}${units[at]}`;
}

/** Seconds as a job file takes them back, nothing rounded: 2h, 90s. */
export function exactTime(seconds) {
  for (const [unit, length] of [["d", 86400], ["h", 3600], ["m", 60]]) {
    if (seconds && seconds % length === 0) return `${seconds / length}${unit}`;
  }
  return `${seconds}s`;
}
