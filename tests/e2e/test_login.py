# SPDX-License-Identifier: Apache-2.0
"""Logging in by an identity provider: JWTs by keys, JWKS and discovery, and the whole code flow."""
import json
import os
import re
import ssl
import subprocess
import time
import unittest
import urllib.parse
import urllib.request

from agent import Agent, free_port, wait_for
from oidc import Key, Provider, url64
from rig import Rig

BINARY = os.environ["CARAVAN"]
ACL = 'acl {\n  enabled = true\n  token_min_expiration_ttl = "1s"\n}\n'


class LoginTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.provider = Provider()
        cls.agent = a = Agent(BINARY, ACL)
        a.start()
        wait_for("a leader", lambda: a.status("GET", "/v1/status/leader") == 200)
        cls.first = re.search(r"Secret ID += (\S+)", a.cli("acl", "bootstrap").stdout)[1]
        a.token = cls.first
        for name in ("read", "team-web"):
            a.request("PUT", f"/v1/acl/policy/{name}", {"Name": name, "Rules": 'node { policy = "read" }'})
        a.cli("acl", "role", "create", "-name", "engineers", "-policy", "read")
        wait_for("a root key", lambda: a.get("/.well-known/jwks.json")["keys"])
        cls.callback = f"localhost:{free_port()}"

    @classmethod
    def tearDownClass(cls):
        cls.agent.token = cls.first
        cls.agent.close()
        cls.provider.close()

    def setUp(self):
        self.agent.token = self.first
        p = self.provider
        p.signer, p.changes = p.keys[0], {}
        p.claims, p.info = {"sub": "ada", "team": "web"}, {"sub": "ada", "groups": ["eng"]}

    def method(self, name, kind, config, **more):
        body = {"Name": name, "Type": kind, "TokenLocality": "local", "MaxTokenTTL": "10m", "Config": config, **more}
        return json.loads(self.agent.request("PUT", "/v1/acl/auth-method", body)[0])

    def rule(self, method, kind, name="", selector=""):
        return json.loads(self.agent.request("PUT", "/v1/acl/binding-rule", {
            "AuthMethod": method, "BindType": kind, "BindName": name, "Selector": selector})[0])

    def jwt_method(self, name, **config):
        self.method(name, "JWT", {"BoundAudiences": ["caravan-cli"], "BoundIssuer": [self.provider.url],
                                  "SigningAlgs": ["RS256", "ES256"], "ClaimMappings": {"team": "team"}, **config})
        self.rule(name, "policy", "team-${value.team}")

    def log_in(self, method, token):
        self.agent.token = ""
        try:
            return self.agent.answer("PUT", "/v1/acl/login", {"AuthMethodName": method, "LoginToken": token})
        finally:
            self.agent.token = self.first

    def test_a_jwt_becomes_a_token_of_ours(self):
        p = self.provider
        self.jwt_method("keys", JWTValidationPubKeys=[key.public_pem for key in p.keys])
        self.jwt_method("jwks", JWKSURL=p.url + "/keys", JWKSCACert=p.authority)
        self.jwt_method("discovery", OIDCDiscoveryURL=p.url, DiscoveryCaPem=[p.authority])
        for method in ("keys", "jwks", "discovery"):
            for key in p.keys:
                status, text = self.log_in(method, p.token(key))
                self.assertEqual(status, 200, text)
                token = json.loads(text)
                self.assertEqual((token["Name"], token["Type"], token["Policies"], token["Global"]),
                                 (f"JWT-{method}", "client", ["team-web"], False))
                with self.agent.showing(token["SecretID"]) as a:
                    self.assertEqual(a.status("GET", "/v1/nodes"), 200)
                    self.assertEqual(a.status("GET", "/v1/acl/tokens"), 403)

    def test_what_is_wrong_with_a_jwt_is_said(self):
        p = self.provider
        self.jwt_method("strict", JWKSURL=p.url + "/keys", JWKSCACert=p.authority)
        now = int(time.time())
        stranger = Key(self.agent.folder, "rsa-1", "ES256")
        forged = ".".join([url64(b'{"alg":"none"}'), p.token().split(".")[1], ""])
        mixed = ".".join(p.token(jti="1").split(".")[:2] + p.token(jti="2").split(".")[2:])
        for token, why in (
                (p.token(iat=now - 900, nbf=now - 900, exp=now - 600), "token refused: it has ended at "),
                (p.token(iat=now + 600, nbf=now + 600, exp=now + 900), "token refused: it does not count before "),
                (p.token(aud="vault"), 'token refused: it is for "vault", and accepted is "caravan-cli"'),
                (p.token(iss="https://evil.example"), 'token refused: its issuer "https://evil.example" is not accepted'),
                (p.token(stranger), 'token refused: no key with the id (kid) "rsa-1" signs by ES256'),
                (p.token(header={"kid": "other"}), 'token refused: no key with the id (kid) "other" signs by RS256'),
                (p.token(header={"alg": "HS256"}), "token refused: it is signed by HS256, and accepted are RS256, ES256"),
                (p.token(header={"alg": "PS256"}), "token refused: it is signed by PS256, and accepted are RS256, ES256"),
                (forged, "token refused: it is signed by none, and accepted are RS256, ES256"),
                (mixed, "token refused: its signature is wrong"),
                (p.token(padding="x" * 20_000), "at most 16384 are read"),
                (p.token(team=["web"]), 'the claim "team" is an array'),
                (p.token(team="sales"), "no role or policy bindings found"),
                (p.token(team=None), "no role or policy bindings found"),
                ("x", "token refused: a token has three parts with dots between them")):
            status, text = self.log_in("strict", token)
            self.assertEqual(status, 403, (why, text))
            self.assertIn(why, text)
        self.assertEqual(self.log_in("nobody", "x")[0], 404)
        self.assertEqual(self.log_in("strict", "")[0], 400)

    def test_keys_that_are_new_are_found_and_lost_providers_named(self):
        p = self.provider
        self.jwt_method("rotates", JWKSURL=p.url + "/keys", JWKSCACert=p.authority)
        self.assertEqual(self.log_in("rotates", p.token())[0], 200)
        before = p.asked.count("/keys")
        self.assertEqual(self.log_in("rotates", p.token())[0], 200)
        self.assertEqual(p.asked.count("/keys"), before)  # it is kept in mind
        self.jwt_method("lost", JWKSURL=f"http://127.0.0.1:{free_port()}/keys")
        status, text = self.log_in("lost", p.token())
        self.assertEqual(status, 500)
        self.assertIn("the identity provider at http://127.0.0.1:", text)
        self.jwt_method("unbelieved", JWKSURL=p.url + "/keys")
        status, text = self.log_in("unbelieved", p.token())
        self.assertEqual(status, 500)
        self.assertIn("certificate", text)

    def oidc_method(self, name, pkce=True, **more):
        p = self.provider
        self.method(name, "OIDC", {
            "OIDCDiscoveryURL": p.url, "DiscoveryCaPem": [p.authority], "OIDCClientID": p.client_id,
            "OIDCClientSecret": p.client_secret, "OIDCEnablePKCE": pkce, "SigningAlgs": ["RS256", "ES256"],
            "AllowedRedirectURIs": [f"http://{self.callback}/oidc/callback"],
            "ClaimMappings": {"team": "team"}, "ListClaimMappings": {"groups": "groups"}}, **more)
        self.rule(name, "role", "engineers", "eng in list.groups and value.team == web")

    def browse(self, *arguments):
        """`caravan login`, with a browser whose user is known to the provider."""
        login = subprocess.Popen([BINARY, "login", "-oidc-callback-addr", self.callback, *arguments], text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 env={**os.environ, "NOMAD_ADDR": self.agent.address, "NOMAD_TOKEN": ""})
        said = ""
        while "https://" not in said:
            line = login.stderr.readline()
            if not line:
                break
            said += line
        url = re.search(r"https://\S+", said)
        if url:
            context = ssl.create_default_context(cadata=self.provider.authority)
            try:
                urllib.request.urlopen(url[0], timeout=10, context=context).read()
            except urllib.error.HTTPError:
                pass
        out, err = login.communicate(timeout=30)
        return login.returncode, out, said + err

    def test_a_browser_logs_in(self):
        for name, pkce, key in (("pkce", True, 0), ("plain", False, 1)):
            self.oidc_method(name, pkce)
            self.provider.signer = self.provider.keys[key]
            code, out, err = self.browse("-method", name)
            self.assertEqual(code, 0, err)
            self.assertEqual("code_challenge=" in err, pkce)
            self.assertIn(f"Successfully logged in via OIDC and {name}", out)
            self.assertRegex(out, f"Name +(= )OIDC-{name}")
            self.assertIn("engineers", out)
            self.assertRegex(out, r"Expiry Time += \d{4}")
            with self.agent.showing(re.search(r"Secret ID += (\S+)", out)[1]) as a:
                self.assertEqual(a.status("GET", "/v1/nodes"), 200)

    def test_the_default_method_is_taken_where_none_is_named(self):
        self.oidc_method("usual", Default=True)
        status, text = self.agent.answer("PUT", "/v1/acl/auth-method", {
            "Name": "second", "Type": "OIDC", "TokenLocality": "local", "MaxTokenTTL": "10m", "Default": True,
            "Config": self.agent.get("/v1/acl/auth-method/usual")["Config"]})
        self.assertEqual((status, text), (409, "default auth method for type OIDC already exists"))
        code, out, err = self.browse("-json")
        self.assertEqual(code, 0, err)
        self.assertEqual(json.loads(out)["Name"], "OIDC-usual")

    def test_a_login_that_is_not_the_one_that_was_begun_is_refused(self):
        self.oidc_method("watched")
        p = self.provider
        for changes, info, why in (
                ({"nonce": "other"}, {}, "it is not of the login that was begun (nonce)"),
                ({"aud": "other"}, {}, 'it is for "other", and accepted is "caravan-cli"'),
                ({"azp": "other", "aud": ["caravan-cli", "other"]}, {}, "another party (azp)"),
                ({}, {"sub": "eve"}, "the provider's user info is of another subject (sub)"),
                ({}, {"groups": ["sales"]}, "no role or policy bindings found")):
            p.changes, p.info = changes, {"sub": "ada", "groups": ["eng"], **info}
            code, out, err = self.browse("-method", "watched")
            self.assertEqual(code, 1, out)
            self.assertIn(why, err)
        a = self.agent
        a.token = ""
        begun = {"AuthMethodName": "watched", "RedirectURI": f"http://{self.callback}/oidc/callback", "ClientNonce": "n" * 16}
        url = json.loads(a.request("PUT", "/v1/acl/oidc/auth-url", begun)[0])["AuthURL"]
        state = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["state"][0]
        end = {**begun, "State": state, "Code": "c1"}
        for change, why in (({"State": state[:-4] + "AAAA"}, "the state is not of a login that was begun here"),
                            ({"State": ""}, "the state is not of a login that was begun here"),
                            ({"ClientNonce": "m" * 16}, "is not that of the login's begin"),
                            ({"Iss": "https://evil.example"}, "the answer came from another issuer (iss)"),
                            ({}, "the identity provider refuses: status 400, invalid_grant: no such code")):
            status, text = a.answer("PUT", "/v1/acl/oidc/complete-auth", {**end, **change})
            self.assertEqual(status, 403, text)
            self.assertIn(why, text)
        status, text = a.answer("PUT", "/v1/acl/oidc/auth-url", {**begun, "RedirectURI": "http://evil.example/"})
        self.assertEqual(status, 400)
        self.assertIn("unauthorized redirect_uri", text)

    def test_methods_and_rules_by_the_command_line(self):
        a = self.agent
        config = json.dumps({"JWTValidationPubKeys": [self.provider.keys[0].public_pem], "BoundAudiences": ["x"]})
        made = a.cli("acl", "auth-method", "create", "-name", "ci", "-type", "JWT", "-token-locality", "local",
                     "-max-token-ttl", "1h", "-config", "-", stdin=config).stdout
        self.assertRegex(made, r"Name +(= )ci\nType +(= )JWT\nLocality +(= )local\nMax Token TTL +(= )1h0m0s")
        self.assertIn("Auth Method Config", made)
        a.cli("acl", "auth-method", "update", "-max-token-ttl", "30m", "ci")
        self.assertEqual(a.get("/v1/acl/auth-method/ci")["Config"]["BoundAudiences"], ["x"])
        self.assertIn("30m0s", a.cli("acl", "auth-method", "info", "ci").stdout)
        rule = a.cli("acl", "binding-rule", "create", "-auth-method", "ci", "-bind-type", "policy", "-bind-name", "read",
                     "-selector", "value.team == web", "-description", "for tests").stdout
        self.assertRegex(rule, r'Selector +(= )"value.team == web"\nBind Type +(= )policy\nBind Name +(= )read')
        rule_id = re.search(r"ID +(?:= )(\S+)", rule)[1]
        a.cli("acl", "binding-rule", "update", "-description", "changed", rule_id)
        self.assertIn("changed", a.cli("acl", "binding-rule", "info", rule_id).stdout)
        self.assertIn(rule_id, a.cli("acl", "binding-rule", "list").stdout)
        self.assertIn("successfully deleted", a.cli("acl", "binding-rule", "delete", rule_id).stdout)
        with a.showing(""):
            self.assertRegex(a.cli("acl", "auth-method", "list").stdout, r"ci +JWT +false")
            self.assertEqual(a.status("GET", "/v1/acl/auth-method/ci"), 403)
        self.assertIn("successfully deleted", a.cli("acl", "auth-method", "delete", "ci").stdout)
        self.assertEqual(a.status("GET", "/v1/acl/auth-method/ci"), 404)

    def test_what_cannot_work_is_refused_when_it_is_written(self):
        pem = self.provider.keys[0].public_pem
        good = {"Name": "x", "Type": "JWT", "TokenLocality": "local", "MaxTokenTTL": "10m",
                "Config": {"JWTValidationPubKeys": [pem]}}
        for change, why in (
                ({"Name": "a b"}, "invalid name 'a b'"), ({"Type": "SAML"}, "must be OIDC or JWT"),
                ({"TokenLocality": ""}, "must be local or global"), ({"MaxTokenTTL": "48h"}, "must be between 1s and 24h"),
                ({"TokenNameFormat": "${user}"}, "TokenNameFormat"), ({"Type": "OIDC"}, "Config.OIDCDiscoveryURL: missing"),
                ({"Config": {}}, "exactly one of JWKSURL, JWTValidationPubKeys and OIDCDiscoveryURL"),
                ({"Config": {"JWTValidationPubKeys": ["x"]}}, "Config.JWTValidationPubKeys: key 0: a public key is damaged"),
                ({"Config": {"JWKSURL": "file:///etc/passwd"}}, "is not an http or https URL"),
                ({"Config": {"JWTValidationPubKeys": [pem], "SigningAlgs": ["HS256"]}}, "Config.SigningAlgs: 'HS256'"),
                ({"Config": {"JWTValidationPubKeys": "x"}}, "AuthMethod.Config.JWTValidationPubKeys: a string instead of an array")):
            status, text = self.agent.answer("PUT", "/v1/acl/auth-method", {**good, **change})
            self.assertEqual(status, 400, (change, text))
            self.assertIn(why, text)
        status, text = self.agent.answer("PUT", "/v1/acl/binding-rule", {"AuthMethod": "none", "BindType": "management"})
        self.assertEqual((status, text), (400, 'invalid binding rule: auth method "none" not found'))

    def test_no_secret_is_shown_or_logged(self):
        self.oidc_method("quiet", VerboseLogging=True)
        code, out, err = self.browse("-method", "quiet")
        self.assertEqual(code, 0, err)
        shown = self.agent.text("/v1/acl/auth-method/quiet")
        self.assertIn('"OIDCClientSecret":"redacted"', shown)
        # What was read can be written back: the secret stays.
        self.agent.request("PUT", "/v1/acl/auth-method/quiet", json.loads(shown))
        self.assertEqual(self.browse("-method", "quiet")[0], 0)
        log = (self.agent.folder / "agent.log").read_text()
        secret = re.search(r"Secret ID += (\S+)", out)[1]
        for canary in (self.provider.client_secret, urllib.parse.quote(self.provider.client_secret, safe=""), "access-1", secret,
                       "eyJ"):
            self.assertNotIn(canary, log)
            self.assertNotIn(canary, shown)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class LoginInClusterTest(unittest.TestCase):
    def test_another_server_completes_what_the_leader_began(self):
        rig = Rig(servers=3, clients=0, server_extra=ACL)
        self.addCleanup(rig.close)
        provider = Provider(f"{rig.prefix}.254")
        self.addCleanup(provider.close)
        rig.start()
        first = json.loads(rig.servers[0].request("PUT", "/v1/acl/bootstrap")[0])["SecretID"]
        for server in rig.servers:
            server.token = first
        wait_for("a root key", lambda: rig.servers[0].get("/.well-known/jwks.json")["keys"])
        back = "http://localhost:4649/oidc/callback"
        config = {"OIDCDiscoveryURL": provider.url, "DiscoveryCaPem": [provider.authority], "OIDCClientID": provider.client_id,
                  "OIDCClientSecret": provider.client_secret, "OIDCEnablePKCE": True, "AllowedRedirectURIs": [back]}
        rig.servers[1].request("PUT", "/v1/acl/auth-method", {
            "Name": "sso", "Type": "OIDC", "TokenLocality": "local", "MaxTokenTTL": "10m", "Config": config})
        rig.servers[2].request("PUT", "/v1/acl/binding-rule", {"AuthMethod": "sso", "BindType": "management"})
        begun = {"AuthMethodName": "sso", "RedirectURI": back, "ClientNonce": "n" * 16}
        leader = rig.leader()
        url = json.loads(leader.request("PUT", "/v1/acl/oidc/auth-url", begun)[0])["AuthURL"]
        leader.unplug()
        context = ssl.create_default_context(cadata=provider.authority)
        https = urllib.request.HTTPSHandler(context=context)
        browser = urllib.request.build_opener(https, NoRedirect)
        with self.assertRaises(urllib.error.HTTPError) as sent_back:
            browser.open(url, timeout=10)
        location = sent_back.exception.headers["Location"]
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)
        other = next(s for s in rig.servers if s is not leader)
        wait_for("another leader", lambda: rig.leader() not in (None, leader))
        other.token = ""
        token = json.loads(other.request("PUT", "/v1/acl/oidc/complete-auth", {
            **begun, "State": query["state"][0], "Code": query["code"][0], "Iss": query["iss"][0]}, timeout=30)[0])
        self.assertEqual((token["Type"], token["Name"]), ("management", "OIDC-sso"))
        other.token = token["SecretID"]
        self.assertEqual(other.status("GET", "/v1/acl/tokens"), 200)


if __name__ == "__main__":
    unittest.main()
