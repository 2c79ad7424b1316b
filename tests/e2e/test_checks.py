# SPDX-License-Identifier: Apache-2.0
"""Checks of an agent's own services by https and by script, where its configuration allows them."""
import http.server
import os
import pathlib
import ssl
import subprocess
import tempfile
import threading
import unittest

from agent import Agent, shell_job, wait_for
from test_services import Registry

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def secure_page(folder):
    """A page under a certificate that nobody believes. Returns its server."""
    certificate = str(pathlib.Path(folder) / "both.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=page.test", "-addext", "subjectAltName=DNS:page.test", "-keyout", certificate, "-out",
                    certificate + ".crt"], check=True, capture_output=True)
    rules = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    rules.load_cert_chain(certificate + ".crt", certificate)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.socket = rules.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class CheckTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(os.environ["CARAVAN"], catalog=True)
        config = cls.agent.folder / "agent.hcl"
        config.write_text(config.read_text().replace("catalog {", "catalog {\n  enable_script_checks = true"))
        cls.agent.start()
        cls.registry = Registry(cls.agent.catalog)
        wait_for("the agent's node", lambda: cls.registry.get("/v1/catalog/nodes"))

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def register(self, name, check):
        self.registry.put("/v1/agent/service/register", {"Name": name, "Check": {"Interval": "1s", "Timeout": "2s", **check}})
        self.addCleanup(self.registry.put, f"/v1/agent/service/deregister/{name}")

    def found(self, name):
        (check,) = self.registry.get(f"/v1/health/checks/{name}")
        return check["Status"], check["Output"]

    def test_a_script_says_it_by_how_it_ends(self):
        with tempfile.NamedTemporaryFile("w") as said:
            said.write("0")
            said.flush()
            self.register("scripted", {"Args": ["sh", "-c", f"echo out; echo err >&2; exit $(cat {said.name})"]})
            wait_for("passing", lambda: self.found("scripted") == ("passing", "out\nerr\n"))
            pathlib.Path(said.name).write_text("1")
            wait_for("a warning", lambda: self.found("scripted")[0] == "warning")
            pathlib.Path(said.name).write_text("7")
            wait_for("critical", lambda: self.found("scripted")[0] == "critical")
        self.register("slow", {"Args": ["sleep", "60"], "Timeout": "1s"})
        wait_for("its end", lambda: self.found("slow")[1] != "")
        self.assertEqual("critical", self.found("slow")[0])

    def test_https_believes_only_what_it_should(self):
        with tempfile.TemporaryDirectory() as folder:
            server = secure_page(folder)
            self.addCleanup(server.server_close)
            self.addCleanup(server.shutdown)
            url = f"https://127.0.0.1:{server.server_port}/"
            self.register("skips", {"HTTP": url, "TLSSkipVerify": True})
            self.register("verifies", {"HTTP": url})
            wait_for("passing", lambda: self.found("skips")[0] == "passing")
            wait_for("a refusal", lambda: "certificate" in self.found("verifies")[1])
            self.assertEqual("critical", self.found("verifies")[0])

    def test_a_job_is_asked_by_https(self):
        with tempfile.TemporaryDirectory() as folder:
            server = secure_page(folder)
            self.addCleanup(server.server_close)
            self.addCleanup(server.shutdown)
            job = shell_job("secure", "sleep 1000")
            group = job["TaskGroups"][0]
            group["Networks"] = [{"Mode": "host", "ReservedPorts": [{"Label": "page", "Value": server.server_port}]}]
            check = {"Name": "page", "Type": "http", "Protocol": "https", "Path": "/", "TLSSkipVerify": True,
                     "Interval": 10**9, "Timeout": 10**9}
            group["Services"] = [{"Name": "secure", "PortLabel": "page", "Provider": "consul", "Checks": [check]}]
            self.agent.register(job)
            wait_for("its health", lambda: self.registry.passing("secure"))
            self.agent.request("DELETE", "/v1/job/secure")


if __name__ == "__main__":
    unittest.main()
