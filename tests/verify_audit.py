#!/usr/bin/env python3
"""Verifies a guard audit log by docs/audit.md alone, with nothing but the standard library.

usage: verify_audit.py DIRECTORY...      (…/guard/audit)
       verify_audit.py --self-test

Prints one JSON object per directory; exit status 0 ok, 1 tampered, 2 damaged, 4 unknown (of the last one).
"""

import base64
import hashlib
import json
import os
import re
import sys

# --- Ed25519: RFC 8032 section 5.1, verification with the cofactor and the decoding rules of ZIP 215 ---

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(p, q):
    """Extended coordinates (X, Y, Z, T), RFC 8032 section 5.1.4."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def decode_point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, (y & ((1 << 255) - 1)) % P
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * ROOT % P
    if (x * x - xx) % P:
        return None
    if x & 1 != sign:
        x = -x % P
    return (x, y, 1, x * y % P)


BASE = decode_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
# The base point and the few keys of a log times 2^i: most of the work, done once.
POWERS = {}


def times(n, p):
    if p not in POWERS:
        POWERS[p] = [p]
        for _ in range(255):
            POWERS[p].append(add(POWERS[p][-1], POWERS[p][-1]))
    q = (0, 1, 1, 0)
    for i, power in enumerate(POWERS[p]):
        if n >> i & 1:
            q = add(q, power)
    return q


def negative(p):
    return (-p[0] % P, p[1], p[2], -p[3] % P)


def verifies(key, message, signature):
    a, r = decode_point(key), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    rest = add(add(times(s, BASE), times(k, negative(a))), negative(r))
    for _ in range(3):
        rest = add(rest, rest)
    return rest[0] % P == 0 and (rest[1] - rest[2]) % P == 0


def verifies_strictly(key, message, signature):
    """As OpenSSH and ed25519-dalek's verify_strict: no cofactor, R in its one spelling, no point of small order."""
    a, r = decode_point(key), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or times(8, a)[0] % P == 0 or times(8, r)[0] % P == 0:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    found = add(times(s, BASE), times(k, negative(a)))
    inverse = pow(found[2], P - 2, P)
    x, y = found[0] * inverse % P, found[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


# --- ECDSA on P-256: FIPS 186-5 section 6.4.2 ---

Q = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def p256_add(p, q):
    if p is None or q is None:
        return p or q
    if p[0] == q[0] and (p[1] + q[1]) % Q == 0:
        return None
    if p == q:
        slope = (3 * p[0] * p[0] - 3) * pow(2 * p[1], Q - 2, Q) % Q
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], Q - 2, Q) % Q
    x = (slope * slope - p[0] - q[0]) % Q
    return (x, (slope * (p[0] - x) - p[1]) % Q)


def p256_times(n, p):
    q = None
    while n:
        if n & 1:
            q = p256_add(q, p)
        p, n = p256_add(p, p), n >> 1
    return q


def p256_verifies(point, message, r, s):
    if len(point) != 65 or point[0] != 4 or not (0 < r < N and 0 < s < N):
        return False
    x, y = int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")
    if x >= Q or y >= Q or (y * y - x * x * x + 3 * x - B) % Q:
        return False
    e, w = int.from_bytes(hashlib.sha256(message).digest(), "big"), pow(s, N - 2, N)
    found = p256_add(p256_times(e * w % N, G), p256_times(r * w % N, (x, y)))
    return found is not None and found[0] % N == r


# --- SSHSIG: OpenSSH's PROTOCOL.sshsig, for the four kinds of keys that docs/keys.md names ---


