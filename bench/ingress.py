#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our ingress beside plain HAProxy, on the same machine in the same run: ingress.py BINARY [seconds].

Both send everything to one page that costs nothing, another HAProxy. They are asked in turns by
wrk, so that whatever else the machine does meets both: each turn gives a share, and the one in the
middle counts. Prints requests a second, and the processor time of a request."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
from statistics import median

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/e2e"))
TIMEOUTS = "  mode http\n  timeout connect 1s\n  timeout client 30s\n  timeout server 30s\n"
PAGE = "defaults\n" + TIMEOUTS + 'frontend f\n  bind 127.0.0.1:{page}\n  http-request return status 200 content-type text/plain string "a page"\n'
PLAIN = "global\n  maxconn 10000\n  no strict-limits\ndefaults\n" + TIMEOUTS + """frontend f
  bind 127.0.0.1:{port}
  default_backend b
backend b
  balance random
  option forwardfor
  server s1 127.0.0.1:{page} check
"""
TURNS = 15


def main():
    os.environ["CARAVAN"] = str(pathlib.Path(sys.argv[1]).resolve())
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    from agent import free_port, wait_for
    from test_ingress import IngressCase, ask

    class Case(IngressCase):
        def runTest(self):
            page, plain = free_port(), free_port()
            self.haproxy(PAGE.format(page=page))
            theirs = self.haproxy(PLAIN.format(port=plain, page=page)).pid
            self.register("page", page, ["urlprefix-/"])
            wait_for("both", lambda: all((ask(port) or (0,))[0] == 200 for port in (plain, self.proxy)))
            time.sleep(2)  # until the reload is over
            ours = self.state()["pid"]
            turn = lambda: (measure(plain, theirs, seconds), measure(self.proxy, ours, seconds))
            both = [turn() for _ in range(TURNS)]
            for name, turns in zip(("plain", "ours"), zip(*both)):
                print(f"{name:6} {median(rate for rate, _ in turns):8.0f}/s (best {max(turns)[0]:.0f}),"
                      f" {median(cpu for _, cpu in turns):5.1f} µs of processor time a request")
            shares = sorted(a[0] / b[0] for b, a in both)
            print(f"ours / plain: {median(shares):.2f}, of {TURNS} turns {shares[0]:.2f} to {shares[-1]:.2f}")

        def haproxy(self, text):
            path = pathlib.Path(tempfile.mkstemp(dir=self.folder, suffix=".cfg")[1])
            path.write_text(text)
            process = subprocess.Popen(["haproxy", "-f", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
            return process

    case = Case()
    case.debug()
    case.doCleanups()


def measure(port, pid, seconds):
    before = cpu_of(pid)
    said = subprocess.run(["wrk", "-t1", "-c32", f"-d{seconds}s", f"http://127.0.0.1:{port}/"], capture_output=True, text=True).stdout
    if bad := re.search(r"(Socket errors|Non-2xx).*", said):
        sys.exit(bad[0])
    count = int(re.search(r"(\d+) requests in", said)[1])
    return count / seconds, (cpu_of(pid) - before) / count * 1e6


def cpu_of(pid):
    """Seconds of a process and of its children: the worker is one."""
    total = 0.0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = stat.read_text().rsplit(")", 1)
        except OSError:
            continue
        fields = rest.split()
        if int(stat.parent.name) == pid or int(fields[1]) == pid:
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


main()
