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

    def test_a_damaged_key_encryption_key_is_named(self):
        a = Agent(BINARY)
        self.addCleanup(shutil.rmtree, a.folder)
        keystore = a.folder / "data/server/keystore"
        keystore.mkdir(parents=True)
        (keystore / "key-encryption-key").write_bytes(b"short")
        done = a.cli("agent", "-config", str(a.folder / "agent.hcl"), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("key-encryption-key is damaged", done.stdout + done.stderr)
