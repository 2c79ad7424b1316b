#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Jobs registered a second over HTTP, with one server and with three that all sync their logs.

bench/register.py BINARY [SECONDS]: needs root (network namespaces, as tests/e2e/rig.py makes them)
and wrk. The jobs have no nodes to run on: what is measured is the way into the log of a majority."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests" / "e2e"))

SCRIPT = """
local thread = 0
function setup(t) t:set("id", thread); thread = thread + 1 end
local count = 0
function request()
  count = count + 1
  local name = string.format("j-%s-%d-%d", PREFIX, id, count)
  return wrk.format("PUT", "/v1/jobs", nil, string.format(BODY, name, name))
end
function response(status)
  if status ~= 200 then bad = (bad or 0) + 1 end
end
"""


def body():
    return json.dumps({"Job": {
        "ID": "%s", "Name": "%s", "Type": "service", "Datacenters": ["dc1"],
        "TaskGroups": [{"Name": "g", "Count": 1, "Tasks": [
            {"Name": "t", "Driver": "raw_exec", "Config": {"command": "/bin/true"},
             "Resources": {"CPU": 10, "MemoryMB": 10}}]}]}})


def measure(address, clients, seconds, prefix):
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f'local PREFIX = "{prefix}"\nlocal BODY = {json.dumps(body())}\n' + SCRIPT)
        script.flush()
        out = subprocess.run(["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--latency", "-s", script.name, address],
                             capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out:
        raise SystemExit(out)
    return float(re.search(r"Requests/sec: +([\d.]+)", out)[1]), re.search(r"99% +(\S+)", out)[1]


def main():
    os.environ["CARAVAN"] = sys.argv[1]
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    from agent import wait_for
    from rig import Rig
    for servers in (1, 3):
        rig = Rig(servers=servers, clients=0)
        try:
            for machine in rig.machines:
                machine.start()
            leader = wait_for("a leader", rig.leader, 30)
            for clients in (1, 64):
                rate, p99 = measure(leader.address, clients, seconds, f"{servers}-{clients}")
                print(f"{servers} servers, {clients} clients: {rate:.0f}/s, p99 {p99}")
        finally:
            rig.close()


main()
