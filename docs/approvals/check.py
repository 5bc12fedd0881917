#!/usr/bin/env python3
"""Checks guard's approval vectors by docs/approvals/README.md alone: Python's standard library and ssh-keygen.

usage: check.py [vectors.json]

Prints each disagreement; exit status 0 when there is none.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from itertools import permutations

HERE = os.path.dirname(os.path.abspath(__file__))
LARGEST, SKEW, DAY = 256 * 1024, 120, 86400
SURFACES = ["native", "loopback", "relay-web", "paste"]


class Refused(Exception):
    """A statement that does not count, with the reason."""


# --- one value, one spelling ---


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read_canonical(data, largest=LARGEST):
    def pairs(items):
        keys = [key for key, _ in items]
        if len(set(keys)) != len(keys) or not all(key.isascii() for key in keys):
            raise Refused("keys")
        return dict(items)

    def whole(text):
        number = int(text)
        if not 0 <= number < 1 << 53:
            raise Refused("number")
        return number

    def no(_):
        raise Refused("value")

    if len(data) > largest:
        raise Refused("too large")
    try:
        value = json.loads(data.decode(), object_pairs_hook=pairs, parse_int=whole, parse_float=no, parse_constant=no)
        if has_null(value) or canonical(value) != data:
            raise Refused("spelling")
    except (ValueError, RecursionError) as error:
        raise Refused(str(error)) from error
    return value


def has_null(value):
    if isinstance(value, dict):
        return any(map(has_null, value.values()))
    return value is None or isinstance(value, list) and any(map(has_null, value))


def unbase64(text):
    if not isinstance(text, str):
        raise Refused("base64")
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Refused("base64") from error
    if base64.b64encode(data).decode() != text:
        raise Refused("base64")
    return data


# --- shapes: a dict of key -> shape ("?" marks what may be missing), a list of one shape, a pattern, or a function ---

HASH, KEYED = re.compile(r"sha256:[0-9a-f]{64}"), re.compile(r"hmac-sha256:[0-9a-f]{64}")


def is_text(value):
    return isinstance(value, str)


def is_number(value):
    return isinstance(value, int) and not isinstance(value, bool)


def is_bytes32(value):
    return len(unbase64(value)) == 32


def is_foreign(value):
    if isinstance(value, dict) and set(value) == {"b64"}:
        try:
            unbase64(value["b64"]).decode()
        except UnicodeDecodeError:
            return True
        return False
    return is_text(value)


def one_of(*words):
    return lambda value: value in words


def some(shape):
    """A list that is left out when it is empty."""
    return lambda value: isinstance(value, list) and value and all(fits(shape, item) for item in value)


def mapping(shape):
    return lambda value: isinstance(value, dict) and value and all(fits(shape, item) for item in value.values())


def fits(shape, value):
    if isinstance(shape, dict):
        known = {key.rstrip("?") for key in shape}
        needed = {key for key in shape if not key.endswith("?")}
        if not isinstance(value, dict) or set(value) - known or needed - set(value):
            return False
        return all(fits(inner, value[key.rstrip("?")]) for key, inner in shape.items() if key.rstrip("?") in value)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(shape[0], item) for item in value)
    if isinstance(shape, re.Pattern):
        return is_text(value) and bool(shape.fullmatch(value))
    return bool(shape(value))


ROSTER_REF = {"version": is_number, "digest": HASH}
CHAIN = {"head": HASH, "seq": is_number}
SEVERITY = one_of("low", "medium", "high", "critical")
NEEDS = [{"group": is_text, "n": is_number}]
REQUEST = {
    "v": is_number, "id": is_text, "nonce": is_bytes32, "team": is_text, "roster": ROSTER_REF,
    "requester": {"person": is_text, "key": is_text, "host": is_text, "host_id": KEYED,
                  "origin": one_of("tty", "script", "ci", "agent"), "ancestry?": some(is_foreign)},
    "policy": {"rule": is_text, "digest": HASH, "severity": SEVERITY, "needs": NEEDS},
    "exec": {"argv": [is_foreign], "exe": {"path": is_foreign, "sha256": HASH}, "cwd": is_foreign,
             "env": {"hmac": KEYED, "shown?": mapping(is_foreign), "scrubbed?": some(is_foreign)},
             "stdin": {"kind": one_of("tty", "null", "closed", "spooled"), "sha256?": HASH, "size?": is_number,
                       "text?": is_foreign},
             "inputs?": some({"path": is_foreign, "role": is_text, "sha256": HASH, "size": is_number,
                              "frozen": lambda v: isinstance(v, bool)}),
             "redacted?": some({"at": is_text, "class": is_text, "commit": KEYED, "len": is_number})},
    "target": {"kind": is_text, "class": is_text, "ident?": mapping(is_foreign), "unknown?": mapping(is_foreign)},
    "effects?": {"kind": is_text, "digest": HASH, "summary?": mapping(is_number)},
    "reason?": is_text, "ticket?": is_text, "iat": is_number, "exp": is_number,
    "use": {"max": is_number, "within": is_number},
    "match?": {"mode": one_of("approver-types"), "commit": HASH}, "chain?": CHAIN,
}
APPROVAL = {
    "v": is_number, "team": is_text, "request": HASH,
    "decision": one_of("approve", "deny", "report", "revoke", "viewing"), "person": is_text, "key": is_text,
    "roster": ROSTER_REF, "iat": is_number, "exp": is_number, "match?": re.compile("[0-9]{3}"),
    "limits?": {"max?": is_number, "not_before?": is_number, "not_after?": is_number},
    "surface": one_of(*SURFACES),
    "saw?": {"render": is_text, "digest": HASH, "end": lambda v: isinstance(v, bool), "ms": is_number},
    "note?": is_text, "chain?": CHAIN,
}
CANCEL = {"v": is_number, "team": is_text, "request": HASH, "person": is_text, "key": is_text, "iat": is_number,
          "reason?": is_text}
KEY = {"kid": is_text, "type": one_of("ssh", "webauthn", "age"), "pub?": is_text, "cose?": is_text,
       "credential?": is_text, "rp?": is_text, "origins?": some(is_text),
       "use": [one_of("approve", "request", "roster", "decrypt")], "min_flags?": one_of("none", "up", "uv"),
       "nbf?": is_number, "exp?": is_number}
ROSTER = {
    "v": is_number, "team": is_text, "version": is_number, "prev?": HASH, "iat": is_number, "exp": is_number,
    "admins": {"threshold": is_number, "persons": [is_text]},
    "persons": [{"id": is_text, "name?": is_text, "human?": is_text, "kind?": one_of("workload"),
                 "groups?": some(is_text), "tz?": is_text, "hours?": is_text,
                 "oidc?": {"iss": is_text, "sub": is_text}, "keys?": some(KEY)}],
    "schedules?": some({"group": is_text,
                        "entries": [{"person": is_text, "from": is_number, "to": is_number}]}),
    "revoked?": some({"kid": is_text, "from": is_number, "why": is_text}),
    "surfaces?": lambda value: fits(mapping(lambda v: all(s in SURFACES for s in v)), value)
    and all(SEVERITY(severity) for severity in value),
    "relays?": some({"url": is_text, "kid?": is_text}),
}


# --- envelopes and signatures ---


def pae(kind, payload):
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


class Envelope:
    def __init__(self, data):
        passkey = {"authenticatorData": is_text, "clientDataJSON": is_text}
        signature = {"keyid": is_text, "sig": is_text, "webauthn?": passkey}
        value = read_canonical(data)
        if not fits({"payload": is_text, "payloadType": is_text, "signatures": [signature]}, value):
            raise Refused("no envelope")
        self.type, self.payload, self.signatures = value["payloadType"], unbase64(value["payload"]), value["signatures"]
        for signature in self.signatures:
            unbase64(signature["sig"])
            for part in signature.get("webauthn", {}).values():
                unbase64(part)
        if not 1 <= len(self.signatures) <= 32:
            raise Refused("signatures")
        self.pae = pae(self.type, self.payload)
        self.digest = "sha256:" + hashlib.sha256(self.pae).hexdigest()

    def kind(self):
        match = re.fullmatch(r"application/vnd\.guard\.([a-z]+)\.v1\+json", self.type)
        return match and match.group(1)

    def read(self, shape):
        value = read_canonical(self.payload)
        if not fits(shape, value):
            raise Refused("shape")
        if value["v"] != 1:
            raise Refused("version")
        return value


def strings(data, count):
    """So many length-prefixed strings of SSH's wire form, and what is left over."""
    out = []
    for _ in range(count):
        size = int.from_bytes(data[:4], "big")
        if len(data) < 4 + size:
            raise Refused("cut short")
        out.append(data[4:4 + size])
        data = data[4 + size:]
    return out, data


