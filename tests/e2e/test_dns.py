# SPDX-License-Identifier: Apache-2.0
"""Names: what dig is told, as it was recorded of the original, and what happens at the edges."""
import os
import re
import socket
import struct
import subprocess
import threading
import unittest

from agent import Agent, shell_job, wait_for
from rig import Rig
from test_services import Registry


def dig(host, port, *arguments, netns=None):
    """The sections of the answer, without comments; and all that dig said."""
    command = ["dig", f"@{host}", "-p", str(port), "+tries=1", "+time=3", *arguments]
    if netns:
        command = ["ip", "netns", "exec", netns, *command]
    text = subprocess.run(command, capture_output=True, text=True, timeout=20).stdout
    sections, name = {}, None
    for line in text.splitlines():
        found = re.match(r";; (\w+) SECTION:", line)
        if found:
            name = found.group(1)
        elif line and not line.startswith(";") and name:
            sections.setdefault(name, []).append(" ".join(line.split()))
        elif not line:
            name = None
    return sections, text


class NameTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(os.environ["CARAVAN"], 'name = "n1"', catalog=True)
        cls.agent.start()
        cls.registry = Registry(cls.agent.catalog)
        register = "/v1/agent/service/register"
        cls.registry.put(register, {"ID": "web1", "Name": "web", "Tags": ["v1"], "Port": 23708, "Address": "95.217.186.98",
                                    "Weights": {"Passing": 5, "Warning": 2}, "Check": {"TTL": "1h", "Status": "passing"}})
        cls.registry.put(register, {"ID": "web2", "Name": "web", "Tags": ["v2"], "Port": 20533, "Address": "95.217.186.98",
                                    "Check": {"TTL": "1h", "Status": "warning"}})
        cls.registry.put(register, {"ID": "web3", "Name": "web", "Port": 20764, "Check": {"TTL": "1h"}})
        for number in range(60):
            cls.registry.put(register, {"ID": f"many{number}", "Name": "many", "Port": 1000 + number,
                                        "Address": f"10.3.0.{number + 1}"})
        wait_for("all of them", lambda: len(cls.registry.passing("many")) == 60)

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def dig(self, *arguments):
        return dig("127.0.0.1", self.agent.dns_port, *arguments)

    def test_srv_is_answered_line_for_line_S1_4(self):
        sections, text = self.dig("web.service.consul", "SRV")
        self.assertIn("ANSWER", sections, text)
        self.assertEqual(["web.service.consul. 0 IN SRV 1 1 20533 5fd9ba62.addr.dc1.consul.",
                          "web.service.consul. 0 IN SRV 1 5 23708 5fd9ba62.addr.dc1.consul."], sorted(sections["ANSWER"]))
        self.assertEqual(["5fd9ba62.addr.dc1.consul. 0 IN A 95.217.186.98", 'n1.node.dc1.consul. 0 IN TXT "consul-network-segment="'] * 2,
                         sections["ADDITIONAL"])
        self.assertIn("flags: qr aa rd;", text)
        self.assertIn("ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 5", text)

    def test_what_systemd_resolved_asks_S1_8(self):
        """EDNS, the DNSSEC-OK bit, by UDP and TCP: answered as they are, and never with signatures."""
        for transport in ("+notcp", "+tcp"):
            sections, text = self.dig("web.service.consul", "A", "+dnssec", "+bufsize=1232", transport)
            self.assertIn("status: NOERROR", text)
            self.assertIn("EDNS: version: 0", text)
            self.assertEqual(["web.service.consul. 0 IN A 95.217.186.98"], sections["ANSWER"])
            self.assertNotIn("RRSIG", text)
        self.assertIn("status: NXDOMAIN", self.dig("none.service.consul", "DS", "+dnssec")[1])

    def test_services_that_only_jobs_have(self):
        job = shell_job("native", "sleep 1000")
        group = job["TaskGroups"][0]
        group["Networks"] = [{"Mode": "host", "DynamicPorts": [{"Label": "http"}]}]
        group["Services"] = [{"Name": "shop", "PortLabel": "http", "Provider": "nomad", "Tags": ["blue"]}]
        self.agent.register(job)
        wait_for("the service", lambda: self.agent.get("/v1/service/shop"))
        port = self.agent.get("/v1/service/shop")[0]["Port"]
        self.assertEqual(["shop.service.nomad. 0 IN A 127.0.0.1"], self.dig("shop.service.nomad")[0]["ANSWER"])
        sections = self.dig("blue.shop.service.nomad", "SRV")[0]
        self.assertEqual([f"blue.shop.service.nomad. 0 IN SRV 1 1 {port} 7f000001.addr.nomad."], sections["ANSWER"])
        self.assertEqual(["7f000001.addr.nomad. 0 IN A 127.0.0.1"], sections["ADDITIONAL"])
        self.assertIn("status: NXDOMAIN", self.dig("red.shop.service.nomad")[1])
        self.agent.request("DELETE", "/v1/job/native")
        wait_for("its end", lambda: "status: NXDOMAIN" in self.dig("shop.service.nomad")[1])

    def test_addresses_and_nodes_S1_5(self):
        for name in ("5fd9ba62.addr.dc1.consul", "5fd9ba62.addr.consul"):
            self.assertEqual([f"{name}. 0 IN A 95.217.186.98"], self.dig(name)[0]["ANSWER"])
        self.assertEqual(["web.service.consul. 0 IN A 95.217.186.98"], self.dig("web.service.consul")[0]["ANSWER"])
        self.assertEqual(["n1.node.consul. 0 IN A 127.0.0.1"], self.dig("n1.node.consul")[0]["ANSWER"])
        self.assertEqual(2, len(self.dig("n1.node.dc1.consul", "ANY")[0]["ANSWER"]))
        self.assertIn("98.186.217.95.in-addr.arpa. 0 IN PTR web.service.dc1.consul.",
                      self.dig("-x", "95.217.186.98")[0]["ANSWER"])

    def test_what_is_not_there(self):
        sections, text = self.dig("nosuch.service.consul")
        self.assertIn("status: NXDOMAIN", text)
        self.assertRegex(sections["AUTHORITY"][0],
                         r"^consul\. 0 IN SOA ns\.consul\. hostmaster\.consul\. \d+ 3600 600 86400 0$")
        self.assertIn("status: REFUSED", self.dig("example.com")[1])

    def test_large_answers_by_udp_and_tcp(self):
        self.assertEqual(3, len(self.dig("+noedns", "many.service.consul")[0]["ANSWER"]))
        self.assertEqual(60, len(self.dig("+bufsize=1232", "many.service.consul")[0]["ANSWER"]))
        sections, text = self.dig("+tcp", "many.service.consul", "SRV")
        self.assertEqual(60, len(sections["ANSWER"]))
        self.assertEqual(120, len(sections["ADDITIONAL"]))
        # More than a packet holds: dig is told, and asks again.
        self.assertEqual(60, len(self.dig("+bufsize=4096", "many.service.consul", "SRV")[0]["ANSWER"]))

    def test_the_order_is_by_chance(self):
        firsts = {self.dig("+bufsize=1232", "many.service.consul")[0]["ANSWER"][0] for _ in range(12)}
        self.assertGreater(len(firsts), 3)

    def test_what_changes_is_told_at_once(self):
        """Also of a name that was asked for before, in whose answer nothing had changed meanwhile."""
        def told():
            return sorted(line.split()[-1] for line in self.dig("turn.service.consul", "A")[0].get("ANSWER", []))
        def offer(last, status):
            self.registry.put("/v1/agent/service/register", {"ID": f"turn{last}", "Name": "turn", "Address": f"10.4.0.{last}",
                                                             "Check": {"TTL": "1h", "Status": status}})
        self.assertEqual([], told())
        for last in (1, 2):
            offer(last, "passing")
        wait_for("both", lambda: told() == ["10.4.0.1", "10.4.0.2"])
        self.registry.put("/v1/kv/other", "x")
        self.assertEqual(["10.4.0.1", "10.4.0.2"], told())
        offer(1, "critical")
        wait_for("the other one", lambda: told() == ["10.4.0.2"])
        self.registry.put("/v1/agent/service/deregister/turn2", {})
        wait_for("nothing", lambda: told() == [])

    def test_nonsense_is_answered_and_amplifies_nothing(self):
        def ask(packet):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.settimeout(2)
                s.sendto(packet, ("127.0.0.1", self.agent.dns_port))
                try:
                    return s.recv(65535)
                except socket.timeout:
                    return None
        self.assertIsNone(ask(b"short"))
        head = struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0)
        for packet in (head, head + b"\xc0\x0c\x00\x01\x00\x01", head + b"\x3f" * 100):
            reply = ask(packet)
            self.assertEqual((7, 1), (reply[1], reply[3] & 15), packet)  # a format error
            self.assertLess(len(reply), len(packet) * 3)
        status = struct.pack(">HHHHHH", 7, 0x1000, 1, 0, 0, 0) + b"\x03web\x07service\x06consul\x00\x00\x01\x00\x01"
        self.assertEqual(4, ask(status)[3] & 15)


