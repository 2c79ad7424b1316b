# SPDX-License-Identifier: Apache-2.0
"""`caravan coredns`: names of the registry and all others, each from whom a Corefile says."""
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import unittest

from agent import Agent, free_port, wait_for
from test_services import Registry

BINARY = os.environ["CARAVAN"]


class Upstream:
    """Answers every A question with one address, by UDP and TCP, until it is told to be silent."""

    def __init__(self, test, address):
        self.address, self.asked, self.silent = address, [], False
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.port = self.udp.getsockname()[1]
        self.tcp = socket.create_server(("127.0.0.1", self.port))
        for s in (self.udp, self.tcp):
            test.addCleanup(s.close)
        for serve in (self.serve_udp, self.serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    def reply(self, packet):
        end = packet.index(0, 12) + 5
        self.asked.append(packet[12:end])
        # qr, rd, ra, and ad, which a relay must not touch; one answer to the question's name.
        return (packet[:2] + b"\x81\xa0" + struct.pack(">HHHH", 1, 1, 0, 0) + packet[12:end] +
                b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton(self.address))

    def serve_udp(self):
        while True:
            try:
                packet, peer = self.udp.recvfrom(4096)
                if not self.silent:
                    self.udp.sendto(self.reply(packet), peer)
            except OSError:
                return

    def serve_tcp(self):
        while True:
            try:
                connection, _ = self.tcp.accept()
            except OSError:
                return
            with connection:
                head = connection.recv(2)
                if len(head) == 2 and not self.silent:
                    reply = self.reply(connection.recv(struct.unpack(">H", head)[0]))
                    connection.sendall(struct.pack(">H", len(reply)) + reply)


class Forwarder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="caravan-coredns-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.port = free_port()

    def start(self, text):
        (self.folder / "Corefile").write_text(text)
        self.log = self.folder / "log"
        with open(self.log, "ab") as out:
            process = subprocess.Popen([BINARY, "coredns", "-conf", str(self.folder / "Corefile")], stdout=out, stderr=out)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        wait_for("the forwarder", lambda: "names are relayed" in self.log.read_text())

    def dig(self, name, *words):
        return subprocess.run(["dig", "@127.0.0.1", "-p", str(self.port), name, "+tries=1", "+time=6", *words],
                              capture_output=True, text=True).stdout

    def short(self, name, *words):
        return sorted(self.dig(name, "+short", *words).split())


class RegistryTest(Forwarder):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(BINARY, catalog=True)
        cls.agent.start()
        cls.registry = Registry(cls.agent.catalog)
        wait_for("the agent's node", lambda: cls.registry.get("/v1/catalog/nodes"))

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def web(self, number):
        self.registry.put("/v1/agent/service/register", {"ID": f"web-{number}", "Name": "web", "Address": f"10.1.1.{number}", "Port": 80})
        self.addCleanup(self.registry.ask, f"/v1/agent/service/deregister/web-{number}", "PUT")

    def test_two_zones_two_resolvers_and_nothing_is_remembered_S1_6(self):
        upstream = Upstream(self, "192.0.2.7")
        resolv = self.folder / "resolv.conf"
        resolv.write_text("search example.org\nnameserver 192.0.2.53\n")
        self.start(f"""
.:{self.port} {{
  bind lo
  forward consul 127.0.0.1:{self.agent.dns_port}
  forward . 127.0.0.1:{upstream.port}
  log
  errors
}}
other:{self.port} {{
  bind lo
  forward . {resolv}
}}
""")
        self.web(1)
        self.assertEqual(["10.1.1.1"], self.short("web.service.consul"))
        self.web(2)
        self.assertEqual(["10.1.1.1", "10.1.1.2"], self.short("web.service.consul"))
        self.registry.put("/v1/agent/service/deregister/web-1")
        self.assertEqual(["10.1.1.2"], self.short("WEB.service.Consul", "+tcp"))
        self.assertEqual(["192.0.2.7"], self.short("example.org"))
        self.assertEqual(["192.0.2.7"], self.short("notconsul"))
        whole = self.dig("web.service.consul", "SRV")
        self.assertIn("flags: qr aa rd", whole)
        self.assertIn("ADDITIONAL SECTION", whole)
        self.assertIn("flags: qr rd ra ad;", self.dig("example.org"))
        self.assertIn("NXDOMAIN", self.dig("nobody.service.consul"))
        self.assertRegex(self.log.read_text(), r'127\.0\.0\.1:\d+ - \d+ "SRV IN web\.service\.consul\. udp \d+ false 1232" NOERROR qr,aa,rd')

    def test_what_is_large_comes_by_tcp(self):
        self.start(f".:{self.port} {{\n  bind 127.0.0.1\n  forward . 127.0.0.1:{self.agent.dns_port}\n}}\n")
        for number in range(60):
            self.web(number)
        whole = self.dig("web.service.consul", "SRV", "+bufsize=4096")
        self.assertEqual(60, whole.count("\tSRV\t"))
        self.assertIn("retrying in TCP mode", whole)


class ResolversTest(Forwarder):
    def test_who_fails_is_left_out_until_he_answers_again(self):
        first, second = Upstream(self, "192.0.2.1"), Upstream(self, "192.0.2.2")
        self.start(f"""
.:{self.port} {{
  bind 127.0.0.1
  forward . 127.0.0.1:{first.port} 127.0.0.1:{second.port} {{
    policy sequential
    max_fails 1
    except blocked.example
  }}
  errors
}}
""")
        self.assertEqual(["192.0.2.1"], self.short("a.example"))
        first.silent = True
        self.assertEqual(["192.0.2.2"], self.short("b.example"))
        asked = len(second.asked)
        self.assertEqual(["192.0.2.2"], self.short("c.example", "+time=1"))
        self.assertEqual(asked + 1, len(second.asked))
        first.silent = False
        wait_for("the first again", lambda: self.short("d.example") == ["192.0.2.1"])
        self.assertIn("REFUSED", self.dig("blocked.example"))
        first.silent = second.silent = True
        self.assertIn("SERVFAIL", self.dig("e.example"))
        self.assertIn("e.example. A", self.log.read_text())

    def test_bad_input(self):
        def said(text):
            (self.folder / "Corefile").write_text(text)
            done = subprocess.run([BINARY, "coredns"], cwd=self.folder, capture_output=True, text=True, timeout=20)
            self.assertEqual(1, done.returncode)
            return done.stdout + done.stderr
        self.assertIn("line 2: plugin \"rewrite\" is not built", said(".:53 {\n  rewrite a b\n}\n"))
        self.assertIn("line 1: \".:53\" opens no block", said(".:53\n"))
        self.assertIn("no interface \"nowhere0\"", said(f".:{self.port} {{\n  bind nowhere0\n  forward . 127.0.0.1\n}}\n"))
        upstream = Upstream(self, "192.0.2.1")
        self.assertIn(str(upstream.port), said(f".:{upstream.port} {{\n  bind 127.0.0.1\n  forward . 127.0.0.1\n}}\n"))
        with self.subTest("packets that are none"):
            self.start(f".:{self.port} {{\n  bind 127.0.0.1\n  forward . 127.0.0.1:{upstream.port}\n}}\n")
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.settimeout(5)
                s.sendto(b"\x12\x34garbage", ("127.0.0.1", self.port))
                s.sendto(b"\x12\x34" + b"\xff" * 40, ("127.0.0.1", self.port))
                self.assertEqual(b"\x12\x34", s.recv(512)[:2])
            self.assertEqual(["192.0.2.1"], self.short("still.example"))


if __name__ == "__main__":
    unittest.main()
