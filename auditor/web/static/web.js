// Asks again for what changes while somebody looks; without a script the page shows what was so when it was opened.
"use strict";
const live = document.querySelector("[data-live]");
async function again() {
  if (document.hidden) return;
  const answer = await fetch(live.dataset.live, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-live]");
  if (fresh) live.replaceChildren(...fresh.childNodes);
}
if (live) setInterval(() => again().catch(() => {}), 5000);
