// Listens in on a group: the last messages, as text or as bytes.

import { h, byId, setText } from "./dom.js";
import { live, onChange, readSession } from "./api.js";
import { askToken } from "./dialogs.js";
import { bytes, count, many, peerText, sentence } from "./text.js";
import { query } from "./route.js";

const MOST_SHOWN = 200;
const MOST_CHARACTERS = 2000;
const NEAR_END_PX = 40;

const tap = { group: null, source: null, waiting: [], messages: 0, skipped: 0, bytes: 0, frame: 0 };

export function startTap() {
  byId("tap-toggle").addEventListener("click", () => (tap.source ? stop() : mustSignIn() ? askToken() : start()));
  onChange(() => tap.group && showState());
  byId("tap-clear").addEventListener("click", clear);
  for (const choice of document.querySelectorAll("[name=format]")) {
    choice.addEventListener("change", () => {
      if (!tap.source) return;
      stop();
      start();
    });
  }
}

/** Messages are only for those who may change things too, if there is a token at all. */
function mustSignIn() {
  return live.session.canSignIn && !live.session.signedIn;
}

/** Turns to a group, or to none: what was heard of another one is forgotten. */
export function tapGroup(group) {
  stop();
  clear();
  fail("");
  tap.group = group;
}

function start() {
  const format = document.querySelector("[name=format]:checked").value;
  const { name, ofEndpoint } = tap.group;
  const address = "api/v1/tap?" + query({ group: name, ofEndpoint, format });
  fail("");
  const source = (tap.source = new EventSource(address));
  source.onmessage = (event) => {
    if (source !== tap.source) return;
    hear({ ...JSON.parse(event.data), format });
  };
  source.onerror = () => {
    if (source !== tap.source || source.readyState !== EventSource.CLOSED) return; // it connects again by itself
    stop();
    explain(address);
  };
  byId("messages").hidden = false;
  showState();
}

function stop() {
  tap.source?.close();
  tap.source = null;
  showState();
}

function clear() {
  tap.waiting = [];
  tap.messages = tap.bytes = tap.skipped = 0;
  byId("messages").replaceChildren();
  byId("messages").hidden = !tap.source;
  showState();
}

/** An EventSource does not tell why it was refused; a plain request does. */
async function explain(address) {
  const cancel = new AbortController();
  try {
    const response = await fetch(address, { signal: cancel.signal });
    if (response.status === 401) readSession();
    if (response.ok) fail("The connection to the forwarder broke.");
    else
      fail(sentence((await response.json().catch(() => null))?.error ?? "the forwarder answered with status " + response.status));
  } catch {
    fail("The forwarder does not answer.");
  }
  cancel.abort();
}

function fail(text) {
  byId("tap-error").hidden = !text;
  setText(byId("tap-error"), text);
  if (text && !tap.messages) byId("messages").hidden = true;
}

function hear(message) {
  tap.skipped += message.skipped ?? 0;
  if (message.text != null) {
    tap.messages++;
    tap.bytes += message.bytes;
    tap.waiting.push(message);
  }
  if (tap.waiting.length > MOST_SHOWN) tap.waiting.shift();
  tap.frame ||= requestAnimationFrame(show);
}

function show() {
  tap.frame = 0;
  const list = byId("messages");
  const follows = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END_PX;
  list.append(...tap.waiting.map(line));
  tap.waiting = [];
  while (list.childElementCount > MOST_SHOWN) list.firstElementChild.remove();
  if (follows) list.scrollTop = list.scrollHeight;
  showState();
}

function line({ time, bytes: size, text, format }) {
  const at = new Date(time);
  const clock = at.toLocaleTimeString("en-GB") + "." + String(at.getMilliseconds()).padStart(3, "0");
  return h(
    "li",
    {},
    h("time", { dateTime: time }, clock),
    h("span.size", {}, bytes(size)),
    h("code." + format, {}, peerText(text, MOST_CHARACTERS)),
  );
}

function showState() {
  setText(byId("tap-toggle"), tap.source ? "Stop" : mustSignIn() ? "Sign in to listen" : "Start listening");
  byId("tap-toggle").classList.toggle("listening", tap.source !== null);
  byId("tap-clear").hidden = tap.messages === 0;
  setText(byId("tap-note"), stateInWords());
}

function stateInWords() {
  if (!tap.messages && !tap.skipped) return tap.source ? "Listening. Nothing was sent yet" : "See what members send, as it passes";
  let words = many(tap.messages, "message") + ", " + bytes(tap.bytes);
  if (tap.messages > MOST_SHOWN) words += ` · the last ${count(MOST_SHOWN)} are shown`;
  if (tap.skipped) words += " · " + count(tap.skipped) + " more passed too fast to be shown";
  return words;
}
