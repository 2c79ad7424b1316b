# SPDX-License-Identifier: Apache-2.0
"""The authority of the service mesh, and the certificates of services."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from agent import Agent, wait_for
from rig import Rig
from test_consul_cli import consul
from test_kv import CATALOG, AccessCase, Registry, RegistryCase

ROOTS, CONFIG = "/v1/connect/ca/roots", "/v1/connect/ca/configuration"
LEAF, AUTHORIZE = "/v1/agent/connect/ca/leaf/", "/v1/agent/connect/authorize"


def openssl(*words, stdin=None):
    return subprocess.run(["openssl", *words], input=stdin, capture_output=True, text=True, timeout=30)


def holds(leaf, *roots):
    """Whether openssl believes the leaf, with the certificates that come with it, by these roots."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "roots.pem").write_text("".join(roots))
        (folder / "leaf.pem").write_text(leaf)
        return openssl("verify", "-CAfile", str(folder / "roots.pem"), "-untrusted", str(folder / "leaf.pem"),
                       str(folder / "leaf.pem")).returncode == 0


def own_root(folder, name):
    """An authority that somebody brings: key and certificate."""
    key, certificate, settings = (folder / f"{name}.{end}" for end in ("key", "pem", "cnf"))
    settings.write_text(f"""
[req]
prompt = no
distinguished_name = who
x509_extensions = what
[who]
O = Somebody
CN = {name}
[what]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
""")
    done = openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                   "-config", str(settings), "-keyout", str(key), "-out", str(certificate))
    assert done.returncode == 0, done.stderr
    return key.read_text(), certificate.read_text()


