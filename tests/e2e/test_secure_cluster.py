# SPDX-License-Identifier: Apache-2.0
"""Three servers and three clients that are closed to strangers: certificates, access control, a gossip key (S3-2); what
the log says (S3-4), what is said before anybody leads (S3-5), and the unit they run under (S3-3)."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

from agent import Agent, shell_job, wait_for
from rig import Rig

GOSSIP_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


def secured(folder, role):
    return f"""
acl {{
  enabled = true
}}
tls {{
  http      = true
  rpc       = true
  ca_file   = "{folder}/nomad-agent-ca.pem"
  cert_file = "{folder}/global-{role}-nomad.pem"
  key_file  = "{folder}/global-{role}-nomad-key.pem"
  verify_server_hostname = true
  verify_https_client    = true
}}
"""


class SecureClusterTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="caravan-e2e-secure-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        for words in (("ca", "create"), ("cert", "create", "-server", "-region", "global"), ("cert", "create", "-client"),
                      ("cert", "create", "-cli")):
            subprocess.run([os.environ["CARAVAN"], "tls", *words], cwd=cls.folder, check=True, capture_output=True, timeout=20)
        server_extra = secured(cls.folder, "server") + f'server {{\n  encrypt = "{GOSSIP_KEY}"\n}}\n'
        cls.rig = Rig(server_extra=server_extra, client_extras=[secured(cls.folder, "client")] * 3)
        cls.addClassCleanup(cls.rig.close)
        cls.token = ""
        first = cls.rig.servers[0]
        first.start()
        cls.early = wait_for("an answer", lambda: cls.answered(cls.cli(first, "acl", "bootstrap")), 30)
        for machine in cls.rig.machines[1:]:
            machine.start()
        made = wait_for("the first token", lambda: cls.good(cls.cli(first, "acl", "bootstrap")), 30)
        cls.token = re.search(r"Secret ID += (\S+)", made.stdout)[1]
        wait_for("three nodes", lambda: cls.cli(first, "node", "status").stdout.count(" ready") == 3, 30)

    @classmethod
    def cli(cls, machine, *words, **without):
        env = {**os.environ, "NOMAD_ADDR": f"https://{machine.ip}:4646", "NOMAD_TOKEN": cls.token,
               "NOMAD_CACERT": f"{cls.folder}/nomad-agent-ca.pem",
               "NOMAD_CLIENT_CERT": f"{cls.folder}/global-cli-nomad.pem",
               "NOMAD_CLIENT_KEY": f"{cls.folder}/global-cli-nomad-key.pem",
               "NOMAD_TLS_SERVER_NAME": f"{machine.kind}.global.nomad", **without}
        env = {name: value for name, value in env.items() if value is not None}
        command = [machine.binary, *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, env=env)

    @staticmethod
    def good(done):
        return done if done.returncode == 0 else None

    @staticmethod
    def answered(done):
        return done if "Unexpected response code" in done.stderr else None

    def test_all_join_and_strangers_are_refused_S3_2(self):
        for machine in self.rig.machines:
            shown = self.cli(machine, "server", "members").stdout
            self.assertEqual([line.split()[3] for line in shown.splitlines()[1:]], ["alive"] * 3, machine.name)
            self.assertEqual(self.cli(machine, "node", "status").stdout.count(" ready"), 3)
        server = self.rig.servers[0]
        self.assertEqual(len(json.loads(self.cli(server, "operator", "api", "/v1/operator/raft/configuration").stdout)["Servers"]), 3)
        self.assertIn(GOSSIP_KEY, self.cli(server, "operator", "gossip", "keyring", "list").stdout)
        # Over plain HTTP, without a certificate, without the authority, without a token.
        self.assertNotEqual(server.status("GET", "/v1/agent/health"), 200)
        plain = self.cli(server, "node", "status", NOMAD_ADDR=f"http://{server.ip}:4646")
        self.assertEqual(plain.returncode, 1)
        bare = self.cli(server, "node", "status", NOMAD_CLIENT_CERT=None, NOMAD_CLIENT_KEY=None)
        self.assertEqual(bare.returncode, 1)
        self.assertIn("certificate required", bare.stderr)
        unknown = self.cli(server, "node", "status", NOMAD_CACERT=None)
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("x509: certificate signed by unknown authority", unknown.stderr)
        nobody = self.cli(server, "node", "status", NOMAD_TOKEN=None)
        self.assertEqual(nobody.returncode, 1)
        self.assertIn("Permission denied", nobody.stderr)
        # And it works: a job runs, and its log is read through any agent.
        path = self.folder / "job.json"
        path.write_text(json.dumps({"Job": shell_job("web", "echo hello; exec sleep 1000", count=3)}))
        done = self.cli(self.rig.clients[0], "job", "run", "-detach", "-json", str(path))
        self.assertEqual(done.returncode, 0, done.stderr)
        def running():
            allocs = json.loads(self.cli(server, "operator", "api", "/v1/job/web/allocations").stdout)
            return allocs if [a["ClientStatus"] for a in allocs] == ["running"] * 3 else None
        alloc = wait_for("three that run", running, 30)[0]
        for machine in (self.rig.servers[1], self.rig.clients[2]):
            wait_for("its log", lambda: "hello" in self.cli(machine, "alloc", "logs", alloc["ID"]).stdout)

    def test_the_log_of_the_first_leader_S3_4(self):
        leads = lambda log: "nomad: cluster leadership acquired" in log
        logs = {s.name: (s.folder / "agent.log").read_text(errors="replace") for s in self.rig.servers}
        machine = next(s for s in self.rig.servers if leads(logs[s.name]))
        log = wait_for("the whole of it", lambda: (lambda text: text if "initialized keyring" in text else None)(
            (machine.folder / "agent.log").read_text(errors="replace")))
        address = re.escape(f"{machine.ip}:4647")
        others = "|".join(re.escape(f"{s.ip}:4647") for s in self.rig.servers if s is not machine)
        stamp = r"^ *\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:Z|[+-]\d\d:?\d\d) \[INFO\]  "
        uuid = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
        wanted = [rf'nomad\.raft: entering leader state: leader="Node at {address} \[Leader\]"$',
                  r"nomad\.raft: added peer, starting replication: peer=\S+$",
                  r"nomad\.raft: added peer, starting replication: peer=\S+$",
                  r"nomad: cluster leadership acquired$",
                  rf'nomad\.raft: pipelining replication: peer="\{{Voter \S+ (?:{others})\}}"$',
                  rf'nomad\.raft: pipelining replication: peer="\{{Voter \S+ (?:{others})\}}"$',
                  rf"nomad\.core: established cluster id: cluster_id={uuid} create_time=\d+$",
                  r"nomad: eval broker status modified: paused=false$",
                  r"nomad: blocked evals status modified: paused=false$",
                  rf"nomad\.keyring: initialized keyring: id={uuid}$"]
        at = 0
        for line in wanted:
            found = re.compile(stamp + line, re.M).search(log, at)
            self.assertIsNotNone(found, line)
            at = found.end()

    def test_before_anybody_leads_the_first_token_waits_S3_5(self):
        self.assertEqual(self.early.returncode, 1)
        self.assertIn("No cluster leader", self.early.stderr)


class UnitTest(unittest.TestCase):
    UNIT = pathlib.Path(__file__).parents[2] / "examples" / "nomad.service"

    def test_the_unit_S3_3(self):
        lines = self.UNIT.read_text().splitlines()
        for line in ("Description=Nomad", "Documentation=https://nomadproject.io/docs/",
                     "ExecStart=/usr/bin/nomad agent -config /etc/nomad.d"):
            self.assertIn(line, lines)
        with tempfile.TemporaryDirectory() as folder:
            # The same with a program that is here: what is verified is also whether it can be run.
            unit = pathlib.Path(folder) / "nomad.service"
            program = pathlib.Path(folder) / "nomad"
            program.symlink_to(pathlib.Path(os.environ["CARAVAN"]).resolve())
            unit.write_text(self.UNIT.read_text().replace("/usr/bin/nomad", str(program)))
            if shutil.which("systemd-analyze"):
                done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, timeout=60)
                self.assertEqual([l for l in done.stderr.splitlines() if "nomad.service" in l], [])

    def test_what_the_unit_runs_runs_and_ends_as_the_unit_says_S3_3(self):
        agent = Agent(os.environ["CARAVAN"], "leave_on_interrupt = false\n")
        self.addCleanup(shutil.rmtree, agent.folder, True)
        folder = agent.folder / "nomad.d"
        folder.mkdir()
        (agent.folder / "agent.hcl").rename(folder / "agent.hcl")
        program = agent.folder / "nomad"
        program.symlink_to(agent.binary)
        text = self.UNIT.read_text()
        words = re.search(r"^ExecStart=(.*)$", text, re.M)[1].split()
        words = [str(program) if w == "/usr/bin/nomad" else str(folder) if w == "/etc/nomad.d" else w for w in words]
        log = open(agent.folder / "agent.log", "ab")
        agent.process = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.addCleanup(agent.process.kill)
        wait_for("a healthy agent", lambda: agent.status("GET", "/v1/agent/health") == 200)
        agent.process.send_signal(signal.SIGHUP)  # ExecReload
        self.assertEqual(agent.status("GET", "/v1/agent/health"), 200)
        agent.process.send_signal(getattr(signal, re.search(r"^KillSignal=(\w+)$", text, re.M)[1]))
        self.assertEqual(agent.process.wait(timeout=20), 0)