KEYGEN = {}


def ssh_verify(public, namespace, message, blob):
    """What the token vouches for: a set of up and uv. ssh-keygen checks the signature itself."""
    if blob[:10] != b"SSHSIG\0\0\0\1":
        raise Refused("no SSHSIG")
    parts, rest = strings(blob[10:], 5)
    if rest:
        raise Refused("left over")
    key, _, reserved, _, signature = parts
    if key != base64.b64decode(public.split()[1]) or reserved:
        raise Refused("other key")
    asked = (public, namespace, message, blob)
    if asked not in KEYGEN:
        with tempfile.TemporaryDirectory() as place:
            allowed, armoured = os.path.join(place, "allowed"), os.path.join(place, "sig")
            with open(allowed, "w", encoding="ascii") as file:
                file.write(f"signer {public}\n")
            text = base64.b64encode(blob).decode()
            lines = "\n".join(text[i:i + 70] for i in range(0, len(text), 70))
            with open(armoured, "w", encoding="ascii") as file:
                file.write(f"-----BEGIN SSH SIGNATURE-----\n{lines}\n-----END SSH SIGNATURE-----\n")
            command = ["ssh-keygen", "-Y", "verify", "-f", allowed, "-I", "signer", "-n", namespace, "-s", armoured]
            KEYGEN[asked] = subprocess.run(command, input=message, capture_output=True, check=False).returncode
    if KEYGEN[asked]:
        raise Refused("ssh-keygen refuses the signature")
    if not public.startswith("sk-"):
        return set()
    flags = strings(signature, 2)[1][0]
    return {name for name, bit in (("up", 1), ("uv", 4)) if flags & bit}


