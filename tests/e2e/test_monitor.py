# SPDX-License-Identifier: Apache-2.0
"""S2-8: the log of any agent, through any agent."""
import base64
import json
import os
import subprocess
import unittest

from agent import shell_job, wait_for
from rig import Rig


class Listener:
    """`caravan monitor` in the background; what it said is read while it runs."""

    def __init__(self, machine, *flags):
        self.path = machine.folder / f"monitor-{id(self)}"
        with open(self.path, "wb") as out:
            self.process = subprocess.Popen([machine.binary, "monitor", *flags], stdout=out, stderr=out,
                                            env={**os.environ, "NOMAD_ADDR": machine.address})

    def said(self):
        return self.path.read_text()

    def close(self):
        self.process.kill()
        self.process.wait()


class MonitorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = Rig(clients=2)
        cls.addClassCleanup(cls.rig.close)
        cls.rig.start()

    def hears(self, machine, flags, text, cause):
        """What `machine` shows with `flags` has the text in it, after what causes it."""
        listener = Listener(machine, *flags)
        self.addCleanup(listener.close)
        def heard():
            cause()
            return text in listener.said()
        wait_for(f"{text!r} through {machine.name}", heard)
        return listener.said()

    def test_any_agent_through_any(self):
        server, client = self.rig.leader(), self.rig.clients[0]
        node = next(n["ID"] for n in server.get("/v1/nodes") if n["Name"] == client.name)
        count = 0
        def work():
            nonlocal count
            count += 1
            server.register(shell_job(f"m{count}", "exec sleep 1000", count=2))
        follower = next(s for s in self.rig.servers if s is not server)
        for through in (server, follower, client, self.rig.clients[1]):
            said = self.hears(through, ["-node-id", node[:8]], "allocation received", work)
            self.assertNotIn("[DEBUG]", said)
        def rounds():
            server.request("PUT", "/v1/operator/keyring/rotate")
        for through in (server, follower, client):
            for name in ("leader", server.name):
                self.hears(through, ["-server-id", name], "root key made", rounds)
        self.hears(server, [], "root key made", rounds)

    def test_levels_and_forms(self):
        server = self.rig.leader()
        def rounds():
            server.request("PUT", "/v1/operator/keyring/rotate")
        said = self.hears(server, ["-json", "-server-id", "leader"], "root key made", rounds)
        line = next(json.loads(line) for line in said.splitlines() if "root key made" in line)
        self.assertEqual((line["@level"].lower(), line["@message"]), ("info", "root key made"))
        frames = subprocess.Popen(["curl", "-sN", f"{server.address}/v1/agent/monitor?log_level=info"],
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(frames.wait)
        self.addCleanup(frames.kill)
        decoder, text = json.JSONDecoder(), ""
        def framed():
            nonlocal text
            rounds()
            text += os.read(frames.stdout.fileno(), 65536).decode()
            at, said = 0, b""
            while at < len(text):
                try:
                    frame, at = decoder.raw_decode(text, at)
                except ValueError:
                    break
                said += base64.b64decode(frame.get("Data", ""))
            return b"root key made" in said
        wait_for("a frame with the line", framed)

    def test_bad_input(self):
        server = self.rig.servers[0]
        for query, code, words in (("log_level=loud", 400, "Unknown log level"), ("node_id=x", 400, "node_id"),
                                   ("server_id=nobody", 404, "unknown Nomad server"),
                                   ("node_id=11111111-2222-3333-4444-555555555555", 404, "No path to node"),
                                   ("server_id=leader&node_id=11111111-2222-3333-4444-555555555555", 400, "simultaneously")):
            self.assertEqual(server.answer("GET", f"/v1/agent/monitor?{query}")[0], code, query)
            self.assertIn(words, server.answer("GET", f"/v1/agent/monitor?{query}")[1])
