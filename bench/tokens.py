#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What it costs an agent to know who asks: tokens.py BINARY. The processor time of a short request with a token's secret and
with a task's JWT, without and with an audit log."""
import http.client
import json
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests" / "e2e"))
from agent import Agent, wait_for  # noqa: E402

REQUESTS, ROUNDS = 6000, 3
ACL = "acl {\n  enabled = true\n}\n"


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cost_us(agent, token):
    connection = http.client.HTTPConnection("127.0.0.1", agent.port)
    before = cpu_seconds(agent.process.pid)
    for _ in range(REQUESTS):
        connection.request("GET", "/v1/service/none?stale", headers={"X-Nomad-Token": token})
        answer = connection.getresponse()
        assert answer.status == 200 and answer.read() == b"[]", answer.status
    connection.close()
    return (cpu_seconds(agent.process.pid) - before) / REQUESTS * 1e6


def task_token(agent):
    task = {"Name": "t", "Driver": "raw_exec", "Config": {"command": "/bin/sleep", "args": ["1000"]},
            "Identity": {"File": True}, "Resources": {"CPU": 10, "MemoryMB": 20}}
    agent.register({"ID": "j", "Name": "j", "Datacenters": ["*"], "TaskGroups": [{"Name": "g", "Count": 1, "Tasks": [task]}]})
    path = agent.folder / "data" / "alloc" / agent.running("j")[0]["ID"] / "t" / "secrets" / "nomad_token"
    wait_for("a token", path.exists)
    return path.read_text()


def main(binary):
    for name, extra in (("without", ""), ("with", "audit {\n  enabled = true\n}\n")):
        agent = Agent(binary, ACL + extra)
        agent.start()
        try:
            wait_for("a leader", lambda: agent.status("GET", "/v1/status/leader") == 200)
            agent.token = re.search(r"Secret ID += (\S+)", agent.cli("acl", "bootstrap").stdout)[1]
            agent.request("PUT", "/v1/acl/policy/read", {"Name": "read", "Rules": 'namespace "*" { policy = "read" }'})
            secret = json.loads(agent.request("PUT", "/v1/acl/token", {"Type": "client", "Policies": ["read"]})[0])["SecretID"]
            jwt = task_token(agent)
            for _ in range(ROUNDS):
                print(f"{name} audit: secret {cost_us(agent, secret):.0f} µs, task's token {cost_us(agent, jwt):.0f} µs a request")
        finally:
            agent.close()


if __name__ == "__main__":
    main(sys.argv[1])