class Wire:
    """Reads RFC 4251 strings; a short read raises ValueError."""

    def __init__(self, data):
        self.data = data

    def take(self, count):
        if count > len(self.data):
            raise ValueError("short")
        head, self.data = self.data[:count], self.data[count:]
        return head

    def number(self):
        return int.from_bytes(self.take(4), "big")

    def string(self):
        return self.take(self.number())

    def positive(self):
        """An mpint in its shortest spelling."""
        data = self.string()
        value = int.from_bytes(data, "big")
        if not data or data != value.to_bytes(value.bit_length() // 8 + 1, "big"):
            raise ValueError("number")
        return value

    def end(self):
        if self.data:
            raise ValueError("left over")


def string(data):
    return len(data).to_bytes(4, "big") + data


class SshKey:
    KINDS = ("ssh-ed25519", "sk-ssh-ed25519@openssh.com", "ecdsa-sha2-nistp256", "sk-ecdsa-sha2-nistp256@openssh.com")

    def __init__(self, line):
        """`<type> <base64>`, nothing else; ValueError when it is no such key."""
        self.kind, text = line.split(" ")
        self.blob = base64.b64decode(text, validate=True)
        wire = Wire(self.blob)
        if self.kind not in self.KINDS or wire.string().decode() != self.kind or b64(self.blob) != text:
            raise ValueError("kind")
        if "ecdsa" in self.kind and wire.string() != b"nistp256":
            raise ValueError("curve")
        self.point = wire.string()
        self.application = wire.string() if self.kind.startswith("sk-") else b""
        wire.end()
        if "ed25519" in self.kind:
            point = len(self.point) == 32 and decode_point(self.point)
            if not point or times(8, point)[0] % P == 0:
                raise ValueError("point")

    def signed(self, namespace, message, signature):
        """Whether this key made the SSHSIG blob."""
        try:
            wire = Wire(signature)
            if wire.take(6) != b"SSHSIG" or wire.number() != 1 or wire.string() != self.blob:
                return False
            named, reserved, algorithm, inner = (wire.string() for _ in range(4))
            wire.end()
            if named != namespace or reserved or algorithm not in (b"sha256", b"sha512"):
                return False
            digest = hashlib.new(algorithm.decode(), message).digest()
            data = b"SSHSIG" + b"".join(string(part) for part in (named, reserved, algorithm, digest))
            return self.checks(data, Wire(inner))
        except ValueError:
            return False

    def checks(self, data, wire):
        if wire.string().decode() != self.kind:
            return False
        raw = wire.string()
        if self.kind.startswith("sk-"):
            flags = wire.take(5)
            data = hashlib.sha256(self.application).digest() + flags + hashlib.sha256(data).digest()
        wire.end()
        if "ed25519" in self.kind:
            return len(raw) == 64 and verifies_strictly(self.point, data, raw)
        numbers = Wire(raw)
        r, s = numbers.positive(), numbers.positive()
        numbers.end()
        return p256_verifies(self.point, data, r, s)


# --- changes of the identity ---


def unbase64_any(text):
    data = base64.b64decode(text, validate=True)
    if b64(data) != text:
        raise ValueError("base64")
    return data


def handover(entry, current):
    """The key that an `identity` entry makes the person's, as a line; ValueError says what is wrong."""
    try:
        at, old, new = entry["at"], entry.get("from"), entry["key"]
        if not is_number(at) or not isinstance(entry["custody"], str):
            raise ValueError("fields")
        message = ("guard-identity/v1\nfrom %s\nto %s\nat %d\n" % (old or "none", new, at)).encode()
        pairs = [(old, entry.get("sig")), (new, entry.get("proof"))]
        SshKey(new)
        if (old is None) != (entry.get("sig") is None):
            raise ValueError("an old key without its signature")
        for key, signature in pairs:
            if signature is not None:
                if not SshKey(key).signed(b"guard-identity-v1", message, unbase64_any(signature)):
                    raise ValueError("a signature is wrong")
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("incomplete") from error
    if new != current and old is not None and old != current:
        raise ValueError("handed over by another key")
    return new


# --- lines ---

PREFIX, PRIV, SIG, END = b'{"entry":', b',"priv":', b',"sig":"', b'"}'
SUFFIX = len(SIG) + 88 + len(END)


def unbase64(text, length):
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, TypeError):
        return None
    return data if len(data) == length and b64(data) == text else None


