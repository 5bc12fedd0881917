// A new passkey for a person of a team: made by the device, shown as a line of the roster. Nothing is sent
// anywhere; an admin puts the line into the roster and signs that.

import * as guard from "./common.js";

const { $, say, show } = guard;
// DER in front of the two coordinates of a P-256 key.
const SPKI = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE";
const team = decodeURIComponent(/^\/enrol\/([^/]+)$/.exec(location.pathname)?.[1] ?? "");

// {1: 2, 3: -7, -1: 1, -2: x, -3: y}, as authenticators write it.
function cose(spki) {
  const head = guard.bytes(SPKI);
  const key = new Uint8Array(spki);
  if (key.length !== head.length + 64 || !head.every((byte, at) => key[at] === byte)) {
    throw new Error("the device made a key of another kind than ES256");
  }
  const [x, y] = [key.slice(head.length, head.length + 32), key.slice(head.length + 32)];
  return Uint8Array.of(0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20, ...x, 0x22, 0x58, 0x20, ...y);
}

async function make() {
  const person = $("person").value.trim();
  // The team's name travels in the passkey, for a device that synchronised it and never saw this page.
  const handle = [...crypto.getRandomValues(new Uint8Array(16)), ...guard.utf8(team)];
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      rp: { id: location.hostname, name: `guard, ${team}` },
      user: {
        id: Uint8Array.from(handle.length <= 64 ? handle : handle.slice(0, 16)),
        name: `${person} (${team})`,
        displayName: person,
      },
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      attestation: "none",
      timeout: 120000,
    },
  });
  const spki = made.response.getPublicKey();
  if (made.response.getPublicKeyAlgorithm() !== -7 || !spki) throw new Error("the device knows no ES256");
  const key = cose(spki);
  const credential = guard.base64url(made.rawId);
  const kid = "webauthn:" + guard.base64url(await guard.sha256(key));
  guard.remember(team, credential);
  $("line").textContent = guard.canonical({
    kid, type: "webauthn", cose: guard.base64url(key), credential, rp: location.hostname,
    origins: [location.origin], use: ["approve"], min_flags: "uv",
  });
  $("for").textContent = `A key of ${person}, team ${team}: ${kid}`;
  show("make", false);
  show("made");
  say("");
}

function ready() {
  $("go").disabled = !/^[a-z0-9._-]{1,128}$/.test($("person").value.trim());
}

$("person").addEventListener("input", ready);
$("go").addEventListener("click", async () => {
  $("go").disabled = true;
  try {
    await make();
  } catch (error) {
    guard.trouble(error);
    ready();
  }
});
$("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText($("line").textContent);
    say("Copied.");
  } catch (error) {
    guard.trouble(error);
  }
});

$("of").textContent = team;
if (!window.PublicKeyCredential) {
  say("This browser knows no passkeys, or the page did not come over https.", true);
} else {
  show("make");
}
