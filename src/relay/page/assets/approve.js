// One request: prove who looks, read all of it, decide. Each decision is signed by a passkey over the digest in
// this page's address; what the relay sends is compared with that digest, and what is shown is hashed into it.

import * as guard from "./common.js";

const { $, say, show } = guard;
// Milliseconds in which no key works after the text appears: nobody taps through by accident.
const STILL = 800;
const RENDER = "guard-render/1";

const rd = /^\/a\/(sha256:[0-9a-f]{64})$/.exec(decodeURIComponent(location.pathname))?.[1];
const me = {};
let seen;

const seconds = () => Math.floor(Date.now() / 1000);
const address = (rest) => `/v1/page/${encodeURIComponent(me.team)}/${rest}`;

// Whose passkey this is, and which roster the relay has.
async function who(team, credential) {
  me.team = team;
  const found = await guard.post(address("passkey"), JSON.stringify({ credential }));
  Object.assign(me, { credential, key: found.key, person: found.person, roster: found.roster });
  guard.remember(team, credential);
  $("who").textContent = `You are ${me.person}, team ${me.team}.`;
  show("find", false);
  show("look");
  const off = Math.abs(found.now - seconds());
  say(off > 120 ? `This device's clock and the relay's differ by ${off} s: set it, or nothing counts.` : "", off > 120);
}

// A browser that remembers nothing asks the passkey itself which one it is.
async function find() {
  const answer = await guard.touch(crypto.getRandomValues(new Uint8Array(32)));
  const handle = new Uint8Array(answer.response.userHandle ?? []);
  const team = $("team").value.trim() || new TextDecoder().decode(handle.slice(16));
  if (!team) throw new Error("type your team's name first");
  await who(team, guard.base64url(answer.rawId));
}

function statement(decision, more) {
  const iat = seconds();
  return {
    v: 1, team: me.team, request: rd, decision, person: me.person, key: me.key, roster: me.roster, iat,
    surface: "relay-web", exp: iat + 3600, ...more,
  };
}

// Says "I look", and gets the request for it.
async function look() {
  const answer = await guard.post(address(rd), await guard.signed(statement("viewing", {}), me));
  const payload = guard.bytes(answer.subject.payload);
  if (await guard.digest(guard.pae(answer.subject.payloadType, payload)) !== rd) {
    throw new Error("the relay sent another request than this address names; report it to whoever runs it");
  }
  const subject = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  const lines = answer.lines;
  const text = lines.map((line) => line.text + "\n").join("");
  seen = {
    subject, counts: answer.counts, end: false, still: 0, over: answer.state !== "pending",
    digest: await guard.digest(guard.utf8(text)), since: performance.now(),
    exp: subject.exp ?? subject.not_after,
    // Others may still have to approve, and then it has this long to start.
    until: subject.exp ? subject.exp + subject.use.within : subject.not_after,
    own: (subject.requester?.person ?? subject.person) === me.person,
  };
  show("look", false);
  draw(lines);
  show("request");
  rest();
  say(seen.over ? `This request is over: ${answer.state}.` : "");
  setInterval(arm, 250);
}

// Each line on its own; behind the bar stands text of the requester, in a column of its own, never as markup.
function draw(lines) {
  for (const line of lines) {
    const row = document.createElement("div");
    row.className = `line ${["own", "foreign", "warning"].includes(line.tone) ? line.tone : "own"}`;
    // Digests stand indented; they break anywhere.
    if (line.text.startsWith("  ")) row.classList.add("deep");
    const bar = line.tone === "foreign" ? line.text.indexOf("│") : -1;
    const parts = bar < 0 ? [line.text] : [line.text.slice(0, bar), line.text.slice(bar + 1)];
    for (const part of parts) {
      const cell = document.createElement("span");
      cell.textContent = part;
      row.append(cell);
    }
    $("lines").append(row);
  }
  const end = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) seen.end = true;
    arm();
  });
  end.observe($("end"));
  show("number-part", seen.subject.match !== undefined);
  $("number-for").textContent =
    `Ask ${seen.subject.requester?.person} for the number on their terminal, on a call or line that you open.`;
}