def b64(data):
    return base64.b64encode(data).decode()


def object_length(data):
    if not data.startswith(b"{"):
        return None
    depth = 0
    for match in re.finditer(rb'"(?:[^"\\]|\\.)*"|[{}]', data, re.S):
        if match.group() == b"{":
            depth += 1
        elif match.group() == b"}":
            depth -= 1
            if depth == 0:
                return match.end()
    return None


def whole(text):
    if abs(int(text)) >= 2**53:
        raise ValueError(text)
    return int(text)


def reject(text):
    raise ValueError(text)


def pairs(items):
    if any(not key.isascii() for key, _ in items):
        raise ValueError("key")
    return dict(items)


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def canonical_object(data):
    try:
        value = json.loads(
            data.decode(), parse_int=whole, parse_float=reject, parse_constant=reject, object_pairs_hook=pairs
        )
        good = isinstance(value, dict) and canonical(value) == data
    except (ValueError, RecursionError):
        return None
    return value if good else None


def is_number(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


class Line:
    """An entry with its parts; `read` gives None for a line that is no entry."""

    @staticmethod
    def read(data):
        if not data.startswith(PREFIX) or len(data) < len(PREFIX) + SUFFIX:
            return None
        middle, suffix = data[len(PREFIX) : -SUFFIX], data[-SUFFIX:]
        if not suffix.startswith(SIG) or not suffix.endswith(END) or not suffix.isascii():
            return None
        line = Line()
        line.signature = unbase64(suffix[len(SIG) : -len(END)].decode(), 64)
        length = object_length(middle)
        if line.signature is None or length is None:
            return None
        line.bytes, rest = middle[:length], middle[length:]
        line.private = None
        if rest:
            line.private = rest[len(PRIV) :]
            if not rest.startswith(PRIV) or object_length(line.private) != len(line.private):
                return None
        line.entry = canonical_object(line.bytes)
        if line.entry is None or not isinstance(line.entry.get("event"), str):
            return None
        if not all(is_number(line.entry.get(key)) for key in ("epoch", "seq", "v")):
            return None
        line.leaf = hashlib.sha256(b"\0" + line.bytes).digest()
        return line

    def get(self, *path):
        value = self.entry
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def signed_by(self, key):
        return verifies(key, b"guard-audit-entry/v1\n" + self.leaf, self.signature)

    def private_holds(self):
        if self.private is None:
            return True
        private = canonical_object(self.private)
        if private is None or set(private) != {"fields", "salt"}:
            return False
        salt = unbase64(private["salt"], 16)
        if salt is None:
            return False
        return self.get("priv_hash") == b64(hashlib.sha256(salt + canonical(private["fields"])).digest())


def is_torn(region):
    for piece in region.split(b"\n"):
        if not piece:
            return False
        written = piece.rstrip(b"\0")
        complete = len(written) >= SUFFIX and written.endswith(END) and written[-SUFFIX:].startswith(SIG)
        if not (PREFIX.startswith(written) or (written.startswith(PREFIX) and not complete)):
            return False
    return True


# --- the walk ---


class Walk:
    def __init__(self):
        self.problems = []
        self.entries = 0
        self.before = None
        self.key = None
        self.epoch = 0
        self.genesis = None
        self.identity = None
        self.person = None

    def problem(self, standing, file, line, offset, what, seq=None):
        self.problems.append(
            {"standing": standing, "file": file, "line": line, "offset": offset, "seq": seq, "what": what}
        )

    def segment(self, name, data, is_last):
        number, offset, region, begun = 0, 0, None, False
        while offset < len(data):
            number += 1
            at = data.find(b"\n", offset)
            stop = at if at >= 0 else len(data)
            line = Line.read(data[offset:stop])
            if line is None:
                region = region or (number, offset)
            else:
                seq = line.entry["seq"]
                if not begun and seq != int(name[4:16]):
                    self.problem("tampered", name, number, offset, "segment begins elsewhere", seq)
                begun = True
                self.settle(name, region, data[region[1] : offset] if region else b"", line, number, offset)
                region = None
                self.check(line, name, number, offset)
                if at < 0:
                    self.problem("damaged", name, number, offset, "no line break at the end", seq)
            offset = stop + 1
        if region:
            torn = is_last and is_torn(data[region[1] :])
            self.problem("damaged" if torn else "tampered", name, *region, "bytes at the end are no entry")

    def settle(self, name, region, data, line, number, offset):
        is_record = line.entry["event"] == "recover"
        if region is None:
            if is_record:
                self.problem("tampered", name, number, offset, "recover without damage", line.entry["seq"])
            return
        record = line.get("recover")
        if not is_record or not isinstance(record, dict):
            self.problem("tampered", name, *region, "bytes are no entry and not accounted for")
            return
        if record.get("length") == len(data) - 1 and data.endswith(b"\n") and not data[:-1].endswith(b"\n"):
            data = data[:-1]
        torn = is_torn(data)
        says = {
            "class": "torn" if torn else "foreign",
            "file": name,
            "length": len(data),
            "offset": region[1],
            "sha256": b64(hashlib.sha256(data).digest()),
        }
        if not data or any(record.get(key) != value for key, value in says.items()):
            self.problem("tampered", name, *region, "bytes differ from their recover entry")
        else:
            self.problem("damaged" if torn else "tampered", name, *region, says["class"] + " bytes, accounted for")

    def check(self, line, name, number, offset):
        seq = line.entry["seq"]
        fault = self.fault(line)
        if fault:
            self.problem(fault[0], name, number, offset, fault[1], seq)
        self.before = (seq, line.leaf)
        self.entries += 1
        if line.entry["event"] == "genesis" and line.get("genesis", "previous") is not None:
            self.problem("damaged", name, number, offset, "the log before this one is gone", seq)
        if line.entry["event"] == "identity":
            try:
                self.person = handover(line.get("identity"), self.person)
            except ValueError as error:
                self.problem("tampered", name, number, offset, "identity: %s" % error, seq)
        if line.entry["event"] == "epoch":
            key, epoch = unbase64(line.get("next", "key"), 32), line.get("next", "epoch")
            if key is not None and is_number(epoch):
                self.key, self.epoch = key, epoch

    def fault(self, line):
        entry = line.entry
        if entry["v"] != 1:
            return "unknown", "newer format"
        if self.before is None and entry["event"] == "genesis" and entry["seq"] == 0:
            return self.begin(line)
        if self.before is None:
            if entry["seq"]:
                return "tampered", "entries before it are gone"
        elif entry["seq"] != self.before[0] + 1:
            return "tampered", "missing or misplaced entries"
        elif entry.get("prev") != b64(self.before[1]):
            return "tampered", "does not continue the entry before"
        if entry["epoch"] != self.epoch:
            return "tampered", "wrong epoch"
        if self.key is None:
            return "tampered", "no key: the first entry is not readable"
        if not line.signed_by(self.key):
            return "tampered", "wrong signature"
        if not line.private_holds():
            return "tampered", "private part was changed"
        return None

    def begin(self, line):
        self.genesis = b64(line.leaf)
        key = read_vkey(line.get("genesis", "identity"))
        if key is None:
            return "tampered", "no identity"
        if not line.signed_by(key):
            return "tampered", "wrong signature"
        self.identity = line.get("genesis", "identity")
        self.person = "ssh-ed25519 " + b64(string(b"ssh-ed25519") + string(key))
        self.key = unbase64(line.get("genesis", "epoch_key"), 32)
        if self.key is None or line.entry["epoch"] != 0 or "prev" in line.entry:
            return "tampered", "incomplete first entry"
        return None


def read_vkey(text):
    if not isinstance(text, str) or text.count("+") < 2:
        return None
    name, digest, typed = text.split("+", 2)
    data = unbase64(typed, 33)
    if data is None or data[0] != 1:
        return None
    good = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4].hex()
    return data[1:] if digest == good else None


