// Asks: for the token, and whether something that cannot be taken back is meant.

import { byId, setText } from "./dom.js";
import { connect, live, readSession, request } from "./api.js";

const TOAST_MS = 5000;

export function startDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // the backdrop
  }
  byId("sign-in").addEventListener("click", askToken);
  byId("sign-in-form").addEventListener("submit", signIn);
  byId("sign-in-dialog").addEventListener("close", () => (byId("token").value = ""));
  byId("sign-out").addEventListener("click", signOut);
}

export function askToken() {
  setText(byId("sign-in-error"), "");
  byId("sign-in-dialog").showModal();
}

async function signIn(event) {
  event.preventDefault();
  const button = byId("sign-in-form").querySelector("[type=submit]");
  button.disabled = true;
  try {
    await request("POST", "session", { token: byId("token").value });
    byId("sign-in-dialog").close();
    if (live.phase === "lost") await connect();
    else await readSession();
    toast("Signed in.");
  } catch (error) {
    setText(byId("sign-in-error"), error.status === 401 ? "That is not the token." : error.message);
    byId("token").select();
  } finally {
    button.disabled = false;
  }
}

async function signOut() {
  try {
    await request("DELETE", "session");
    toast("Signed out.");
  } catch (error) {
    toast(error.message);
  }
  await readSession();
}

let running = null;

/** Asks whether to do something, does it, and stays open with the error if that fails. */
export function confirm({ title, text, yes, act }) {
  const dialog = byId("confirm-dialog");
  byId("confirm-title").replaceChildren(title);
  byId("confirm-text").replaceChildren(...text);
  setText(byId("confirm-error"), "");
  const button = byId("confirm-yes");
  setText(button, yes);
  button.disabled = false;
  const mine = (running = {});
  button.onclick = async () => {
    button.disabled = true;
    try {
      await act();
      if (mine === running) dialog.close();
    } catch (error) {
      if (error.status === 401) readSession();
      if (mine !== running) return;
      setText(byId("confirm-error"), error.status === 401 ? "You are not signed in any more." : error.message);
      button.disabled = false;
    }
  };
  dialog.showModal();
}

let toastTimer = 0;

/** Says something for a few seconds, to a screen reader too. */
export function toast(text) {
  const element = byId("toast");
  element.hidden = false;
  setText(element, text);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (element.hidden = true), TOAST_MS);
}
