# SPDX-License-Identifier: Apache-2.0
"""Certificates: made by the command line, shown and demanded by agents."""
import os
import pathlib
import shutil
import signal
import ssl
import stat
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

from agent import Agent, wait_for


class TlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="caravan-e2e-tls-"))
        cls.binary = os.environ["CARAVAN"]
        cls.made = [cls.tool("tls", "ca", "create").stdout,
                    cls.tool("tls", "cert", "create", "-server", "-region", "global").stdout,
                    cls.tool("tls", "cert", "create", "-client").stdout,
                    cls.tool("tls", "cert", "create", "-cli").stdout]
        tls = f"""
tls {{
  http      = true
  rpc       = true
  ca_file   = "{cls.folder}/nomad-agent-ca.pem"
  cert_file = "{cls.folder}/global-server-nomad.pem"
  key_file  = "{cls.folder}/global-server-nomad-key.pem"
  verify_server_hostname = true
}}
"""
        cls.agent = Agent(cls.binary, tls)
        cls.agent.address = f"https://127.0.0.1:{cls.agent.port}"
        log = open(cls.agent.folder / "agent.log", "ab")
        cls.agent.process = subprocess.Popen([cls.binary, "agent", "-config", str(cls.agent.folder / "agent.hcl")],
                                             stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        wait_for("the agent", lambda: cls.run_cli("server", "members", "-ca-cert", cls.ca()).returncode == 0)

    @classmethod
    def tearDownClass(cls):
        cls.agent.process.send_signal(signal.SIGTERM)
        cls.agent.process.wait()
        shutil.rmtree(cls.folder)
        shutil.rmtree(cls.agent.folder)

    @classmethod
    def ca(cls):
        return str(cls.folder / "nomad-agent-ca.pem")

    @classmethod
    def tool(cls, *arguments):
        return subprocess.run([cls.binary, *arguments], cwd=cls.folder, capture_output=True,
                              text=True, timeout=20)

    @classmethod
    def run_cli(cls, *arguments, **environment):
        env = {**os.environ, "NOMAD_ADDR": cls.agent.address, **environment}
        return subprocess.run([cls.binary, *arguments], capture_output=True, text=True, timeout=20,
                              env=env)

    def test_the_files_and_what_is_said_of_them_S3_1(self):
        self.assertEqual(self.made[0], "==> CA certificate saved to: nomad-agent-ca.pem\n"
                                       "==> CA certificate key saved to: nomad-agent-ca-key.pem\n")
        server = self.made[1].splitlines()
        self.assertIn("WARNING", server[0])
        self.assertEqual(server[-2:], ["==> Server Certificate saved to global-server-nomad.pem",
                                       "==> Server Certificate key saved to global-server-nomad-key.pem"])
        self.assertIn("==> CLI Certificate key saved to global-cli-nomad-key.pem\n", self.made[3])
        for name in ("nomad-agent-ca", "global-server-nomad", "global-client-nomad", "global-cli-nomad"):
            self.assertEqual(stat.S_IMODE((self.folder / f"{name}-key.pem").stat().st_mode), 0o600)
        shown = self.tool("tls", "cert", "info", "global-server-nomad.pem").stdout
        self.assertIn("DNS Names             = server.global.nomad, localhost\n", shown)
        self.assertIn("IP Addresses          = 127.0.0.1\n", shown)

    def test_nothing_is_overwritten(self):
        again = self.tool("tls", "ca", "create")
        self.assertEqual(again.returncode, 1)
        self.assertIn("already exists", again.stderr)

    def test_flags_and_variables_S2_9(self):
        refused = self.run_cli("job", "status")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("x509: certificate signed by unknown authority", refused.stderr)
        for arguments, environment in ((["-ca-cert", self.ca()], {}), (["-ca-path", str(self.cas())], {}),
                                       ([], {"NOMAD_CACERT": self.ca()}), ([], {"NOMAD_CAPATH": str(self.cas())}),
                                       (["-tls-skip-verify"], {}), ([], {"NOMAD_SKIP_VERIFY": "1"})):
            for verb in (["job", "status"], ["status"], ["node", "status"]):
                done = self.run_cli(*verb, *arguments, **environment)
                self.assertEqual(done.returncode, 0, f"{verb} {arguments} {environment}: {done.stderr}")
        other = self.run_cli("status", "-ca-cert", self.ca(), "-tls-server-name", "server.mars.nomad")
        self.assertIn("x509: certificate is not valid for", other.stderr)

    def cas(self):
        folder = self.folder / "authorities"
        folder.mkdir(exist_ok=True)
        shutil.copy(self.ca(), folder)
        return folder

    def test_plain_http_is_told_what_is_spoken(self):
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://127.0.0.1:{self.agent.port}/v1/jobs", timeout=5)
        self.assertEqual(refused.exception.code, 400)
        self.assertIn("HTTPS server", refused.exception.read().decode())

    def test_replaced_certificates_are_taken_without_a_restart(self):
        name = "global-server-nomad"
        before = self.served()
        for part in (".pem", "-key.pem"):
            kept = (self.folder / (name + part)).rename(self.folder / (name + part + ".old"))
            self.addCleanup(kept.replace, self.folder / (name + part))
        self.tool("tls", "cert", "create", "-server")
        self.agent.process.send_signal(signal.SIGHUP)
        wait_for("another certificate", lambda: self.served() != before)
        (self.folder / f"{name}.pem").write_text("damaged")
        now = self.served()
        self.agent.process.send_signal(signal.SIGHUP)
        wait_for("a complaint", lambda: "cannot reload" in (self.agent.folder / "agent.log").read_text())
        self.assertEqual(self.served(), now)

    def served(self):
        return ssl.get_server_certificate(("127.0.0.1", self.agent.port))
