// The inbox's page. Foreign text goes into the document as text only; nothing is decided by itself.
"use strict";

const QUIET = 800;
const CHECK = 12000;
const secret = document.querySelector("meta[name=guard-page]").content;
const at = (id) => document.getElementById(id);
let open = null;
let end = false;
let quiet = false;
let sending = false;

function say(words, alarm) {
  at("status").textContent = words;
  at("status").className = alarm ? "alarm" : "";
}

async function call(path, options) {
  const headers = { "x-guard-page": secret };
  if (options) headers["content-type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, { ...options, headers, cache: "no-store", redirect: "error" });
  } catch {
    throw new Error("guard inbox --web does not run any more: start it again");
  }
  let value = {};
  try { value = await answer.json(); } catch { /* a refusal without words */ }
  if (!answer.ok) throw new Error(value.error ? `${value.error}. ${value.hint}` : `refused (${answer.status})`);
  return value;
}

function element(kind, text, name) {
  const made = document.createElement(kind);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

function left(seconds) {
  if (seconds <= 0) return "over";
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min left`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`;
}

async function list() {
  const listed = await call("list");
  at("who").textContent = `${listed.team}, you are ${listed.you}`;
  const focused = document.activeElement && document.activeElement.dataset.hex;
  at("list").replaceChildren(...listed.requests.map((request, i) => {
    const line = listed.lines[i];
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.hex = line.hex;
    button.append(
      element("span", request.genuine ? request.severity : "not genuine", `severity ${request.severity}`),
      element("span", `${request.person}  ${line.target}  ${left(request.seconds_left)}`),
      element("code", line.command));
    button.addEventListener("click", () => show(line.hex));
    const item = document.createElement("li");
    item.append(button);
    return item;
  }));
  if (focused) {
    for (const button of at("list").querySelectorAll("button")) if (button.dataset.hex === focused) button.focus();
  }
  if (!at("status").dataset.said) {
    say(listed.requests.length ? "" : "Nothing waits for you. New requests appear here by themselves.");
  }
}

function fill(request) {
  at("title").replaceChildren(
    element("span", request.severity, `severity ${request.severity}`),
    element("span", `${request.person} asks, ${request.over || left(request.seconds_left)}`));
  at("obstacle").hidden = !request.cannot_approve;
  at("obstacle").textContent = request.cannot_approve ? `You cannot approve this: ${request.cannot_approve}` : "";
  at("notes").replaceChildren(...request.notes.map((n) => element("li", (n.warning ? "! " : "") + n.text, n.warning ? "warning" : "")));
}

async function show(hex) {
  try {
    const request = await call(`request/${hex}`);
    open = request;
    end = false;
    quiet = true;
    delete at("status").dataset.said;
    fill(request);
    at("text").replaceChildren(...request.lines.map((l) => element("div", l.text, l.tone)));
    at("number-label").hidden = !request.number;
    at("typed-label").hidden = !request.type;
    at("typed-ask").textContent = request.type ? `Type ${request.type} to approve` : "";
    for (const id of ["number", "typed", "note"]) at(id).value = "";
    at("list").hidden = true;
    at("request").hidden = false;
    say("");
    window.scrollTo(0, 0);
    at("title").focus();
    buttons();
    setTimeout(() => { quiet = false; look(); }, QUIET);
  } catch (error) { say(error.message, true); }
}

// The end was shown when the last line of the text was inside the window.
function look() {
  const last = at("text").lastElementChild;
  if (!open || quiet || !last || document.hidden) return;
  const box = last.getBoundingClientRect();
  if (box.bottom <= window.innerHeight && box.top >= 0) end = true;
  buttons();
}

function buttons() {
  const still = quiet || sending || !open;
  const over = open && (open.cannot_refuse || !open.genuine);
  at("approve").disabled = still || !!(open && open.cannot_approve) || (open && open.end && !end);
  at("deny").disabled = still || !!over;
  at("report").disabled = still || !!over;
  at("more").hidden = end || !(open && open.end);
}

function back() {
  open = null;
  at("request").hidden = true;
  at("list").hidden = false;
  list().catch((error) => say(error.message, true));
}

// What the requester's guard says about an approval with a number; nothing: the number was wrong, and may be given once more.
async function heard(request, answer) {
  say(`Sent. Waiting for the guard of ${request.person} to check the number.`);
  for (const end = Date.now() + CHECK; Date.now() < end;) {
    await new Promise((done) => setTimeout(done, 700));
    const now = await call(`request/${request.hex}`);
    const found = now.answers[answer.about];
    if (!found) continue;
    open = now;
    fill(now);
    if (found.finding === "counts") return `${answer.said}. The number is right.`;
    if (found.finding === "wrong-number" && found.left > 0) return null;
    if (found.finding === "wrong-number") return "That number did not match either: two wrong numbers end it.";
    return `It does not count: the terminal of ${request.person} says why.`;
  }
  return `${answer.said}. The guard of ${request.person} has not said whether the number is right.`;
}

function again() {
  at("number").value = "";
  at("number").focus();
  say("That number did not match, one try left. Ask again for the number.", true);
  quiet = true;
  setTimeout(() => { quiet = false; look(); }, QUIET);
  buttons();
}

async function decide(verb) {
  if (!open || quiet || sending) return;
  const request = open;
  const number = at("number").value.trim();
  if (verb === "approve" && request.number && !/^[0-9]{3}$/.test(number)) {
    say("The number has three digits; it stands on their terminal.", true);
    at("number").focus();
    return;
  }
  sending = true;
  buttons();
  say("Signing and sending; touch your key if it blinks.");
  try {
    const body = {
      verb, end, shown: request.shown,
      number: verb === "approve" && request.number ? number : null,
      note: verb === "approve" ? null : at("note").value,
      typed: verb === "approve" && request.type ? at("typed").value : null,
    };
    const answer = await call(`request/${request.hex}`, { method: "POST", body: JSON.stringify(body) });
    const said = answer.about ? await heard(request, answer) : answer.said;
    sending = false;
    if (!said) return again();
    back();
    say(said);
    at("status").dataset.said = "1";
  } catch (error) {
    sending = false;
    say(error.message, true);
    buttons();
  }
}

async function tick() {
  try {
    if (!open) await list();
    else if (!sending) {
      const request = await call(`request/${open.hex}`);
      if (open && open.hex === request.hex && !sending) {
        // Another state is another picture: what was about to be pressed was meant for the old one.
        if (request.over !== open.over || request.cannot_approve !== open.cannot_approve) {
          quiet = true;
          setTimeout(() => { quiet = false; look(); }, QUIET);
        }
        open = request;
        fill(request);
        buttons();
      }
    }
  } catch (error) { say(error.message, true); }
  setTimeout(tick, 2000);
}

for (const verb of ["approve", "deny", "report"]) at(verb).addEventListener("click", (event) => {
  if (event.isTrusted) decide(verb);
});
at("back").addEventListener("click", back);
window.addEventListener("scroll", look, { passive: true });
window.addEventListener("resize", look);
document.addEventListener("visibilitychange", look);
tick();
