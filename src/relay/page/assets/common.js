// What both pages share: canonical JSON, DSSE's encoding, base64, and the passkey. Must never put text into the
// document as anything but text.

export const PAYLOAD_TYPE = "application/vnd.guard.approval.v1+json";
const STORE = "guard.passkeys";

export const $ = (id) => document.getElementById(id);
export const utf8 = (text) => new TextEncoder().encode(text);

export function say(text, bad = false) {
  const place = $("status");
  place.textContent = text;
  place.className = bad ? "bad" : "";
}

export function show(id, yes = true) {
  $(id).hidden = !yes;
}

// RFC 8785 for strings, whole numbers, booleans, arrays and objects with ASCII keys.
export function canonical(value) {
  if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
  if (typeof value === "object" && value !== null) {
    const keys = Object.keys(value).filter((key) => value[key] !== undefined).sort();
    return "{" + keys.map((key) => JSON.stringify(key) + ":" + canonical(value[key])).join(",") + "}";
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new Error("a number that is not whole");
  return JSON.stringify(value);
}

export function pae(type, payload) {
  const head = utf8(`DSSEv1 ${utf8(type).length} ${type} ${payload.length} `);
  const all = new Uint8Array(head.length + payload.length);
  all.set(head);
  all.set(payload, head.length);
  return all;
}

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export async function digest(bytes) {
  const hash = await sha256(bytes);
  return "sha256:" + Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function base64(buffer) {
  return btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""));
}

export function base64url(buffer) {
  return base64(buffer).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

// Which passkey this browser made for which team: an id, no secret.
export function remembered() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE) ?? "{}");
    return Object.fromEntries(Object.entries(kept).filter(([, id]) => typeof id === "string"));
  } catch {
    return {};
  }
}

export function remember(team, credential) {
  try {
    localStorage.setItem(STORE, JSON.stringify({ ...remembered(), [team]: credential }));
  } catch {
    // A browser that keeps nothing asks for the team again.
  }
}

// Posts JSON; the relay's own words when it refuses.
export async function post(path, text) {
  const answer = await fetch(path, {
    method: "POST",
    body: text,
    headers: { "content-type": "application/json" },
    credentials: "omit",
    cache: "no-store",
    redirect: "error",
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`the relay refused: ${body.detail}; ${body.hint}`);
  return body;
}

// Asks the passkey; a device that did not verify its user is refused here, and by every verifier.
export async function touch(challenge, credential) {
  const allowed = credential ? [{ type: "public-key", id: bytes(credential) }] : [];
  const answer = await navigator.credentials.get({
    publicKey: {
      challenge,
      rpId: location.hostname,
      allowCredentials: allowed,
      userVerification: "required",
      timeout: 120000,
    },
  });
  const flags = new Uint8Array(answer.response.authenticatorData)[32];
  if ((flags & 5) !== 5) throw new Error("the device did not ask for a PIN, fingerprint or face");
  return answer;
}

// A statement as a signed envelope, in its one spelling.
export async function signed(statement, me) {
  const payload = utf8(canonical(statement));
  const answer = await touch(await sha256(pae(PAYLOAD_TYPE, payload)), me.credential);
  const { authenticatorData, clientDataJSON, signature } = answer.response;
  return canonical({
    payload: base64(payload),
    payloadType: PAYLOAD_TYPE,
    signatures: [{
      keyid: me.key,
      sig: base64(signature),
      webauthn: { authenticatorData: base64(authenticatorData), clientDataJSON: base64(clientDataJSON) },
    }],
  });
}

export function trouble(error) {
  const passkey = error.name === "NotAllowedError" || error.name === "InvalidStateError";
  const words = passkey
    ? "The passkey was not used: it was cancelled, took too long, or this device has none for this page."
    : `That did not work: ${error.message}.`;
  say(words, true);
}
