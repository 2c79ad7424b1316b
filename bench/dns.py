#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our names beside Knot's, on the same machine in the same run: dns.py BINARY [SECONDS].

Both have a service of one instance, and one of a thousand, of which Knot knows as many addresses as
one of our answers by UDP has. dnsperf asks them in turns, so that whatever else the machine
does meets both; the best of each counts. Needs knot and dnsperf (apt install)."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests" / "e2e"))
TURNS, INSTANCES = 5, 1000


def rate_of(port, name, seconds):
    with tempfile.NamedTemporaryFile("w") as questions:
        questions.write(f"{name} A\n")
        questions.flush()
        out = subprocess.run(["dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", questions.name, "-l", str(seconds), "-c", "4", "-q", "100", "-e"],
                             capture_output=True, text=True, check=True).stdout
    if int(re.search(r"NOERROR (\d+)", out)[1]) < int(re.search(r"Queries completed: +(\d+)", out)[1]):
        raise SystemExit(out)
    size = re.search(r"response (\d+)", out)
    return float(re.search(r"Queries per second: +([0-9.]+)", out)[1]), size and size[1]


class Knot:
    """One zone with the same names; of the large service as many addresses as ours shows."""

    def __init__(self, folder, port, shown):
        zone = ["$ORIGIN service.consul.", "$TTL 0", "@ SOA ns. hostmaster. 1 3600 600 86400 0", "@ NS ns.", "one A 10.0.0.1"]
        zone += [f"many A 10.0.{i // 250}.{i % 250 + 1}" for i in range(shown)]
        (folder / "zone").write_text("\n".join(zone) + "\n")
        (folder / "knot.conf").write_text(f"""
server:
  rundir: {folder}
  listen: 127.0.0.1@{port}
  udp-workers: 2
database:
  storage: {folder}
log:
  - target: stderr
    any: warning
zone:
  - domain: service.consul
    file: {folder}/zone
""")
        self.process = subprocess.Popen(["knotd", "-c", str(folder / "knot.conf")])

    def close(self):
        self.process.terminate()
        self.process.wait()


def main():
    os.environ["CARAVAN"] = str(pathlib.Path(sys.argv[1]).resolve())
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    from agent import Agent, free_port, wait_for
    from test_services import Registry
    agent = Agent(os.environ["CARAVAN"], catalog=True)
    agent.log_level = "info"  # each question is a line of debug
    agent.start()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="caravan-dns-"))
    port, knot = free_port(), None
    try:
        registry = Registry(agent.catalog)
        wait_for("the agent's node", lambda: registry.get("/v1/catalog/nodes"))
        def add(name, i):
            registry.put("/v1/catalog/register", {"Node": f"{name}-{i}", "Address": f"10.0.{i // 250}.{i % 250 + 1}", "Service": {"Service": name, "Port": 80}})
        add("one", 0)
        for i in range(INSTANCES):
            add("many", i)
        def shown():
            return len(subprocess.run(["dig", "+short", "+ignore", "@127.0.0.1", "-p", str(agent.dns_port), "many.service.consul"],
                                      capture_output=True, text=True, check=True).stdout.split())
        wait_for("addresses", shown)
        knot = Knot(folder, port, shown())
        wait_for("Knot", lambda: subprocess.run(["dig", "+short", "+tries=1", "@127.0.0.1", "-p", str(port), "one.service.consul"],
                                                capture_output=True).returncode == 0)
        for name in ("one", "many"):
            best = {"knot": (0, ""), "ours": (0, "")}
            for _ in range(TURNS):
                for who, at in (("knot", port), ("ours", agent.dns_port)):
                    best[who] = max(best[who], rate_of(at, f"{name}.service.consul", seconds))
            for who, (rate, size) in best.items():
                print(f"{name:5} {who:5} {rate:8.0f}/s, answers of {size} bytes")
            print(f"{name:5} ours / knot: {best['ours'][0] / best['knot'][0]:.2f}", flush=True)
    finally:
        if knot:
            knot.close()
        agent.close()


main()