def small(directory, name):
    try:
        with open(os.path.join(directory, "keys", name), "rb") as file:
            return file.read().decode("utf-8", "replace").rstrip()
    except FileNotFoundError:
        return None


def verify(directory):
    walk = Walk()
    names = sorted(n for n in os.listdir(directory) if re.fullmatch(r"seg-[0-9]{12}\.jsonl", n))
    pin, vkey = small(directory, "genesis.pin"), small(directory, "log.vkey")
    if not names and pin is None:
        return walk, "unknown"
    for name in names:
        with open(os.path.join(directory, name), "rb") as file:
            walk.segment(name, file.read(), name == names[-1])
    if not walk.entries:
        walk.problem("tampered", "", 0, 0, "no entries")
    for name, found, wanted in (("genesis.pin", pin, walk.genesis), ("log.vkey", vkey, walk.identity)):
        if found is None:
            walk.problem("damaged", "keys/" + name, 0, 0, "missing")
        elif wanted is not None and found != wanted:
            walk.problem("tampered", "keys/" + name, 0, 0, "differs from the first entry")
    standings = {p["standing"] for p in walk.problems}
    for standing in ("tampered", "unknown", "damaged"):
        if standing in standings:
            return walk, standing
    return walk, "ok"


def self_test():
    """RFC 8032 section 7.1 test 2, and the corners of the rules."""
    key = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    identity = (1).to_bytes(32, "little")
    # RFC 6979 appendix A.2.5, SHA-256 of "sample".
    point = bytes.fromhex(
        "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
    )
    r = 0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716
    s = 0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8
    checks = [
        verifies(key, b"\x72", signature),
        not verifies(key, b"\x73", signature),
        not verifies(key, b"\x72", signature[:-1] + b"\x01"),
        verifies(identity, b"anything", identity + bytes(32)),
        not verifies(identity, b"anything", identity + L.to_bytes(32, "little")),
        verifies((P + 1).to_bytes(32, "little"), b"anything", identity + bytes(32)),
        canonical_object(b'{"a":"\\n","b":[1,-2]}') is not None,
        all(canonical_object(b) is None for b in (b'{"b":1,"a":1}', b'{"a":1.0}', b'{"a":1,"a":1}', b'{"a": 1}')),
        is_torn(b'{"ent\n{"entry":{"a\0\0'),
        not any(is_torn(b) for b in (b"", b"\n", b"x", b'{"entry":{\n')),
        verifies_strictly(key, b"\x72", signature),
        not verifies_strictly(key, b"\x73", signature),
        not verifies_strictly(identity, b"anything", identity + bytes(32)),
        p256_verifies(point, b"sample", r, s),
        not p256_verifies(point, b"simple", r, s) and not p256_verifies(point, b"sample", r, s + N),
        not p256_verifies(point[:-1] + b"\x98", b"sample", r, s),
        unbase64("YWI=", 2) == b"ab" and unbase64("YWJ=", 2) is None,
    ]
    print("verify_audit.py: %d of %d self-tests hold" % (sum(checks), len(checks)))
    sys.exit(0 if all(checks) else 1)


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    standing = "unknown"
    for directory in sys.argv[1:]:
        walk, standing = verify(directory)
        first = next((p for p in walk.problems if p["standing"] == standing), None)
        print(json.dumps({"standing": standing, "entries": walk.entries, "first_bad": first}), flush=True)
    sys.exit({"ok": 0, "tampered": 1, "damaged": 2, "unknown": 4}[standing])


if __name__ == "__main__":
    main()