# P-256 (SEC 2), ECDSA (FIPS 186-5): a passkey's signature, which ssh-keygen does not know.
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def add(p, q):
    if p is None or q is None:
        return p or q
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = (3 * p[0] * p[0] - 3) * pow(2 * p[1], -1, P)
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P)
    x = (slope * slope - p[0] - q[0]) % P
    return (x, (slope * (p[0] - x) - p[1]) % P)


def times(n, p):
    out = None
    while n:
        if n & 1:
            out = add(out, p)
        p, n = add(p, p), n >> 1
    return out


def der(data):
    def number(at):
        if data[at] != 2 or not 1 <= data[at + 1] <= 33:
            raise Refused("DER")
        raw = data[at + 2:at + 2 + data[at + 1]]
        if len(raw) != data[at + 1] or raw[0] & 0x80 or raw[0] == 0 and (len(raw) == 1 or not raw[1] & 0x80):
            raise Refused("DER")
        return int.from_bytes(raw, "big"), at + 2 + len(raw)

    try:
        if data[0] != 0x30 or data[1] != len(data) - 2:
            raise Refused("DER")
        r, at = number(2)
        s, at = number(at)
    except IndexError as error:
        raise Refused("DER") from error
    if at != len(data):
        raise Refused("DER")
    return r, s


def passkey_verify(key, message, signature):
    cose, answer = unbase64url(key["cose"]), signature["webauthn"]
    x, y = int.from_bytes(cose[10:42], "big"), int.from_bytes(cose[45:], "big")
    if len(cose) != 77 or cose[:10].hex() != "a5010203262001215820" or cose[42:45].hex() != "225820":
        raise Refused("COSE")
    if (y * y - x**3 + 3 * x - B) % P:
        raise Refused("not on the curve")
    data, client_bytes = unbase64(answer["authenticatorData"]), unbase64(answer["clientDataJSON"])
    try:
        client = json.loads(client_bytes)
        kind, challenge, origin = client["type"], client["challenge"], client["origin"]
    except (ValueError, KeyError) as error:
        raise Refused("client data") from error
    wanted = base64.urlsafe_b64encode(hashlib.sha256(message).digest()).decode().rstrip("=")
    if kind != "webauthn.get" or challenge != wanted or origin not in key["origins"]:
        raise Refused("another ceremony")
    if client.get("crossOrigin", False) or client.get("topOrigin"):
        raise Refused("in a frame")
    if len(data) != 37 or data[32] & 0xC0 or data[:32] != hashlib.sha256(key["rp"].encode()).digest():
        raise Refused("another site")
    r, s = der(unbase64(signature["sig"]))
    if not (0 < r < N and 0 < s < N):
        raise Refused("range")
    e = int.from_bytes(hashlib.sha256(data + hashlib.sha256(client_bytes).digest()).digest(), "big")
    w = pow(s, -1, N)
    point = add(times(e * w % N, G), times(r * w % N, (x, y)))
    if point is None or point[0] % N != r:
        raise Refused("signature")
    return {name for name, bit in (("up", 1), ("uv", 4)) if data[32] & bit}


