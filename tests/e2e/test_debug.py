# SPDX-License-Identifier: Apache-2.0
"""`operator debug`: one archive with what helps to find a fault, and nothing that is secret."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
import unittest

from agent import Agent, shell_job, wait_for
from rig import Rig

GOSSIP_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
ACL = f'acl {{\n  enabled = true\n}}\nserver {{\n  encrypt = "{GOSSIP_KEY}"\n}}\n'


class Folder:
    """Where archives are made; each run's is read and taken away."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="caravan-e2e-debug-"))

    def start(self, agent, *words):
        env = {**os.environ, "NOMAD_ADDR": agent.address, "NOMAD_TOKEN": agent.token, "MY_SECRET": "hush-hush"}
        return subprocess.Popen([agent.binary, "operator", "debug", *words], cwd=self.path, env=env, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def read(self):
        """Name → bytes of the one archive, without its folder, and that folder."""
        archive, = self.path.glob("*.tar.gz")
        with tarfile.open(archive) as tar:
            files = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}
        mode = archive.stat().st_mode & 0o777
        archive.unlink()
        top = archive.name.removesuffix(".tar.gz")
        assert mode == 0o600, oct(mode)
        return {name.removeprefix(top + "/"): content for name, content in files.items()}, top

    def close(self):
        shutil.rmtree(self.path)


class DebugTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(os.environ["CARAVAN"], ACL)
        os.environ["CARAVAN_TEST_SECRET"] = "of-the-agent"
        cls.agent.start()
        del os.environ["CARAVAN_TEST_SECRET"]
        cls.agent.token = json.loads(cls.agent.request("PUT", "/v1/acl/bootstrap")[0])["SecretID"]
        cls.addClassCleanup(cls.agent.close)
        cls.folder = Folder()
        cls.addClassCleanup(cls.folder.close)
        cls.agent.register(shell_job("watched", "sleep 1000", Env={"PASSWORD": "job-secret"}))
        cls.agent.running("watched")
        secret = {"Path": "a", "Items": {"k": "variable-secret"}}
        wait_for("the root key", lambda: cls.agent.status("PUT", "/v1/var/a", secret) == 200)

    def test_it_has_the_state_at_intervals_and_the_logs_and_no_secrets(self):
        run = self.folder.start(self.agent, "-duration", "4s", "-interval", "2s", "-log-level", "debug", "-event-topic", "Job")
        time.sleep(1.5)
        self.agent.register(shell_job("meanwhile", "sleep 1000"))
        out, err = run.communicate(timeout=60)
        self.assertEqual((run.returncode, err), (0, ""), out)
        self.assertIn("    Capture interval 0001\nCreated debug archive: caravan-debug-", out)
        files, _ = self.folder.read()
        node = self.agent.get("/v1/nodes")[0]
        index = json.loads(files["index.json"])
        self.assertEqual((index["Missing"], index["CutOff"], index["Interrupted"]), ([], [], False))
        self.assertEqual([n["ID"] for n in index["Clients"]], [node["ID"]])
        self.assertEqual({name for name in files if name != "index.json"}, set(index["Files"]))
        for number in (0, 1):
            for what in ("allocations", "autopilot-health", "deployments", "evaluations", "jobs", "members", "metrics",
                         "nodes", "raft-configuration", "services"):
                json.loads(files[f"interval/{number:04}/{what}.json"])
        self.assertEqual([j["ID"] for j in json.loads(files["interval/0000/jobs.json"])], ["watched"])
        self.assertEqual(len(json.loads(files["interval/0001/jobs.json"])), 2)
        self.assertIn(b"allocation received", files[f"client/{node['ID']}/monitor.log"])
        self.assertIn(b'"Key":"meanwhile"', files["cluster/eventstream.json"])
        host = json.loads(files[f"client/{node['ID']}/agent-host.json"])
        self.assertEqual(host["AgentID"], node["ID"])
        self.assertTrue(host["HostData"]["OS"].startswith("Linux "))
        self.assertEqual(host["HostData"]["Environment"]["CARAVAN_TEST_SECRET"], "<redacted>")
        whole = b"\0".join(files.values())
        for secret in (self.agent.token, GOSSIP_KEY, "hush-hush", "of-the-agent", "job-secret", "variable-secret"):
            self.assertNotIn(secret.encode(), whole, secret)

    def test_ctrl_c_writes_what_there_is(self):
        run = self.folder.start(self.agent, "-duration", "10m", "-interval", "5m")
        self.assertIn("Starting debugger", run.stdout.readline())
        for line in run.stdout:
            if "Capture interval 0000" in line:
                break
        time.sleep(2)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=20)
        self.assertEqual(run.returncode, 0, err)
        self.assertIn("Interrupted: what there is will be written", out)
        files, _ = self.folder.read()
        self.assertTrue(json.loads(files["index.json"])["Interrupted"])
        self.assertIn("interval/0000/jobs.json", files)
        self.assertNotIn("interval/0001/jobs.json", files)

    def test_as_files_in_a_folder(self):
        run = self.folder.start(self.agent, "-duration", "1s", "-interval", "1s", "-output", "out", "-pprof-duration", "3s",
                                "-server-id", "leader", "-node-id", "none", "-stale")
        out, err = run.communicate(timeout=60)
        self.assertEqual((run.returncode, err), (0, ""))
        made, = (self.folder.path / "out").iterdir()
        self.assertIn(f"Created debug directory: {made}", out)
        self.assertEqual(json.loads((made / "index.json").read_text())["Clients"], [])
        self.assertTrue((made / "server" / "leader" / "agent-host.json").is_file())
        self.assertFalse((made / "client").exists())

    def test_bad_input_and_who_may_not(self):
        for words, said in ((["-duration", "x"], 'no duration like 30s'), (["-interval", "3m"], "longer than -duration"),
                            (["-max-nodes", "-1"], "-max-nodes"), (["extra"], "no arguments")):
            run = self.folder.start(self.agent, *words)
            out, err = run.communicate(timeout=20)
            self.assertEqual(run.returncode, 1)
            self.assertIn(said, out + err)
        with self.agent.showing("11111111-2222-4333-8444-555555555555"):
            run = self.folder.start(self.agent, "-duration", "1s", "-interval", "1s")
            _, err = run.communicate(timeout=20)
            self.assertEqual(run.returncode, 1)
            self.assertIn("403", err)
        self.assertEqual(list(self.folder.path.glob("*.tar.gz")), [])


