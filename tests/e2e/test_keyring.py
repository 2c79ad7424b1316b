# SPDX-License-Identifier: Apache-2.0
"""The cluster's keys, as those see them who verify its identities."""
import json
import os
import shutil
import unittest

from agent import Agent, wait_for

BINARY = os.environ["CARAVAN"]


class KeyringTest(unittest.TestCase):
    def test_keys_are_real_survive_a_kill_and_rotate(self):
        a = Agent(BINARY)
        a.start()
        self.addCleanup(a.close)

        def keys():
            return a.get("/.well-known/jwks.json")["keys"]
        first = wait_for("a key", keys)
        self.assertEqual({k: first[0][k] for k in ("kty", "alg", "use", "e")},
                         {"kty": "RSA", "alg": "RS256", "use": "sig", "e": "AQAB"})
        self.assertEqual(len(first[0]["n"]), 342)  # 2048 bits in base64url
        self.assertIn("max-age=", a.request("GET", "/.well-known/jwks.json")[1]["Cache-Control"])
        self.assertEqual(a.error("GET", "/.well-known/openid-configuration")[0], 404)

        a.kill()
        a.start()
        self.assertEqual(wait_for("the key after a restart", keys), first)

        made = json.loads(a.request("PUT", "/v1/operator/keyring/rotate")[0])["Key"]
        self.assertEqual({k["KeyID"]: k["State"] for k in a.get("/v1/operator/keyring/keys")},
                         {first[0]["kid"]: "inactive", made["KeyID"]: "active"})
        self.assertEqual({k["kid"] for k in keys()}, {first[0]["kid"], made["KeyID"]})
        secret = a.folder / "data/server/keystore/key-encryption-key"
        self.assertEqual(secret.stat().st_mode & 0o777, 0o600)

    def test_a_full_rotation_seals_variables_anew_and_frees_the_old_key(self):
        a, old = self.with_a_key()
        for i in range(20):
            a.request("PUT", f"/v1/var/app/{i}", {"Items": {"n": str(i), "long": "x" * 40_000}})
        before = {v["Path"]: v["ModifyIndex"] for v in a.get("/v1/vars")}
        self.assertEqual(a.error("DELETE", f"/v1/operator/keyring/key/{old}"),
                         (400, "active root key cannot be deleted - call rotate first"))
        a.request("PUT", "/v1/operator/keyring/rotate?full=true")
        self.assertEqual(self.states(a)[old], "rekeying")
        status, why = a.error("DELETE", f"/v1/operator/keyring/key/{old}")
        self.assertEqual(status, 409)
        self.assertIn("root key in use, cannot delete: the variable app/", why)
        wait_for("the end of the rekeying", lambda: self.states(a)[old] == "inactive")
        a.cli("operator", "root", "keyring", "remove", old)
        self.assertEqual(a.error("DELETE", f"/v1/operator/keyring/key/{old}")[0], 404)
        self.assertNotIn(old, {k["kid"] for k in a.get("/.well-known/jwks.json")["keys"]})
        a.kill()
        a.start()
        wait_for("the state", lambda: a.status("GET", "/v1/var/app/7") == 200)
        self.assertEqual(a.get("/v1/var/app/7")["Items"]["n"], "7")
        self.assertEqual({v["Path"]: v["ModifyIndex"] for v in a.get("/v1/vars")}, before)

    def test_a_key_that_is_published_first_signs_later(self):
        a, old = self.with_a_key()
        shown = a.cli("operator", "root", "keyring", "rotate", "-prepublish", "3s", "-signing", "EdDSA", "-verbose").stdout
        header, row = (line.split("  ") for line in shown.splitlines())
        self.assertEqual([cell.strip() for cell in header if cell], ["Key", "State", "Create Time", "Publish Time"])
        new = row[0]
        self.assertEqual(self.states(a), {old: "active", new: "prepublished"})
        algorithms = {k["kid"]: k["alg"] for k in a.get("/.well-known/jwks.json")["keys"]}
        self.assertEqual(algorithms, {old: "RS256", new: "EdDSA"})
        wait_for("its time", lambda: self.states(a) == {old: "inactive", new: "active"})
        listed = a.cli("operator", "root", "keyring", "list").stdout
        self.assertRegex(listed, rf"(?m)^{new[:8]} +active ")

    def test_a_rotation_that_makes_no_sense_is_refused(self):
        a, old = self.with_a_key()
        later = 10**9 * (2**33)
        for query, why in ((f"full=true&publish_time={later}", "full: variables are sealed anew"),
                           ("publish_time=1", "publish_time: it is over"), ("publish_time=soon", "publish_time: not a number"),
                           ("signing=none", "signing: \"none\" is not known"), ("algo=des", "algo: \"des\" is not known"),
                           ("full=perhaps", "full")):
            status, text = a.error("PUT", "/v1/operator/keyring/rotate?" + query)
            self.assertEqual(status, 400, query)
            self.assertIn(why, text)
        self.assertEqual(a.cli("operator", "root", "keyring", "rotate", check=False).returncode, 1)
        self.assertEqual(self.states(a), {old: "active"})

    def with_a_key(self):
        a = Agent(BINARY)
        a.start()
        self.addCleanup(a.close)
        return a, wait_for("a key", lambda: a.get("/v1/operator/keyring/keys"))[0]["KeyID"]

    @staticmethod
    def states(a):
        return {k["KeyID"]: k["State"] for k in a.get("/v1/operator/keyring/keys")}

    def test_a_damaged_key_encryption_key_is_named(self):
        a = Agent(BINARY)
        self.addCleanup(shutil.rmtree, a.folder)
        keystore = a.folder / "data/server/keystore"
        keystore.mkdir(parents=True)
        (keystore / "key-encryption-key").write_bytes(b"short")
        done = a.cli("agent", "-config", str(a.folder / "agent.hcl"), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("key-encryption-key is damaged", done.stdout + done.stderr)