def unbase64url(text):
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).decode().rstrip("=") != text:
        raise Refused("base64url")
    return data


# --- the roster ---


class Roster:
    def __init__(self, envelope):
        if envelope.kind() != "roster":
            raise Refused("no roster")
        self.file, self.digest = envelope.read(ROSTER), envelope.digest
        self.people = {person["id"]: person for person in self.file["persons"]}
        self.keys = {}
        for person in self.file["persons"]:
            for key in person.get("keys", []):
                if key["kid"] in self.keys:
                    raise Refused("key twice")
                self.check_key(person, key)
                self.keys[key["kid"]] = (person, key)
        self.check()

    def check(self):
        file, people = self.file, self.file["persons"]
        humans = [person["human"] for person in people if "human" in person]
        if len(self.people) != len(people) or len(set(humans)) != len(humans):
            raise Refused("somebody twice")
        if not 0 < file["exp"] - file["iat"] <= 30 * DAY:
            raise Refused("life")
        if (file["version"] == 1) == ("prev" in file):
            raise Refused("prev")
        admins = file["admins"]["persons"]
        if not 1 <= file["admins"]["threshold"] <= len(set(admins)) == len(admins):
            raise Refused("threshold")
        for admin in admins:
            keys = self.people.get(admin, {}).get("keys", [])
            if not any("roster" in key["use"] for key in keys):
                raise Refused("admin without key")

    @staticmethod
    def check_key(person, key):
        if key["type"] == "ssh":
            raw = hashlib.sha256(base64.b64decode(key["pub"].split()[1])).digest()
            own = "SHA256:" + base64.b64encode(raw).decode().rstrip("=")
        elif key["type"] == "webauthn":
            raw = hashlib.sha256(unbase64url(key["cose"])).digest()
            own = "webauthn:" + base64.urlsafe_b64encode(raw).decode().rstrip("=")
        else:
            own = key["kid"]
        if own != key["kid"]:
            raise Refused("kid")
        if person.get("kind") == "workload" and {"approve", "roster"} & set(key["use"]):
            raise Refused("a workload that decides")

    def verify(self, envelope, signature):
        """Person, key, and what the signature shows."""
        if signature["keyid"] not in self.keys:
            raise Refused("unknown key")
        person, key = self.keys[signature["keyid"]]
        if (key["type"] == "webauthn") != ("webauthn" in signature) or key["type"] == "age":
            raise Refused("another kind of signature")
        if key["type"] == "webauthn":
            flags = passkey_verify(key, envelope.pae, signature)
        else:
            namespace = f"guard-{envelope.kind()}-v1@{self.file['team']}"
            flags = ssh_verify(key["pub"], namespace, envelope.pae, unbase64(signature["sig"]))
        default = "uv" if key["type"] == "webauthn" else "up" if key["pub"].startswith("sk-") else "none"
        needed = {"none": set(), "up": {"up"}, "uv": {"up", "uv"}}[key.get("min_flags", default)]
        if not needed <= flags:
            raise Refused("flags")
        return person, key, flags

    def in_force(self, key, *moments):
        if moments[0] < key.get("nbf", 0) or any(at >= key.get("exp", 1 << 53) for at in moments):
            raise Refused("key not in force")
        revoked = [r["from"] for r in self.file.get("revoked", []) if r["kid"] == key["kid"]]
        if any(at >= start for at in moments for start in revoked):
            raise Refused("key revoked")

    def admins_who_signed(self, envelope, made):
        signed = set()
        for signature in envelope.signatures:
            try:
                person, key, _ = self.verify(envelope, signature)
                self.in_force(key, made)
            except Refused:
                continue
            if "roster" in key["use"] and person["id"] in self.file["admins"]["persons"]:
                signed.add(person["id"])
        return len(signed) >= self.file["admins"]["threshold"]

    def in_group(self, person, group, at):
        shifts = (e for s in self.file.get("schedules", []) if s["group"] == group for e in s["entries"])
        on_shift = any(e["person"] == person and e["from"] <= at < e["to"] for e in shifts)
        return on_shift or group in self.people.get(person, {}).get("groups", [])

    def surfaces(self, severity):
        default = ["native", "loopback", "paste"] if severity == "critical" else SURFACES
        return self.file.get("surfaces", {}).get(severity, default)


