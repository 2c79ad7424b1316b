# SPDX-License-Identifier: Apache-2.0
"""Checks by gRPC, HTTP/2 pings, packets, in containers, and of what stands elsewhere; of agents and of jobs."""
import http.server
import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import unittest

import engine as engines
from agent import Agent, free_port, shell_job, wait_for
from engine import IMAGE, Engine
from test_services import Registry

GRPC_STUB = pathlib.Path(__file__).with_name("grpc_stub.py")


def certificate_in(folder):
    """Of "page.test", which nobody believes. Returns its two files."""
    certificate, key = (str(pathlib.Path(folder) / name) for name in ("cert.pem", "key.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=page.test", "-addext", "subjectAltName=DNS:page.test", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    return certificate, key


class GrpcServer:
    """Says of each service what it is told to."""

    def __init__(self, test, secure=False):
        folder = tempfile.TemporaryDirectory()
        test.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "said"
        self.say("- 1")
        self.port = free_port()
        # Debian's python has the module; the one in the path may be another.
        words = ["/usr/bin/python3", str(GRPC_STUB), str(self.port), str(self.file)]
        process = subprocess.Popen(words + list(certificate_in(folder.name) if secure else []))
        test.addCleanup(process.wait)
        test.addCleanup(process.kill)
        wait_for("the gRPC server", self.listens)

    def listens(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def say(self, lines):
        self.file.write_text(lines + "\n")


class KindsCase(unittest.TestCase):
    extra = "enable_script_checks = true"

    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(os.environ["CARAVAN"], catalog=True)
        config = cls.agent.folder / "agent.hcl"
        config.write_text(config.read_text().replace("catalog {", "catalog {\n  " + cls.extra))
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
        """Of its one check; of one that is not there yet, no words."""
        checks = self.registry.get(f"/v1/health/checks/{name}")
        self.assertLessEqual(len(checks), 1, checks)
        return (checks[0]["Status"], checks[0]["Output"]) if checks else ("", "")

    def becomes(self, name, status, words):
        wait_for(f"{name} to be {status}", lambda: self.found(name)[0] == status and words in self.found(name)[1])

    def refused(self, check):
        body = {"Name": "refused", "Check": {"Interval": "1s", **check}}
        status, _, text = self.registry.ask("/v1/agent/service/register", "PUT", body)
        self.assertEqual(400, status, text)
        return text


class ProbeTest(KindsCase):
    def test_grpc_says_how_well_a_service_is(self):
        server = GrpcServer(self)
        server.say("- 1\nweb 1")
        place = f"127.0.0.1:{server.port}"
        self.register("whole", {"GRPC": place})
        self.register("one", {"GRPC": place + "/web"})
        self.register("other", {"GRPC": place + "/unheard"})
        self.becomes("whole", "passing", f"gRPC check {place}: success")
        self.becomes("one", "passing", "success")
        self.becomes("other", "critical", "rpc error: code 5: unknown service")
        server.say("- 1\nweb 2")
        self.becomes("one", "critical", "NOT_SERVING")
        self.assertEqual("passing", self.found("whole")[0])

    def test_grpc_and_pings_over_tls(self):
        secure, plain = GrpcServer(self, secure=True), GrpcServer(self)
        place = f"127.0.0.1:{secure.port}"
        self.register("skips", {"GRPC": place, "GRPCUseTLS": True, "TLSSkipVerify": True})
        self.register("verifies", {"GRPC": place, "GRPCUseTLS": True})
        self.register("without", {"GRPC": place})
        self.register("pinged", {"H2PING": place, "TLSSkipVerify": True})
        self.register("unencrypted", {"H2PING": f"127.0.0.1:{plain.port}", "H2PingUseTLS": False})
        self.register("mistaken", {"H2PING": f"127.0.0.1:{plain.port}"})
        for name in ("skips", "pinged", "unencrypted"):
            self.becomes(name, "passing", "succes")
        self.becomes("verifies", "critical", "certificate")
        self.becomes("without", "critical", "gRPC check")
        self.becomes("mistaken", "critical", "HTTP2 ping failed")

    def test_a_packet_is_answered_or_not(self):
        def datagrams():
            return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with datagrams() as echo, datagrams() as mute:
            for s in (echo, mute):
                s.bind(("127.0.0.1", 0))

            def answer():
                try:
                    while True:
                        packet, peer = echo.recvfrom(2000)
                        echo.sendto(packet, peer)
                except OSError:
                    pass
            threading.Thread(target=answer, daemon=True).start()
            self.register("echo", {"UDP": f"localhost:{echo.getsockname()[1]}"})
            self.register("mute", {"UDP": f"127.0.0.1:{mute.getsockname()[1]}", "Timeout": "1s"})
            self.becomes("echo", "passing", "Success")
            self.becomes("mute", "critical", "did not answer within 1s")

    def test_pages_lead_elsewhere_and_speak_at_length(self):
        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(302 if self.path == "/old" else 200)
                self.send_header("Location", "/new")
                self.end_headers()
                self.wfile.write(b"x" * 9000)

            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        self.register("follows", {"HTTP": url + "/old", "OutputMaxSize": 200})
        self.register("stays", {"HTTP": url + "/old", "DisableRedirects": True})
        self.becomes("follows", "passing", f"HTTP GET {url}/new: 200 OK Output: xxx")
        self.assertEqual(200, len(self.found("follows")[1]))
        self.becomes("stays", "critical", "302 Found")
        self.assertEqual(4096, len(self.found("stays")[1]))

    def test_nobody_there_in_the_words_that_clients_know(self):
        port = free_port()
        self.register("tcp", {"TCP": f"127.0.0.1:{port}"})
        self.register("http", {"HTTP": f"http://127.0.0.1:{port}/x"})
        words = f"dial tcp 127.0.0.1:{port}: connect: connection refused"
        self.becomes("tcp", "critical", words)
        self.becomes("http", "critical", f'Get "http://127.0.0.1:{port}/x": {words}')

    def test_thresholds(self):
        with tempfile.NamedTemporaryFile("w") as log:
            script = f"echo >> {log.name}; [ $(wc -l < {log.name}) -lt 4 ] || exit 2"
            self.register("patient", {"Args": ["sh", "-c", script], "SuccessBeforePassing": 2, "FailuresBeforeCritical": 2,
                                      "FailuresBeforeWarning": 1})
            for status in ("passing", "warning", "critical"):
                wait_for(status, lambda: self.found("patient")[0] == status)

    def test_of_a_node_and_of_services_elsewhere(self):
        node = {"Node": "far", "Address": "10.9.9.9"}
        self.registry.put("/v1/catalog/register", {**node, "Service": {"Service": "db"}, "Check":
                          {"CheckID": "db-up", "Name": "db is up", "Status": "passing", "ServiceID": "db"}})
        self.addCleanup(self.registry.put, "/v1/catalog/deregister", {"Node": "far"})
        self.register("of-db", {"AliasNode": "far", "AliasService": "db"})
        self.register("of-far", {"AliasNode": "far"})
        self.register("of-nobody", {"AliasNode": "nowhere"})
        self.becomes("of-db", "passing", "All checks passing")
        self.becomes("of-far", "passing", "All checks passing")
        self.becomes("of-nobody", "critical", "not registered")
        self.registry.put("/v1/catalog/register", {**node, "SkipNodeUpdate": True, "Check":
                          {"CheckID": "db-up", "Name": "db is up", "Status": "critical", "ServiceID": "db"}})
        self.becomes("of-db", "critical", "db is up")
        self.assertEqual("passing", self.found("of-far")[0])
        self.registry.put("/v1/catalog/register", {**node, "SkipNodeUpdate": True, "Check":
                          {"CheckID": "disk", "Name": "disk", "Status": "warning"}})
        self.becomes("of-far", "warning", "disk")

    def test_bad_input(self):
        self.assertIn("is not host:port", self.refused({"GRPC": "nowhere"}))
        self.assertIn("is not host:port", self.refused({"H2PING": "127.0.0.1"}))
        self.assertIn("names no IP address", self.refused({"UDP": "example.com:53"}))
        self.assertIn("both", self.refused({"GRPC": "127.0.0.1:1", "TCP": "127.0.0.1:1"}))
        self.assertIn("Args", self.refused({"DockerContainerID": "abc"}))
        self.assertIn("OutputMaxSize", self.refused({"TCP": "127.0.0.1:1", "OutputMaxSize": 0}))


class JobTest(KindsCase):
    def job(self, name, script, checks, **service):
        job = shell_job(name, script)
        group = job["TaskGroups"][0]
        group["Networks"] = [{"Mode": "host", "DynamicPorts": [{"Label": "port"}]}]
        checks = [{"Name": "c", "Interval": 10**9, "Timeout": 2 * 10**9, **check} for check in checks]
        group["Services"] = [{"Name": name, "PortLabel": "port", "Provider": "consul", "Checks": checks, **service}]
        return job

    def test_a_script_runs_in_the_task_and_thresholds_count(self):
        check = {"Type": "script", "TaskName": "t", "Command": "/bin/sh", "FailuresBeforeCritical": 2,
                 "Args": ["-c", "echo ${NOMAD_TASK_NAME} in $(basename $PWD); exit $(cat $NOMAD_TASK_DIR/code)"]}
        job = self.job("scripted", "echo 0 > local/code; sleep 1000", [check])
        self.agent.register(job)
        self.becomes("scripted", "passing", "t in t")
        (alloc,) = self.agent.running("scripted")
        code = next(self.agent.folder.glob(f"data/alloc/{alloc['ID']}/t/local/code"))
        code.write_text("1")
        self.becomes("scripted", "warning", "t in t")
        code.write_text("9")
        self.becomes("scripted", "critical", "t in t")
        results = self.agent.get(f"/v1/client/allocation/{alloc['ID']}/checks")
        self.assertEqual(["failure"], [r["Status"] for r in results.values()])

    def test_what_does_not_end_is_ended(self):
        check = {"Type": "script", "TaskName": "t", "Command": "/bin/sleep", "Args": ["7171"], "Timeout": 10**9}
        self.agent.register(self.job("endless", "sleep 1000", [check]))
        self.becomes("endless", "critical", "did not end within 1s")
        self.agent.request("DELETE", "/v1/job/endless")
        wait_for("its end", lambda: subprocess.run(["pgrep", "-f", "sleep 7171"], capture_output=True).returncode)

    def test_grpc(self):
        server = GrpcServer(self)
        server.say("web 1")
        check = {"Type": "grpc", "GRPCService": "web"}
        job = self.job("asked", "sleep 1000", [check])
        job["TaskGroups"][0]["Networks"] = [{"Mode": "host", "ReservedPorts": [{"Label": "port", "Value": server.port}]}]
        self.agent.register(job)
        self.becomes("asked", "passing", f":{server.port}/web: success")
        server.say("web 2")
        self.becomes("asked", "critical", "NOT_SERVING")

    def test_bad_input(self):
        def refused(check, **service):
            return self.agent.error("PUT", "/v1/jobs", {"Job": self.job("bad", "sleep 1", [check], **service)})[1]
        script = {"Type": "script", "Command": "/bin/true"}
        self.assertIn("names the task", refused(script))
        self.assertIn('no task \\"nobody\\"', refused({**script, "TaskName": "nobody"}).replace('"', '\\"'))
        self.assertIn("provider", refused({**script, "TaskName": "t"}, Provider="nomad"))
        self.assertIn("needs a port", refused({"Type": "grpc"}, PortLabel=""))


@unittest.skipIf(engines.missing(), engines.missing())
class ContainerTest(KindsCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = Engine()
        cls.engine.start()
        cls.engine.make_image()
        os.environ["DOCKER_HOST"] = f"unix://{cls.engine.socket}"
        try:
            super().setUpClass()
        finally:
            del os.environ["DOCKER_HOST"]
        done = cls.engine.docker("run", "-d", "--name", "watched", IMAGE, "sh", "-c", "echo 0 > /tmp/code; sleep 1000")
        cls.container = done.stdout.decode().strip()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.engine.close()

    def test_a_command_in_a_container(self):
        self.register("inside", {"DockerContainerID": self.container, "Shell": "/bin/sh",
                                 "Args": ["echo on $HOSTNAME; exit $(cat /tmp/code)"]})
        self.register("direct", {"DockerContainerID": "watched", "Args": ["cat", "/tmp/code"]})
        self.register("slow", {"DockerContainerID": "watched", "Args": ["sleep", "60"], "Timeout": "1s"})
        self.register("gone", {"DockerContainerID": "nobody", "Args": ["true"]})
        self.becomes("inside", "passing", "on " + self.container[:12])
        self.becomes("direct", "passing", "0")
        self.becomes("slow", "critical", "did not end within 1s")
        self.becomes("gone", "critical", "No such container")
        self.engine.docker("exec", "watched", "sh", "-c", "echo 1 > /tmp/code")
        self.becomes("inside", "warning", "on ")


class ForbiddenTest(KindsCase):
    extra = ""

    def test_containers_are_not_for_everybody(self):
        body = {"Name": "x", "Check": {"Interval": "1s", "DockerContainerID": "x", "Args": ["true"]}}
        status, _, text = self.registry.ask("/v1/agent/service/register", "PUT", body)
        self.assertEqual((500, True), (status, text.startswith("Scripts are disabled on this agent")))


if __name__ == "__main__":
    unittest.main()
