# SPDX-License-Identifier: Apache-2.0
"""Services and their health in the registry: as clients register them, as jobs have them, and when agents die."""
import http.server
import json
import os
import threading
import time
import unittest
import urllib.error
import urllib.request

from agent import Agent, shell_job, wait_for
from rig import Rig


class Registry:
    """One agent's door."""

    def __init__(self, address):
        self.address = address

    def ask(self, path, method="GET", body=None, timeout=15):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.address + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.headers, refusal.read().decode()

    def get(self, path, timeout=15):
        status, _, body = self.ask(path, timeout=timeout)
        if status != 200:
            raise AssertionError(f"{path}: {status} {body}")
        return json.loads(body)

    def put(self, path, body=None):
        status, _, answer = self.ask(path, "PUT", body)
        if status != 200:
            raise AssertionError(f"{path}: {status} {answer}")

    def passing(self, service):
        return [i["Service"]["ID"] for i in self.get(f"/v1/health/service/{service}?passing")]


class ServiceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(os.environ["CARAVAN"], catalog=True)
        cls.agent.start()
        cls.registry = Registry(cls.agent.catalog)
        wait_for("the agent's node", lambda: cls.registry.get("/v1/catalog/nodes"))

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def test_the_agent_is_a_node_that_lives_and_the_server_is_a_service(self):
        (node,) = self.registry.get("/v1/catalog/nodes")
        self.assertEqual("127.0.0.1", node["TaggedAddresses"]["lan"])
        wait_for("its sign of life", lambda: self.registry.passing("consul") == ["consul"])
        (check,) = [c for c in self.registry.get(f"/v1/health/node/{node['Node']}") if not c["ServiceID"]]
        self.assertEqual(("serfHealth", "passing", "Agent alive and reachable"),
                         (check["CheckID"], check["Status"], check["Output"]))
        self.assertNotIn("consul", self.registry.get("/v1/agent/services"))
        self.assertEqual(node["Node"], self.registry.get("/v1/agent/self")["Config"]["NodeName"])
        self.assertEqual([node["Node"]], [m["Name"] for m in self.registry.get("/v1/agent/members")])

    def test_services_go_before_their_task_is_told_to_end(self):
        """Also without any delay; a delay of the group counts, unless whoever stops it says not to wait."""
        def told_to_end(name, provider="nomad", delay=0, how=""):
            """Whether the task sees its service then, and how long after the stop that was."""
            url = f"{self.agent.address}/v1/services" if provider == "nomad" else f"{self.registry.address}/v1/catalog/services"
            look = f"import time, urllib.request as u; print('{name}' in u.urlopen('{url}').read().decode(), time.time())"
            script = """trap 'python3 -c "$LOOK"; exit' INT; echo began; while :; do sleep 0.02; done"""
            job = shell_job(name, script, KillTimeout=20 * 10**9, Env={"LOOK": look})
            group = job["TaskGroups"][0]
            group["ShutdownDelay"] = delay * 10**9
            group["Networks"] = [{"DynamicPorts": [{"Label": "http"}]}]
            group["Services"] = [{"Name": name, "PortLabel": "http", "Provider": provider}]
            self.agent.register(job)
            (alloc,) = wait_for("its allocation", lambda: self.agent.allocs(name))
            wait_for("its start", lambda: self.agent.get(f"/v1/allocation/{alloc['ID']}")["ClientStatus"] == "running")
            wait_for("its script", lambda: "began" in self.agent.logs(alloc))
            wait_for("its service", lambda: name in urllib.request.urlopen(url).read().decode())
            stopped = time.time()
            self.agent.request("DELETE", f"/v1/job/{name}{how}")
            wait_for("its end", lambda: self.agent.get(f"/v1/allocation/{alloc['ID']}")["ClientStatus"] == "complete", 30)
            seen, when = self.agent.logs(alloc).split()[1:]
            return seen, float(when) - stopped
        self.assertEqual("False", told_to_end("leaves")[0])
        self.assertEqual("False", told_to_end("leaves-us", "consul")[0])
        seen, after = told_to_end("slow", delay=3)
        self.assertEqual(("False", True), (seen, after > 3))
        self.assertLess(told_to_end("hasty", delay=60, how="?no_shutdown_delay=true")[1], 20)

    def test_the_agent_offers_itself_S1_3(self):
        for name in ("nomad", "nomad-client"):
            wait_for("its checks", lambda: all(i["Checks"] for i in self.registry.get(f"/v1/health/service/{name}")))
        servers = self.registry.get("/v1/catalog/service/nomad")
        self.assertEqual([["http"], ["rpc"], ["serf"]], sorted(s["ServiceTags"] for s in servers))
        self.assertTrue(all(s["ServiceID"].startswith("_nomad-server-") for s in servers))
        (page,) = [s for s in servers if s["ServiceTags"] == ["http"]]
        self.assertEqual(("127.0.0.1", self.agent.port), (page["ServiceAddress"], page["ServicePort"]))
        self.assertEqual("nomad", page["ServiceMeta"]["external-source"])
        wait_for("all three are well", lambda: len(self.registry.passing("nomad")) == 3)
        self.assertEqual({"Nomad Server HTTP Check", "Nomad Server RPC Check", "Nomad Server Serf Check"},
                         {c["Name"] for c in self.registry.get("/v1/health/checks/nomad")})
        (client,) = self.registry.passing("nomad-client")
        self.assertTrue(client.startswith("_nomad-client-"))

    def test_a_service_with_a_ttl_as_it_was_recorded(self):
        self.registry.put("/v1/agent/service/register", {
            "ID": "web1", "Name": "web", "Tags": ["v1", "urlprefix-/web"], "Port": 23708, "Address": "10.9.8.7",
            "Meta": {"ver": "1"}, "Weights": {"Passing": 5, "Warning": 2},
            "Check": {"CheckID": "service:web1", "TTL": "1h", "Status": "passing", "Notes": "n"}})
        self.addCleanup(self.registry.put, "/v1/agent/service/deregister/web1")
        (instance,) = self.registry.get("/v1/health/service/web?passing")
        service = instance["Service"]
        self.assertEqual({"Passing": 5, "Warning": 2}, service["Weights"])
        self.assertEqual({"Address": "10.9.8.7", "Port": 23708}, service["TaggedAddresses"]["lan_ipv4"])
        self.assertEqual(["serfHealth", "service:web1"], [c["CheckID"] for c in instance["Checks"]])
        (flat,) = self.registry.get("/v1/catalog/service/web?tag=v1")
        self.assertEqual(("web1", 23708, ["v1", "urlprefix-/web"]),
                         (flat["ServiceID"], flat["ServicePort"], flat["ServiceTags"]))
        self.assertEqual([], self.registry.get("/v1/catalog/service/web?tag=none"))
        self.assertEqual(["urlprefix-/web", "v1"], self.registry.get("/v1/catalog/services")["web"])
        self.assertEqual([], self.registry.get("/v1/health/service/web?filter=Service.Meta.ver%3D%3D2"))
        own = "/v1/agent/services?filter=Service%3D%3Dweb"
        self.assertEqual({"web1"}, set(self.registry.get(own)))
        self.assertEqual({}, self.registry.get(own.replace("web", "nobody")))
        self.registry.put("/v1/agent/check/fail/service:web1?note=broken")
        wait_for("the failure", lambda: not self.registry.passing("web"))
        (check,) = [c for c in self.registry.get("/v1/health/state/critical") if c["ServiceID"] == "web1"]
        self.assertEqual(("broken", ["v1", "urlprefix-/web"]), (check["Output"], check["ServiceTags"]))
        self.assertEqual(503, self.registry.ask("/v1/agent/health/service/name/web")[0])
        self.registry.put("/v1/agent/check/pass/service:web1")
        wait_for("the recovery", lambda: self.registry.passing("web") == ["web1"])
        status, headers, body = self.registry.ask("/v1/agent/health/service/id/web1?format=text")
        self.assertEqual((200, "passing", "passing"), (status, headers["X-Consul-Reason"], body))

    def test_who_waits_for_one_service_wakes_for_it_only(self):
        for name in ("watched", "other"):
            self.registry.put("/v1/agent/service/register", {"Name": name, "Check": {"TTL": "1h"}})
            self.addCleanup(self.registry.put, f"/v1/agent/service/deregister/{name}")
        index = int(self.registry.ask("/v1/health/service/watched")[1]["X-Consul-Index"])
        woken = []
        def wait():
            _, headers, _ = self.registry.ask(f"/v1/health/service/watched?index={index}&wait=8s")
            woken.append((time.monotonic(), int(headers["X-Consul-Index"])))
        waiter = threading.Thread(target=wait)
        waiter.start()
        self.registry.put("/v1/agent/check/pass/service:other")
        wait_for("the other one's health", lambda: self.registry.passing("other"))
        time.sleep(0.3)
        self.assertEqual([], woken)
        self.registry.put("/v1/agent/check/pass/service:watched")
        waiter.join(timeout=3)
        self.assertEqual(1, len(woken))
        self.assertGreater(woken[0][1], index)

    def test_who_holds_the_hash_of_a_service_waits_for_another(self):
        self.registry.put("/v1/agent/service/register", {"Name": "hashed", "Tags": ["a"]})
        self.addCleanup(self.registry.put, "/v1/agent/service/deregister/hashed")
        path = "/v1/agent/service/hashed"
        _, headers, body = self.registry.ask(path)
        known = headers["X-Consul-Contenthash"]
        self.assertEqual(known, json.loads(body)["ContentHash"])
        begun = time.monotonic()
        self.assertEqual(known, self.registry.ask(f"{path}?hash={known}&wait=1s")[1]["X-Consul-Contenthash"])
        self.assertGreaterEqual(time.monotonic() - begun, 1)
        found = []
        waiter = threading.Thread(target=lambda: found.append(self.registry.ask(f"{path}?hash={known}&wait=10s")))
        waiter.start()
        self.registry.put("/v1/agent/service/register", {"Name": "hashed", "Tags": ["b"]})
        waiter.join(timeout=3)
        self.assertEqual(["b"], json.loads(found[0][2])["Tags"])
        self.assertEqual((400, "Invalid wait time"), self.registry.ask(f"{path}?hash={known}&wait=soon")[::2])

    def test_near_and_cached(self):
        for name in ("a-far", "z-near"):
            self.registry.put("/v1/catalog/register", {"Node": name, "Address": "10.9.9.9", "Service": {"Service": "spread"}})
            self.addCleanup(self.registry.put, "/v1/catalog/deregister", {"Node": name})
        def nodes(path):
            return [row["Node"] if isinstance(row["Node"], str) else row["Node"]["Node"] for row in self.registry.get(path)]
        self.assertEqual(["a-far", "z-near"], nodes("/v1/health/service/spread"))
        self.assertEqual(["z-near", "a-far"], nodes("/v1/health/service/spread?near=Z-Near"))
        self.assertEqual("z-near", nodes("/v1/catalog/nodes?near=z-near")[0])
        own = self.registry.get("/v1/agent/self")["Config"]["NodeName"]
        self.assertEqual(own, nodes("/v1/catalog/nodes?near=_agent")[0])
        _, headers, _ = self.registry.ask("/v1/health/service/spread?cached")
        self.assertEqual(("HIT", "0"), (headers["X-Cache"], headers["Age"]))
        self.assertNotIn("X-Cache", self.registry.ask("/v1/health/service/spread")[1])

    def test_a_page_is_asked_and_429_is_a_warning(self):
        code = [200]
        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(code[0])
                self.end_headers()
            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/health"
        self.registry.put("/v1/agent/service/register", {
            "Name": "paged", "Check": {"HTTP": url, "Interval": "1s", "Timeout": "1s"}})
        self.addCleanup(self.registry.put, "/v1/agent/service/deregister/paged")
        def status():
            (check,) = self.registry.get("/v1/health/checks/paged")
            return check["Status"], check["Output"]
        wait_for("passing", lambda: status()[0] == "passing")
        self.assertTrue(status()[1].startswith(f"HTTP GET {url}: 200 OK Output:"))
        code[0] = 429
        wait_for("a warning", lambda: status()[0] == "warning")
        code[0] = 500
        wait_for("critical", lambda: status()[0] == "critical")

    def test_maintenance_hides_what_it_names(self):
        self.registry.put("/v1/agent/service/register", {"Name": "kept"})
        self.addCleanup(self.registry.put, "/v1/agent/service/deregister/kept")
        self.registry.put("/v1/agent/service/maintenance/kept?enable=true&reason=paint")
        wait_for("maintenance", lambda: not self.registry.passing("kept"))
        (check,) = self.registry.get("/v1/health/checks/kept")
        self.assertEqual(("_service_maintenance:kept", "Service Maintenance Mode", "paint", "critical"),
                         (check["CheckID"], check["Name"], check["Notes"], check["Status"]))
        self.registry.put("/v1/agent/service/maintenance/kept?enable=false")
        wait_for("its end", lambda: self.registry.passing("kept"))

    def test_machines_without_an_agent(self):
        self.registry.put("/v1/catalog/register", {
            "Node": "printer", "Address": "10.1.1.1", "NodeMeta": {"floor": "2"},
            "Service": {"Service": "print", "Port": 631}, "Check": {"Name": "paper", "Status": "passing", "ServiceID": "print"}})
        (instance,) = self.registry.get("/v1/health/service/print?passing&node-meta=floor:2")
        self.assertEqual("10.1.1.1", instance["Node"]["Address"])
        self.assertEqual([], self.registry.get("/v1/health/service/print?node-meta=floor:3"))
        self.assertEqual({"print"}, set(self.registry.get("/v1/catalog/node/printer")["Services"]))
        self.registry.put("/v1/catalog/deregister", {"Node": "printer"})
        self.assertIsNone(self.registry.get("/v1/catalog/node/printer"))
        self.assertEqual([], self.registry.get("/v1/catalog/service/print"))

    def test_bad_input_is_answered_with_the_words_that_clients_know(self):
        def refusal(path, body):
            status, _, text = self.registry.ask(path, "PUT", body)
            return status, text
        register = "/v1/agent/service/register"
        self.assertEqual((400, 'Request decode failed: json: unknown field "Nme"'), refusal(register, {"Nme": "x"}))
        self.assertEqual((400, "Missing service name"), refusal(register, {}))
        self.assertEqual((400, "Invalid check: TTL must be > 0 for TTL checks"),
                         refusal(register, {"Name": "bad", "Check": {"Notes": "x"}}))
        self.assertEqual((400, 'Invalid check: GRPC: "x" is not host:port'),
                         refusal(register, {"Name": "bad", "Check": {"GRPC": "x", "Interval": "1s"}}))
        status, words = refusal(register, {"Name": "bad", "Check": {"Args": ["true"], "Interval": "1s"}})
        self.assertEqual(500, status)
        self.assertTrue(words.startswith("Scripts are disabled on this agent from remote calls; to enable"))
        self.assertEqual((404, "unknown service ID: none"), self.registry.ask("/v1/agent/service/none")[::2])
        self.registry.put(register, {"Name": "nottl", "Check": {"TCP": "127.0.0.1:1", "Interval": "1s"}})
        self.addCleanup(self.registry.put, "/v1/agent/service/deregister/nottl")
        self.assertEqual((500, 'CheckID "service:nottl" does not have associated TTL'),
                         refusal("/v1/agent/check/pass/service:nottl", None))
        self.assertEqual(400, refusal("/v1/catalog/register", {"Node": "x"})[0])
        self.assertEqual((400, "Invalid index"), self.registry.ask("/v1/health/service/web?index=abc")[::2])

    def test_what_was_registered_is_there_again_after_a_kill(self):
        self.registry.put("/v1/agent/service/register", {"Name": "stays", "Check": {"TTL": "1h", "Status": "passing"}})
        self.addCleanup(self.registry.put, "/v1/agent/service/deregister/stays")
        self.agent.kill()
        self.agent.start()
        wait_for("the service", lambda: self.registry.passing("stays") == ["stays"])

    def test_services_of_a_job(self):
        job = shell_job("shop", "python3 -m http.server $NOMAD_PORT_http --bind 127.0.0.1")
        group = job["TaskGroups"][0]
        group["Networks"] = [{"DynamicPorts": [{"Label": "http"}]}]
        group["Services"] = [{
            "Name": "shop", "PortLabel": "http", "Tags": ["urlprefix-/shop", "v-${NOMAD_ALLOC_INDEX}"],
            "Meta": {"team": "red"},
            "Checks": [{"Name": "page", "Type": "http", "Path": "/", "Interval": 1000000000, "Timeout": 1000000000}]}]
        self.agent.register(job)
        wait_for("a service that is well", lambda: len(self.registry.passing("shop")) == 1)
        (instance,) = self.registry.get("/v1/health/service/shop")
        (alloc,) = [a for a in self.agent.get("/v1/job/shop/allocations") if a["ClientStatus"] == "running"]
        service = instance["Service"]
        self.assertEqual(f"_nomad-task-{alloc['ID']}-group-g-shop-http", service["ID"])
        self.assertEqual((["urlprefix-/shop", "v-0"], "nomad", "red"),
                         (service["Tags"], service["Meta"]["external-source"], service["Meta"]["team"]))
        self.assertEqual(["page"], [c["Name"] for c in instance["Checks"] if c["ServiceID"]])
        self.assertEqual([], self.agent.get("/v1/services"))
        self.agent.request("DELETE", "/v1/job/shop")
        wait_for("its end", lambda: not self.registry.get("/v1/health/service/shop"))


