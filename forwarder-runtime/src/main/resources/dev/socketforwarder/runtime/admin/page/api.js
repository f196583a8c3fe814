// Speaks to the forwarder: single requests, and the live connection that keeps the page up to date.

import { groupKey } from "./route.js";
import { sentence } from "./text.js";

const ANSWER_WITHIN_MS = 10_000;
const SILENCE_MS = 6_000;
const BACK_OFF_MS = [1000, 2000, 4000, 8000, 15_000];
const MOST_SAMPLES = 300;
const REST_AFTER_MS = 300_000;
const WEIGHT_OF_NEWS = 0.15;

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Sends one request. Answers with the JSON document, or null if there is none. */
export async function request(method, path, body) {
  const options = {
    method,
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    cache: "no-store",
  };
  if (method !== "GET") options.headers["Content-Type"] = "application/json";
  if (body !== undefined) options.body = JSON.stringify(body);
  let response;
  try {
    response = await fetch("api/v1/" + path, options);
  } catch {
    throw new ApiError(0, "The forwarder does not answer.");
  }
  const text = await response.text().catch(() => "");
  let document = null;
  try {
    document = text ? JSON.parse(text) : null;
  } catch {
    // an answer that is no JSON comes from something between the page and the forwarder
  }
  if (response.ok) return document;
  throw new ApiError(response.status, sentence(document?.error ?? "the forwarder answered with status " + response.status));
}

export const get = (path) => request("GET", path);

/** What the forwarder said last, and how the page stands to it. */
export const live = {
  phase: "loading", // then "open", or "lost"
  error: null,
  retryAt: 0,
  heardAt: 0,
  status: null,
  groups: null,
  stepSeconds: 1,
  samples: [],
  session: { signedIn: false, canSignIn: false },
};

const listeners = new Set();
let source = null;
let timer = 0;
let failures = 0;
let attempt = 0;
let restTimer = 0;
let resting = false;

export function onChange(listener) {
  listeners.add(listener);
}

export function changed() {
  for (const listener of listeners) {
    try {
      listener(live);
    } catch (error) {
      console.error(error); // one part of the page that fails leaves the others alive
    }
  }
}

export async function readSession() {
  live.session = { signedIn: false, canSignIn: false, ...(await get("session").catch(() => null)) };
  changed();
}

/** Opens the live connection, and opens it again for as long as the page is there. */
export async function connect() {
  const mine = ++attempt;
  clearTimeout(timer);
  source?.close();
  source = null;
  resting = false;
  live.retryAt = 0;
  try {
    const [status, groups, history] = await Promise.all([get("status"), get("groups?offset=0&limit=60&sort=rate"), get("history")]);
    if (mine !== attempt) return;
    live.samples = history?.samples ?? [];
    live.stepSeconds = history?.stepSeconds ?? 1;
    live.groups = groups;
    heard(status);
  } catch (error) {
    if (mine === attempt) lose(error.message ?? String(error), error.status);
    return;
  }
  readSession();
  listen();
}

function listen() {
  source = new EventSource("api/v1/events");
  const mine = source;
  const on = (name, use) =>
    source.addEventListener(name, (event) => {
      if (mine !== source) return;
      use(JSON.parse(event.data));
    });
  on("sample", (sample) => {
    if (!(sample.time <= live.samples.at(-1)?.time)) live.samples = [...live.samples, sample].slice(-MOST_SAMPLES);
  });
  on("groups", (groups) => (live.groups = { ...groups, groups: steadily(groups.groups) }));
  on("status", heard);
  source.onerror = () => mine === source && lose("The connection to the forwarder broke.");
  watchSilence();
}

let weights = new Map();

/** Sorts by smoothed rates, so that groups of about the same rate do not change places every second. */
function steadily(groups) {
  const next = new Map();
  for (const group of groups) {
    const key = groupKey(group);
    const rate = group.rates.bytesIn + group.rates.bytesOut;
    const before = weights.get(key) ?? rate;
    next.set(key, before + (rate - before) * WEIGHT_OF_NEWS);
  }
  weights = next;
  return groups.toSorted((a, b) => weights.get(groupKey(b)) - weights.get(groupKey(a)));
}

function heard(status) {
  live.status = status;
  live.phase = "open";
  live.error = null;
  live.heardAt = Date.now();
  failures = 0;
  changed();
}

function watchSilence() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (Date.now() - live.heardAt > SILENCE_MS && !document.hidden) lose("The forwarder has said nothing for a while.");
    else watchSilence();
  }, 1000);
}

/** A page that nobody has looked at for minutes gives its connection back: a browser has six of them for one server. */
document.addEventListener("visibilitychange", () => {
  clearTimeout(restTimer);
  if (document.hidden) restTimer = setTimeout(rest, REST_AFTER_MS);
  else if (resting) connect();
});

function rest() {
  resting = true;
  source?.close();
  source = null;
  clearTimeout(timer);
}

function lose(message, status = 0) {
  source?.close();
  source = null;
  clearTimeout(timer);
  const pause = BACK_OFF_MS[Math.min(failures++, BACK_OFF_MS.length - 1)] * (0.85 + 0.3 * Math.random());
  live.phase = "lost";
  live.error = { message, status };
  live.retryAt = Date.now() + pause;
  timer = setTimeout(connect, pause);
  changed();
}