def roster_chain(texts):
    envelopes = [Envelope(text) for text in texts]
    roster = None
    for envelope in envelopes:
        new = Roster(envelope)
        made = new.file["iat"]
        if roster is None:
            sound = new.file["version"] == 1 and new.admins_who_signed(envelope, made)
        else:
            follows = new.file["version"] == roster.file["version"] + 1 and new.file.get("prev") == roster.digest
            sound = follows and new.file["team"] == roster.file["team"] and made >= roster.file["iat"]
            sound = sound and roster.admins_who_signed(envelope, made)
            if new.file["admins"] != roster.file["admins"]:
                sound = sound and new.admins_who_signed(envelope, made)
        if not sound:
            raise Refused("roster")
        roster = new
    return roster


# --- what an approver is shown: guard-render/1 ---


def hidden():
    with open(os.path.join(HERE, "guard-render-1.txt"), encoding="ascii") as file:
        ranges = [line.split("..") for line in file if not line.startswith("#")]
    return [(int(first, 16), int(last, 16)) for first, last in ranges]


HIDDEN = hidden()
LOOK_ALIKE = [(0x131, 0x131), (0x17F, 0x17F), (0x1C0, 0x1C3), (0x237, 0x2AF), (0x370, 0x58F), (0x13A0, 0x13FF),
              (0x1C80, 0x1C8F), (0x1D00, 0x1DBF), (0x1F00, 0x1FFF), (0x2100, 0x218F), (0x2460, 0x24FF),
              (0x2C60, 0x2CFF), (0x2DE0, 0x2DFF), (0xA4D0, 0xA4FF), (0xA640, 0xA69F), (0xA720, 0xA7FF),
              (0xAB30, 0xABBF), (0xFF01, 0xFF5E), (0x1D400, 0x1D7FF)]


def within(ranges, char):
    return any(first <= ord(char) <= last for first, last in ranges)


def raw(value):
    return base64.b64decode(value["b64"]) if isinstance(value, dict) else value.encode()


def escape(data):
    body = data.strip(b" ")
    start = len(data) - len(data.lstrip(b" ")) if body else len(data)
    out = "\\u{20}" * start
    for char in body.decode("utf-8", "surrogateescape"):
        if 0xDC80 <= ord(char) <= 0xDCFF:
            out += "\\x{%02x}" % (ord(char) - 0xDC00)
        elif char == "\\":
            out += "\\\\"
        elif char == "│" or within(HIDDEN, char):
            out += "\\u{%x}" % ord(char)
        else:
            out += char
    return out + "\\u{20}" * (len(data) - start - len(body))


class Page:
    def __init__(self):
        self.lines = []

    def own(self, text):
        self.lines.append(text)

    def foreign(self, label, value, prose=False):
        data = raw(value)
        self.lines.append(f"{label:<12}│ {escape(data)}")
        text, found = data.decode("utf-8", "replace"), []
        for word in re.split("[ -/:-@[-`{-~]", text) if prose else [text]:
            if prose and not re.search("[A-Za-z]", word):
                continue
            found += [c for c in word if within(LOOK_ALIKE, c) and not within(HIDDEN, c)]
        if found:
            codes = " ".join(f"U+{ord(c):04X}" for c in dict.fromkeys(found))
            self.own(f"! letters that look like others: {codes}")

    def prose(self, label, value):
        for i, line in enumerate(raw(value).split(b"\n")):
            text = line.decode("utf-8", "surrogateescape")
            part = text if not re.search("[\udc80-\udcff]", text) else {"b64": base64.b64encode(line).decode()}
            self.foreign("" if i else label, part, True)


