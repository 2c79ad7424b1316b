# SPDX-License-Identifier: Apache-2.0
"""What tasks can prove to be: their tokens, where they lie, and what others make of them."""
import base64
import hashlib
import json
import os
import time
import unittest

from agent import Agent, shell_job, wait_for

BINARY = os.environ["CARAVAN"]
ISSUER = "https://nomad.example.com"
SECOND = 10**9
# DigestInfo of a SHA-256 digest (RFC 8017, 9.2)
SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def number(part):
    return int.from_bytes(decode(part), "big")


def verified(token, keys):
    """The claims of a token, verified with RSA as the textbook has it."""
    head, claims, signature = token.split(".")
    header = json.loads(decode(head))
    key = next(k for k in keys if k["kid"] == header["kid"])
    assert header["alg"] == key["alg"] == "RS256", header
    modulus = number(key["n"])
    size = (modulus.bit_length() + 7) // 8
    plain = pow(number(signature), number(key["e"]), modulus).to_bytes(size, "big")
    digest = SHA256 + hashlib.sha256(f"{head}.{claims}".encode()).digest()
    assert plain == b"\0\1" + b"\xff" * (size - 3 - len(digest)) + b"\0" + digest
    return json.loads(decode(claims))


ACL = """
acl {
  enabled = true
}
"""


class IdentityTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(BINARY, f'server {{\n  oidc_issuer = "{ISSUER}"\n}}\n')
        cls.agent.start()
        wait_for("a root key", lambda: cls.agent.get("/v1/operator/keyring/keys"))

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def keys(self):
        return self.agent.get("/.well-known/jwks.json")["keys"]

    def folder(self, alloc):
        return self.agent.folder / "data" / "alloc" / alloc["ID"] / "t"

    def test_a_task_finds_its_tokens_and_others_can_verify_them(self):
        a = self.agent
        script = 'echo "env $NOMAD_TOKEN"; echo "named $NOMAD_TOKEN_web_1"; sleep 600'
        a.register(shell_job("proves", script, Identity={"Env": True, "File": True}, Identities=[
            {"Name": "web_1", "Audience": ["example.com"], "Env": True, "TTL": 3600 * SECOND},
            {"Name": "files", "Audience": ["a", "b"], "File": True, "Filepath": "local/deep/token", "TTL": 60 * SECOND}]))
        [alloc] = a.running("proves")
        said = dict(line.split(" ", 1) for line in
                    wait_for("both lines", lambda: len(a.logs(alloc).splitlines()) == 2 and a.logs(alloc)).splitlines())
        path = self.folder(alloc) / "secrets" / "nomad_token"
        self.assertEqual(path.read_text(), said["env"])
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        claims = verified(said["env"], self.keys())
        self.assertEqual({k: claims[k] for k in claims if k not in ("jti", "iat", "nbf")},
                         {"nomad_namespace": "default", "nomad_job_id": "proves", "nomad_task": "t",
                          "nomad_allocation_id": alloc["ID"], "aud": ["nomadproject.io"], "iss": ISSUER,
                          "sub": "global:default:proves:g:t:default"})
        self.assertLess(abs(claims["iat"] - time.time()), 60)
        named = verified(said["named"], self.keys())
        self.assertEqual((named["aud"], named["exp"] - named["iat"]), (["example.com"], 3600))
        in_file = verified((self.folder(alloc) / "local/deep/token").read_text(), self.keys())
        self.assertEqual((in_file["aud"], in_file["sub"]), (["a", "b"], "global:default:proves:g:t:files"))
        self.assertNotIn(said["env"], a.text(f"/v1/allocation/{alloc['ID']}"))

    def test_others_find_the_keys_by_the_issuer(self):
        found = self.agent.get("/.well-known/openid-configuration")
        self.assertEqual((found["issuer"], found["jwks_uri"]), (ISSUER, ISSUER + "/.well-known/jwks.json"))

    def test_a_node_has_one_too(self):
        a = self.agent
        [node] = a.get("/v1/nodes")
        path = f"/v1/client/identity?node_id={node['ID']}"
        claims = a.get(path)["Claims"]
        self.assertEqual({k: claims[k] for k in claims if k not in ("jti", "iat", "nbf", "exp")},
                         {"aud": "nomadproject.io", "iss": ISSUER, "nomad_node_id": node["ID"], "nomad_node_pool": "default",
                          "nomad_node_datacenter": "dc1", "sub": f"node:global:default:{node['ID']}:default"})
        self.assertEqual(claims["exp"] - claims["iat"], 24 * 3600)
        file = a.folder / "data/client/identity.jwt"
        self.assertEqual(verified(file.read_text(), self.keys()), claims)
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        a.cli("node", "identity", "renew", node["ID"])
        other = a.get(path)["Claims"]
        self.assertNotEqual(other["jti"], claims["jti"])
        rows = dict(line.split(None, 1) for line in a.cli("node", "identity", "get", node["ID"][:8]).stdout.splitlines()[1:])
        self.assertEqual((rows["jti"], rows["nomad_node_id"]), (other["jti"], node["ID"]))
        self.assertEqual(a.error("GET", "/v1/client/identity")[0], 400)
        self.assertEqual(a.error("GET", "/v1/client/identity?node_id=" + "1" * 8 + node["ID"][8:])[0], 404)
        status, why = a.error("PUT", "/v1/node/pool/brief", {"Name": "brief", "NodeIdentityTTL": "1s"})
        self.assertEqual(status, 400)
        self.assertIn("NodeIdentityTTL: 1s is less than 1m0s", why)

    def test_a_token_is_renewed_at_half_its_time_also_after_a_kill(self):
        a = self.agent
        script = 'trap "echo told" HUP; echo started; while :; do sleep 0.1; done'
        a.register(shell_job("renews", script, Identities=[
            {"Name": "short", "Audience": ["x"], "File": True, "TTL": 4 * SECOND,
             "ChangeMode": "signal", "ChangeSignal": "SIGHUP"}]))
        [alloc] = a.running("renews")
        path = self.folder(alloc) / "secrets" / "nomad_short.jwt"

        def another_than(text):
            return wait_for("another token", lambda: path.read_text() != text and path.read_text())
        first = path.read_text()
        second = another_than(first)
        end, begin = (verified(t, self.keys()) for t in (first, second))
        self.assertLess(begin["iat"], end["exp"])  # there was one at any time
        wait_for("the signal", lambda: "told" in a.logs(alloc))
        a.kill()
        a.start()
        another_than(path.read_text())
        self.assertEqual(a.logs(alloc).count("started"), 1)

    def test_a_renewal_can_restart_its_task(self):
        a = self.agent
        a.register(shell_job("restarts", "echo $NOMAD_TOKEN_x; sleep 600", Identities=[
            {"Name": "x", "Audience": ["x"], "Env": True, "TTL": 2 * SECOND, "ChangeMode": "restart"}]))
        [alloc] = a.running("restarts")
        wait_for("two tokens", lambda: len(set(a.logs(alloc).split())) >= 2)
        events = a.get(f"/v1/allocation/{alloc['ID']}")["TaskStates"]["t"]["Events"]
        self.assertIn("Identity[x]: new Identity token acquired", str(events))

    def test_a_job_that_asks_for_nonsense_is_refused(self):
        status, text = self.agent.answer("PUT", "/v1/jobs", {"Job": shell_job("wrong", "true", Identities=[
            {"Name": "x", "File": True, "Filepath": "../../../etc/token"}])})
        self.assertEqual(status, 400)
        self.assertIn("leaves the allocation", text)
        warned = self.agent.register(shell_job("warned", "true", kind="batch", Identities=[{"Name": "x", "File": True}]))
        self.assertIn('identity "x" has no aud', warned["Warnings"])


