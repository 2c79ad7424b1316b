# SPDX-License-Identifier: Apache-2.0
"""Configuration entries: what is configured for services as a whole."""
import json
import os
import pathlib
import tempfile
import unittest

from agent import Agent
from test_consul_cli import consul
from test_kv import AccessCase, Registry, RegistryCase

WEB = {"Kind": "service-defaults", "Name": "web", "Protocol": "http"}


class ConfigEntriesTest(RegistryCase):
    def write(self, entry, query=""):
        return self.registry.json("PUT", "/v1/config" + query, entry)

    def test_as_recorded(self):
        self.assertTrue(self.write(WEB))
        status, headers, text = self.registry.ask("GET", "/v1/config/service-defaults/web")
        shown = json.loads(text)
        self.assertEqual(status, 200)
        self.assertEqual(list(shown), ["Kind", "Name", "Protocol", "MeshGateway", "Expose", "CreateIndex", "ModifyIndex"])
        self.assertEqual((shown["MeshGateway"], shown["Expose"]), ({}, {}))
        self.assertEqual(int(headers["X-Consul-Index"]), shown["ModifyIndex"])
        status, headers, text = self.registry.ask("GET", "/v1/config/service-defaults/none")
        self.assertEqual((status, text.decode()), (404, 'Config entry not found for "service-defaults" / "none"'))
        self.assertGreater(int(headers["X-Consul-Index"]), 0)
        self.assertIn("text/plain", headers["Content-Type"])

    def test_what_has_no_effect_says_so(self):
        for entry, warned in [(WEB, True), ({"Kind": "proxy-defaults", "Name": "global", "Config": {"protocol": "http"}}, True),
                              ({"Kind": "service-intentions", "Name": "db", "Sources": [{"Name": "web", "Action": "allow"}]}, False)]:
            with self.subTest(entry["Kind"]):
                _, headers, _ = self.registry.ask("PUT", "/v1/config", entry)
                self.assertEqual("has no effect yet" in (headers["X-Caravan-Warning"] or ""), warned)

    def test_every_kind_comes_back_as_it_was_written(self):
        entries = [
            {"Kind": "service-router", "Name": "r", "Routes": [{"Match": {"HTTP": {"PathPrefix": "/admin"}},
                                                                "Destination": {"Service": "admin", "NumRetries": 5}}]},
            {"Kind": "service-splitter", "Name": "s", "Splits": [{"Weight": 90.5, "ServiceSubset": "v1"},
                                                                 {"Weight": 9.5, "ServiceSubset": "v2"}]},
            {"Kind": "service-resolver", "Name": "s", "DefaultSubset": "v1", "Subsets": {"v1": {"Filter": "Service.Meta.v == 1"}},
             "Failover": {"*": {"Datacenters": ["dc2"]}}, "ConnectTimeout": "15s"},
            {"Kind": "ingress-gateway", "Name": "i", "TLS": {"Enabled": True},
             "Listeners": [{"Port": 8080, "Protocol": "http", "Services": [{"Name": "web", "Hosts": ["a.example"]}]}]},
            {"Kind": "terminating-gateway", "Name": "t", "Services": [{"Name": "billing", "CAFile": "/etc/ca.pem"}]},
            {"Kind": "proxy-defaults", "Name": "global", "Config": {"local_connect_timeout_ms": 1000, "a": {"b": [1, "x"]}}}]
        for entry in entries:
            with self.subTest(entry["Kind"]):
                self.assertTrue(self.write(entry))
                shown = self.registry.json("GET", f"/v1/config/{entry['Kind']}/{entry['Name']}")
                self.assertEqual(entry, {key: shown[key] for key in entry})
        status, text = self.registry.text("PUT", "/v1/config", {**entries[0], "Route": []})
        self.assertEqual((status, text), (400, 'invalid config key "Route"'))

    def test_swaps_lists_and_deletes(self):
        entry = {"Kind": "service-resolver", "Name": "swap"}
        self.assertFalse(self.write(entry, "?cas=7"))
        self.assertTrue(self.write(entry, "?cas=0"))
        self.assertFalse(self.write(entry, "?cas=0"))
        index = self.registry.json("GET", "/v1/config/service-resolver/swap")["ModifyIndex"]
        self.assertTrue(self.write({**entry, "ConnectTimeout": "3s"}, f"?cas={index}"))
        self.assertIn("swap", [e["Name"] for e in self.registry.json("GET", "/v1/config/service-resolver")])
        self.assertEqual(self.registry.json("GET", '/v1/config/service-resolver?filter=Name=="other"'), [])
        self.assertIs(self.registry.json("DELETE", f"/v1/config/service-resolver/swap?cas={index}"), False)
        self.assertEqual(self.registry.json("DELETE", "/v1/config/service-resolver/swap"), {})
        self.assertEqual(self.registry.text("GET", "/v1/config/service-resolver/swap")[0], 404)
        self.assertEqual(self.registry.text("GET", "/v1/config/nonsense"), (400, "invalid config entry kind: nonsense"))
        self.assertEqual(self.registry.text("DELETE", "/v1/config/service-resolver")[0], 405)

    def test_who_waits_is_told_of_a_change_and_of_an_end(self):
        self.write({"Kind": "service-resolver", "Name": "seen"})
        _, headers, _ = self.registry.ask("GET", "/v1/config/service-resolver")
        waiting = self.blocked("/v1/config/service-resolver?index=" + headers["X-Consul-Index"])
        self.write({"Kind": "service-resolver", "Name": "seen", "ConnectTimeout": "1s"})
        self.assertEqual(waiting()[2][-1]["ConnectTimeout"], "1s")
        _, headers, _ = self.registry.ask("GET", "/v1/config/service-resolver/seen")
        waiting = self.blocked("/v1/config/service-resolver/seen?index=" + headers["X-Consul-Index"])
        self.registry.json("DELETE", "/v1/config/service-resolver/seen")
        status, ended, _ = waiting()
        self.assertEqual(status, 404)
        self.assertGreater(int(ended["X-Consul-Index"]), int(headers["X-Consul-Index"]))

    def test_survives_a_restart(self):
        agent = Agent(os.environ["CARAVAN"], catalog=True)
        try:
            agent.start()
            Registry("127.0.0.1", agent.catalog_port).json("PUT", "/v1/config", WEB)
            agent.kill()
            agent.start()
            kept = Registry("127.0.0.1", agent.catalog_port).json("GET", "/v1/config/service-defaults/web")
            self.assertEqual(kept["Protocol"], "http")
        finally:
            agent.close()


