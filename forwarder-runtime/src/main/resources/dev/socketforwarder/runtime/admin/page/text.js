// Turns what peers and the forwarder say into text that is safe and pleasant to read.

const EMOJI = (() => {
  try {
    return new RegExp("^\\p{RGI_Emoji}", "v");
  } catch {
    return /^(?!)/; // an older browser shows the joiners inside an emoji instead
  }
})();
// Control, format, separator, private and unassigned characters, odd spaces, and letters that draw nothing.
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u00A0\u115F\u1160\u1680\u2000-\u200A\u202F\u205F\u3000\u3164\uFFA0\u2800\u034F\u180B-\u180D\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/u;
const ESCAPES = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0" };
const MARKS = /^\p{M}$/u;
const MOST_MARKS = 3;

/** Cuts text into pieces, each shown as it is, or named since it would not be seen. */
function* pieces(raw, most) {
  let plain = "";
  let marks = 0;
  let at = 0;
  while (at < raw.length && at < most) {
    const emoji = raw.charCodeAt(at) > 0x7f ? EMOJI.exec(raw.slice(at, at + 40)) : null;
    const character = emoji ? emoji[0] : String.fromCodePoint(raw.codePointAt(at));
    marks = MARKS.test(character) ? marks + 1 : 0;
    const edgeSpace = character === " " && (at === 0 || at === raw.length - 1 || raw[at - 1] === " ");
    if (!emoji && (edgeSpace || marks > MOST_MARKS || HIDDEN.test(character))) {
      if (plain) yield { plain };
      plain = "";
      yield { hidden: nameOf(character) };
    } else {
      plain += character;
    }
    at += character.length;
  }
  if (plain) yield { plain };
  if (at < raw.length) yield { rest: raw.length - at };
}

function nameOf(character) {
  const code = character.codePointAt(0);
  if (code === 0x20) return "␣";
  if (code < 0x20) return ESCAPES[character] ?? "\\x" + code.toString(16).padStart(2, "0");
  return "U+" + code.toString(16).toUpperCase().padStart(4, "0");
}

/** Text for titles and labels: nothing in it is invisible or turns the direction of what follows. */
export function plainly(raw, most = 1000) {
  let text = "";
  for (const piece of pieces(String(raw ?? ""), most)) {
    text += piece.plain ?? (piece.hidden ? "‹" + piece.hidden + "›" : "… and " + count(piece.rest) + " more");
  }
  return text;
}

/** Fills an element, a bdi for instance, with text of a peer. Touches the page only if the text has changed. */
export function showPeerText(element, raw, most = 300) {
  const text = String(raw ?? "");
  if (element.peerText === text) return element;
  element.peerText = text;
  element.replaceChildren();
  for (const piece of pieces(text, most)) {
    if (piece.plain) {
      element.append(piece.plain);
      continue;
    }
    const mark = document.createElement("span");
    mark.className = piece.hidden ? "unseen" : "cut";
    mark.textContent = piece.hidden ?? "… " + count(piece.rest) + " more";
    element.append(mark);
  }
  element.title = plainly(text);
  return element;
}

/** An isolated element with text of a peer. */
export function peerText(raw, most) {
  return showPeerText(document.createElement("bdi"), raw, most);
}

/** An error of the forwarder, which comes as one line, as a sentence. */
export function sentence(line) {
  const text = plainly(line, 400);
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export function count(number) {
  return whole.format(number ?? 0);
}

export function many(number, one, several = one + "s") {
  return count(number) + " " + (number === 1 ? one : several);
}

function scaled(number, base, units) {
  let unit = 0;
  while (Math.abs(number) >= base * 0.9995 && unit < units.length - 1) {
    number /= base;
    unit++;
  }
  const digits = unit === 0 ? (number > 0 && number < 10 && number % 1 ? 1 : 0) : number < 10 ? 2 : number < 100 ? 1 : 0;
  return number.toFixed(digits) + " " + units[unit];
}

/** Bytes that went over the network, and rates: steps of 1,000. */
export function bytes(number) {
  return scaled(number ?? 0, 1000, ["B", "kB", "MB", "GB", "TB", "PB"]);
}

export function rate(number) {
  return bytes(number) + "/s";
}

/** Bytes of memory: steps of 1,024, as settings write them. */
export function memory(number) {
  return scaled(number ?? 0, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]);
}

/** A short time, such as a latency, given in seconds. */
export function latency(seconds) {
  if (seconds == null) return "–";
  if (seconds < 0.001) return (seconds * 1e6).toPrecision(seconds < 1e-5 ? 2 : 3).replace(/\.0+$/, "") + " µs";
  if (seconds < 1) return (seconds * 1e3).toFixed(seconds < 0.01 ? 2 : seconds < 0.1 ? 1 : 0) + " ms";
  return seconds.toFixed(2) + " s";
}

/** A span of time for people, given in seconds. */
export function span(seconds) {
  if (seconds < 10) return Math.max(0, seconds).toFixed(1) + " s";
  const s = Math.round(seconds);
  if (s < 60) return s + " s";
  if (s < 3600) return Math.floor(s / 60) + " min " + (s % 60) + " s";
  if (s < 86400) return Math.floor(s / 3600) + " h " + Math.floor((s % 3600) / 60) + " min";
  return many(Math.floor(s / 86400), "day") + " " + Math.floor((s % 86400) / 3600) + " h";
}

export function ago(instant, now = Date.now()) {
  const seconds = (now - Date.parse(instant)) / 1000;
  if (!(seconds >= 1)) return "just now";
  if (seconds < 60) return Math.floor(seconds) + " s ago";
  return span(seconds).replace(/(min|day.*) .*$/, "$1") + " ago";
}

export function localTime(instant) {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

export function percent(part) {
  if (!(part > 0)) return "0 %";
  return part < 0.01 ? "under 1 %" : Math.round(part * 100) + " %";
}
