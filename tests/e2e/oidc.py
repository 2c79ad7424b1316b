# SPDX-License-Identifier: Apache-2.0
"""A small OpenID Connect provider over HTTPS: its own keys and certificate (made by openssl), the code
flow with PKCE, user info, and whatever a test wants to be wrong with it."""
import base64
import hashlib
import http.server
import json
import pathlib
import secrets
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse


def url64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *map(str, arguments)], input=stdin, capture_output=True, check=True).stdout


def numbers_of(der):
    """The two integers of an ECDSA signature in DER form."""
    def number(at):
        length = der[at + 1]
        return int.from_bytes(der[at + 2:at + 2 + length], "big"), at + 2 + length
    r, at = number(2)
    s, _ = number(at)
    return r, s


class Key:
    """RS256 or ES256."""

    def __init__(self, folder, kid, algorithm):
        self.kid, self.algorithm, self.path = kid, algorithm, folder / f"{kid}.pem"
        if algorithm == "RS256":
            openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.path)
        else:
            openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.path)
        self.public_pem = openssl("pkey", "-in", self.path, "-pubout").decode()

    def jwk(self):
        jwk = {"kid": self.kid, "alg": self.algorithm, "use": "sig"}
        if self.algorithm == "RS256":
            modulus = openssl("rsa", "-in", self.path, "-noout", "-modulus").decode().strip().split("=")[1]
            return {**jwk, "kty": "RSA", "n": url64(bytes.fromhex(modulus)), "e": "AQAB"}
        point = openssl("pkey", "-in", self.path, "-pubout", "-outform", "DER")[-64:]
        return {**jwk, "kty": "EC", "crv": "P-256", "x": url64(point[:32]), "y": url64(point[32:])}

    def sign(self, claims, **header):
        header = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT", **header}
        signed = ".".join(url64(json.dumps(part).encode()) for part in (header, claims))
        signature = openssl("dgst", "-sha256", "-sign", self.path, stdin=signed.encode())
        if self.algorithm == "ES256":
            signature = b"".join(n.to_bytes(32, "big") for n in numbers_of(signature))
        return signed + "." + url64(signature)


class Provider:
    client_id, client_secret = "caravan-cli", "s3cr3t/of the client"

    def __init__(self, host="127.0.0.1"):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="caravan-oidc-"))
        self.keys = [Key(self.folder, "rsa-1", "RS256"), Key(self.folder, "ec-1", "ES256")]
        certificate, key = self.folder / "tls.pem", self.folder / "tls.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=provider", "-addext", "subjectAltName=IP:" + host, "-keyout", key, "-out", certificate)
        self.authority = certificate.read_text()
        self.codes, self.asked = {}, []
        self.claims = {"sub": "ada", "team": "web"}       # of the ID token
        self.info = {"sub": "ada", "groups": ["eng"]}      # of the user info
        self.signer = self.keys[0]
        self.changes = {}                                   # over the claims of an ID token
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                provider.answer(self, None)

            def do_POST(self):
                provider.answer(self, self.rfile.read(int(self.headers["Content-Length"])).decode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((host, 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://{host}:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def token(self, key=None, header=None, **claims):
        now = int(time.time())
        said = {"iss": self.url, "aud": self.client_id, "iat": now, "nbf": now, "exp": now + 300}
        said.update(self.claims | claims)
        told = {k: v for k, v in said.items() if v is not None}
        return (key or self.signer).sign(told, **(header or {}))

    def answer(self, request, body):
        path, _, query = request.path.partition("?")
        self.asked.append(path)
        routes = {"/.well-known/openid-configuration": self.discovery, "/keys": self.jwks, "/userinfo": self.userinfo}
        if path == "/authorize":
            return self.authorize(request, dict(urllib.parse.parse_qsl(query)))
        if path == "/token":
            return self.exchange(request, dict(urllib.parse.parse_qsl(body)))
        if path in routes:
            return self.send(request, 200, routes[path](request))
        return self.send(request, 404, {})

    @staticmethod
    def send(request, status, body):
        text = json.dumps(body).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        request.wfile.write(text)

    def discovery(self, _):
        return {"issuer": self.url, "authorization_endpoint": self.url + "/authorize", "token_endpoint": self.url + "/token",
                "userinfo_endpoint": self.url + "/userinfo", "jwks_uri": self.url + "/keys"}

    def jwks(self, _):
        return {"keys": [key.jwk() for key in self.keys]}

    def userinfo(self, request):
        return self.info if request.headers["Authorization"] == "Bearer access-1" else {}

    def authorize(self, request, query):
        """What a browser meets whose user is logged in already: it is sent back at once."""
        code = secrets.token_hex(8)
        self.codes[code] = query
        back = query["redirect_uri"] + "?" + urllib.parse.urlencode({"code": code, "state": query["state"], "iss": self.url})
        request.send_response(302)
        request.send_header("Location", back)
        request.end_headers()

    def exchange(self, request, form):
        begun = self.codes.pop(form.get("code"), None)
        secret = base64.b64encode(f"{self.client_id}:{urllib.parse.quote(self.client_secret, safe='')}".encode()).decode()
        if request.headers["Authorization"] != "Basic " + secret:
            return self.send(request, 401, {"error": "invalid_client"})
        if not begun or form["redirect_uri"] != begun["redirect_uri"]:
            return self.send(request, 400, {"error": "invalid_grant", "error_description": "no such code"})
        if "code_challenge" in begun:
            challenge = url64(hashlib.sha256(form["code_verifier"].encode()).digest())
            if begun["code_challenge_method"] != "S256" or challenge != begun["code_challenge"]:
                return self.send(request, 400, {"error": "invalid_grant", "error_description": "wrong verifier"})
        token = self.token(**{"nonce": begun["nonce"], **self.changes})
        return self.send(request, 200, {"id_token": token, "access_token": "access-1", "token_type": "Bearer"})
