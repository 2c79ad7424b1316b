# SPDX-License-Identifier: Apache-2.0
"""The registry's auth methods: a JWT of somebody else becomes a token, as Consul's clients ask for one."""
import json
import os
import pathlib
import subprocess
import unittest
import urllib.error
import urllib.request

from agent import Agent, wait_for
from oidc import Provider
from test_services import Registry

BINARY = os.environ["CARAVAN"]
ACL = 'acl {\n  enabled = true\n  token_min_expiration_ttl = "1s"\n}\n'


class Door(Registry):
    """With a token."""

    token = ""

    def ask(self, path, method="GET", body=None, timeout=15, token=None):
        data = json.dumps(body).encode() if body is not None else None
        headers = {"X-Consul-Token": self.token if token is None else token}
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.headers, refusal.read().decode()


class RegistryLoginTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.provider = Provider()
        cls.agent = a = Agent(BINARY, ACL, catalog=True)
        a.start()
        cls.door = Door(a.catalog)
        wait_for("a leader", lambda: cls.door.ask("/v1/status/leader")[2] not in ("", '""'))
        made = wait_for("the first token", lambda: (lambda r: r[0] == 200 and json.loads(r[2]))(cls.door.ask("/v1/acl/bootstrap", "PUT")))
        cls.door.token = made["SecretID"]

    @classmethod
    def tearDownClass(cls):
        cls.agent.token = cls.door.token
        cls.agent.close()
        cls.provider.close()

    def setUp(self):
        p = self.provider
        p.signer, p.changes = p.keys[0], {}
        p.claims = {"sub": "ada", "team": "web"}

    def put(self, path, body, status=200):
        got, _, text = self.door.ask(path, "PUT", body)
        self.assertEqual(got, status, text)
        return json.loads(text) if status == 200 else text

    def method(self, name, **more):
        p = self.provider
        return self.put("/v1/acl/auth-method", {"Name": name, "Type": "jwt", "MaxTokenTTL": "10m", "Config": {
            "JWTValidationPubKeys": [key.public_pem for key in p.keys], "BoundIssuer": p.url, "BoundAudiences": ["caravan-cli"],
            "JWTSupportedAlgs": ["RS256", "ES256"], "ClaimMappings": {"team": "team"}}, **more})

    def rule(self, method, kind, name, selector=""):
        return self.put("/v1/acl/binding-rule", {"AuthMethod": method, "BindType": kind, "BindName": name, "Selector": selector})

    def log_in(self, method, token):
        status, _, text = self.door.ask("/v1/acl/login", "POST", {"AuthMethod": method, "BearerToken": token}, token="")
        return status, json.loads(text) if status == 200 else text

    def test_a_jwt_becomes_the_identity_of_a_service(self):
        self.method("ci")
        rule = self.rule("ci", "service", "${value.team}", 'value.team == "web"')
        self.assertEqual((rule["BindType"], rule["BindName"]), ("service", "${value.team}"))
        status, token = self.log_in("ci", self.provider.token())
        self.assertEqual(status, 200, token)
        self.assertEqual((token["Description"], token["ServiceIdentities"], token["Policies"], token["Local"]),
                         ("token created via login", [{"ServiceName": "web"}], [], True))
        register = lambda name: self.door.ask("/v1/agent/service/register", "PUT", {"Name": name}, token=token["SecretID"])[0]
        self.assertEqual((register("web"), register("db")), (200, 403))
        mine = lambda: self.door.ask("/v1/acl/token/self", token=token["SecretID"])[0]
        self.assertEqual(mine(), 200)
        self.assertEqual(self.door.ask("/v1/acl/logout", "POST", token=token["SecretID"])[::2], (200, "true"))
        self.assertEqual(mine(), 403)
        self.provider.claims["team"] = "sales"
        self.assertEqual(self.log_in("ci", self.provider.token())[0], 403)

    def test_roles_policies_and_managers(self):
        self.method("staff")
        self.put("/v1/acl/policy", {"Name": "reads", "Rules": 'key_prefix "" { policy = "read" }'})
        self.put("/v1/acl/role", {"Name": "web-readers", "Policies": [{"Name": "reads"}]})
        made = self.rule("staff", "role", "${value.team}-readers")
        _, token = self.log_in("staff", self.provider.token())
        self.assertEqual([role["Name"] for role in token["Roles"]], ["web-readers"])
        self.assertEqual(self.door.ask("/v1/kv/x", token=token["SecretID"])[0], 404)
        self.assertEqual(self.door.ask("/v1/kv/x", "PUT", token=token["SecretID"])[0], 403)
        changed = self.put(f"/v1/acl/binding-rule/{made['ID']}", {"AuthMethod": "staff", "BindType": "policy", "BindName": "global-management"})
        self.assertEqual((changed["BindType"], changed["BindName"]), ("policy", "global-management"))
        _, manager = self.log_in("staff", self.provider.token())
        self.assertEqual(manager["Policies"][0]["Name"], "global-management")
        node = self.rule("staff", "node", "box-1")
        self.assertEqual((node["BindType"], node["BindName"]), ("node", "box-1"))
        self.assertEqual({r["ID"] for r in self.door.get("/v1/acl/binding-rules?authmethod=staff")}, {made["ID"], node["ID"]})
        self.assertEqual(self.door.ask(f"/v1/acl/binding-rule/{node['ID']}", "DELETE")[2], "true")
        self.assertEqual(self.door.ask(f"/v1/acl/binding-rule/{node['ID']}")[0], 404)

    def test_methods_are_kept_as_they_were_said(self):
        made = self.method("kept")
        self.assertEqual((made["Type"], made["MaxTokenTTL"], made["TokenLocality"]), ("jwt", "10m0s", "local"))
        self.assertEqual(made["Config"]["BoundIssuer"], self.provider.url)
        self.assertEqual(self.door.get("/v1/acl/auth-method/kept"), made)
        self.assertIn("kept", [m["Name"] for m in self.door.get("/v1/acl/auth-methods")])
        changed = self.put("/v1/acl/auth-method/kept", {"Name": "kept", "Type": "jwt", "TokenLocality": "global", "Config": made["Config"]})
        self.assertEqual((changed["TokenLocality"], changed["MaxTokenTTL"]), ("global", "10m0s"))
        self.assertIn("already", self.put("/v1/acl/auth-method", {"Name": "kept", "Type": "jwt", "Config": made["Config"]}, 400))
        self.assertEqual(self.door.ask("/v1/acl/auth-method/kept", "DELETE")[2], "true")
        self.assertEqual(self.door.ask("/v1/acl/auth-method/kept")[0], 404)
        self.put("/v1/acl/auth-method/kept", {"Name": "kept", "Type": "jwt"}, 404)

    def test_by_the_command_line(self):
        def cli(*words, token=None):
            env = {**os.environ, "CONSUL_HTTP_ADDR": self.agent.catalog, "CONSUL_HTTP_TOKEN": self.door.token if token is None else token}
            return subprocess.run([BINARY, "consul", *words], env=env, capture_output=True, text=True)
        p, folder = self.provider, pathlib.Path(self.agent.folder)
        (folder / "jwt.json").write_text(json.dumps({
            "JWTValidationPubKeys": [key.public_pem for key in p.keys], "BoundIssuer": p.url, "BoundAudiences": ["caravan-cli"],
            "ClaimMappings": {"team": "team"}}))
        made = cli("acl", "auth-method", "create", "-name=shell", "-type=jwt", "-max-token-ttl=5m", f"-config=@{folder}/jwt.json")
        self.assertIn("Name:           shell\nType:           jwt\nMaxTokenTTL:    5m0s\n", made.stdout, made.stderr)
        rule = cli("acl", "binding-rule", "create", "-method=shell", "-bind-type=service", "-bind-name=${value.team}")
        self.assertIn("BindType:     service\nBindName:     ${value.team}\n", rule.stdout, rule.stderr)
        (folder / "bearer").write_text(p.token() + "\n")
        said = cli("login", "-method=shell", f"-bearer-token-file={folder}/bearer", f"-token-sink-file={folder}/sink", token="")
        self.assertEqual((said.returncode, said.stdout), (0, ""), said.stderr)
        secret = (folder / "sink").read_text()
        self.assertEqual((folder / "sink").stat().st_mode & 0o777, 0o600)
        self.assertIn("web (Datacenters: all)", cli("acl", "token", "read", "-self", token=secret).stdout)
        self.assertEqual(cli("logout", token=secret).returncode, 0)
        self.assertEqual(cli("logout", token=secret).returncode, 1)
        listed = json.loads(cli("acl", "binding-rule", "list", "-method=shell", "-format=json").stdout)
        self.assertEqual(cli("acl", "binding-rule", "update", f"-id={listed[0]['ID']}", "-selector=value.team == web").returncode, 0)
        self.assertIn("Selector:     value.team == web", cli("acl", "binding-rule", "read", f"-id={listed[0]['ID']}").stdout)
        self.assertIn("deleted successfully", cli("acl", "binding-rule", "delete", f"-id={listed[0]['ID']}").stdout)
        self.assertIn("5m0s", cli("acl", "auth-method", "update", "-name=shell", "-token-locality=global").stdout)
        self.assertIn("shell:\n   Type:         jwt", cli("acl", "auth-method", "list").stdout)
        self.assertIn('Auth-method "shell" deleted successfully', cli("acl", "auth-method", "delete", "-name=shell").stdout)
        gone = cli("acl", "auth-method", "read", "-name=shell")
        self.assertEqual(gone.returncode, 1)
        self.assertIn("does not exist", gone.stderr)

    def test_a_method_of_the_other_door_keeps_what_this_one_has_no_word_for(self):
        a, p = self.agent, self.provider
        a.token = self.door.token
        config = {"JWTValidationPubKeys": [p.keys[0].public_pem], "BoundIssuer": [p.url, "https://b.example"], "VerboseLogging": True}
        a.request("PUT", "/v1/acl/auth-method", {
            "Name": "native", "Type": "JWT", "MaxTokenTTL": "10m", "TokenNameFormat": "of ${auth_method_name}", "Config": config})
        seen = self.door.get("/v1/acl/auth-method/native")
        self.assertEqual(seen["Config"]["BoundIssuer"], config["BoundIssuer"])
        self.put("/v1/acl/auth-method/native", {"Name": "native", "MaxTokenTTL": "20m", "Config": seen["Config"]})
        kept = a.get("/v1/acl/auth-method/native")
        self.assertEqual((kept["MaxTokenTTL"], kept["TokenNameFormat"], kept["Config"]["BoundIssuer"], kept["Config"]["VerboseLogging"]),
                         ("20m0s", "of ${auth_method_name}", config["BoundIssuer"], True))
        a.request("PUT", "/v1/acl/auth-method", {"Name": "browser", "Type": "OIDC", "MaxTokenTTL": "10m", "Config": {
            "OIDCDiscoveryURL": p.url, "OIDCClientID": "x", "AllowedRedirectURIs": ["http://localhost:1/cb"]}})
        self.assertIn("only jwt is built", self.put("/v1/acl/auth-method/browser", {"Name": "browser", "Config": {}}, 501))

    def test_what_cannot_work_is_refused(self):
        config = {"JWKSURL": "https://127.0.0.1:1/keys"}
        for body, status, why in (
                ({"Name": "a", "Type": "kubernetes", "Config": {"Host": "https://x"}}, 501, "only jwt is built"),
                ({"Name": "a", "Config": config}, 400, "Type is missing"),
                ({"Name": "a", "Type": "jwt"}, 400, "exactly one of JWKSURL"),
                ({"Name": "a", "Type": "jwt", "Config": {**config, "Nonsense": 1}}, 400, 'unknown field "Nonsense"'),
                ({"Name": "a", "Type": "jwt", "Description": "x", "Config": config}, 501, "leave them out"),
                ({"Name": "a", "Type": "jwt", "Config": {**config, "JWTSupportedAlgs": ["HS256"]}}, 400, "HS256"),
                ({"Name": "a b", "Type": "jwt", "Config": config}, 400, "invalid name")):
            self.assertIn(why, self.put("/v1/acl/auth-method", body, status))
        self.method("rules")
        for kind, name, selector, why in (
                ("service", "No Capitals", "", "no name of an identity"), ("templated-policy", "x", "", "BindType"),
                ("role", "", "", "bind name"), ("role", "x", "value.team ==", "selector"), ("role", "${node}", "", "${value.<name>}")):
            self.assertIn(why, self.put("/v1/acl/binding-rule", {"AuthMethod": "rules", "BindType": kind, "BindName": name, "Selector": selector}, 400))
        self.assertIn("not found", self.put("/v1/acl/binding-rule", {"AuthMethod": "none", "BindType": "role", "BindName": "x"}, 400))
        self.assertEqual(self.log_in("none", "x")[0], 404)
        self.assertEqual(self.log_in("rules", "x")[0], 403)
        # What was not lent by a login is not taken away by leaving.
        self.assertEqual(self.door.ask("/v1/acl/logout", "POST")[0], 403)
        self.assertEqual(self.door.ask("/v1/acl/logout", "POST", token="")[0], 403)
        self.assertEqual(self.door.ask("/v1/acl/auth-methods", token="")[0], 403)


if __name__ == "__main__":
    unittest.main()