class SilenceTest(unittest.TestCase):
    """Three servers and two clients, each with a registry."""

    def test_a_dead_agents_services_are_hidden_within_five_seconds_and_come_back_S1_20(self):
        catalog = 'catalog { addresses { http = "0.0.0.0" } }\n'
        rig = Rig(clients=2, server_extra=catalog, client_extras=[catalog, catalog])
        self.addCleanup(rig.close)
        rig.start()
        doors = {m.name: Registry(f"http://{m.ip}:8500") for m in rig.machines}
        asked = doors["server1"]
        wait_for("all nodes", lambda: len(asked.get("/v1/catalog/nodes")) == 5)
        for client in rig.clients:
            doors[client.name].put("/v1/agent/service/register", {"ID": client.name, "Name": "web", "Port": 80})
        names = sorted(c.name for c in rig.clients)
        wait_for("both", lambda: sorted(asked.passing("web")) == names)
        lost = rig.clients[0]
        session = json.loads(doors[lost.name].ask("/v1/session/create", "PUT", {"LockDelay": "0s"})[2])["ID"]
        self.assertEqual("true", asked.ask(f"/v1/kv/lead?acquire={session}", "PUT", "me")[2].strip())
        lost.pull_cable()
        begun = time.monotonic()
        wait_for("its silence", lambda: asked.passing("web") == [rig.clients[1].name])
        self.assertLess(time.monotonic() - begun, 5)
        self.assertNotIn("Session", asked.get("/v1/kv/lead")[0])
        self.assertEqual([], asked.get("/v1/session/list"))
        lost.plug_cable()
        wait_for("its return", lambda: sorted(asked.passing("web")) == names)
        leader = rig.leader()
        leader.kill()
        rest = next(s for s in rig.servers if s is not leader)
        wait_for("another leader", rig.leader)
        for _ in range(20):
            self.assertEqual(names, sorted(doors[rest.name].passing("web")))
            time.sleep(0.1)
        doors[rig.clients[1].name].put(f"/v1/agent/service/deregister/{rig.clients[1].name}")
        wait_for("one less", lambda: doors[rest.name].passing("web") == [lost.name])
