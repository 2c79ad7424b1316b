# SPDX-License-Identifier: Apache-2.0
"""Intentions: who may connect to whom, in both of their forms."""
import concurrent.futures
import json
import pathlib
import tempfile
import unittest

from test_consul_cli import consul
from test_kv import AccessCase, RegistryCase

PATH = "/v1/connect/intentions"


class IntentionsTest(RegistryCase):
    def tearDown(self):
        for intention in self.registry.json("GET", PATH):
            self.registry.json("DELETE", self.exact(intention["SourceName"], intention["DestinationName"]))

    def exact(self, source, destination):
        return f"{PATH}/exact?source={source}&destination={destination}"

    def create(self, source, destination, action="allow", **more):
        return self.registry.json("POST", PATH, {"SourceName": source, "DestinationName": destination, "Action": action, **more})["ID"]

    def allowed(self, source, destination):
        return self.registry.json("GET", f"{PATH}/check?source={source}&destination={destination}")["Allowed"]

    def test_one_by_its_id(self):
        made = self.create("web", "db", "deny", Description="no", Meta={"team": "a"})
        shown = self.registry.json("GET", f"{PATH}/{made}")
        self.assertEqual({**shown, "CreatedAt": 0, "UpdatedAt": 0, "CreateIndex": 0, "ModifyIndex": 0}, {
            "ID": made, "Description": "no", "SourceNS": "default", "SourceName": "web", "DestinationNS": "default",
            "DestinationName": "db", "SourceType": "consul", "Action": "deny", "Meta": {"team": "a"}, "Precedence": 9,
            "CreatedAt": 0, "UpdatedAt": 0, "CreateIndex": 0, "ModifyIndex": 0})
        self.assertEqual(self.registry.json("PUT", f"{PATH}/{made}", {**shown, "Action": "allow"}), {"ID": made})
        again = self.registry.json("GET", f"{PATH}/{made}")
        self.assertEqual((again["Action"], again["CreatedAt"], again["Meta"]), ("allow", shown["CreatedAt"], {"team": "a"}))
        self.assertTrue(self.registry.json("DELETE", f"{PATH}/{made}"))
        self.assertEqual(self.registry.text("GET", f"{PATH}/{made}"), (404, "Intention not found"))
        self.assertEqual(self.registry.text("DELETE", f"{PATH}/{made}"), (404, "Intention not found"))

    def test_one_by_its_ends(self):
        self.assertEqual(self.registry.text("GET", self.exact("web", "db")), (404, "Intention not found"))
        self.assertTrue(self.registry.json("PUT", self.exact("web", "default/db"), {"Action": "allow"}))
        self.assertEqual(self.registry.json("GET", self.exact("web", "db"))["Action"], "allow")
        self.assertTrue(self.registry.json("PUT", self.exact("web", "db"), {"Action": "deny"}))
        self.assertFalse(self.allowed("web", "db"))
        self.assertTrue(self.registry.json("DELETE", self.exact("web", "db")))
        self.assertEqual(self.registry.text("DELETE", self.exact("web", "db"))[0], 404)

    def test_the_most_exact_one_decides(self):
        self.assertTrue(self.allowed("web", "db"), "without access control everybody may")
        for source, destination, action in [("*", "*", "deny"), ("web", "*", "allow"), ("*", "db", "deny"), ("web", "db", "allow")]:
            self.create(source, destination, action)
        self.assertEqual([self.allowed(*ends) for ends in [("web", "db"), ("api", "db"), ("web", "x"), ("api", "x")]],
                         [True, False, True, False])
        for by, name, ends in [("destination", "db", ["web db", "* db", "web *", "* *"]), ("source", "api", ["* db", "* *"])]:
            matched = self.registry.json("GET", f"{PATH}/match?by={by}&name={name}&name=other")
            self.assertEqual([f"{i['SourceName']} {i['DestinationName']}" for i in matched[name]], ends)
        self.assertEqual([i["Precedence"] for i in self.registry.json("GET", f"{PATH}/match?by=destination&name=db")["db"]], [9, 8, 6, 5])

    def test_both_forms_are_one(self):
        made = self.create("web", "db", Description="reads")
        entry = self.registry.json("GET", "/v1/config/service-intentions/db")
        self.assertEqual([(s["Name"], s["Action"], s["LegacyID"]) for s in entry["Sources"]], [("web", "allow", made)])
        entry["Sources"].insert(0, {"Name": "*", "Action": "deny"})
        self.assertTrue(self.registry.json("PUT", f"/v1/config?cas={entry['ModifyIndex']}", entry))
        self.assertEqual([i["SourceName"] for i in self.registry.json("GET", PATH)], ["web", "*"])
        self.assertEqual(self.registry.json("GET", f"{PATH}/{made}")["Description"], "reads")
        self.assertFalse(self.allowed("api", "db"))
        self.assertNotIn("ID", self.registry.json("GET", self.exact("*", "db")))
        self.assertEqual(self.registry.json("DELETE", "/v1/config/service-intentions/db"), {})
        self.assertEqual(self.registry.json("GET", PATH), [])

    def test_one_about_requests_lets_no_connection_through(self):
        permissions = [{"Action": "allow", "HTTP": {"PathPrefix": "/a", "Methods": ["GET"]}}]
        self.registry.json("PUT", "/v1/config", {"Kind": "service-intentions", "Name": "db",
                                                 "Sources": [{"Name": "web", "Permissions": permissions}]})
        self.assertEqual(self.registry.json("GET", self.exact("web", "db"))["Permissions"], permissions)
        self.assertFalse(self.allowed("web", "db"))

    def test_many_at_once_are_all_kept(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            ids = list(pool.map(lambda n: self.create(f"s{n}", "busy"), range(4)))
        self.assertEqual(len(set(ids)), 4)
        self.assertEqual(len(self.registry.json("GET", f'{PATH}?filter=DestinationName=="busy"')), 4)

    def test_who_waits_is_told(self):
        _, headers, _ = self.registry.ask("GET", f"{PATH}/match?by=destination&name=db")
        waiting = self.blocked(f"{PATH}/match?by=destination&name=db&index={headers['X-Consul-Index']}")
        self.create("web", "db")
        self.assertEqual(waiting()[2]["db"][0]["SourceName"], "web")

    def test_refusals(self):
        made = self.create("web", "db")
        ends = {"SourceName": "web", "DestinationName": "db"}
        for method, path, body, code, said in [
                ("POST", PATH, {**ends, "Action": "allow"}, 400, "duplicate intention found: web => db"),
                ("POST", PATH, {**ends, "Action": "perhaps"}, 400, '"perhaps" is none of allow, deny'),
                ("POST", PATH, {"SourceName": "web", "Action": "allow"}, 400, "DestinationName must be set"),
                ("POST", PATH, {**ends, "Action": "allow", "Actoin": 1}, 400, 'unknown field "Actoin"'),
                ("POST", PATH, {**ends, "Action": "allow", "Description": "x" * 600}, 400, "Description: is above 512 bytes"),
                ("PUT", f"{PATH}/{made}", {"SourceName": "api", "Action": "deny"}, 400, "cannot be changed"),
                ("GET", f"{PATH}/nobody", None, 400, "UUID must be 36 characters"),
                ("GET", f"{PATH}/match?by=colour&name=x", None, 400, "'by' must be one of"),
                ("GET", f"{PATH}/match?by=source", None, 400, "'name' not set"),
                ("GET", f"{PATH}/check?source=web", None, 400, "'destination' not set"),
                ("GET", f"{PATH}/exact?source=other/web&destination=db", None, 400, "another namespace")]:
            with self.subTest(f"{method} {path} {body}"):
                status, text = self.registry.text(method, path, body)
                self.assertEqual(status, code, text)
                self.assertIn(said, text)

    def test_the_command_line(self):
        def run(*words, **how):
            return consul(self.agent, "intention", *words, **how)
        self.assertEqual(run("create", "web", "db"), "Created: web => db (allow)\n")
        code, _, said = run("create", "web", "db", ok=False)
        self.assertEqual(code, 1)
        self.assertIn('Error creating intention "web => db (allow)"', said)
        identity = self.registry.json("GET", self.exact("web", "db"))["ID"]
        self.assertEqual(run("create", "-deny", "-replace", "-meta", "team=a", "web", "db"), "Created: web => db (deny)\n")
        self.assertEqual(run("check", "web", "db", ok=False)[:2], (1, "Denied\n"))
        self.assertEqual(run("check", "web", "other", ok=False)[:2], (0, "Allowed\n"))
        for words in (("web", "db"), (identity,)):
            self.assertRegex(run("get", *words), rf"(?m)^ID: +{identity}$")
        self.assertRegex(run("get", "web", "db"), r"(?m)^Meta\[team\]: +a$")
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "one.json"
            file.write_text(json.dumps({"SourceName": "*", "DestinationName": "db", "Action": "allow"}))
            self.assertEqual(run("create", "-file", str(file)), "Created: * => db (allow)\n")
        self.assertEqual(run("match", "db"), "web => db (deny)\n* => db (allow)\n")
        self.assertEqual(run("match", "-source", "api"), "* => db (allow)\n")
        self.assertEqual(run("list").splitlines()[0].split(), ["ID", "Source", "Action", "Destination", "Precedence"])
        self.assertEqual(run("delete", identity), "Intention deleted.\n")
        self.assertEqual(run("delete", "*", "db"), "Intention deleted.\n")
        self.assertEqual(run("get", "web", "db", ok=False)[0], 1)
        self.assertEqual(run("create", "-allow", "-deny", "a", "b", ok=False)[0], 1)


class IntentionsAccessTest(AccessCase):
    def test_the_rule_of_the_destination_counts(self):
        writer = self.client("mesh-db", 'service "db" {\n policy = "read"\n intentions = "write"\n}')
        reader = self.client("mesh-web", 'service "web" { policy = "write" }')
        stranger = self.client("mesh-none", 'service "db" {\n policy = "read"\n intentions = "deny"\n}')
        ends = {"SourceName": "web", "DestinationName": "db", "Action": "allow"}
        for client in (reader, stranger):
            self.assertEqual(client.text("POST", PATH, ends), (403, "Permission denied"))
        made = writer.json("POST", PATH, ends)["ID"]
        self.assertEqual(writer.text("POST", PATH, {**ends, "DestinationName": "*"}), (403, "Permission denied"))
        self.assertEqual(writer.text("POST", PATH, {**ends, "DestinationName": "web"}), (403, "Permission denied"))
        self.assertEqual([i["ID"] for i in reader.json("GET", PATH)], [made])
        self.assertEqual(stranger.json("GET", PATH), [])
        for path in (f"{PATH}/{made}", f"{PATH}/check?source=a&destination=db", f"{PATH}/match?by=destination&name=db"):
            self.assertEqual(stranger.text("GET", path), (403, "Permission denied"))
        self.assertEqual(reader.text("DELETE", f"{PATH}/{made}"), (403, "Permission denied"))
        check = f"{PATH}/check?destination=db&source="
        self.assertTrue(writer.json("GET", check + "web")["Allowed"])
        self.assertFalse(writer.json("GET", check + "api")["Allowed"], "with access control nobody may who is not named")
        self.assertTrue(writer.json("DELETE", f"{PATH}/{made}"))


if __name__ == "__main__":
    unittest.main()
