// Keeps the status page fresh: asks the API, and fetches the page again when a run began or ended. It changes nothing but the
// page, except for the button, which asks for a run.
"use strict";

// The page may have been opened with the token in its address, which `fetch` would refuse.
const ask = (path, options) => fetch(new URL(path, location.origin), options);

const number = (n) => n.toLocaleString("en-US");

function share(step) {
  const [done, all] = step.n_bytes > 0 ? [step.n_bytes_done, step.n_bytes] : [step.n_files_done, step.n_files];
  return all > 0 ? Math.floor((done * 1000) / all) : 0;
}

// The same words as the server's.
function doing(step) {
  const files = step.n_files > 0 ? `${number(step.n_files_done)} of ${number(step.n_files)} file${step.n_files === 1 ? "" : "s"}` : "";
  return [step.activity, files, step.file].filter(Boolean).join(" · ");
}

function headline(status) {
  if (status.run) {
    return status.run.step ? `Run ${status.run.run_id}: ${status.run.step}` : `Run ${status.run.run_id} begins`;
  }
  return status.is_stopping ? "Stopping" : "Nothing runs";
}

// An unchanged text is left alone: a screen reader would read it out again.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function show(status) {
  write(document.getElementById("headline"), headline(status));
  document.title = `czar: ${headline(status)}`;
  for (const step of status.steps) {
    const item = document.querySelector(`[data-step="${step.step}"]`);
    const bar = item.querySelector("progress");
    item.dataset.state = step.state;
    write(item.querySelector(".state"), step.state);
    bar.hidden = step.state !== "running";
    bar.value = share(step);
    if (step.state === "running") write(item.querySelector(".doing"), doing(step));
  }
}

// What was opened by hand stays open, and what was folded stays folded.
async function refresh() {
  const answer = await ask("/", { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(answer.status);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const run of fresh.querySelectorAll("details.run")) {
    const old = document.querySelector(`details.run[data-run="${run.dataset.run}"]`);
    if (old && old.dataset.outcome === run.dataset.outcome) run.open = old.open;
  }
  const hadFocus = document.activeElement?.closest("details.run")?.dataset.run;
  document.getElementById("records").replaceChildren(...fresh.getElementById("records").childNodes);
  for (const step of fresh.querySelectorAll("[data-step]")) {
    const item = document.querySelector(`[data-step="${step.dataset.step}"]`);
    if (item.dataset.state !== "running") write(item.querySelector(".doing"), step.querySelector(".doing").textContent);
  }
  if (hadFocus) document.querySelector(`details.run[data-run="${hadFocus}"] summary`)?.focus();
  document.body.dataset.revision = fresh.body.dataset.revision;
}

async function look() {
  const lost = document.getElementById("lost");
  let wait = 1000;
  try {
    const answer = await ask("/api/v1/status");
    if (!answer.ok) throw new Error(answer.status);
    const status = await answer.json();
    show(status);
    if (status.run) wait = 500;
    if (status.revision !== document.body.dataset.revision) await refresh();
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
  setTimeout(look, document.hidden ? 10000 : wait);
}

const button = document.getElementById("run");
button?.addEventListener("click", async () => {
  const answer = document.getElementById("answer");
  button.disabled = true;
  try {
    const told = await ask("/api/v1/runs", { method: "POST" });
    const body = await told.json();
    write(answer, told.ok ? (body.is_new ? "The run stands in the queue." : "The same run waits already.") : body.error.message);
  } catch {
    write(answer, "The server does not answer.");
  }
  button.disabled = false;
});

setTimeout(look, 1000);
