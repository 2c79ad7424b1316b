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
