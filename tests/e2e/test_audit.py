# SPDX-License-Identifier: Apache-2.0
"""The audit log: every request, on every face, without a secret; and what happens when it cannot be written."""
import hashlib
import hmac
import json
import os
import re
import shutil
import subprocess
import unittest
import urllib.error
import urllib.request

from agent import Agent, shell_job, wait_for
from rig import Rig

BINARY = os.environ["CARAVAN"]
STRANGER = "11111111-2222-3333-4444-555555555555"


def audit(more=""):
    return f"""
acl {{
  enabled = true
}}
audit {{
  enabled = true
  {more}
}}
"""


class AuditTest(unittest.TestCase):
    def start(self, more="", **settings):
        agent = Agent(BINARY, audit(more), **settings)
        self.addCleanup(self.end, agent)
        agent.start()
        wait_for("a leader", lambda: agent.status("GET", "/v1/status/leader") == 200)
        return agent

    def end(self, agent):
        agent.stop()
        shutil.rmtree(agent.folder, ignore_errors=True)

    def entries(self, agent, path="data/audit/audit.log"):
        found = [json.loads(line)["payload"] for line in (agent.folder / path).read_text().splitlines()]
        return [e for e in found if e["request"]["endpoint"] not in ("/v1/agent/health", "/v1/status/leader")]

    def test_each_request_is_written_down_twice(self):
        a = self.start(catalog=True)
        a.token = secret = re.search(r"Secret ID += (\S+)", a.cli("acl", "bootstrap").stdout)[1]
        a.get("/v1/jobs?namespace=default&prefix=w")
        accessor = a.get("/v1/acl/token/self")["AccessorID"]
        a.token = STRANGER
        self.assertEqual(a.status("PUT", "/v1/system/gc"), 403)
        put = urllib.request.Request(f"{a.catalog}/v1/kv/k?token={secret}", data=b"canary-body", method="PUT")
        with urllib.request.urlopen(put, timeout=10) as answer:
            self.assertEqual(answer.read(), b"true")
        found = self.entries(a)
        self.assertEqual([e["stage"] for e in found], ["OperationReceived", "OperationComplete"] * (len(found) // 2))

        def of(endpoint):
            return [e for e in found if e["request"]["endpoint"] == endpoint]
        received, complete = of("/v1/jobs")
        self.assertEqual(received["request"]["id"], complete["request"]["id"])
        self.assertEqual(complete["auth"]["accessor_id"], accessor)
        self.assertEqual(complete["auth"]["name"], "Bootstrap Token")
        self.assertEqual(complete["response"], {"status_code": 200})
        self.assertEqual(complete["request"]["parameters"]["prefix"], "w")
        refused = of("/v1/system/gc")[1]
        self.assertEqual(refused["response"]["status_code"], 403)
        self.assertNotIn("accessor_id", refused["auth"])
        kv = of("/v1/kv/k")[1]
        self.assertEqual((kv["request"]["face"], kv["request"]["operation"]), ("consul", "PUT"))
        self.assertEqual(kv["auth"]["accessor_id"], accessor)
        key = (a.folder / "data" / "audit.key").read_bytes()
        hashed = "hmac-sha256:" + hmac.new(key, secret.encode(), hashlib.sha256).hexdigest()
        self.assertEqual(kv["request"]["parameters"]["token"], hashed)
        self.assertEqual(complete["auth"]["token"], hashed)
        whole = (a.folder / "data" / "audit" / "audit.log").read_text()
        for canary in (secret, STRANGER, "canary-body"):
            self.assertNotIn(canary, whole)
        self.assertEqual((a.folder / "data" / "audit" / "audit.log").stat().st_mode & 0o777, 0o600)
        self.assertEqual((a.folder / "data" / "audit.key").stat().st_mode & 0o777, 0o600)

    def test_files_are_put_aside_and_filters_leave_out(self):
        a = self.start("""
  sink "file" {
    delivery_guarantee = "best-effort"
    mode               = "0640"
    rotate_bytes       = 5000
    rotate_max_files   = 2
  }
  filter "leader" {
    endpoints  = ["/v1/status/*", "/v1/agent/*"]
    operations = ["GET"]
  }
  filter "begin" {
    stages = ["OperationReceived"]
  }
""")
        for _ in range(40):
            a.status("GET", "/v1/regions")
            a.status("GET", "/v1/nodes")
        files = sorted((a.folder / "data" / "audit").iterdir())
        self.assertEqual(len(files), 3)
        for file in files:
            self.assertLessEqual(file.stat().st_size, 5000)
            self.assertEqual(file.stat().st_mode & 0o777, 0o640)
        found = self.entries(a)
        self.assertEqual({e["stage"] for e in found}, {"OperationComplete"})
        self.assertNotIn("/v1/agent/self", {e["request"]["endpoint"] for e in found})

    @unittest.skipIf(os.geteuid() != 0, "a small file system needs root")
    def test_what_cannot_be_written_is_not_done(self):
        a = Agent(BINARY, "")
        small = a.folder / "small"
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], check=True)
        self.addCleanup(lambda: subprocess.run(["umount", "-l", small], check=False))
        with open(a.folder / "agent.hcl", "a", encoding="utf-8") as config:
            config.write(audit(f'sink "file" {{\n    path = "{small}/audit.log"\n  }}'))
        self.addCleanup(self.end, a)
        a.start()
        wait_for("a leader", lambda: a.status("GET", "/v1/status/leader") == 200)
        a.token = re.search(r"Secret ID += (\S+)", a.cli("acl", "bootstrap").stdout)[1]
        (small / "filler").write_bytes(b"x" * 40_000)

        def refused():
            status, text = a.answer("PUT", "/v1/namespace/late", {"Name": "late"})
            return text if status == 500 else None
        why = wait_for("a refusal", refused)
        self.assertIn("the audit log cannot be written, and is enforced", why)
        self.assertIn("No space left on device", why)
        (small / "filler").unlink()
        self.assertEqual(a.status("DELETE", "/v1/namespace/late"), 200)
        self.assertEqual(a.status("GET", "/v1/namespace/late"), 404)

    def test_what_is_handed_on_is_written_down_on_both_agents(self):
        on = "audit {\n  enabled = true\n}\n"
        rig = Rig(servers=1, clients=1, server_extra=on, client_extras=[on])
        self.addCleanup(rig.close)
        rig.start()
        asked, leader = rig.clients[0], rig.servers[0]
        asked.register(shell_job("web", "echo hello; sleep 1000"))
        alloc = asked.running("web")[0]
        wait_for("the task's words", lambda: asked.logs(alloc) == "hello\n")

        def of(agent, endpoint):
            return [e["request"] for e in self.entries(agent) if e["request"]["endpoint"].startswith(endpoint)]
        there = of(leader, "/v1/jobs")
        self.assertEqual([r["operation"] for r in there], ["PUT", "PUT"])
        self.assertEqual({r["request_meta"]["forwarded_by"] for r in there}, {asked.name})
        here = of(asked, "/v1/jobs")
        self.assertEqual([r["node_meta"]["name"] for r in here], [asked.name] * 2)
        self.assertNotIn("forwarded_by", here[0]["request_meta"])
        self.assertIn("/v1/client/fs/logs/", of(asked, "/v1/client/fs/logs")[0]["endpoint"])

    def test_a_configuration_that_cannot_work_is_refused(self):
        for line, why in (('delivery_guarantee = "maybe"', '"maybe" is none of enforced, best-effort'),
                          ('mode = "0700"', '"0700" is no mode such as 0600'), ('path = "audit.log"', "is not the absolute path"),
                          ('type = "socket"', '"socket" is none of file')):
            a = Agent(BINARY, audit(f'sink "x" {{\n    {line}\n  }}'))
            done = subprocess.run([a.binary, "agent", "-config", str(a.folder / "agent.hcl")], capture_output=True, text=True,
                                  timeout=30)
            self.assertEqual(done.returncode, 1, line)
            self.assertIn(why, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