def utc(seconds):
    return (datetime(1970, 1, 1) + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S UTC")


def render(r):
    page, who, run = Page(), r["requester"], r["exec"]
    page.own("guard-render/1 request")
    page.foreign("id", r["id"])
    page.foreign("team", r["team"])
    page.foreign("asked by", who["person"])
    page.foreign("key", who["key"])
    page.foreign("on host", who["host"])
    for program in who.get("ancestry", []):
        page.foreign("started by", program)
    page.own({"tty": "asked at a terminal", "script": "asked by a script", "ci": "asked by CI",
              "agent": "! asked by an agent, not by a person"}[who["origin"]])
    page.own(f"asked {utc(r['iat'])}, open until {utc(r['exp'])}")
    page.foreign("rule", r["policy"]["rule"])
    severity = r["policy"]["severity"]
    page.own(("! " if severity == "critical" else "") + f"severity {severity}")
    for need in r["policy"]["needs"]:
        page.foreign(f"needs {need['n']} of", need["group"])
    page.foreign("target", r["target"]["kind"])
    page.foreign("environment", r["target"]["class"])
    for fact, value in sorted(r["target"].get("ident", {}).items()):
        page.foreign("fact", fact)
        page.foreign("  is", value)
    for fact, why in sorted(r["target"].get("unknown", {}).items()):
        page.foreign("fact", fact)
        page.own("! not known")
        page.foreign("  because", why)
    page.own(f"command of {len(run['argv'])} words")
    for at, word in enumerate(run["argv"]):
        if raw(word):
            page.foreign(f"[{at}]", word)
        else:
            page.own(f"[{at}] is empty")
    for secret in run.get("redacted", []):
        page.foreign("secret at", secret["at"])
        page.foreign("  is a", secret["class"])
        page.own(f"  of {secret['len']} bytes, not shown")
    page.foreign("program", run["exe"]["path"])
    page.own(f"  {run['exe']['sha256']}")
    page.foreign("directory", run["cwd"])
    for name, value in sorted(run["env"].get("shown", {}).items()):
        page.foreign("variable", name)
        page.foreign("  is", value)
    for name in run["env"].get("scrubbed", []):
        page.foreign("without", name)
    stdin = run["stdin"]
    page.own("standard input: " + {"tty": "the terminal", "null": "empty", "closed": "closed",
                                   "spooled": f"{stdin.get('size')} bytes"}[stdin["kind"]])
    if stdin["kind"] == "spooled":
        page.own(f"  {stdin['sha256']}")
    if "text" in stdin:
        page.prose("input", stdin["text"])
    for item in run.get("inputs", []):
        page.foreign("reads", item["path"])
        page.foreign("  as", item["role"])
        kind = "a sealed copy" if item["frozen"] else "the file"
        page.own(f"  {kind}, {item['size']} bytes, {item['sha256']}")
    if "effects" in r:
        page.own("what it would do, by the requester's look beforehand")
        page.foreign("looked by", r["effects"]["kind"])
        page.own(f"  {r['effects']['digest']}")
        for kind, count in sorted(r["effects"].get("summary", {}).items()):
            page.foreign(str(count), kind)
    if "reason" in r:
        page.prose("reason", r["reason"])
    else:
        page.own("no reason given")
    if "ticket" in r:
        page.foreign("ticket", r["ticket"])
    often = "once" if r["use"]["max"] == 1 else f"{r['use']['max']} times"
    page.own(f"may start {r['use']['within']} s after the last approval, {often}")
    chain = r.get("chain")
    page.own(f"requester's log: {chain['seq']} entries, head {chain['head']}" if chain else "requester's log: none")
    page.own("end")
    digest = hashlib.sha256("".join(line + "\n" for line in page.lines).encode()).hexdigest()
    return page.lines, "sha256:" + digest


# --- the decision ---


def code(key, digest, person):
    message = b"guard-match-v1\0" + bytes.fromhex(digest[7:]) + b"\0" + person.encode()
    return "%03d" % (int.from_bytes(hmac.new(key, message, "sha256").digest()[:4], "big") % 1000)


def commitment(key):
    return "sha256:" + hashlib.sha256(b"guard-match-v1\0" + key).hexdigest()


def opened(envelope, roster, kind, shape, use, now):
    if envelope.kind() != kind:
        raise Refused("kind")
    if len(envelope.signatures) != 1:
        raise Refused("signatures")
    person, key, flags = roster.verify(envelope, envelope.signatures[0])
    if use not in key["use"]:
        raise Refused("use")
    said = envelope.read(shape)
    maker = said.get("requester", said)
    if (said["team"], maker["person"], maker["key"]) != (roster.file["team"], person["id"], key["kid"]):
        raise Refused("team, person or key")
    roster.in_force(key, said["iat"], now)
    return said, person, key, flags


def decide(case, roster, key):
    """The verdict, which statements do not count, and until when it may start."""
    now, needs = case["now"], case["needs"]
    seats = [need["group"] for need in needs["seats"] for _ in range(need["n"])]
    if not 1 <= len(seats) <= 64 or now >= roster.file["exp"]:
        return "void", [], None
    subject = Envelope(data_of(case["request"]))
    try:
        request = opened(subject, roster, "request", REQUEST, "request", now)[0]
    except Refused:
        return "void", [], None
    commit = request.get("match", {}).get("commit")
    held = key if commit else None
    named = request["roster"]
    wrong_roster = named["version"] > roster.file["version"] or (
        named["version"] == roster.file["version"] and named["digest"] != roster.digest)
    if (needs["number"] and not held or held and commit != commitment(held) or wrong_roster
            or not request["exec"]["argv"] or not 0 < request["exp"] - request["iat"] <= DAY
            or request["iat"] > now + SKEW or 0 in request["use"].values()):
        return "void", [], None
    shown = render(request)[1]
    count = Count(case, roster, held, request, subject.digest, shown)
    for at, statement in enumerate(case["statements"]):
        try:
            count.take(at, data_of(statement))
        except Refused:
            count.ignored.add(at)
    return count.verdict(seats)


def data_of(value):
    return raw(value)


class Count:
    def __init__(self, case, roster, key, request, digest, shown):
        self.now, self.needs, self.roster, self.key = case["now"], case["needs"], roster, key
        self.request, self.digest, self.shown = request, digest, shown
        self.asks = request["requester"]["person"]
        self.ignored, self.seen, self.denied, self.wrong = set(), set(), set(), 0
        self.cancelled, self.takers, self.approvers, self.yes = False, {}, set(), {}

    def take(self, at, data):
        envelope = Envelope(data)
        if envelope.kind() == "cancel":
            said = opened(envelope, self.roster, "cancel", CANCEL, "request", self.now)[0]
            if said["request"] != self.digest or said["person"] != self.asks:
                raise Refused("not the requester's")
            self.cancelled = True
            return
        said, person, key, flags = opened(envelope, self.roster, "approval", APPROVAL, "approve", self.now)
        if said["iat"] >= said["exp"] or said.get("limits", {}).get("max") == 0:
            raise Refused("unsound")
        mark = (envelope.digest, frozenset(flags))
        if mark in self.seen:
            raise Refused("again")
        self.seen.add(mark)
        name, decision = person["id"], said["decision"]
        asked = any(self.roster.in_group(name, n["group"], said["iat"]) for n in self.needs["seats"])
        if said["request"] != self.digest or name == self.asks or person.get("kind") == "workload" or not asked:
            raise Refused("not concerned")
        if decision in ("deny", "report"):
            self.denied.add(name)
        elif decision == "revoke":
            self.takers[name] = at
        elif decision == "viewing":
            self.in_time(said)
        else:
            self.counts(said, name, key, flags)
            self.approvers.add(name)
            self.in_time(said)
            self.keep(at, said, name, envelope.digest)

    def counts(self, said, name, key, flags):
        named, here = said["roster"], self.roster
        if named["version"] > here.file["version"]:
            raise Refused("newer roster")
        if named["version"] == here.file["version"] and named["digest"] != here.digest:
            raise Refused("forked roster")
        if "chain" in said and said["chain"] != self.request.get("chain"):
            raise Refused("another log")
        if key["type"] == "webauthn":
            local = all(re.fullmatch("http://localhost(:[0-9]{1,5})?", origin) for origin in key["origins"])
            if said["surface"] != ("loopback" if local else "relay-web"):
                raise Refused("surface claim")
        severity = self.needs["severity"]
        if said["surface"] not in self.needs["surfaces"] or said["surface"] not in here.surfaces(severity):
            raise Refused("surface")
        if severity == "critical" and not {"up", "uv"} <= flags:
            raise Refused("not verified")
        saw = said.get("saw")
        if saw and (saw["render"], saw["digest"]) != ("guard-render/1", self.shown):
            raise Refused("another text")
        if self.needs["end_of_text"] and not (saw and saw["end"]):
            raise Refused("not read")
        if self.key and "match" in said and said["match"] != code(self.key, self.digest, name):
            self.wrong += 1
            raise Refused("wrong number")
        if self.needs["number"] and "match" not in said:
            raise Refused("no number")

    @staticmethod
    def until(said):
        return min(said["exp"] + SKEW, said.get("limits", {}).get("not_after", 1 << 53))

    def in_time(self, said):
        first, last = self.request["iat"] - SKEW, min(self.request["exp"] - 1, self.now + SKEW)
        if not first <= said["iat"] <= last:
            raise Refused("time")
        if self.now < said.get("limits", {}).get("not_before", 0) or self.now >= self.until(said):
            raise Refused("not now")

    def keep(self, at, said, name, digest):
        new = (said["iat"], digest, at, self.until(said))
        old = self.yes.get(name)
        if old and old[:2] > new[:2]:
            raise Refused("replaced")
        if old:
            self.ignored.add(old[2])
        self.yes[name] = new

    def verdict(self, seats):
        revoked = set(self.takers) & self.approvers
        self.ignored |= {at for name, at in self.takers.items() if name not in self.approvers}
        ignored = sorted(self.ignored)
        if len(self.denied) >= max(1, self.needs["deny_quorum"]):
            return "denied", ignored, None
        if self.wrong >= 2:
            return "mismatch", ignored, None
        if self.cancelled:
            return "cancelled", ignored, None
        if revoked:
            return "revoked", ignored, None
        # Every way to seat different people; the vectors are small.
        ways = [people for people in permutations(sorted(self.yes), len(seats))
                if all(self.roster.in_group(p, g, self.yes[p][0]) for p, g in zip(people, seats))]
        if not ways:
            return ("expired" if self.now >= self.request["exp"] else "pending"), ignored, None
        # Of several ways guard seats the earliest approvals; the vectors do not depend on it.
        chosen = [self.yes[person] for person in ways[0]]
        start_by = max(yes[0] for yes in chosen) + self.request["use"]["within"] + SKEW
        start_by = min([start_by] + [yes[3] for yes in chosen])
        return ("lapsed", ignored, None) if self.now >= start_by else ("approved", ignored, start_by)


# --- the vectors ---


def words(digest):
    data, out = bytes.fromhex(digest[7:])[:12], []
    for i in range(0, 12, 2):
        bits = int.from_bytes(data[i:i + 2], "big")
        out.append("".join(("bdfghjklmnprstvz"[bits >> shift & 15] if width == 4 else "aiou"[bits >> shift & 3])
                           for shift, width in ((12, 4), (10, 2), (6, 4), (4, 2), (0, 4))))
    return " ".join(out)


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "vectors.json")
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)
    wrong, key = [], unbase64(vectors["match_key"])

    def same(name, here, there):
        if here != there:
            wrong.append(f"{name}: {here!r} here, {there!r} in the vectors")

    number = vectors["number"]
    same("number", code(key, number["request"], number["person"]), number["code"])
    same("commitment", commitment(key), number["commit"])
    same("words", words(vectors["words"]["digest"]), vectors["words"]["words"])
    for page in vectors["renderings"]:
        lines, digest = render(read_canonical(data_of(page["payload"])))
        same(f"rendering {page['name']}", lines, page["lines"])
        same(f"rendering {page['name']}", digest, page["digest"])
    for chain in vectors["rosters"]:
        try:
            sound = roster_chain([data_of(text) for text in chain["rosters"]]) is not None
        except Refused:
            sound = False
        same(f"roster: {chain['name']}", sound, chain["sound"])
    for case in vectors["cases"]:
        roster = roster_chain([data_of(vectors["teams"][case["team"]])])
        verdict, ignored, start_by = decide(case, roster, key)
        same(case["name"], verdict, case["verdict"])
        same(case["name"], ignored, case["ignored"])
        same(case["name"], start_by, case.get("start_by"))
    for line in wrong:
        print(line)
    print(f"{len(vectors['cases'])} cases, {len(vectors['rosters'])} rosters, {len(vectors['renderings'])} renderings,"
          f" {len(KEYGEN)} signatures by ssh-keygen: {len(wrong)} disagreements")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
