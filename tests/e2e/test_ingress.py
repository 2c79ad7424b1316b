# SPDX-License-Identifier: Apache-2.0
"""The ingress: tags of services become routes on a port of the machine, by HAProxy."""
import http.client
import http.server
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request

from agent import Agent, free_port, shell_job, wait_for
from rig import Rig
from test_services import Registry

BINARY = os.environ["CARAVAN"]

CATALOG = 'catalog {\n  addresses { http = "0.0.0.0" }\n}\n'
# Says who it is, what it was asked, and what it was told besides.
WHOAMI = r'''
import http.server, os, sys, time
class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path.startswith("/slow"): time.sleep(float(self.path.split("=")[1]))
        body = f"I'm {sys.argv[2]}\n{self.path}\n" + "".join(f"{k.lower()}: {v}\n" for k, v in self.headers.items())
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())
    do_POST = do_GET
    def log_message(self, *a): pass
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
Server((sys.argv[3] if len(sys.argv) > 3 else "127.0.0.1", int(sys.argv[1])), Page).serve_forever()
'''


def ask(port, path="/", host="127.0.0.1", timeout=5, method="GET", **headers):
    """Status, headers and text; None when nobody answers."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


class IngressCase(unittest.TestCase):
    """An agent with an ingress, and pages that stand outside of it."""
    INGRESS = ""

    def setUp(self):
        self.proxy, self.admin = free_port(), free_port()
        self.agent = Agent(BINARY, f"""
ingress {{
  ports {{
    proxy = {self.proxy}
    admin = {self.admin}
  }}
  addresses {{
    proxy = "127.0.0.1"
  }}
  drain_time = "1s"
  {self.INGRESS}
}}""", catalog=True)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="caravan-ingress-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        (self.folder / "whoami.py").write_text(WHOAMI)
        self.prepare()
        self.agent.start()
        self.addCleanup(self.close)
        self.registry = Registry(self.agent.catalog)
        wait_for("the agent's node", lambda: self.registry.get("/v1/catalog/nodes"))
        wait_for("the data plane", lambda: (ask(self.admin, "/health") or (0,))[0] == 200)

    def prepare(self):
        pass

    def close(self):
        state = self.state()
        self.agent.close()
        if state:  # it outlives its agent
            try:
                os.kill(state["pid"], signal.SIGKILL)
            except ProcessLookupError:
                pass

    def state(self):
        try:
            return json.loads((self.agent.folder / "data/ingress/state.json").read_text())
        except (OSError, ValueError):
            return None

    def page(self, name, host="127.0.0.1"):
        """A server of its own; returns its port."""
        port = free_port()
        process = subprocess.Popen(["python3", str(self.folder / "whoami.py"), str(port), name, host],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        def end():
            process.kill()
            process.wait()
        self.addCleanup(end)
        wait_for("the page", lambda: ask(port, "/"))
        self.processes = getattr(self, "processes", {})
        self.processes[name] = process
        return port

    def register(self, name, port, tags, id=None, address="127.0.0.1"):
        self.registry.put("/v1/agent/service/register",
                          {"Name": name, "ID": id or name, "Address": address, "Port": port, "Tags": tags})

    def who(self, path, **headers):
        answer = ask(self.proxy, path, **headers)
        return answer[2].split("\n")[0] if answer and answer[0] == 200 else answer and answer[0]

    def routes(self):
        return json.loads(ask(self.admin, "/api/routes")[2])

    def errors(self):
        return json.loads(ask(self.admin, "/api/errors")[2])

    def metric(self, name):
        text = ask(self.admin, "/metrics")[2]
        return float(re.search(rf"^caravan_ingress_{name} (\S+)$", text, re.M)[1])


def web_job(name, tags, count=1, provider="nomad", check=True, script=None):
    job = shell_job(name, script or "exec python3 $NOMAD_TASK_DIR/whoami.py $NOMAD_PORT_http $NOMAD_ALLOC_INDEX", count=count)
    group = job["TaskGroups"][0]
    group["Tasks"][0]["Templates"] = [{"EmbeddedTmpl": WHOAMI.replace("{{", "{ {"), "DestPath": "local/whoami.py", "LeftDelim": "[[[[", "RightDelim": "]]]]"}]
    group["Tasks"][0]["Resources"] = {"CPU": 20, "MemoryMB": 32}
    group["Update"] = {"MaxParallel": 0}
    group["Networks"] = [{"DynamicPorts": [{"Label": "http"}]}]
    checks = [{"Name": "page", "Type": "http", "Path": "/", "Interval": 10**9, "Timeout": 10**9}] if check else []
    group["Services"] = [{"Name": name, "PortLabel": "http", "Provider": provider, "Tags": tags, "Checks": checks}]
    return job


class TurnsTest(IngressCase):
    INGRESS = 'strategy = "rr"'

    def test_labels_of_a_native_service_S3_8(self):
        """Two copies answer in turn, whoever asks for Traefik's own picture gets it, and one that is stopped costs nobody an answer."""
        self.agent.register(web_job("whoami", ["traefik.enable=true", "traefik.http.routers.http.rule=Path(`/whoami`)"], count=2))
        wait_for("both copies", lambda: {self.who("/whoami") for _ in range(8)} == {"I'm 0", "I'm 1"}, 30)
        first, second, third = (self.who("/whoami") for _ in range(3))
        self.assertEqual((first, first != second), (third, True))
        raw = json.loads(ask(self.admin, "/api/rawdata")[2])
        self.assertEqual(raw["routers"]["http@nomad"]["rule"], "Path(`/whoami`)")
        self.assertEqual(len(raw["services"]["whoami@nomad"]["loadBalancer"]["servers"]), 2)
        self.assertIn("# TYPE haproxy_frontend_http_requests_total counter", ask(self.admin, "/metrics")[2])
        stopped = self.agent.allocs("whoami")[0]["ID"]
        self.agent.request("PUT", f"/v1/allocation/{stopped}/stop", {})
        def has_ended():
            self.assertIsInstance(self.who("/whoami"), str)
            return self.agent.get(f"/v1/allocation/{stopped}")["ClientStatus"] == "complete"
        wait_for("its end", has_ended)


