#!/usr/bin/env python3
"""Makes docs/prompt.svg from a real run: guard in tmux, `kubectl delete namespace payments` on a production context.

usage: docs/picture.py [GUARD [GUARD-SHIM]]     (needs tmux; a stand-in for kubectl lists what is in the namespace)
"""
import html, os, pathlib, re, shutil, subprocess, sys, tempfile, time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
GUARD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/debug/guard").resolve()
SHIM = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / "target/debug/guard-shim").resolve()
COLUMNS, ROWS = 80, 29
KUBECONFIG = """apiVersion: v1
kind: Config
current-context: staging
clusters: [{name: eu-1, cluster: {server: "https://k8s.prod-eu.example.com:6443"}}]
users: [{name: me, user: {}}]
contexts: [{name: staging, context: {cluster: eu-1, user: me}}]
"""
KUBECTL = """#!/bin/sh
list() { for i in $(seq $1); do echo "$2/x-$i   1/1   Running"; done; }
list 30 pod; list 12 deployment.apps; list 9 service; list 6 configmap; list 4 persistentvolumeclaim
"""


def tmux(socket, *words):
    return subprocess.run(["tmux", "-L", socket, *words], check=True, capture_output=True, text=True).stdout


def record():
    """The screen with its escape sequences, after the question was asked and before it is answered."""
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="guard-picture-"))
    socket = "guard-picture-%d" % os.getpid()
    try:
        for directory in ("home/.kube", "lib", "shims", "bin"):
            (scratch / directory).mkdir(parents=True)
        (scratch / "home/.kube/config").write_text(KUBECONFIG)
        shutil.copy(GUARD, scratch / "lib/guard"), shutil.copy(SHIM, scratch / "lib/guard-shim")
        stub = scratch / "bin/kubectl"
        stub.write_text(KUBECTL), stub.chmod(0o755)
        path = "%s/shims:%s/bin:/usr/bin:/bin" % (scratch, scratch)
        env = {"HOME": str(scratch / "home"), "PATH": path, "TERM": "xterm-256color", "LANG": "C.UTF-8", "PS1": "$ "}
        subprocess.run([scratch / "lib/guard", "shim", "add", "kubectl", "--dir", scratch / "shims"], env=env, check=True,
                       capture_output=True)
        # The one line that says where the log begins belongs to the first question only.
        subprocess.run(["setsid", "-w", "kubectl", "delete", "ns", "x"], env=env, capture_output=True)
        words = ["env", "-i"] + ["%s=%s" % i for i in env.items()] + ["bash", "--norc", "--noprofile"]
        tmux(socket, "-f", "/dev/null", "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), *words)
        wait(socket, "$")
        tmux(socket, "send-keys", "kubectl delete namespace payments", "Enter")
        wait(socket, "Esc or Ctrl-C")
        return tmux(socket, "capture-pane", "-e", "-p")
    finally:
        subprocess.run(["tmux", "-L", socket, "kill-server"], capture_output=True)
        shutil.rmtree(scratch, ignore_errors=True)


def wait(socket, text):
    for _ in range(200):
        if text in tmux(socket, "capture-pane", "-p"):
            return
        time.sleep(0.05)
    sys.exit("the screen never showed %r:\n%s" % (text, tmux(socket, "capture-pane", "-p")))


COLOURS = {31: "#d9534f", 32: "#3fa45b", 33: "#c58a1c", 34: "#4a7fd6", 35: "#a05bbd", 36: "#2f9c9c"}


def spans(line):
    """(text, bold, reverse, colour) runs of one captured line."""
    bold = reverse = False
    colour = None
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if piece.startswith("\x1b["):
            for code in [int(c or 0) for c in piece[2:-1].split(";")]:
                if code == 0:
                    bold, reverse, colour = False, False, None
                elif code in (1, 22):
                    bold = code == 1
                elif code in (7, 27):
                    reverse = code == 7
                elif code in COLOURS or code - 60 in COLOURS:
                    colour = COLOURS[code if code in COLOURS else code - 60]
                elif code == 39:
                    colour = None
        elif piece:
            yield piece, bold, reverse, colour


def svg(screen):
    lines = screen.rstrip("\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    width, height, left, top = 8.43, 19, 18, 30
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="ui-monospace, Menlo, Consolas, '
           '\'DejaVu Sans Mono\', monospace" font-size="14">' % (COLUMNS * width + 2 * left, len(lines) * height + 2 * 18),
           '<rect width="100%" height="100%" rx="8" fill="#16181d"/>']
    for row, line in enumerate(lines):
        column = 0
        for text, bold, reverse, colour in spans(line):
            x, y = left + column * width, top + row * height
            fill = colour or "#e6e6e6"
            if reverse:
                out.append('<rect x="%.1f" y="%.1f" width="%.1f" height="%d" fill="%s"/>'
                           % (x, y - 14, len(text) * width, height, fill))
                fill = "#16181d"
            out.append('<text x="%.1f" y="%.1f" fill="%s"%s textLength="%.1f" xml:space="preserve">%s</text>'
                       % (x, y, fill, ' font-weight="bold"' if bold else "", len(text) * width, html.escape(text)))
            column += len(text)
    return "\n".join(out + ["</svg>", ""])


(HERE / "prompt.svg").write_text(svg(record()))
print("docs/prompt.svg")