class TaskTokenTest(unittest.TestCase):
    """The token of a task as a token of the API, where access control is on."""

    @classmethod
    def setUpClass(cls):
        cls.agent = a = Agent(BINARY, ACL)
        a.start()
        wait_for("a leader", lambda: a.status("GET", "/v1/status/leader") == 200)
        cls.secret = a.token = json.loads(a.request("PUT", "/v1/acl/bootstrap")[0])["SecretID"]
        wait_for("a root key", lambda: a.get("/v1/operator/keyring/keys"))

    @classmethod
    def tearDownClass(cls):
        cls.agent.token = cls.secret
        cls.agent.close()

    def start(self, name):
        """A job with a token, and that token."""
        a = self.agent
        a.register(shell_job(name, "sleep 600", Identity={"File": True}))
        [alloc] = a.running(name)
        return alloc, (a.folder / "data/alloc" / alloc["ID"] / "t/secrets/nomad_token").read_text()

    def test_a_task_may_what_its_job_may(self):
        a = self.agent
        alloc, token = self.start("reads")
        for path in ("nomad/jobs/reads", "nomad/jobs/reads/g/t", "nomad/jobs/other", "app/db"):
            a.request("PUT", f"/v1/var/{path}", {"Items": {"where": path}})
        with a.showing(token):
            self.assertEqual(a.get("/v1/var/nomad/jobs/reads/g/t")["Items"], {"where": "nomad/jobs/reads/g/t"})
            self.assertEqual({v["Path"] for v in a.get("/v1/vars")}, {"nomad/jobs/reads", "nomad/jobs/reads/g/t"})
            for path in ("/v1/var/nomad/jobs/other", "/v1/var/app/db", "/v1/jobs", "/v1/nodes", "/v1/acl/tokens"):
                self.assertEqual(a.answer("GET", path), (403, "Permission denied"), path)
            self.assertEqual(a.answer("PUT", "/v1/var/nomad/jobs/reads", {"Items": {"a": "b"}})[0], 403)
            self.assertEqual(a.get("/v1/services"), [])
            self.assertEqual(a.status("GET", "/v1/service/db"), 200)
        a.request("PUT", "/v1/acl/policy/of-reads", {
            "Name": "of-reads", "Rules": 'namespace "default" { policy = "read" }',
            "JobACL": {"Namespace": "default", "JobID": "reads"}})
        with a.showing(token):
            self.assertEqual([j["ID"] for j in a.get("/v1/jobs") if j["ID"] == "reads"], ["reads"])
            shown = a.get("/v1/acl/token/self")
            self.assertEqual({k: shown[k] for k in ("AccessorID", "Name", "Type", "Policies")},
                             {"AccessorID": alloc["ID"], "Name": "global:default:reads:g:t:default",
                              "Type": "client", "Policies": ["of-reads"]})
            self.assertEqual([p["Name"] for p in a.get("/v1/acl/policy/self")], ["of-reads"])
            self.assertRegex(a.cli("acl", "token", "self").stdout, rf"Accessor ID +=? {alloc['ID']}")

    def test_a_token_ends_with_its_allocation(self):
        a = self.agent
        _, token = self.start("ends")
        with a.showing(token):
            self.assertEqual(a.status("GET", "/v1/services"), 200)
        a.request("DELETE", "/v1/job/ends")
        wait_for("the end", lambda: a.allocs("ends")[0]["ClientStatus"] == "complete")
        with a.showing(token):
            self.assertEqual(a.answer("GET", "/v1/services"), (403, "Workload identity refused: its allocation has ended"))
            self.assertEqual(a.status("GET", "/v1/status/leader"), 200)

    def test_what_is_no_token_is_turned_away(self):
        a = self.agent
        _, token = self.start("good")
        head, claims, signature = token.split(".")

        def encode(value):
            return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
        more = encode({**json.loads(decode(claims)), "nomad_task": "other"})
        none = encode({**json.loads(decode(head)), "alg": "none"})
        far = encode({**json.loads(decode(head)), "kid": "11111111-2222-3333-4444-555555555555"})
        for bad, why in ((f"{head}.{more}.{signature}", "its signature is wrong"),
                         (f"{none}.{claims}.", "its signature is wrong"),
                         (f"{head}.{claims}.", "its signature is wrong"),
                         (f"{far}.{claims}.{signature}", "it is not signed by a key of this cluster"),
                         ("a.b", "a token has three parts"), ("..", ""), (".", ""),
                         (f"{head}.{claims}.{signature}.x", "a token has three parts")):
            with a.showing(bad):
                status, text = a.answer("GET", "/v1/services")
                self.assertEqual(status, 403, bad)
                self.assertIn("Workload identity refused: " + why, text)
        with a.showing(f"{head}.{claims}.{'A' * 5000}"):
            self.assertEqual(a.status("GET", "/v1/services"), 403)
        with a.showing(f"{head}.{claims}.{'A' * 100_000}"):
            self.assertIn(a.status("GET", "/v1/services"), (400, 431))
        with a.showing(token):
            self.assertEqual(a.status("GET", "/v1/services"), 200)
