#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keys put and read a second over HTTP, with one server and with three that all sync their logs.

bench/kv.py BINARY [SECONDS]: needs root (network namespaces, as tests/e2e/rig.py makes them) and
wrk. Keys of 64 bytes are put at the leader, each once; reads are of one key: consistent ones, and
what the leader's lease allows. Beside them a route that asks nobody (/v1/status/leader)."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests" / "e2e"))

PUT = """
local count, value = 0, string.rep("v", 64)
function request()
  count = count + 1
  return wrk.format("PUT", string.format("/v1/kv/%s/%d", PREFIX, count), nil, value)
end
"""
CATALOG = 'catalog {\n  addresses { http = "0.0.0.0" }\n}\nlimits {\n  http_max_conns_per_client = 1000\n}\n'


def measure(address, clients, seconds, script=""):
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        more = ["-s", file.name] if script else []
        out = subprocess.run(["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--latency", *more, address],
                             capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out:
        raise SystemExit(out)
    return f'{float(re.search(r"Requests/sec: +([0-9.]+)", out)[1]):.0f}/s, p99 {re.search(r"99% +(.+)", out)[1]}'


def main():
    os.environ["CARAVAN"] = sys.argv[1]
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    from agent import wait_for
    from rig import Rig
    for servers in (1, 3):
        rig = Rig(servers=servers, clients=0, server_extra=CATALOG)
        try:
            for machine in rig.machines:
                machine.log_level = "info"
                machine.start()
            leader = wait_for("a leader", rig.leader, 30)
            base = f"http://{leader.ip}:8500/v1"
            urllib.request.urlopen(urllib.request.Request(f"{base}/kv/x", b"v" * 64, method="PUT")).read()
            for clients in (1, 64, 256):
                script = f'local PREFIX = "{servers}-{clients}"\n' + PUT
                print(f"{servers} servers, {clients} clients: put {measure(base, clients, seconds, script)}", flush=True)
            for name, path in (("get, consistent", "/kv/x?consistent"), ("get", "/kv/x"), ("who leads", "/status/leader")):
                print(f"{servers} servers, 64 clients: {name} {measure(base + path, 64, seconds)}", flush=True)
        finally:
            rig.close()


main()
