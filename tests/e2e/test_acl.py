# SPDX-License-Identifier: Apache-2.0
"""Who may do what: the first token, policies, roles and tokens, and every route without one.

CARAVAN_REWRITE=1 writes the table of docs/acl.md anew from what the agent answers."""
import json
import os
import pathlib
import re
import time
import unittest
import urllib.request

from agent import Agent, shell_job, wait_for
from rig import Rig

BINARY = os.environ["CARAVAN"]
DOCUMENT = pathlib.Path(__file__).parents[2] / "docs" / "acl.md"
MARK = "<!-- from /v1/agent/routes; CARAVAN_REWRITE=1 tests/e2e/run.py … test_acl -->\n"

ACL = """
acl {
  enabled                  = true
  token_min_expiration_ttl = "1s"
}
"""
STORY = """
agent { policy = "read" }
node  { policy = "read" }
namespace "*" {
  policy       = "read"
  capabilities = ["submit-job", "read-logs", "read-fs"]
}
"""
UNKNOWN = "11111111-2222-3333-4444-555555555555"


def table(routes):
    lines = ["| methods | path | needs | on | besides |", "|---|---|---|---|---|"]
    for row in sorted(routes, key=lambda r: (r["Path"], r["Methods"])):
        lines.append(f"| {' '.join(row['Methods'])} | `{row['Path']}` | {row['Needs']} | {row['On']} | {row['Note']} |")
    return "\n".join(lines) + "\n"


class AclTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = a = Agent(BINARY, ACL)
        a.start()
        wait_for("a leader", lambda: a.status("GET", "/v1/status/leader") == 200)
        cls.first = a.cli("acl", "bootstrap").stdout
        cls.secret = re.search(r"Secret ID += (\S+)", cls.first)[1]
        a.token = cls.secret
        for space in ("dev", "prod"):
            a.cli("namespace", "apply", space)

    @classmethod
    def tearDownClass(cls):
        cls.agent.token = cls.secret
        for space in ("dev", "prod"):
            for job in cls.agent.get(f"/v1/jobs?namespace={space}"):
                cls.agent.request("DELETE", f"/v1/job/{job['ID']}?namespace={space}")
        cls.agent.close()

    def policy(self, name, rules):
        self.agent.request("PUT", f"/v1/acl/policy/{name}", {"Name": name, "Rules": rules})

    def token_of(self, *policies, **more):
        made = json.loads(self.agent.request("PUT", "/v1/acl/token", {"Type": "client", "Policies": policies, **more})[0])
        return made["SecretID"], made["AccessorID"]

    def token_with(self, name, rules):
        self.policy(name, rules)
        return self.token_of(name)[0]

    def test_the_first_token_is_made_once_S3_5(self):
        a = self.agent
        rows = [line.split(" = ", 1) if " = " in line else [line, ""] for line in self.first.splitlines()]
        self.assertEqual([key for key, _ in rows],
                         ["Accessor ID ", "Secret ID   ", "Name        ", "Type        ", "Global      ", "Create Time ",
                          "Expiry Time ", "Create Index", "Modify Index", "Policies    ", "Roles       "])
        value = {key.strip(): text for key, text in rows}
        self.assertEqual((value["Name"], value["Type"], value["Global"], value["Expiry Time"]),
                         ("Bootstrap Token", "management", "true", "<none>"))
        self.assertRegex(value["Create Time"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC$")
        self.assertEqual(value["Create Index"], value["Modify Index"])
        self.assertEqual((value["Policies"], value["Roles"]), ("n/a", "n/a"))
        again = a.cli("acl", "bootstrap", check=False)
        self.assertEqual(again.returncode, 1)
        done = re.search(r"ACL bootstrap already done \(reset index: (\d+)\)", again.stderr)
        self.assertEqual(done[1], value["Create Index"])
        reset = a.folder / "data" / "server" / "acl-bootstrap-reset"
        reset.write_text("1\n")
        self.assertIn("Invalid bootstrap reset index (specified 1,", a.error("PUT", "/v1/acl/bootstrap")[1])
        reset.write_text(done[1] + "\n")
        other = json.loads(a.request("PUT", "/v1/acl/bootstrap", {"BootstrapSecret": UNKNOWN})[0])
        self.assertEqual(other["SecretID"], UNKNOWN)
        self.assertFalse(reset.exists())
        self.assertEqual(a.error("PUT", "/v1/acl/bootstrap")[0], 400)
        a.request("DELETE", f"/v1/acl/token/{other['AccessorID']}")

    def test_a_policy_and_its_token_S3_7(self):
        a = self.agent
        path = a.folder / "story.hcl"
        path.write_text(STORY)
        said = a.cli("acl", "policy", "apply", "-description", "for people", "story", str(path)).stdout
        self.assertEqual(said, 'Successfully wrote "story" ACL policy!\n')
        self.assertIn("story  for people", a.cli("acl", "policy", "list").stdout)
        info = a.cli("acl", "policy", "info", "story").stdout
        self.assertIn("Description = for people", info)
        self.assertIn('agent { policy = "read" }', info)
        made = a.cli("acl", "token", "create", "-name", "someone", "-policy", "story").stdout
        self.assertIn("Policies     = [story]\n\nRoles\n<none>", made)
        secret = re.search(r"Secret ID += (\S+)", made)[1]
        with a.showing(secret):
            self.assertIn("someone", a.cli("acl", "token", "self").stdout)
            self.assertIn("story", a.cli("acl", "policy", "self").stdout)
            a.register(shell_job("told", "echo hello; sleep 600"))
            alloc = a.running("told")[0]
            wait_for("its log", lambda: "hello" in a.logs(alloc))
            self.assertEqual(a.get("/v1/nodes")[0]["Status"], "ready")
            node = a.get("/v1/nodes")[0]["ID"]
            self.assertEqual(a.error("PUT", f"/v1/node/{node}/drain", {"DrainSpec": {"Deadline": 1}}), (403, "Permission denied"))
            drained = a.cli("node", "drain", "-enable", "-yes", node, check=False)
            self.assertEqual(drained.returncode, 1)
            self.assertIn("Unexpected response code: 403 (Permission denied)", drained.stderr)
            self.assertEqual(a.error("GET", f"/v1/client/allocation/{alloc['ID']}/exec?command=%5B%22ls%22%5D")[0], 403)
            self.assertEqual(a.error("PUT", f"/v1/client/allocation/{alloc['ID']}/restart"), (403, "Permission denied"))
            self.assertEqual(a.error("GET", "/v1/acl/tokens"), (403, "Permission denied"))
            self.assertEqual([p["Name"] for p in a.get("/v1/acl/policies")], ["story"])
            self.assertEqual(a.error("GET", "/v1/acl/policy/none"), (403, "Permission denied"))
            a.request("DELETE", "/v1/job/told")
        path.write_text('namespace "default" {\n  policy = "reed"\n}\n')
        wrong = a.cli("acl", "policy", "apply", "story2", str(path), check=False)
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("story2:2:3: ", wrong.stderr)

    def test_without_a_token_only_the_anonymous_policy_counts(self):
        a = self.agent
        with a.showing(""):
            self.assertEqual(a.error("GET", "/v1/jobs"), (403, "Permission denied"))
            self.assertEqual(a.status("GET", "/v1/agent/health"), 200)
        with a.showing(UNKNOWN):
            self.assertEqual(a.error("GET", "/v1/jobs"), (403, "ACL token not found"))
        self.policy("anonymous", 'namespace "dev" { policy = "read" }')
        with a.showing(""):
            self.assertEqual(a.status("GET", "/v1/jobs?namespace=dev"), 200)
            self.assertEqual(a.error("GET", "/v1/jobs?namespace=prod")[0], 403)
        a.cli("acl", "policy", "delete", "anonymous")
        with a.showing(""):
            self.assertEqual(a.error("GET", "/v1/jobs?namespace=dev")[0], 403)

    def test_lists_show_what_one_may_see_and_objects_are_refused(self):
        a = self.agent
        replies = {}
        for space in ("dev", "prod"):
            replies[space] = json.loads(a.request("PUT", f"/v1/jobs?namespace={space}", {"Job": shell_job(f"in-{space}", "sleep 600")})[0])
        allocs = {}
        for space in ("dev", "prod"):
            allocs[space] = wait_for("it runs", lambda: [x for x in a.get(f"/v1/allocations?namespace={space}") if x["ClientStatus"] == "running"])[0]
        deployments = {s: a.get(f"/v1/deployments?namespace={s}")[0]["ID"] for s in ("dev", "prod")}
        secret = self.token_with("dev-only", 'namespace "dev" { policy = "write" capabilities = ["alloc-node-exec"] }\nnode { policy = "read" }')
        node = a.get("/v1/nodes")[0]["ID"]
        with a.showing(secret):
            self.assertEqual([j["ID"] for j in a.get("/v1/jobs?namespace=*")], ["in-dev"])
            self.assertEqual({x["Namespace"] for x in a.get("/v1/allocations?namespace=*")}, {"dev"})
            self.assertEqual({x["Namespace"] for x in a.get("/v1/evaluations?namespace=*")}, {"dev"})
            self.assertEqual({x["Namespace"] for x in a.get("/v1/deployments?namespace=*")}, {"dev"})
            self.assertEqual({x["Namespace"] for x in a.get(f"/v1/node/{node}/allocations")}, {"dev"})
            self.assertEqual([n["Name"] for n in a.get("/v1/namespaces")], ["dev"])
            self.assertEqual(a.error("GET", "/v1/namespace/prod")[0], 403)
            found = json.loads(a.request("PUT", "/v1/search?namespace=*", {"Prefix": "in-", "Context": "jobs"})[0])
            self.assertEqual(found["Matches"]["jobs"], ["in-dev"])
            self.assertEqual(a.error("GET", "/v1/jobs?namespace=prod"), (403, "Permission denied"))
            # The namespace of the object counts, whatever the request says.
            for method, path in [("GET", f"/v1/allocation/{allocs['prod']['ID']}"), ("GET", f"/v1/evaluation/{replies['prod']['EvalID']}"),
                                 ("GET", f"/v1/evaluation/{replies['prod']['EvalID']}/why"), ("GET", f"/v1/deployment/{deployments['prod']}"),
                                 ("PUT", f"/v1/allocation/{allocs['prod']['ID']}/stop"), ("PUT", f"/v1/deployment/fail/{deployments['prod']}"),
                                 ("GET", f"/v1/client/fs/ls/{allocs['prod']['ID']}"), ("GET", f"/v1/client/fs/logs/{allocs['prod']['ID']}?task=t&type=stdout")]:
                query = "&" if "?" in path else "?"
                self.assertEqual(a.error(method, path + query + "namespace=dev"), (403, "Permission denied"), path)
            self.assertEqual(a.error("PUT", "/v1/jobs?namespace=prod", {"Job": shell_job("x", "true")})[0], 403)
            self.assertEqual(a.error("PUT", "/v1/jobs", {"Job": {**shell_job("x", "true"), "Namespace": "prod"}})[0], 403)
            self.assertEqual(a.error("PUT", "/v1/job/x/plan", {"Job": {**shell_job("x", "true"), "Namespace": "prod"}})[0], 403)
            self.assertEqual(a.get(f"/v1/allocation/{allocs['dev']['ID']}")["Namespace"], "dev")
            self.assertEqual(a.error("GET", f"/v1/allocation/{UNKNOWN}")[0], 404)
            self.assertIn("hi", a.cli("alloc", "exec", "-namespace", "dev", allocs["dev"]["ID"], "echo", "hi").stdout)
        isolated = self.token_with("no-host", 'namespace "dev" { policy = "write" }')
        with a.showing(isolated):
            self.assertNotEqual(a.cli("alloc", "exec", "-namespace", "dev", allocs["dev"]["ID"], "echo", "hi", check=False).returncode, 0)

    def test_fine_capabilities(self):
        a = self.agent
        secret = self.token_with("ender", 'namespace "default" { capabilities = ["read-job", "list-jobs", "deregister-job"] }')
        a.register(shell_job("ended", "sleep 600"))
        with a.showing(secret):
            self.assertEqual(a.error("PUT", "/v1/jobs", {"Job": shell_job("ended", "sleep 601")}), (403, "Permission denied"))
            self.assertEqual(a.error("DELETE", "/v1/job/ended?purge=true"), (403, "Permission denied"))
            self.assertEqual(a.error("PUT", "/v1/job/ended/scale", {"Count": 2, "Target": {"Group": "g"}})[0], 403)
            self.assertEqual(a.status("DELETE", "/v1/job/ended"), 200)

    def test_variables_are_granted_by_path(self):
        self.policy("vars", """namespace "dev" { variables {
          path "app/*"      { capabilities = ["read", "list"] }
          path "app/mine/*" { capabilities = ["write", "read", "destroy"] }
          path "app/no"     { capabilities = ["deny"] } } }""")
        for path in ("app/db", "app/no", "other", "app/mine/x"):
            self.agent.request("PUT", f"/v1/var/{path}?namespace=dev", {"Items": {"k": "v"}})
        with self.agent.showing(self.token_of("vars")[0]):
            def status(method, path, ns="dev"):
                return self.agent.answer(method, f"/v1/var/{path}?namespace={ns}", {"Items": {"k": "w"}})[0]
            self.assertEqual(status("GET", "app/db"), 200)
            for path in ("app/no", "other"):
                self.assertEqual(status("GET", path), 403, path)
            self.assertEqual(status("GET", "app/db", "prod"), 403)
            self.assertEqual(status("PUT", "app/db"), 403)
            self.assertEqual(status("DELETE", "app/db"), 403)
            listed = [v["Path"] for v in self.agent.get("/v1/vars?namespace=*")]
            self.assertEqual(listed, ["app/db", "app/mine/x"], "reading brings listing with it")
            found = json.loads(self.agent.request("POST", "/v1/search?namespace=*", {"Prefix": "app/", "Context": "vars"})[0])
            self.assertEqual(found["Matches"]["vars"], ["app/db", "app/mine/x"])
            self.assertEqual(status("PUT", "app/mine/x"), 200)
            self.assertEqual(status("DELETE", "app/mine/x"), 200)

    def test_tokens_end(self):
        a = self.agent
        self.policy("brief", 'namespace "default" { policy = "read" }')
        secret, accessor = self.token_of("brief", ExpirationTTL="1s")
        with a.showing(secret):
            self.assertEqual(a.status("GET", "/v1/jobs"), 200)
            wait_for("its end", lambda: a.error("GET", "/v1/jobs") == (403, "ACL token expired"))
        self.assertIn(accessor, a.cli("acl", "token", "list").stdout)
        a.request("PUT", "/v1/system/gc")
        self.assertEqual(a.error("GET", f"/v1/acl/token/{accessor}")[0], 404)
        with a.showing(secret):
            self.assertEqual(a.error("GET", "/v1/jobs"), (403, "ACL token not found"))
        code, why = a.error("PUT", "/v1/acl/token", {"Type": "client", "Policies": ["brief"], "ExpirationTTL": "48h"})
        self.assertEqual(code, 400)
        self.assertIn("is outside", why)
        for wrong in ({"Type": "client"}, {"Type": "management", "Policies": ["brief"]}, {"Type": "root"}, {"Roles": [{"Name": "none"}]}):
            self.assertEqual(a.error("PUT", "/v1/acl/token", wrong)[0], 400, wrong)

    def test_tokens_and_roles_from_the_command_line(self):
        a = self.agent
        self.policy("one", 'namespace "default" { policy = "read" }')
        self.policy("two", 'node { policy = "read" }')
        made = a.cli("acl", "role", "create", "-name", "people", "-description", "who work here", "-policy", "one").stdout
        role = re.match(r"ID           = (\S+)\nName         = people\nDescription  = who work here\nPolicies     = one\nCreate Index = ", made)[1]
        self.assertNotEqual(a.cli("acl", "role", "create", "-name", "people", "-policy", "one", check=False).returncode, 0)
        self.assertIn(f"{role}  people  who work here  one", a.cli("acl", "role", "list").stdout)
        token = a.cli("acl", "token", "create", "-role-name", "people", "-ttl", "8h").stdout
        self.assertIn(f"\n\nRoles\nID                                    Name\n{role}  people\n", token)
        accessor = re.search(r"Accessor ID  = (\S+)", token)[1]
        secret = re.search(r"Secret ID    = (\S+)", token)[1]
        with a.showing(secret):
            self.assertEqual(a.error("GET", "/v1/nodes")[0], 403)
            self.assertIn("people", a.cli("acl", "role", "info", role).stdout)
        a.cli("acl", "role", "update", "-policy", "two", role)
        with a.showing(secret):
            self.assertEqual(a.status("GET", "/v1/nodes"), 200)
        a.cli("acl", "token", "update", "-name", "renamed", accessor)
        self.assertIn("Name         = renamed", a.cli("acl", "token", "info", accessor).stdout)
        self.assertIn("people", a.cli("acl", "role", "info", "-by-name", "people").stdout)
        self.assertIn("successfully deleted", a.cli("acl", "role", "delete", role).stdout)
        with a.showing(secret):
            self.assertEqual(a.error("GET", "/v1/nodes")[0], 403)
        self.assertIn(f"Token {accessor} successfully deleted", a.cli("acl", "token", "delete", accessor).stdout)
        own = a.cli("acl", "token", "create", "-type", "management", "-accessor", UNKNOWN, "-", stdin="99999999-2222-3333-4444-555555555555\n").stdout
        self.assertIn("Secret ID    = 99999999-2222-3333-4444-555555555555", own)
        a.cli("acl", "token", "delete", UNKNOWN)

    def test_secrets_stay_where_they_belong(self):
        a = self.agent
        self.policy("quiet", 'namespace "default" { policy = "read" }')
        secret, accessor = self.token_of("quiet", Name="quiet one")
        self.assertNotIn(secret, a.text("/v1/acl/tokens"))
        self.assertNotIn("SecretID", a.text("/v1/acl/tokens"))
        seen = ""
        request = urllib.request.Request(a.address + "/v1/event/stream?topic=ACLToken", headers={"X-Nomad-Token": a.token})
        with urllib.request.urlopen(request, timeout=10) as stream:
            until = time.monotonic() + 10
            while accessor not in seen and time.monotonic() < until:
                seen += stream.readline().decode()
        self.assertIn(accessor, seen)
        self.assertIn("ACLTokenUpserted", seen)
        self.assertNotIn(secret, seen)
        self.assertNotIn("SecretID", seen)
        with a.showing(secret):
            for topic in ("ACLToken", "*", "Node"):
                self.assertEqual(a.error("GET", f"/v1/event/stream?topic={topic}"), (403, "Permission denied"))
        log = (a.folder / "agent.log").read_text(errors="replace")
        for hidden in (secret, self.secret):
            self.assertNotIn(hidden, log)

    def test_every_route_is_closed_to_those_without_a_token(self):
        a = self.agent
        routes = a.get("/v1/agent/routes")
        # The id of a request is made of its token: whoever has not made it knows none.
        routes = [r for r in routes if r["Path"] != "/v1/agent/request/:id"]
        open_to_all = {r["Path"] for r in routes if r["Needs"] == "nothing"}
        page = {"/", "/ui", "/ui/", "/ui/:rest"}  # it shows what a token may see
        self.assertEqual(open_to_all - page, {"/.well-known/jwks.json", "/.well-known/openid-configuration", "/v1/acl/auth-methods", "/v1/acl/bootstrap",
                                       "/v1/acl/oidc/auth-url", "/v1/agent/health", "/v1/join", "/v1/join/authority",
                                       "/v1/metrics", "/v1/regions", "/v1/status/leader", "/v1/status/peers"})
        # These tell everybody what that one may see: nothing.
        nothing = {"/v1/namespaces": "[]", "/v1/node/pools": "[]", "/v1/acl/policies": "[]", "/v1/acl/roles": "[]",
                   "/v1/agent/may": "[]"}
        # These take what an identity provider signed in place of a token.
        logins = {"/v1/acl/login", "/v1/acl/oidc/complete-auth"}
        nobody = self.token_with("nobody", 'namespace "nowhere" { policy = "deny" }')
        for token in ("", nobody):
            with a.showing(token):
                for row in routes:
                    if row["Path"] in open_to_all or row["Path"].startswith("/v1/search"):
                        continue
                    path = re.sub(r":(id)\b", UNKNOWN, row["Path"])
                    path = re.sub(r":\w+", "some", path).replace("/v1/agent/may/some", "/v1/agent/may/node%3Aread")
                    if "/jobs" in path or "/job/" in path or "plan" in path:
                        body = {"Job": shell_job(UNKNOWN, "true")}
                    else:
                        body = {"Name": "some", "Prefix": "x"}
                    for method in row["Methods"]:
                        sent = body if method in ("PUT", "POST") else None
                        if row["Path"] in nothing and method == "GET" and (token == "" or "acl" not in path):
                            self.assertEqual(a.text(path), nothing[row["Path"]])
                        elif row["Path"] == "/v1/agent/rules":  # one's own
                            policies = [] if token == "" else [{"Name": "nobody", "Rules": 'namespace "nowhere" { policy = "deny" }'}]
                            self.assertEqual(a.get(path), {"ExpiresNs": 0, "Management": False, "Policies": policies})
                        elif row["Path"] in logins:
                            self.assertEqual(a.error(method, path, sent), (400, "missing auth method name"))
                        elif row["Path"] not in ("/v1/acl/policies", "/v1/acl/roles", "/v1/acl/token/self", "/v1/acl/policy/self") or token == "":
                            self.assertEqual(a.error(method, path, sent)[0], 403, f"{method} {path}")

    def test_who_asks_is_told_what_that_one_may(self):
        a = self.agent
        reads = self.token_with("reads-all", 'namespace "default" { policy = "read" }\nnode { policy = "read" }')
        submits = self.token_with("submits-there", 'namespace "there" { capabilities = ["submit-job"] }')
        asked = ["namespace:deregister-job", "node:read", "node:write"]
        path = "/v1/agent/may?capability=" + ",".join(asked)
        for token, ns, had in ((reads, "default", ["node:read"]), (submits, "default", []),
                               (submits, "there", ["namespace:deregister-job"]), (a.token, "there", asked)):
            with a.showing(token):
                self.assertEqual(a.get(f"{path}&namespace={ns}"), had)
        self.assertEqual(a.error("GET", "/v1/agent/may?capability=some"), (400, '"some" is no capability'))
        with a.showing(UNKNOWN):
            self.assertEqual(a.error("GET", path)[0], 403)

    def test_the_table_in_the_documentation_is_true(self):
        routes = table(self.agent.get("/v1/agent/routes"))
        text = DOCUMENT.read_text()
        self.assertIn(MARK, text)
        if os.environ.get("CARAVAN_REWRITE"):
            DOCUMENT.write_text(text[:text.index(MARK) + len(MARK)] + "\n" + routes)
            text = DOCUMENT.read_text()
        self.assertEqual(text[text.index(MARK) + len(MARK):].strip(), routes.strip())


class AclOnAgentsTest(unittest.TestCase):
    def test_an_agent_without_a_server_asks_one(self):
        rig = Rig(servers=1, clients=1, server_extra=ACL, client_extras=[ACL])
        try:
            for machine in rig.machines:
                machine.start()
            wait_for("a leader", rig.leader)
            server, client = rig.servers[0], rig.clients[0]
            wait_for("a leader", lambda: client.status("GET", "/v1/status/leader") == 200)
            made = client.cli("acl", "bootstrap").stdout  # through the client's agent
            secret = re.search(r"Secret ID += (\S+)", made)[1]
            with client.showing(secret):
                self.assertEqual(client.get("/v1/agent/self")["config"]["Client"]["Enabled"], True)
                client.request("PUT", "/v1/acl/policy/jobs", {"Name": "jobs", "Rules": 'namespace "default" { policy = "read" }'})
                few = json.loads(client.request("PUT", "/v1/acl/token", {"Policies": ["jobs"]})[0])["SecretID"]
            with client.showing(few):
                self.assertEqual(client.get("/v1/jobs"), [])
                self.assertEqual(client.error("GET", "/v1/agent/self"), (403, "Permission denied"))
            with client.showing(UNKNOWN):
                self.assertEqual(client.error("GET", "/v1/agent/self"), (403, "ACL token not found"))
            self.assertEqual(client.error("GET", "/v1/agent/self"), (403, "Permission denied"))
            wait_for("health, for everybody", lambda: client.status("GET", "/v1/agent/health") == 200)
            with server.showing(secret):
                self.assertEqual(server.status("GET", "/v1/nodes"), 200)
        finally:
            rig.close()


class AclOffTest(unittest.TestCase):
    def test_pages_say_that_it_is_off(self):
        a = Agent(BINARY)
        a.start()
        try:
            for method, path in (("PUT", "/v1/acl/bootstrap"), ("GET", "/v1/acl/policies"), ("GET", "/v1/acl/token/self")):
                self.assertEqual(a.error(method, path), (400, "ACL support disabled"))
            with a.showing(UNKNOWN):
                self.assertEqual(a.status("GET", "/v1/jobs"), 200)
        finally:
            a.close()


if __name__ == "__main__":
    unittest.main()