function rest() {
  seen.still = performance.now() + STILL;
  setTimeout(arm, STILL + 10);
  arm();
}

function whyNot() {
  if (seen.own) return "This is your own request: somebody else decides.";
  if (!seen.counts) {
    return "The team's roster does not count approvals made here at this severity: use guard inbox. A refusal counts.";
  }
  if (!seen.end) return "Scroll to the end of the text to approve.";
  if (seen.subject.match && !/^[0-9]{3}$/.test($("number").value)) return "Type the three digits to approve.";
  return "";
}

function arm() {
  const left = seen.exp - seconds();
  const still = performance.now() < seen.still || seen.busy;
  const open = !still && !seen.over && left > 0;
  const reason = $("reason").value.trim() !== "";
  $("left").textContent = left > 0 ? `Open for ${Math.floor(left / 60)} min ${left % 60} s more.` : "Its time is over.";
  $("why").textContent = seen.over ? "" : whyNot();
  $("approve").disabled = !open || whyNot() !== "";
  $("deny").disabled = !open || !reason || seen.own;
  $("report").disabled = !open || !reason || seen.own;
  $("revoke").disabled = still;
}

async function decide(decision) {
  const note = $("reason").value.trim().toWellFormed?.() ?? $("reason").value.trim();
  const { subject } = seen;
  seen.busy = true;
  arm();
  try {
    const said = statement(decision, {
      exp: Math.max(seen.until, seconds() + 60),
      match: decision === "approve" && subject.match ? $("number").value : undefined,
      saw: { render: RENDER, digest: seen.digest, end: seen.end, ms: Math.round(performance.now() - seen.since) },
      note: note || undefined,
      chain: decision === "approve" ? subject.chain : undefined,
    });
    const answer = await guard.post(address(rd), await guard.signed(said, me));
    done(decision, answer.state);
  } finally {
    seen.busy = false;
    rest();
  }
}

function done(decision, state) {
  const number = seen.subject.match
    ? " If the number was wrong, the requester's terminal says so: send it again. Two wrong numbers end the request."
    : "";
  const words = {
    approve: `Your approval was sent. The requester's own guard checks it and decides.${number}`,
    deny: "Your refusal was sent.",
    revoke: "Your approval was taken back. What has started already is not stopped by that.",
    report: "Your report was sent. No more requests of this person are taken until an admin has looked.",
  };
  const late = decision === "approve" && state !== "pending" ? ` But the request is over: ${state}.` : "";
  seen.over = decision !== "approve" || late !== "";
  $("number").value = "";
  show("decide", !seen.over);
  show("revoke", decision === "approve");
  say(words[decision] + late);
}

const click = (id, act) => $(id).addEventListener("click", async () => {
  $(id).disabled = true;
  try {
    await act();
  } catch (error) {
    guard.trouble(error);
  } finally {
    if (id === "find-me" || id === "look-at") $(id).disabled = false;
  }
});

click("find-me", find);
click("look-at", look);
for (const decision of ["approve", "deny", "report", "revoke"]) click(decision, () => decide(decision));
for (const field of ["number", "reason"]) $(field).addEventListener("input", arm);
document.addEventListener("visibilitychange", () => { if (seen) rest(); });

if (!rd) {
  say("This address names no request: follow the link in the message again.", true);
} else if (!window.PublicKeyCredential) {
  say("This browser knows no passkeys, or the page did not come over https: use guard inbox.", true);
} else {
  $("short").textContent = rd.slice(7, 19);
  const kept = guard.remembered();
  const named = decodeURIComponent(location.hash.slice(1));
  const team = named || (Object.keys(kept).length === 1 ? Object.keys(kept)[0] : "");
  $("team").value = team;
  show("find");
  if (kept[team]) {
    who(team, kept[team]).catch((error) => {
      show("find");
      guard.trouble(error);
    });
  }
}