class ConnectTest(RegistryCase):
    def roots(self):
        return self.registry.json("GET", ROOTS)

    def leaf(self, service="web", query=""):
        return self.registry.json("GET", LEAF + service + query)

    def test_roots_as_recorded(self):
        roots = self.roots()
        self.assertEqual(list(roots), ["ActiveRootID", "TrustDomain", "Roots"])
        root = next(r for r in roots["Roots"] if r["Active"])
        self.assertEqual(list(root), ["ID", "Name", "SerialNumber", "SigningKeyID", "ExternalTrustDomain", "NotBefore", "NotAfter",
                                      "RootCert", "IntermediateCerts", "Active", "PrivateKeyType", "PrivateKeyBits",
                                      "CreateIndex", "ModifyIndex"])
        self.assertEqual(roots["ActiveRootID"], root["ID"])
        self.assertEqual(roots["TrustDomain"], root["ExternalTrustDomain"] + ".consul")
        self.assertEqual(self.registry.json("GET", "/v1/agent/connect/ca/roots"), roots)
        self.assertNotIn("PRIVATE", json.dumps(roots))
        self.assertTrue(holds(root["RootCert"], root["RootCert"]))

    def test_a_leaf_says_who_a_service_is_and_openssl_believes_it(self):
        leaf, roots = self.leaf(), self.roots()
        self.assertEqual(list(leaf), ["SerialNumber", "CertPEM", "PrivateKeyPEM", "Service", "ServiceURI", "ValidAfter",
                                      "ValidBefore", "CreateIndex", "ModifyIndex"])
        uri = f"spiffe://{roots['TrustDomain']}/ns/default/dc/dc1/svc/web"
        self.assertEqual((leaf["Service"], leaf["ServiceURI"]), ("web", uri))
        active = next(r for r in roots["Roots"] if r["Active"])
        self.assertTrue(holds(leaf["CertPEM"], active["RootCert"]))
        with tempfile.TemporaryDirectory() as folder:
            other = own_root(pathlib.Path(folder), "other")[1]
        self.assertFalse(holds(leaf["CertPEM"], other))
        text = openssl("x509", "-noout", "-text", stdin=leaf["CertPEM"]).stdout
        self.assertIn("URI:" + uri, text)
        self.assertIn("prime256v1", text)
        self.assertIn("TLS Web Server Authentication, TLS Web Client Authentication", text)
        self.assertNotEqual(openssl("x509", "-noout", "-checkend", str(73 * 3600), stdin=leaf["CertPEM"]).returncode, 0)
        self.assertEqual(openssl("x509", "-noout", "-checkend", str(70 * 3600), stdin=leaf["CertPEM"]).returncode, 0)
        public = openssl("x509", "-noout", "-pubkey", stdin=leaf["CertPEM"]).stdout
        self.assertEqual(openssl("pkey", "-pubout", stdin=leaf["PrivateKeyPEM"]).stdout, public)

    def test_a_leaf_is_kept_until_it_changes(self):
        first = self.leaf("kept")
        self.assertEqual(self.leaf("kept"), first)
        status, headers, _ = self.registry.ask("GET", LEAF + f"kept?index={first['ModifyIndex']}&wait=300ms")
        self.assertEqual((status, headers["X-Consul-Index"]), (200, str(first["ModifyIndex"])))
        self.assertNotEqual(self.leaf("another")["PrivateKeyPEM"], first["PrivateKeyPEM"])
        self.assertEqual(self.registry.text("GET", LEAF + "a,DNS:b")[0], 400)

    def test_a_root_is_replaced_and_vouched_for(self):
        before, leaf = self.roots(), self.leaf("rotated")
        old = next(r for r in before["Roots"] if r["Active"])
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = own_root(pathlib.Path(folder), "next")
        body = {"Provider": "consul", "Config": {"LeafCertTTL": "24h", "PrivateKey": key, "RootCert": certificate}}
        self.assertEqual(self.registry.text("PUT", CONFIG, body), (200, ""))
        roots = self.roots()
        new = next(r for r in roots["Roots"] if r["Active"])
        self.assertEqual((new["RootCert"], roots["TrustDomain"]), (certificate, before["TrustDomain"]))
        self.assertEqual([r["Active"] for r in roots["Roots"] if r["ID"] == old["ID"]], [False])
        self.assertEqual(len(new["IntermediateCerts"]), 1)
        renewed = self.leaf("rotated", f"?index={leaf['ModifyIndex']}&wait=30s")
        self.assertGreater(renewed["ModifyIndex"], leaf["ModifyIndex"])
        self.assertTrue(holds(leaf["CertPEM"], old["RootCert"], new["RootCert"]), "leaves of before still count")
        self.assertTrue(holds(renewed["CertPEM"], new["RootCert"]))
        self.assertTrue(holds(renewed["CertPEM"], old["RootCert"]), "the root before vouches for the new one")
        config = self.registry.json("GET", CONFIG)
        self.assertEqual((config["Provider"], config["Config"]["LeafCertTTL"]), ("consul", "24h0m0s"))
        self.assertNotIn("PrivateKey", config["Config"])
        status, text = self.registry.text("PUT", CONFIG, {**body, "Config": {"PrivateKey": key, "RootCert": old["RootCert"]}})
        self.assertEqual(status, 400)
        self.assertIn("is not that of Config.PrivateKey", text)
        self.registry.text("PUT", CONFIG, {"Provider": "consul", "Config": {"LeafCertTTL": "72h"}})

    def test_who_waits_for_roots_is_told(self):
        _, headers, _ = self.registry.ask("GET", ROOTS)
        waiting = self.blocked(ROOTS + "?index=" + headers["X-Consul-Index"])
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = own_root(pathlib.Path(folder), "told")
        self.registry.text("PUT", CONFIG, {"Provider": "consul", "ForceWithoutCrossSigning": True,
                                           "Config": {"PrivateKey": key, "RootCert": certificate}})
        active = next(r for r in waiting()[2]["Roots"] if r["Active"])
        self.assertEqual((active["RootCert"], active["IntermediateCerts"]), (certificate, None))

    def test_settings_that_cannot_be(self):
        for body, said in [({"Provider": "vault", "Config": {}}, 'Provider: "vault" is not built'),
                           ({"Provider": "consul", "Config": {"LeafCertTTL": "5m"}}, "LeafCertTTL: is outside"),
                           ({"Provider": "consul", "Config": {"LeafTTL": "72h"}}, "Config.LeafTTL: is not known"),
                           ({"Provider": "consul", "Config": {"PrivateKeyType": "rsa"}}, 'only "ec" of 256'),
                           ({"Provider": "consul", "Config": {"PrivateKey": "x"}}, "go together"),
                           ({"Provider": "consul", "Config": {"PrivateKey": "x", "RootCert": "y"}}, "not a private key")]:
            with self.subTest(said):
                status, text = self.registry.text("PUT", CONFIG, body)
                self.assertIn(status, (400, 501), text)
                self.assertIn(said, text)

    def ask(self, source, target, domain=None):
        uri = f"spiffe://{domain or self.roots()['TrustDomain']}/ns/default/dc/dc1/svc/{source}"
        answer = self.registry.json("POST", AUTHORIZE, {"Target": target, "ClientCertURI": uri, "ClientCertSerial": "01:02"})
        return answer["Authorized"], answer["Reason"]

    def test_who_may_connect(self):
        self.assertEqual(self.ask("web", "asked"), (True, "ACLs disabled, access is allowed by default"))
        for source, action in (("web", "allow"), ("*", "deny")):
            self.registry.json("PUT", f"/v1/connect/intentions/exact?source={source}&destination=asked", {"Action": action})
        self.assertEqual(self.ask("web", "asked"), (True, "Matched intention: web => asked (allow)"))
        self.assertEqual(self.ask("api", "asked"), (False, "Matched intention: * => asked (deny)"))
        self.assertEqual(self.ask("web", "asked", "other.consul"), (False, "Identity from an external trust domain: other.consul"))
        for body, said in [({"Target": "asked"}, "ClientCertURI must be specified"),
                           ({"ClientCertURI": "x"}, "Target service must be specified"),
                           ({"Target": "asked", "ClientCertURI": "https://x"}, "not a valid Connect identifier")]:
            status, text = self.registry.text("POST", AUTHORIZE, body)
            self.assertEqual(status, 400)
            self.assertIn(said, text)

    def test_the_command_line(self):
        shown = json.loads(consul(self.agent, "connect", "ca", "get-config"))
        self.assertEqual(shown["Provider"], "consul")
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "ca.json"
            file.write_text(json.dumps({"Provider": "consul", "Config": {"LeafCertTTL": "48h"}}))
            self.assertEqual(consul(self.agent, "connect", "ca", "set-config", "-config-file", str(file)), "Configuration updated!\n")
        self.assertEqual(self.registry.json("GET", CONFIG)["Config"]["LeafCertTTL"], "48h0m0s")
        self.assertEqual(consul(self.agent, "connect", "ca", "set-config", ok=False)[0], 1)
        self.registry.text("PUT", CONFIG, {"Provider": "consul", "Config": {"LeafCertTTL": "72h"}})


