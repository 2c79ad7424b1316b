# SPDX-License-Identifier: Apache-2.0
"""The registry's own door: what every request there has in common."""
import os
import pathlib
import socket
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

from agent import Agent, free_port, wait_for


def ask(agent, path, method="GET"):
    """Returns status, headers and body."""
    request = urllib.request.Request(agent.catalog + path, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers, refusal.read().decode()


class CatalogDoorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(os.environ["CARAVAN"], catalog=True)
        cls.agent.start()

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def test_who_leads(self):
        status, _, body = ask(self.agent, "/v1/status/leader")
        self.assertEqual(200, status)
        self.assertRegex(body, r'^"127\.0\.0\.1:\d+"$')
        self.assertEqual("[" + body + "]", ask(self.agent, "/v1/status/peers?dc=dc1")[2])

    def test_words_of_refusals(self):
        self.assertEqual((500, "No path to datacenter"),
                         ask(self.agent, "/v1/status/leader?dc=elsewhere")[::2])
        self.assertEqual((404, ""), ask(self.agent, "/v1/nothing/here")[::2])
        status, headers, body = ask(self.agent, "/v1/status/leader", "POST")
        self.assertEqual((405, "method POST not allowed"), (status, body))
        self.assertEqual("OPTIONS,GET", headers["Allow"])

    def test_the_other_api_is_not_answered_here(self):
        self.assertEqual(404, ask(self.agent, "/v1/jobs")[0])


class DevTest(unittest.TestCase):
    def test_beside_the_original_dev_goes_on_without_its_port(self):
        with socket.socket() as other, tempfile.TemporaryDirectory() as folder:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.1", 8500))
            other.listen()
            config = pathlib.Path(folder) / "ports.hcl"
            config.write_text(f"ports {{ http = {free_port()}\n rpc = {free_port()}\n serf = {free_port()} }}")
            log = pathlib.Path(folder) / "log"
            with open(log, "wb") as out:
                agent = subprocess.Popen([os.environ["CARAVAN"], "agent", "-dev", "-config", str(config)],
                                         stdout=out, stderr=out, stdin=subprocess.DEVNULL)
            try:
                wait_for("the warning", lambda: "the registry is not served here" in log.read_text())
                wait_for("the rest", lambda: "HTTP API is up" in log.read_text())
                self.assertIsNone(agent.poll())
            finally:
                agent.terminate()
                agent.wait(timeout=20)
