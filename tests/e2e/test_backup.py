# SPDX-License-Identifier: Apache-2.0
"""Snapshots that operators keep, bringing them back, and a cluster whose quorum is gone for good."""
import base64
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import unittest
import urllib.request

from agent import Agent, AgentCase, shell_job, wait_for
from rig import Rig

BINARY = os.environ["CARAVAN"]


def pids(name):
    return subprocess.run(["pgrep", "-f", name], capture_output=True, text=True).stdout.split()


def long(number):
    """A time to sleep that no other run of these tests sleeps."""
    return f"sleep {os.getpid()}{number}"


def has_root_key(agent):
    return agent.status("GET", "/v1/status/leader") == 200 and agent.get("/v1/operator/keyring/keys")


class SnapshotTest(AgentCase):
    def setUp(self):
        wait_for("a root key", lambda: has_root_key(self.agent))

    def file(self, name):
        return str(self.agent.folder / name)

    def test_everything_is_as_it_was(self):
        self.agent.register(shell_job("kept", "exec " + long(17)))
        [before] = self.agent.running("kept")
        self.agent.cli("var", "put", "app/kept", "pw=as-it-was")
        kept = self.file("kept.snap")
        self.assertEqual(self.agent.cli("operator", "snapshot", "save", kept).stdout, f"State file written to {kept}\n")
        self.assertEqual(os.stat(kept).st_mode & 0o777, 0o600)

        self.agent.cli("var", "put", "-force", "app/kept", "pw=changed")
        self.agent.cli("var", "put", "app/new", "pw=new")
        self.agent.register(shell_job("new", "exec " + long(18)))
        [new] = self.agent.running("new")
        self.agent.request("DELETE", "/v1/job/kept?purge=true")
        wait_for("its end", lambda: not pids(long(17)))
        index = int(self.agent.request("GET", "/v1/jobs")[1]["X-Nomad-Index"])

        self.assertEqual(self.agent.cli("operator", "snapshot", "restore", kept).stdout, "Snapshot Restored\n")
        self.assertEqual(self.agent.get("/v1/var/app/kept")["Items"], {"pw": "as-it-was"})
        self.assertEqual(self.agent.status("GET", "/v1/var/app/new"), 404)
        self.assertEqual(self.agent.status("GET", "/v1/job/new"), 404)
        self.assertGreater(int(self.agent.request("GET", "/v1/jobs")[1]["X-Nomad-Index"]), index)
        wait_for("the restored job to really run", lambda: pids(long(17)))
        wait_for("the end of what the snapshot does not know", lambda: not pids(long(18)))
        self.agent.running("kept")
        self.agent.register(shell_job("later", "exec sleep 1000"))
        self.agent.running("later")

    def test_an_unbroken_task_goes_on(self):
        self.agent.register(shell_job("steady", "exec " + long(19)))
        self.agent.running("steady")
        [pid] = wait_for("its process", lambda: pids("^" + long(19)))
        name = self.file("steady.snap")
        self.agent.cli("operator", "snapshot", "save", name)
        self.agent.cli("operator", "snapshot", "restore", name)
        self.agent.running("steady")
        self.assertEqual(pids("^" + long(19)), [pid])

    def test_what_is_in_it(self):
        self.agent.cli("var", "put", "-force", "app/seen", "pw=x")
        name = self.file("seen.snap")
        body, headers = self.agent_bytes("/v1/operator/snapshot")
        self.assertEqual(headers["Content-Type"], "application/x-gzip")
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        self.assertEqual(headers["Digest"], f"sha-256={digest}")
        with open(name, "wb") as file:
            file.write(body)
        with tarfile.open(name) as tar:
            names = tar.getnames()
            sums = tar.extractfile("SHA256SUMS").read().decode()
            for each in names:
                if each != "SHA256SUMS":
                    self.assertIn(hashlib.sha256(tar.extractfile(each).read()).hexdigest() + "  " + each, sums)
            self.assertNotIn(b"pw=x", tar.extractfile("state.bin").read())
        self.assertEqual(sorted(names), ["SHA256SUMS", "key-encryption-key", "meta.json", "state.bin"])
        shown = json.loads(self.agent.cli("operator", "snapshot", "inspect", "-json", name).stdout)
        self.assertIn("variables", [table["Type"] for table in shown["Tables"]])
        self.assertTrue(shown["Keys"])
        self.agent.cli("operator", "snapshot", "redact", name)
        self.assertFalse(json.loads(self.agent.cli("operator", "snapshot", "inspect", "-json", name).stdout)["Keys"])

    def agent_bytes(self, path):
        with urllib.request.urlopen(self.agent.address + path, timeout=10) as answer:
            return answer.read(), answer.headers

    def test_what_is_none_changes_nothing(self):
        self.agent.cli("var", "put", "-force", "app/stays", "pw=here")
        code, text = self.agent.answer("PUT", "/v1/operator/snapshot", b"nonsense")
        self.assertEqual((code, text), (400, "Error verifying snapshot: failed to decompress snapshot: gzip: invalid header"))
        self.assertEqual(self.agent.status("PUT", "/v1/operator/snapshot", b""), 400)
        name = self.file("cut.snap")
        self.agent.cli("operator", "snapshot", "save", name)
        with open(name, "rb") as file:
            whole = file.read()
        for length in (10, len(whole) // 2, len(whole) - 1):
            code, text = self.agent.answer("PUT", "/v1/operator/snapshot", whole[:length])
            self.assertEqual(code, 400, text)
        done = self.agent.cli("operator", "snapshot", "inspect", "/etc/passwd", check=False)
        self.assertEqual((done.returncode, done.stderr),
                         (1, "Error verifying snapshot: failed to decompress snapshot: gzip: invalid header\n"))
        self.assertEqual(self.agent.get("/v1/var/app/stays")["Items"], {"pw": "here"})

    def test_into_another_cluster(self):
        self.agent.cli("var", "put", "-force", "app/moved", "pw=mine")
        whole, bare = self.file("whole.snap"), self.file("bare.snap")
        self.agent.cli("operator", "snapshot", "save", whole)
        self.agent.cli("operator", "snapshot", "save", "-redact", bare)
        other = Agent(BINARY)
        self.addCleanup(other.close)
        other.start()
        wait_for("a root key", lambda: has_root_key(other))
        refused = other.cli("operator", "snapshot", "restore", bare, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("is sealed under a key that it does not bring", refused.stderr)
        other.cli("operator", "snapshot", "restore", whole)
        self.assertEqual(other.get("/v1/var/app/moved")["Items"], {"pw": "mine"})
        wait_for("its own node", lambda: [n for n in other.get("/v1/nodes") if n["Status"] == "ready"])
        other.kill()
        other.start()
        wait_for("a leader", lambda: other.status("GET", "/v1/status/leader") == 200)
        self.assertEqual(other.get("/v1/var/app/moved")["Items"], {"pw": "mine"})

    def test_a_folder_has_one_agent(self):
        done = subprocess.run([BINARY, "agent", "-config", str(self.agent.folder / "agent.hcl")],
                              capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is in use by another agent", done.stderr)
        done = self.agent.cli("operator", "recover", "-data-dir", str(self.agent.folder / "data"), "-yes", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is in use by another agent", done.stderr)


class AutopilotTest(AgentCase):
    def test_rules_are_changed_while_it_runs(self):
        wait_for("a leader", lambda: has_root_key(self.agent))
        done = self.agent.cli("operator", "autopilot", "set-config", "-min-quorum=3", "-server-stabilization-time=20s")
        self.assertEqual(done.stdout, "Configuration updated!\n")
        now = self.agent.get("/v1/operator/autopilot/configuration")
        self.assertEqual((now["MinQuorum"], now["ServerStabilizationTime"]), (3, "20s"))
        self.assertTrue(now["CleanupDeadServers"])
        self.assertEqual(self.agent.answer("PUT", "/v1/operator/autopilot/configuration?cas=1", now), (200, "false"))
        self.assertEqual(
            self.agent.answer("PUT", f"/v1/operator/autopilot/configuration?cas={now['ModifyIndex']}", now), (200, "true"))
        for wrong in ({"EnableRedundancyZones": True}, {"ServerStabilizationTime": "soon"}, {"MaxTrailingLogs": -1},
                      {"ServerStabilizationTime": "-1s"}):
            self.assertEqual(self.agent.status("PUT", "/v1/operator/autopilot/configuration", wrong), 400, wrong)


class RecoverTest(unittest.TestCase):
    """§2 of reliability, scenario of an operator's recovery: two of three servers are lost for good."""

    def test_one_server_is_left(self):
        rig = Rig(clients=1, plain=True)
        self.addCleanup(rig.close)
        rig.start()
        first, second, third = rig.servers
        first.register(shell_job("web", "exec " + long(20)))
        first.running("web")
        [pid] = wait_for("its process", lambda: pids("^" + long(20)))
        wait_for("a root key", lambda: has_root_key(first))
        first.cli("var", "put", "app/db", "pw=kept")
        wait_for("the variable everywhere", lambda: first.status("GET", "/v1/var/app/db?stale") == 200)
        for lost in (second, third):
            lost.unplug()
        first.kill()
        data = str(first.folder / "data")
        shown = first.cli("operator", "recover", "-data-dir", data)
        self.assertIn("What may be lost", shown.stdout)
        self.assertIn("Nothing was changed", shown.stdout)
        first.cli("operator", "recover", "-data-dir", data, "-yes")
        first.start(wait=True)
        wait_for("a write", lambda: first.status("PUT", "/v1/jobs", {"Job": shell_job("after", "exec sleep 1000")}) == 200)
        self.assertEqual(first.get("/v1/var/app/db")["Items"], {"pw": "kept"})
        first.running("after")
        self.assertEqual(pids("^" + long(20)), [pid], "the work was never touched")
        self.assertEqual([p["Voter"] for p in first.get("/v1/operator/raft/configuration")["Servers"]], [True])

        # One of the old ones, as it was: it is no part of this cluster.
        second.plug_cable()
        second.start()
        wait_for("its refusal", lambda: "belongs to" in (second.folder / "agent.log").read_text()
                 or "another cluster" in (first.folder / "agent.log").read_text())
        second.kill()
        # Emptied, it is let in, and votes.
        shutil.rmtree(second.folder / "data")
        second.start()
        def votes():
            servers = first.get("/v1/operator/raft/configuration")["Servers"]
            return sum(server["Voter"] for server in servers) == 2
        wait_for("the second voter", votes, 40)

    def test_where_no_server_was(self):
        done = subprocess.run([BINARY, "operator", "recover", "-data-dir", "/nonexistent"],
                              capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no server's state is here", done.stderr)