class ConnectKeptTest(unittest.TestCase):
    def test_the_authority_survives_and_its_key_lies_sealed(self):
        agent = Agent(os.environ["CARAVAN"], catalog=True)
        try:
            agent.start()
            registry = Registry("127.0.0.1", agent.catalog_port)
            with tempfile.TemporaryDirectory() as folder:
                key, certificate = own_root(pathlib.Path(folder), "sealed")
            registry.text("PUT", CONFIG, {"Provider": "consul", "Config": {"PrivateKey": key, "RootCert": certificate}})
            roots = registry.json("GET", ROOTS)
            kept = b"".join(path.read_bytes() for path in agent.folder.rglob("*") if path.is_file())
            lines = certificate.splitlines()
            self.assertIn(lines[1].encode(), kept, "what is public can be found there")
            self.assertNotIn(key.splitlines()[1].encode(), kept)
            old = next(k["KeyID"] for k in agent.get("/v1/operator/keyring/keys") if k.get("State", "active") == "active")
            agent.request("PUT", "/v1/operator/keyring/rotate?full=true", {})
            wait_for("the authority's key to be sealed anew", lambda: not [
                k for k in agent.get("/v1/operator/keyring/keys") if k["State"] == "rekeying"])
            agent.request("DELETE", f"/v1/operator/keyring/key/{old}")
            agent.kill()
            agent.start()
            self.assertEqual(registry.json("GET", ROOTS), roots | {"Roots": registry.json("GET", ROOTS)["Roots"]})
            self.assertEqual(registry.json("GET", ROOTS)["ActiveRootID"], roots["ActiveRootID"])
            self.assertTrue(holds(registry.json("GET", LEAF + "web")["CertPEM"], certificate))
        finally:
            agent.close()


class ConnectClusterTest(unittest.TestCase):
    def test_every_agent_has_one_authority_over_a_change_of_leaders(self):
        rig = Rig(clients=1, server_extra=CATALOG, client_extras=[CATALOG])
        self.addCleanup(rig.close)
        rig.start()
        near = Registry(rig.clients[0].ip, 8500)
        roots = near.json("GET", ROOTS)
        leaf = near.json("GET", LEAF + "web")
        self.assertTrue(holds(leaf["CertPEM"], roots["Roots"][0]["RootCert"]))
        near.json("PUT", "/v1/connect/intentions/exact?source=web&destination=db", {"Action": "deny"})
        leader = rig.leader()
        followers = [Registry(server.ip, 8500) for server in rig.servers if server is not leader]
        for follower in followers:
            self.assertEqual(follower.json("GET", ROOTS), roots)
            self.assertTrue(holds(follower.json("GET", LEAF + "db")["CertPEM"], roots["Roots"][0]["RootCert"]))
        leader.kill()
        wait_for("a new leader", lambda: rig.leader() not in (None, leader))
        self.assertEqual(near.json("GET", LEAF + "web"), leaf, "the agent has it")
        other = near.json("GET", LEAF + "api")
        self.assertTrue(holds(other["CertPEM"], roots["Roots"][0]["RootCert"]), "any leader opens the key")
        question = {"Target": "db", "ClientCertURI": leaf["ServiceURI"]}
        self.assertEqual(near.json("POST", AUTHORIZE, question),
                         {"Authorized": False, "Reason": "Matched intention: web => db (deny)"})


class ConnectAccessTest(AccessCase):
    def test_each_page_has_its_rule(self):
        web = self.client("leaf-web", 'service "web" { policy = "write" }')
        operator = self.client("leaf-op", 'operator = "read"')
        domain = self.registry.json("GET", ROOTS)["TrustDomain"]
        self.assertEqual(web.json("GET", LEAF + "web")["Service"], "web")
        self.assertEqual(operator.json("GET", CONFIG)["Provider"], "consul")
        question = {"Target": "db", "ClientCertURI": f"spiffe://{domain}/ns/default/dc/dc1/svc/web"}
        for client, method, path, body in [(web, "GET", LEAF + "db", None), (operator, "GET", LEAF + "web", None),
                                           (web, "GET", CONFIG, None), (operator, "PUT", CONFIG, {"Provider": "consul"}),
                                           (web, "POST", AUTHORIZE, question)]:
            with self.subTest(f"{method} {path}"):
                self.assertEqual(client.text(method, path, body), (403, "Permission denied"))
        answer = self.root.json("POST", AUTHORIZE, question)
        self.assertEqual(answer, {"Authorized": False, "Reason": "Default behavior configured by ACLs"})


if __name__ == "__main__":
    unittest.main()