class SilentTest(unittest.TestCase):
    def test_who_does_not_answer_is_named_and_the_others_are_kept(self):
        rig = Rig(servers=3, clients=2)
        self.addCleanup(rig.close)
        rig.start()
        folder = Folder()
        self.addCleanup(folder.close)
        leader = rig.leader()
        frozen = next(s for s in rig.servers if s is not leader)
        node = next(n["ID"] for n in leader.get("/v1/nodes") if n["Name"] == rig.clients[0].name)
        other = next(n["ID"] for n in leader.get("/v1/nodes") if n["Name"] == rig.clients[1].name)
        frozen.pull_cable()
        rig.clients[0].pull_cable()
        # It may have been connected to the one that is silent now.
        wait_for("a path to the other", lambda: leader.status("GET", f"/v1/agent/host?node_id={other}") == 200, 20)
        run = folder.start(rig.clients[1], "-duration", "3s", "-interval", "3s", "-server-id", "all", "-node-id", "all")
        out, err = run.communicate(timeout=120)
        frozen.plug_cable()
        rig.clients[0].plug_cable()
        self.assertEqual(run.returncode, 0, err)
        files, _ = folder.read()
        missing = {m["What"]: m["Error"] for m in json.loads(files["index.json"])["Missing"]}
        self.assertTrue(any(frozen.name in what for what in missing), missing)
        self.assertTrue(any(node in what for what in missing), missing)
        self.assertTrue(all(f"Missing: {what}: " in err for what in missing), err)
        self.assertIn(f"server/{leader.name}.global/agent-host.json", files)
        self.assertIn(f"client/{other}/agent-host.json", files)
        self.assertIn("interval/0000/jobs.json", files)