class RecursorTest(unittest.TestCase):
    def upstream(self):
        """Its port, and the questions that it has answered: there is no such name."""
        upstream, heard = socket.create_server(("127.0.0.1", 0)), []
        self.addCleanup(upstream.close)
        def serve():
            while True:
                try:
                    stream, _ = upstream.accept()
                except OSError:
                    return
                with stream:
                    size = struct.unpack(">H", stream.recv(2))[0]
                    asked = stream.recv(size)
                    heard.append(asked)
                    reply = asked[:2] + b"\x81\x83" + asked[4:6] + b"\0" * 6 + asked[12:]
                    stream.sendall(struct.pack(">H", len(reply)) + reply)
        threading.Thread(target=serve, daemon=True).start()
        return upstream.getsockname()[1], heard

    def agent(self, ports, more=""):
        recursors = ", ".join(f'"127.0.0.1:{port}"' for port in ports)
        agent = Agent(os.environ["CARAVAN"], f"catalog {{\n recursors = [{recursors}]\n {more}\n}}", catalog=True)
        agent.start()
        self.addCleanup(agent.close)
        return agent

    def test_other_names_are_asked_elsewhere(self):
        (first, heard), (second, unheard) = self.upstream(), self.upstream()
        agent = self.agent([first, second])
        for _ in range(5):
            sections, text = dig("127.0.0.1", agent.dns_port, "+noedns", "example.com")
            self.assertIn("status: NXDOMAIN", text)
            self.assertIn("flags: qr rd ra;", text)
        self.assertEqual((5, 0), (len(heard), len(unheard)))

    def test_each_is_asked_as_often_where_it_is_said(self):
        (first, one), (second, two) = self.upstream(), self.upstream()
        agent = self.agent([first, second], 'dns_config { recursor_strategy = "random" }')
        for _ in range(24):  # that one of them is never drawn happens once in eight million times
            dig("127.0.0.1", agent.dns_port, "+noedns", "example.com")
        self.assertEqual(24, len(one) + len(two))
        self.assertTrue(one and two)


class EveryAgentTest(unittest.TestCase):
    def test_an_agent_without_a_server_answers_too(self):
        catalog = 'catalog { addresses { http = "0.0.0.0"\n dns = "0.0.0.0" } }\n'
        rig = Rig(servers=1, clients=1, server_extra=catalog, client_extras=[catalog])
        self.addCleanup(rig.close)
        rig.start()
        client = rig.clients[0]
        Registry(f"http://{client.ip}:8500").put("/v1/agent/service/register", {"Name": "far", "Port": 80})
        def answers():
            return dig(client.ip, 8600, "far.service.consul", "SRV")[0].get("ANSWER")
        wait_for("an answer", answers)
        self.assertEqual([f"far.service.consul. 0 IN SRV 1 1 80 {client.name}.node.dc1.consul."], answers())