class IngressTest(IngressCase):
    INGRESS = 'register_names = ["gate-*"]'

    def test_a_name_of_its_own(self):
        """register= gives the ingress a name in the registry, if the operator lets tags do that, for as long as a route has it."""
        page = self.page("a")
        self.register("shop", page, ["urlprefix-/shop register=gate-shop"])
        self.register("thief", page, ["urlprefix-/thief register=postgres"])
        found = lambda name: self.registry.get(f"/v1/health/service/{name}?passing")
        wait_for("the name", lambda: found("gate-shop"), 20)
        self.assertEqual(found("gate-shop")[0]["Service"]["Port"], self.proxy)
        wait_for("the pages", lambda: self.who("/shop") == self.who("/thief") == "I'm a")
        self.assertEqual(found("postgres"), [])
        self.assertIn("ingress.register_names", json.dumps(self.errors()))
        self.registry.put("/v1/agent/service/deregister/shop", {})
        wait_for("no name", lambda: not self.registry.get("/v1/catalog/service/gate-shop"), 20)

    def test_a_backend_follows_scale_without_a_reload_S1_17(self):
        """Ten slots or not: the copies of a job come and go, and every request is answered."""
        self.agent.register(web_job("shop", ["urlprefix-/shop"], count=2))
        def seen():
            answers = [self.who("/shop") for _ in range(24)]
            good = {a for a in answers if isinstance(a, str)}
            return good, all(isinstance(a, str) for a in answers)
        wait_for("both copies", lambda: seen() == ({"I'm 0", "I'm 1"}, True), 30)
        reloads = self.metric("reloads_total")
        scale = lambda n: self.agent.request("PUT", "/v1/job/shop/scale", {"Count": n, "Target": {"Group": "g"}})
        scale(4)
        wait_for("four copies", lambda: seen() == ({f"I'm {i}" for i in range(4)}, True), 30)
        self.assertEqual(self.metric("reloads_total"), reloads)
        failed = []
        ended = threading.Event()
        def loop():
            while not ended.is_set():
                if not isinstance(self.who("/shop"), str):
                    failed.append(time.monotonic())
        thread = threading.Thread(target=loop)
        thread.start()
        scale(1)
        wait_for("one copy", lambda: len(seen()[0]) == 1, 30)
        time.sleep(1)
        ended.set()
        thread.join()
        self.assertEqual(failed, [])
        self.assertEqual(self.metric("reloads_total"), reloads)

    def test_options_of_tags(self):
        web, api = self.page("web"), self.page("api")
        self.register("web", web, ["urlprefix-/web strip=/web", "urlprefix-web.example/", "other"])
        self.register("api", api, ["urlprefix-/web/api prepend=/v1", "urlprefix-*.api.example/", "urlprefix-/go redirect=302,https://there.example$path",
                                   "urlprefix-/none only=1", "urlprefix-/shut allow=ip:10.9.9.9", "urlprefix-/deny deny=ip:127.0.0.0/8",
                                   "urlprefix-/name host=inner.example"])
        wait_for("the routes", lambda: self.who("/web") == "I'm web" and self.who("/web/api") == "I'm api")
        path = lambda *a, **k: ask(self.proxy, *a, **k)[2].split("\n")[1]
        self.assertEqual(path("/web/x?y=1"), "/x?y=1")
        self.assertEqual(path("/web"), "/")
        self.assertEqual(path("/webs"), "/s")  # a prefix is one, wherever it ends
        self.assertEqual(path("/web/api/x"), "/v1/web/api/x")
        self.assertEqual(self.who("/anything", Host="WEB.example:1234"), "I'm web")
        self.assertEqual(self.who("/anything", Host="x.api.example"), "I'm api")
        self.assertEqual(self.who("/web", Host="unknown.example"), "I'm web")
        self.assertEqual(ask(self.proxy, "/go/on?a=b")[1]["location"], "https://there.example/go/on?a=b")
        self.assertEqual(self.who("/none"), 404)
        self.assertEqual(ask(self.proxy, "/shut")[::2], (403, "access denied"))
        self.assertEqual(self.who("/deny"), 403)
        told = ask(self.proxy, "/web/x", X_Forwarded_For="10.9.9.9", X_Real_Ip="10.9.9.9", X_Forwarded_Proto="https")[2]
        self.assertIn("x-forwarded-for: 127.0.0.1\n", told)
        self.assertIn("x-real-ip: 127.0.0.1\n", told)
        self.assertIn("x-forwarded-proto: http\n", told)
        self.assertIn("x-forwarded-prefix: /web\n", told)
        self.assertNotIn("10.9.9.9", told)
        self.assertIn("host: inner.example\n", ask(self.proxy, "/name")[2])
        # What is matched is what is forwarded, whatever it was written as.
        for trick in ("/web/../shut", "/web/%2e%2e/shut", "/%73hut", "/./shut", "//../shut"):
            self.assertIn(self.who(trick), (403, 404), trick)
        self.assertEqual(path("/web../etc"), "/etc")

    def test_fixed_weights(self):
        one, two = self.page("one"), self.page("two")
        self.register("w1", one, ["urlprefix-/w weight=0.9"])
        self.register("w2", two, ["urlprefix-/w"])
        wait_for("both", lambda: len(self.routes()) == 2 and self.who("/w") != 404)
        self.assertEqual(sorted(round(r["weight"], 3) for r in self.routes()), [0.1, 0.9])
        time.sleep(0.5)
        count = sum(self.who("/w") == "I'm one" for _ in range(300))
        self.assertGreater(count, 225)
        self.assertLess(count, 300)

    def test_bad_tags_cost_only_themselves(self):
        web = self.page("web")
        self.register("web", web, ["urlprefix-/web"])
        wait_for("the route", lambda: self.who("/web") == "I'm web")
        hostile = ["urlprefix-/x\nbackend evil\n  server s 127.0.0.1:1", "urlprefix-/y strip=nothing", "urlprefix-/z'\"$(x)", "urlprefix-:22 proto=tcp",
                   "urlprefix-" + "a" * 5000 + "/", "urlprefix-/%[env(HOME)]", "traefik.enable=true", "traefik.http.routers.r.rule=Host(`a`) && (",
                   "traefik.http.routers.s.rule=Path(`/guarded`)", "traefik.http.routers.s.middlewares=missing"]
        self.register("hostile", 1, hostile)
        self.register("thief", 1, ["urlprefix-/web strip=/web"])
        wait_for("the reports", lambda: {e["service"] for e in self.errors()} == {"hostile", "thief"} and len(self.errors()) == 9)
        self.assertEqual({r["service"] for r in self.routes()}, {"web"})
        for _ in range(20):
            self.assertEqual(self.who("/web"), "I'm web")
        env = {**os.environ, "CARAVAN_INGRESS_ADDR": f"http://127.0.0.1:{self.admin}"}
        said = subprocess.run([BINARY, "ingress", "routes", "-errors"], capture_output=True, text=True, env=env)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn("port 22 may not be opened by tags: list it in ingress.tcp_ports", said.stdout)
        self.assertIn("web has /web already, on other terms", said.stdout)
        said = subprocess.run([BINARY, "ingress", "routes", "-json"], capture_output=True, text=True, env=env)
        self.assertEqual(json.loads(said.stdout)[0]["src"], "/web")
        page = ask(self.admin, "/routes")[2]
        self.assertIn("<td>web<td>/web", page)
        self.assertNotIn("$(x)<", page.split("Not routed")[0])
        self.assertIn("route add web /web http://127.0.0.1:", ask(self.admin, "/api/routes?raw")[2])

    def test_routes_that_change_while_others_are_prepared(self):
        page = self.page("a")
        for i in range(16):
            self.register("moving", page, [f"urlprefix-/at-{i}"])
            time.sleep(0.25)
        wait_for("where it went last", lambda: self.who("/at-15") == "I'm a")
        self.assertEqual(self.who("/at-14"), 404)

    def test_the_admins_page(self):
        self.assertEqual(ask(self.admin, "/health")[::2], (200, "OK\n"))
        self.assertEqual(ask(self.admin, "/")[0], 303)
        self.assertEqual(ask(self.admin, "/nothing")[0], 404)
        self.assertEqual(ask(self.admin, "/routes", method="DELETE")[0], 405)
        self.assertIn("haproxy_process_", ask(self.admin, "/metrics")[2])

    def test_bad_requests_have_clear_answers(self):
        dead = free_port()
        self.register("dead", dead, ["urlprefix-/dead"])
        wait_for("its route", lambda: self.who("/dead") == 503)
        self.register("named", dead, ["urlprefix-named.example/"])
        wait_for("its route", lambda: self.who("/", Host="named.example") == 503)
        begun = time.monotonic()
        self.assertEqual(self.who("/dead"), 503)
        self.assertLess(time.monotonic() - begun, 1.5)
        self.assertEqual(self.who("/"), 404)
        def raw(text):
            with socket.create_connection(("127.0.0.1", self.proxy), timeout=15) as s:
                s.sendall(text)
                return int(s.recv(4096).split(b" ")[1])
        self.assertEqual(raw(b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"), 405)
        self.assertEqual(raw(b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400)
        self.assertEqual(raw(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400)
        self.assertEqual(raw(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400)
        self.assertEqual(raw(b"GET / HTTP/1.1\r\nHost: a\r\n: empty\r\n\r\n"), 400)
        self.assertEqual(raw(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 40000 + b"\r\n\r\n"), 400)

    def test_many_routes(self):
        """More than are asked one after the other."""
        web = self.page("web")
        for i in range(20):
            self.register(f"s{i}", web, [f"urlprefix-/s{i}", f"urlprefix-h{i}.example/"])
        wait_for("the last", lambda: self.who("/s19") == "I'm web" and self.who("/", Host="h19.example") == "I'm web")
        self.assertEqual([self.who(f"/s{i}") for i in range(20)], ["I'm web"] * 20)
        self.assertEqual([self.who("/x", Host=f"h{i}.example:80") for i in range(20)], ["I'm web"] * 20)
        self.assertEqual((self.who("/"), self.who("/", Host="h20.example")), (404, 404))

    def test_it_outlives_its_agent_and_is_found_again(self):
        web = self.page("web")
        self.register("web", web, ["urlprefix-/web"])
        wait_for("the route", lambda: self.who("/web") == "I'm web")
        before = self.state()["pid"]
        failed, ended = [], threading.Event()
        def loop():
            while not ended.is_set():
                if self.who("/web") != "I'm web":
                    failed.append(time.monotonic())
        thread = threading.Thread(target=loop)
        thread.start()
        self.agent.kill()
        time.sleep(0.5)
        self.agent.start()
        wait_for("its pages", lambda: (ask(self.admin, "/health") or (0,))[0] == 200)
        two = self.page("two")
        self.register("two", two, ["urlprefix-/two"])
        wait_for("a new route", lambda: self.who("/two") == "I'm two")
        ended.set()
        thread.join()
        self.assertEqual(failed, [])
        self.assertEqual(self.state()["pid"], before)

    def test_it_is_started_again_when_it_dies(self):
        web = self.page("web")
        self.register("web", web, ["urlprefix-/web"])
        wait_for("the route", lambda: self.who("/web") == "I'm web")
        before = self.state()["pid"]
        os.kill(before, signal.SIGKILL)
        wait_for("another one", lambda: self.state()["pid"] != before and self.who("/web") == "I'm web", 30)

    def test_a_killed_server_costs_no_request(self):
        """A connection that is refused goes to the other copy."""
        one, two = self.page("one"), self.page("two")
        self.register("web", one, ["urlprefix-/web"], id="web1")
        self.register("web", two, ["urlprefix-/web"], id="web2")
        wait_for("both", lambda: {self.who("/web") for _ in range(10)} == {"I'm one", "I'm two"})
        self.processes["two"].kill()
        self.processes["two"].wait()
        self.assertEqual([self.who("/web") for _ in range(100)], ["I'm one"] * 100)


class RetryTest(IngressCase):
    INGRESS = 'strategy = "rr"\n  retry_gets = true'

    def test_only_a_get_is_asked_again(self):
        """One server hangs up on everybody before it says anything."""
        rude = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(rude.close)
        def hang_up():
            while True:
                try:
                    connection = rude.accept()[0]
                    connection.recv(4096)
                    connection.close()
                except OSError:
                    return
        threading.Thread(target=hang_up, daemon=True).start()
        self.register("web", self.page("good"), ["urlprefix-/web"], id="web1")
        self.register("web", rude.getsockname()[1], ["urlprefix-/web"], id="web2")
        wait_for("both", lambda: [ask(self.proxy, "/web", method="POST")[0] for _ in range(4)].count(502) == 2)
        self.assertEqual([self.who("/web") for _ in range(20)], ["I'm good"] * 20)


class StormTest(IngressCase):
    def test_registrations_as_fast_as_they_come(self):
        """At most one reload a second, and nobody's request fails meanwhile."""
        web = self.page("web")
        self.register("web", web, ["urlprefix-/web"])
        wait_for("the route", lambda: self.who("/web") == "I'm web")
        before, begun, seconds = self.metric("reloads_total"), time.monotonic(), 3
        made, failed, ended = [], [], threading.Event()
        def register(k):
            connection = http.client.HTTPConnection("127.0.0.1", self.agent.catalog_port, timeout=30)
            n = 0
            while time.monotonic() < begun + seconds:
                name = f"s{k}-{n}"
                connection.request("PUT", "/v1/catalog/register", json.dumps({
                    "Node": "ext", "Address": "127.0.0.1", "SkipNodeUpdate": n > 0,
                    "Service": {"ID": name, "Service": name, "Port": web, "Tags": [f"urlprefix-/{name}"]}}))
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    made.append(name)
                n += 1
        def loop():
            while not ended.is_set():
                if (answer := self.who("/web")) != "I'm web":
                    failed.append(answer)
        askers = [threading.Thread(target=loop) for _ in range(2)]
        workers = [threading.Thread(target=register, args=(k,)) for k in range(8)]
        for thread in askers + workers:
            thread.start()
        for worker in workers:
            worker.join()
        last = made[-1]
        wait_for("the last of them", lambda: self.who(f"/{last}") == "I'm web", 60)
        ended.set()
        for asker in askers:
            asker.join()
        took, reloads = time.monotonic() - begun, self.metric("reloads_total") - before
        print(f"  {len(made) / seconds:.0f} registrations a second, {reloads:.0f} reloads in {took:.1f} s")
        self.assertEqual(failed, [])
        self.assertLessEqual(reloads, took + 1)
        self.assertGreater(len(made), 100)


class BodyTest(IngressCase):
    INGRESS = "max_body = 1000"

    def test_bodies_have_a_limit_and_websockets_need_somebody(self):
        web, dead = self.page("web"), free_port()
        self.register("web", web, ["urlprefix-/web"])
        self.register("dead", dead, ["urlprefix-/dead"])
        wait_for("the routes", lambda: self.who("/web") == "I'm web" and self.who("/dead") == 503)
        def raw(head, body=b""):
            with socket.create_connection(("127.0.0.1", self.proxy), timeout=15) as s:
                s.sendall(head.encode().replace(b"\n", b"\r\n") + b"\r\n\r\n" + body)
                return int(s.recv(4096).split(b" ")[1])
        post = "POST /web HTTP/1.1\nHost: a"
        self.assertEqual(raw(post + "\nContent-Length: 1000", b"x" * 1000), 200)
        self.assertEqual(raw(post + "\nContent-Length: 1001"), 413)
        self.assertEqual(raw(post + "\nTransfer-Encoding: chunked", b"2\r\nab\r\n0\r\n\r\n"), 411)
        self.assertEqual(raw("DELETE /web HTTP/1.1\nHost: a"), 501)  # the page's own answer
        upgrade = " HTTP/1.1\nHost: a\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
        begun = time.monotonic()
        self.assertEqual(raw("GET /dead" + upgrade), 503)
        self.assertLess(time.monotonic() - begun, 1.5)
        self.assertEqual(raw("GET /web" + upgrade), 200)  # a page that does not know them answers as it likes


class TcpTest(IngressCase):
    INGRESS = 'tcp_ports = "10000-60000"'

    def test_tcp_and_path_of_one_service_S1_18(self):
        page, port, busy = self.page("crate"), free_port(), free_port()
        self.register("crate", page, [f"urlprefix-/crate strip=/crate", f"urlprefix-:{port} proto=tcp"])
        wait_for("both doors", lambda: self.who("/crate/x") == "I'm crate" and ask(port, "/raw"))
        self.assertEqual(ask(port, "/raw")[2].split("\n")[1], "/raw")
        with socket.socket() as held:
            held.bind(("127.0.0.1", busy))
            held.listen()
            self.register("late", page, [f"urlprefix-:{busy} proto=tcp", "urlprefix-/late"])
            wait_for("the other route", lambda: self.who("/late") == "I'm crate")
            self.assertIn(f"port {busy} of this machine is in use by another program", str(self.errors()))
            self.assertEqual(self.who("/crate"), "I'm crate")


class EntryPointTest(IngressCase):
    def prepare(self):
        for name in ("good", "bad"):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=good.example",
                            "-addext", "subjectAltName=DNS:good.example", "-keyout", str(self.certs / f"{name}-key.pem"), "-out", str(self.certs / f"{name}-cert.pem")],
                           check=True, capture_output=True)
        shutil.copy(self.certs / "good-key.pem", self.certs / "bad-key.pem")  # of another certificate
        subprocess.run([BINARY, "tls", "ca", "create"], cwd=self.certs.parent, check=True, capture_output=True)

    def setUp(self):
        self.web, self.secure, self.bytes = free_port(), free_port(), free_port()
        root = pathlib.Path(tempfile.mkdtemp(prefix="caravan-certs-"))
        self.addCleanup(shutil.rmtree, root, ignore_errors=True)
        self.certs = root / "pairs"
        self.certs.mkdir()
        (root / "users").write_text("joe:" + subprocess.run(["openssl", "passwd", "-6", "secret"], capture_output=True, text=True).stdout)
        self.INGRESS = f"""
  entrypoint "web" {{
    port        = {self.web}
    redirect_to = "websecure"
  }}
  entrypoint "websecure" {{
    port = {self.secure}
    tls  = true
  }}
  entrypoint "bytes" {{
    port     = {self.bytes}
    protocol = "tcp"
  }}
  certificates {{
    folder      = "{self.certs}"
    ca_file     = "{root}/nomad-agent-ca.pem"
    ca_key_file = "{root}/nomad-agent-ca-key.pem"
  }}
  auth "staff" {{
    file = "{root}/users"
  }}
  access_log = true"""
        super().setUp()
        self.root = root
        self.agent.folder.chmod(0o711)  # as /var/lib is: HAProxy's own user passes through

    def secure_ask(self, host, ca, path="/", name=None):
        context = ssl.create_default_context(cafile=str(ca))
        try:
            with socket.create_connection(("127.0.0.1", self.secure), timeout=5) as plain, context.wrap_socket(plain, server_hostname=host) as s:
                s.sendall(f"GET {path} HTTP/1.1\r\nHost: {name or host}\r\nConnection: close\r\n\r\n".encode())
                text = b""
                while part := s.recv(65536):
                    text += part
                return int(text.split(b" ")[1]), text.decode()
        except OSError as error:
            return 0, str(error)

    def test_routers_tls_and_names(self):
        page = self.page("page")
        self.register("page", page, [
            "traefik.enable=true", "traefik.http.routers.a.rule=Host(`good.example`)", "traefik.http.routers.a.entrypoints=websecure", "traefik.http.routers.a.tls=true",
            "traefik.http.routers.b.rule=Host(`made.example`) && PathPrefix(`/b`)", "traefik.http.routers.b.middlewares=s,h",
            "traefik.http.middlewares.s.stripprefix.prefixes=/b", "traefik.http.middlewares.h.headers.customresponseheaders.X-Who=100% me",
            "traefik.http.routers.c.rule=PathPrefix(`/limited`)", "traefik.http.routers.c.middlewares=l", "traefik.http.middlewares.l.ratelimit.average=5",
            "traefik.http.middlewares.l.ratelimit.period=1m",
            "traefik.http.services.x.loadbalancer.sticky.cookie.name=stick", "urlprefix-/staff auth=staff"])
        wait_for("the routers", lambda: len(self.routes()) == 4)
        good = self.certs / "good-cert.pem"
        wait_for("good.example", lambda: self.secure_ask("good.example", good)[0] == 200)
        ca = self.root / "nomad-agent-ca.pem"
        wait_for("a certificate of the authority", lambda: self.secure_ask("made.example", ca, "/b/x")[0] == 200, 30)
        answer = self.secure_ask("made.example", ca, "/b/x")[1]
        self.assertIn("x-who: 100% me", answer)
        self.assertIn("set-cookie: stick=", answer)
        self.assertIn("\n/x\n", answer)
        self.assertIn("x-forwarded-proto: https", answer)
        self.assertEqual(self.secure_ask("made.example", ca, "/b", name="good.example")[0], 421)
        self.assertEqual(self.secure_ask("made.example", ca, "/nothing")[0], 404)
        moved = ask(self.web, "/x?y", Host="good.example")
        self.assertEqual((moved[0], moved[1]["location"]), (301, f"https://good.example:{self.secure}/x?y"))
        self.assertEqual([self.who("/limited") for _ in range(8)].count(429), 3)
        self.assertEqual(self.who("/staff"), 401)
        self.assertEqual(self.who("/staff", Authorization="Basic am9lOnNlY3JldA=="), "I'm page")
        self.assertEqual(self.who("/", Host="good.example"), 404)  # its router is for another entry point
        self.assertIn("bad-cert.pem", str(self.errors()))
        self.assertIn("entry-websecure", (self.agent.folder / "data/ingress/haproxy.log").read_text())

    def test_bytes_by_port_and_by_name(self):
        import ssl as tls
        port = free_port()
        context = tls.SSLContext(tls.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certs / "good-cert.pem", self.certs / "good-key.pem")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), http.server.BaseHTTPRequestHandler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        page = self.page("page")
        self.register("inner", port, ["traefik.enable=true", "traefik.tcp.routers.t.rule=HostSNI(`good.example`)", "traefik.tcp.routers.t.entrypoints=websecure",
                                      "traefik.tcp.routers.t.tls.passthrough=true"])
        self.register("raw", page, ["traefik.enable=true", "traefik.tcp.routers.u.rule=HostSNI(`*`)", "traefik.tcp.routers.u.entrypoints=bytes"])
        self.register("page", page, ["urlprefix-made.example/"])
        wait_for("raw bytes", lambda: ask(self.bytes, "/raw"))
        # That server answers 501 by itself, behind its own certificate.
        wait_for("the name", lambda: self.secure_ask("good.example", self.certs / "good-cert.pem")[0] == 501)
        wait_for("what is ended here", lambda: self.secure_ask("made.example", self.root / "nomad-agent-ca.pem")[0] == 200, 30)
        seen = self.secure_ask("made.example", self.root / "nomad-agent-ca.pem")[1]
        self.assertIn("x-real-ip: 127.0.0.1", seen)


class AloneTest(IngressCase):
    """`caravan ingress` as a job: the catalog over HTTP, and its end with the task's."""

    def test_as_a_system_job_S2_4(self):
        proxy, admin = free_port(), free_port()
        job = shell_job("lb", f"exec {BINARY} ingress -address {self.agent.address} -proxy-port {proxy} -admin-port {admin} -data-dir /tmp/cvi{proxy}", kind="system")
        del job["TaskGroups"][0]["RestartPolicy"]
        job["TaskGroups"][0]["Tasks"][0]["Resources"] = {"CPU": 50, "MemoryMB": 128}
        self.addCleanup(shutil.rmtree, f"/tmp/cvi{proxy}", ignore_errors=True)
        self.agent.register(job)
        self.agent.register(web_job("ping", ["urlprefix-/ping"], count=2))
        wait_for("S2-3: its health", lambda: (ask(admin, "/health") or (0,))[0] == 200, 30)
        wait_for("both copies", lambda: {(ask(proxy, "/ping") or (0, 0, ""))[2].split("\n")[0] for _ in range(10)} == {"I'm 0", "I'm 1"}, 30)
        pid = json.loads(pathlib.Path(f"/tmp/cvi{proxy}/state.json").read_text())["pid"]
        self.agent.request("DELETE", "/v1/job/lb")
        wait_for("its end", lambda: not os.path.exists(f"/proc/{pid}"), 30)
        self.assertIsNone(ask(proxy, "/ping"))

    def test_without_haproxy_it_says_so(self):
        said = subprocess.run([BINARY, "ingress", "-haproxy", "/nowhere/haproxy", "-data-dir", str(self.folder / "x")], capture_output=True, text=True, timeout=20)
        self.assertEqual(said.returncode, 1)
        self.assertIn("ingress.haproxy: /nowhere/haproxy is not there", said.stderr)
        said = subprocess.run([BINARY, "ingress", "-proxy-pot", "1"], capture_output=True, text=True, timeout=20)
        self.assertEqual(said.returncode, 1)
        self.assertIn("proxy-port", said.stderr)


class UnpluggedTest(unittest.TestCase):
    def test_a_cut_machine_costs_at_most_one_request_S4_8(self):
        """A client loops on another node's 9999 while one machine loses its cable."""
        extra = """
ingress {
  admin_open = true
}
""" + CATALOG
        rig = Rig(servers=3, clients=3, server_extra=CATALOG, client_extras=[extra] * 3)
        self.addCleanup(rig.close)
        rig.start()
        leader = rig.leader()
        job = web_job("whoami", ["urlprefix-/whoami strip=/whoami", "urlprefix-whoami/"], count=3, check=False,
                      script="exec python3 $NOMAD_TASK_DIR/whoami.py $NOMAD_PORT_http $(echo $NOMAD_ADDR_http | cut -d: -f1) 0.0.0.0")
        job["TaskGroups"][0]["Constraints"] = [{"Operand": "distinct_hosts", "RTarget": "true"}]
        leader.register(job)
        names = {f"I'm {c.ip}" for c in rig.clients}
        def who(machine, path="/whoami", **headers):
            answer = ask(9999, path, host=machine.ip, timeout=30, **headers)
            return answer[2].split("\n")[0] if answer and answer[0] == 200 else answer and answer[0]
        for machine in rig.clients:
            wait_for("all three behind each (S4-7)", lambda: {who(machine) for _ in range(12)} == names, 60)
        self.assertIn(who(rig.clients[0], "/", Host="whoami"), names)
        asked, cut = rig.clients[0], rig.clients[2]
        port = next(a for a in leader.allocs("whoami") if a["NodeName"] == cut.name)
        port = leader.get(f"/v1/allocation/{port['ID']}")["AllocatedResources"]["Shared"]["Ports"][0]["Value"]
        Registry(f"http://{cut.ip}:8500").put("/v1/agent/service/register", {
            "Name": "alone", "Address": cut.ip, "Port": port, "Tags": ["urlprefix-/alone strip=/alone"]})
        wait_for("the one behind it", lambda: who(asked, "/alone") == f"I'm {cut.ip}")
        answers, ended, uploads = [], threading.Event(), []
        def upload():
            """To the machine that will be cut: TCP alone would repeat it for a quarter of an hour."""
            with socket.create_connection((asked.ip, 9999)) as s:
                s.sendall(b"POST /alone/slow=90 HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
                while not select.select([s], [], [], 0.05)[0]:
                    s.sendall(b"x" * 100)
                uploads.append(time.monotonic())
        def loop():
            while not ended.is_set():
                begun = time.monotonic()
                answers.append((begun, who(asked), time.monotonic() - begun))
        threads = [threading.Thread(target=loop), threading.Thread(target=upload, daemon=True)]
        for thread in threads:
            thread.start()
        time.sleep(2)
        cut.pull_cable()
        pulled = time.monotonic()
        wait_for("a node down", lambda: rig.ready_nodes() == 2, 40)
        time.sleep(3)
        ended.set()
        for thread in threads:
            thread.join()
        bad = [(round(t - pulled, 2), a) for t, a, _ in answers if a not in names]
        slowest = max(took for *_, took in answers)
        late = [t for t, a, _ in answers if a == f"I'm {cut.ip}" and t > pulled + 5]
        print(f"  {len(answers)} requests, failed: {bad}, slowest {slowest:.2f} s")
        self.assertLessEqual(len(bad), 1)
        self.assertEqual(late, [])
        # What had arrived ends by TCP's keepalive after 6 s; what had not when its server is gone
        # from the routes: for one of a job that is when its node is down.
        self.assertLess(slowest, 20)
        print(f"  the upload to it ended after {uploads[0] - pulled:.2f} s")
        self.assertTrue(0 < uploads[0] - pulled < 10)
        down = next(n for n in leader.get("/v1/nodes") if n["Name"] == cut.name)
        self.assertEqual(down["Status"], "down")
        live = [a for a in leader.allocs("whoami") if a["ClientStatus"] == "running" and a["DesiredStatus"] == "run"]
        self.assertEqual(len(live), 2)
        evals = [e for e in leader.get("/v1/evaluations") if e["JobID"] == "whoami"]
        self.assertEqual([e["Status"] for e in evals].count("blocked"), 1)
        registry = f"http://{asked.ip}:8500"
        for url in (asked.address, registry):
            self.assertTrue(json.loads(urllib.request.urlopen(url + "/v1/status/leader").read()))
        members = json.loads(urllib.request.urlopen(registry + "/v1/agent/members").read())
        self.assertEqual([m["Status"] for m in members if m["Name"].split(".")[0] == cut.name], [4])
        cut.plug_cable()
        wait_for("three again (S4-10)", lambda: {who(asked) for _ in range(12)} == names, 60)


if __name__ == "__main__":
    unittest.main()
