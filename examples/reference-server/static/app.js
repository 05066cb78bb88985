// Refreshes the regions marked with data-live every two seconds. Everything works without it.
"use strict";

const PAUSE = 2000;

async function refresh(region) {
  const inside = region.contains(document.activeElement);
  if (document.hidden || inside || region.querySelector("details[open]")) return;
  const answer = await fetch(region.dataset.live, { credentials: "same-origin", redirect: "manual" });
  if (answer.type === "opaqueredirect") location.reload(); // The session has ended: show the sign-in.
  if (!answer.ok) return;
  const html = await answer.text();
  // Whatever was focused or opened while the answer was on its way stays.
  if (region.contains(document.activeElement) || region.querySelector("details[open]")) return;
  if (region.dataset.shown === html) return;
  region.dataset.shown = html;
  region.innerHTML = html;
}

async function again() {
  for (const region of document.querySelectorAll("[data-live]")) {
    try {
      await refresh(region);
    } catch {
      // The server is being restarted: what is shown stays.
    }
  }
  setTimeout(again, PAUSE);
}

setTimeout(again, PAUSE);
