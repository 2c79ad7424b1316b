# SPDX-License-Identifier: Apache-2.0
"""X-4: the wall clock jumps by hours and days, both ways. What ends at a time of day ends then (tokens, certificates); what
ends after a while goes by the time that passes (sessions, checks, heartbeats, leases)."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from agent import Agent, shell_job, wait_for

HOUR, DAY = 3600, 86400


class ClockCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        compiler = shutil.which("gcc") or shutil.which("cc") or shutil.which("clang-19")
        if not compiler:
            raise unittest.SkipTest("no C compiler to build the clock with")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="caravan-e2e-clock-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        source = pathlib.Path(__file__).with_name("clock.c")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(cls.folder / "clock.so"), str(source)], check=True)
        cls.environment = {"LD_PRELOAD": str(cls.folder / "clock.so"), "CARAVAN_TEST_CLOCK": str(cls.folder / "ahead")}
        cls.jump(0)

    @classmethod
    def jump(cls, seconds):
        """From now on the clock is so far ahead of what it really is."""
        new = cls.folder / "new"
        new.write_text(str(seconds))
        new.rename(cls.folder / "ahead")

    @classmethod
    @contextlib.contextmanager
    def clock(cls):
        """Programs that are started inside have that clock."""
        os.environ.update(cls.environment)
        try:
            yield
        finally:
            for name in cls.environment:
                del os.environ[name]

    @classmethod
    def agent_with(cls, extra="", catalog=False):
        made = Agent(os.environ["CARAVAN"], extra, catalog)
        with cls.clock():
            made.start()
        return made


class JumpTest(ClockCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = cls.agent_with(catalog=True)
        cls.addClassCleanup(cls.agent.close)
        cls.addClassCleanup(cls.jump, 0)

    def consul(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.agent.catalog + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read().decode()
        return json.loads(text) if text.strip() else None

    def session(self, ttl):
        return self.consul("PUT", "/v1/session/create", {"TTL": ttl, "Behavior": "delete"})["ID"]

    def exists(self, session):
        return bool(self.consul("GET", f"/v1/session/info/{session}"))

    def status_of(self, check):
        return self.consul("GET", "/v1/agent/checks")[check]["Status"]

    def test_sessions_checks_and_work_go_by_the_time_that_passes_X_4(self):
        self.jump(0)
        a = self.agent
        a.register(shell_job("kept", "sleep 1000"))
        before = a.running("kept")[0]
        kept = self.session("60s")
        self.consul("PUT", "/v1/agent/check/register", {"Name": "alive", "CheckID": "alive", "TTL": "60s"})
        self.consul("PUT", "/v1/agent/check/pass/alive")
        for ahead in (2 * HOUR, 40 * DAY, -3 * HOUR, 0):
            self.jump(ahead)
            time.sleep(1.5)  # several looks at deadlines
            self.assertTrue(self.exists(kept), ahead)
            self.assertEqual(self.status_of("alive"), "passing", ahead)
            self.assertEqual([n["Status"] for n in a.get("/v1/nodes")], ["ready"], ahead)
            self.assertEqual([x["ID"] for x in a.running("kept")], [before["ID"]], ahead)
            self.assertEqual(a.status("PUT", "/v1/jobs", {"Job": shell_job("written", "sleep 1000", count=0)}), 200, ahead)
        self.consul("PUT", f"/v1/session/destroy/{kept}")

    def test_a_session_ends_after_one_to_two_times_its_ttl_X_4(self):
        session, begun = self.session("10s"), time.monotonic()
        self.consul("PUT", f"/v1/kv/lock?acquire={session}", "mine")
        self.jump(5 * HOUR)  # neither sooner
        time.sleep(9)
        self.assertTrue(self.exists(session))
        self.jump(-5 * HOUR)  # nor later
        wait_for("its end", lambda: not self.exists(session), 20)
        self.assertGreaterEqual(time.monotonic() - begun, 10)
        self.assertLess(time.monotonic() - begun, 2 * 10 + 3)
        with self.assertRaises(urllib.error.HTTPError):
            self.consul("GET", "/v1/kv/lock")
        self.jump(0)

    def test_a_ttl_check_that_is_silent_is_critical_X_4(self):
        self.consul("PUT", "/v1/agent/check/register", {"Name": "brief", "CheckID": "brief", "TTL": "3s"})
        self.consul("PUT", "/v1/agent/check/pass/brief")
        begun = time.monotonic()
        self.jump(-2 * DAY)
        wait_for("its end", lambda: self.status_of("brief") == "critical", 10)
        self.assertGreaterEqual(time.monotonic() - begun, 2.9)
        self.jump(0)


class TimeOfDayTest(ClockCase):
    """What has a time of day on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls.jump, 0)
        tls = lambda *words: subprocess.run([os.environ["CARAVAN"], "tls", *words], cwd=cls.folder, check=True,
                                            capture_output=True, timeout=20)
        tls("ca", "create")
        tls("cert", "create", "-server", "-region", "global", "-days", "2")
        tls("cert", "create", "-cli", "-days", "1")

    def test_tokens_end_when_they_say_X_4(self):
        agent = self.agent_with("acl {\n  enabled = true\n}\n")
        self.addCleanup(agent.close)
        agent.token = json.loads(agent.request("PUT", "/v1/acl/bootstrap")[0])["SecretID"]
        made = json.loads(agent.request("PUT", "/v1/acl/token", {"Type": "management", "ExpirationTTL": "3h"})[0])
        with agent.showing(made["SecretID"]):
            self.assertEqual(agent.status("GET", "/v1/nodes"), 200)
            self.jump(3 * HOUR - 60)
            self.assertEqual(agent.status("GET", "/v1/nodes"), 200, "not sooner")
            self.jump(3 * HOUR + 60)
            self.assertEqual(agent.error("GET", "/v1/nodes"), (403, "ACL token expired"))
        self.assertEqual(agent.status("GET", "/v1/nodes"), 200, "the first one never ends")
        self.jump(0)

    def test_certificates_end_when_they_say_X_4(self):
        block = f"""
tls {{
  http      = true
  ca_file   = "{self.folder}/nomad-agent-ca.pem"
  cert_file = "{self.folder}/global-server-nomad.pem"
  key_file  = "{self.folder}/global-server-nomad-key.pem"
  verify_https_client = true
}}
"""
        agent = Agent(os.environ["CARAVAN"], block)
        self.addCleanup(shutil.rmtree, agent.folder, True)
        log = open(agent.folder / "agent.log", "ab")
        with self.clock():
            agent.process = subprocess.Popen([agent.binary, "agent", "-config", str(agent.folder / "agent.hcl")],
                                             stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.addCleanup(agent.process.wait)
        self.addCleanup(agent.process.kill)
        def cli(clock):
            env = {**os.environ, "NOMAD_ADDR": f"https://127.0.0.1:{agent.port}", "NOMAD_CACERT": f"{self.folder}/nomad-agent-ca.pem",
                   "NOMAD_CLIENT_CERT": f"{self.folder}/global-cli-nomad.pem",
                   "NOMAD_CLIENT_KEY": f"{self.folder}/global-cli-nomad-key.pem", **(self.environment if clock else {})}
            return subprocess.run([agent.binary, "node", "status"], capture_output=True, text=True, timeout=30, env=env)
        wait_for("the agent", lambda: cli(True).returncode == 0)
        self.jump(DAY - HOUR)
        self.assertEqual(cli(True).returncode, 0)
        self.jump(DAY + HOUR)  # that of the command line is over, and the agent sees it
        done = cli(True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("certificate", done.stderr)
        self.jump(2 * DAY + HOUR)  # that of the agent, too, and the command line sees it
        done = cli(True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("x509: certificate has expired or is not yet valid", done.stderr)
        self.jump(-DAY)  # not yet
        done = cli(True)
        self.assertIn("x509: certificate has expired or is not yet valid", done.stderr)
        self.jump(0)
        self.assertEqual(cli(True).returncode, 0, "the agent has outlived all of that")
