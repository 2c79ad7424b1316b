# SPDX-License-Identifier: Apache-2.0
"""The key-encryption key on a server's disk under a passphrase, or opened by a service elsewhere."""
import base64
import http.server
import json
import os
import shutil
import subprocess
import threading
import unittest

from agent import Agent, wait_for

BINARY = os.environ["CARAVAN"]


class Transit(http.server.BaseHTTPRequestHandler):
    """Seals by keeping what it was given, as far as clients can tell."""
    sealed, is_open = {}, True

    def do_PUT(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        verb = self.path.rsplit("/", 2)[1]
        if self.headers["X-Vault-Token"] != "t0ken" or not self.is_open or "/transit/" not in self.path:
            return self.say(403, {"errors": ["permission denied"]})
        if verb == "encrypt":
            name = f"vault:v1:{len(self.sealed)}"
            self.sealed[name] = body["plaintext"]
            return self.say(200, {"data": {"ciphertext": name}})
        self.say(200, {"data": {"plaintext": self.sealed[body["ciphertext"]]}})

    def say(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class KeyGuardTest(unittest.TestCase):
    def setUp(self):
        self.agent = Agent(BINARY)
        self.config = self.agent.folder / "agent.hcl"
        self.without = self.config.read_text()
        store = self.agent.folder / "data/server/keystore"
        self.plain, self.closed = store / "key-encryption-key", store / "key-encryption-key.json"
        self.passphrase = self.agent.folder / "passphrase"
        self.passphrase.write_text("correct horse battery\n")

    def configure(self, *blocks):
        self.config.write_text(self.without + "\n".join(blocks))

    def begin(self):
        self.agent.start()
        wait_for("a root key", lambda: self.agent.get("/v1/operator/keyring/keys"))

    def refusal(self):
        """What an agent says that does not start."""
        done = subprocess.run([self.agent.binary, "agent", "-config", str(self.config)], capture_output=True, text=True, timeout=30)
        self.assertNotEqual(0, done.returncode)
        return done.stdout + done.stderr

    def secret(self):
        return self.agent.get("/v1/var/app")["Items"]["k"]

    def test_a_passphrase_takes_the_key_from_the_disk_and_gives_it_back(self):
        by_words = f'keyring "passphrase" {{\n  active = true\n  passphrase_file = "{self.passphrase}"\n}}'
        self.begin()
        self.addCleanup(self.agent.close)
        self.agent.request("PUT", "/v1/var/app", {"Items": {"k": "kept"}})
        key = self.plain.read_bytes()
        self.agent.stop()
        self.configure(by_words)
        self.begin()
        self.assertEqual("kept", self.secret())
        self.assertFalse(self.plain.exists())
        self.assertNotIn(base64.b64encode(key).decode(), self.closed.read_text())
        self.assertEqual(0o600, self.closed.stat().st_mode & 0o777)
        self.agent.stop()
        self.passphrase.write_text("wrong horse battery\n")
        self.assertIn("it does not open with this passphrase", self.refusal())
        self.passphrase.write_text("short\n")
        self.assertIn("at least 12 characters", self.refusal())
        self.config.write_text(self.without)
        self.assertIn('needs keyring "passphrase"', self.refusal())
        self.passphrase.write_text("correct horse battery\n")
        self.configure('keyring "aead" {\n  active = true\n}', by_words.replace("active = true", "active = false"))
        self.begin()
        self.assertEqual("kept", self.secret())
        self.assertEqual(key, self.plain.read_bytes())
        self.assertFalse(self.closed.exists())

    def test_a_service_elsewhere_opens_it(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Transit)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.configure(f'keyring "transit" {{\n  active = true\n  address = "http://127.0.0.1:{server.server_port}"\n'
                       '  token = "t0ken"\n  key_name = "caravan"\n}')
        self.begin()
        self.addCleanup(self.agent.close)
        self.agent.request("PUT", "/v1/var/app", {"Items": {"k": "kept"}})
        self.assertFalse(self.plain.exists())
        self.assertEqual({"guard": "transit", "key_name": "caravan", "ciphertext": "vault:v1:0"}, json.loads(self.closed.read_text()))
        self.agent.kill()
        Transit.is_open = False
        self.assertIn("answers 403 to decrypt", self.refusal())
        Transit.is_open = True
        self.begin()
        self.assertEqual("kept", self.secret())

    def test_what_is_not_built_or_wrong_is_named(self):
        self.addCleanup(shutil.rmtree, self.agent.folder, True)
        for block, words in (('keyring "awskms" {\n  active = true\n}', 'keyring "awskms": not built'),
                             ('keyring "transit" {\n  active = true\n}', "address and key_name are needed"),
                             ('keyring "passphrase" {\n  phrase = "x"\n}', "phrase is not known here"),
                             ('keyring "aead" {\n}\nkeyring "passphrase" {\n}', "one of several has to be active")):
            self.configure(block)
            self.assertIn(words, self.refusal())


if __name__ == "__main__":
    unittest.main()