class ConfigCommandTest(RegistryCase):
    def consul(self, *words, **how):
        return consul(self.agent, *words, **how)

    def test_files_of_both_forms(self):
        with tempfile.TemporaryDirectory() as folder:
            hcl = pathlib.Path(folder) / "router.hcl"
            hcl.write_text("""
Kind = "service-router"
Name = "web"
Routes = [
  {
    Match       = { HTTP = { PathPrefix = "/admin" } }
    Destination = { Service = "admin" }
  },
]
""")
            done = self.consul("config", "write", str(hcl), ok=False)
            self.assertEqual(done[:2], (0, "Config entry written: service-router/web\n"), done[2])
            self.assertIn("Warning: service-router has no effect yet", done[2])
            document = pathlib.Path(folder) / "web.json"
            document.write_text(json.dumps(WEB))
            self.assertEqual(self.consul("config", "write", str(document)), "Config entry written: service-defaults/web\n")
        self.assertEqual(self.consul("config", "write", "-", stdin='kind = "service-defaults"\nname = "api"\nprotocol = "grpc"\n'),
                         "Config entry written: service-defaults/api\n")
        read = json.loads(self.consul("config", "read", "-kind", "service-router", "-name", "web"))
        self.assertEqual(read["Routes"][0]["Match"]["HTTP"]["PathPrefix"], "/admin")
        self.assertEqual(self.consul("config", "list", "-kind", "service-defaults"), "api\nweb\n")
        index = json.loads(self.consul("config", "read", "-kind", "service-defaults", "-name", "api"))["ModifyIndex"]
        swap = ("config", "write", "-cas", "-modify-index")
        entry = 'kind = "service-defaults"\nname = "api"\n'
        self.assertEqual(self.consul(*swap, "1", "-", stdin=entry, ok=False)[0], 1)
        self.assertEqual(self.consul(*swap, str(index), "-", stdin=entry, ok=False)[0], 0)
        self.assertEqual(self.consul("config", "delete", "-kind", "service-defaults", "-name", "api"),
                         "Config entry deleted: service-defaults/api\n")
        code, _, said = self.consul("config", "read", "-kind", "service-defaults", "-name", "api", ok=False)
        self.assertEqual(code, 1)
        self.assertIn("Config entry not found", said)

    def test_wrong_words(self):
        for words, said in [(("list",), "-kind"), (("read", "-kind", "mesh"), "-name"), (("delete", "-name", "web"), "-kind"),
                            (("write", "-modify-index", "1", "-"), "without -cas")]:
            with self.subTest(words):
                code, _, text = self.consul("config", *words, ok=False)
                self.assertEqual(code, 1)
                self.assertIn(said, text)


class ConfigAccessTest(AccessCase):
    def test_each_kind_has_its_rule(self):
        app = self.client("config-web", 'service "web" { policy = "write" }')
        gate = self.client("config-gate", 'operator = "write"')
        router = {"Kind": "service-router", "Name": "web"}
        proxies = {"Kind": "proxy-defaults", "Name": "global"}
        intentions = {"Kind": "service-intentions", "Name": "web", "Sources": [{"Name": "a", "Action": "deny"}]}
        self.assertTrue(app.json("PUT", "/v1/config", router))
        self.assertTrue(gate.json("PUT", "/v1/config", proxies))
        for client, entry in [(app, {**router, "Name": "db"}), (app, proxies), (app, intentions), (gate, router)]:
            self.assertEqual(client.text("PUT", "/v1/config", entry), (403, "Permission denied"))
        self.assertTrue(self.root.json("PUT", "/v1/config", {**router, "Name": "db"}))
        self.assertEqual([e["Name"] for e in app.json("GET", "/v1/config/service-router")], ["web"])
        self.assertEqual(app.text("GET", "/v1/config/service-router/db"), (403, "Permission denied"))
        self.assertEqual(app.text("DELETE", "/v1/config/service-router/db"), (403, "Permission denied"))
        self.assertEqual(self.registry.json("GET", "/v1/config/proxy-defaults/global")["Name"], "global")
        mesh = self.client("config-mesh", 'service "web" {\n policy = "read"\n intentions = "write"\n}')
        self.assertTrue(mesh.json("PUT", "/v1/config", intentions))
        self.assertEqual(len(app.json("GET", "/v1/config/service-intentions/web")["Sources"]), 1)


if __name__ == "__main__":
    unittest.main()
