# SPDX-License-Identifier: Apache-2.0
"""Programs that others wrote, against the registry: HAProxy, Prometheus, Patroni with PostgreSQL."""
import glob
import http.client
import http.server
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

from agent import Agent, free_port, shell_job, wait_for
from test_services import Registry

BINARY = os.environ["CARAVAN"]
POSTGRES = sorted(glob.glob("/usr/lib/postgresql/*/bin"))


def page(url, timeout=5):
    """Status and text; None when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
    except (OSError, http.client.HTTPException):  # or it was killed while it answered
        return None


class Clients(unittest.TestCase):
    """One agent with a registry, and programs that end with the test."""

    def setUp(self):
        self.agent = Agent(BINARY, self.CONFIG, catalog=True)
        self.agent.start()
        self.addCleanup(self.agent.close)
        self.registry = Registry(self.agent.catalog)
        wait_for("the agent's node", lambda: self.registry.get("/v1/catalog/nodes"))
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="caravan-clients-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    CONFIG = ""

    def run_program(self, *words, user=None, name=None):
        out = open(self.folder / f"{name or pathlib.Path(words[0]).name}.log", "ab")
        process = subprocess.Popen(list(map(str, words)), stdout=out, stderr=out, user=user,
                                   stdin=subprocess.DEVNULL, start_new_session=True, cwd="/")
        def end():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                try:
                    process.wait(timeout=10)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        self.addCleanup(end)
        return process


@unittest.skipUnless(shutil.which("haproxy"), "no haproxy")
class HaproxyTest(Clients):
    def test_servers_follow_the_names_of_the_registry_S1_17(self):
        """Its resolver asks for SRV records by UDP; the backend follows scaling up and down."""
        job = shell_job("shop", "mkdir -p w && echo $NOMAD_ALLOC_INDEX > w/index.html && "
                                "exec python3 -m http.server -d w $NOMAD_PORT_http --bind 127.0.0.1")
        group = job["TaskGroups"][0]
        group["Count"], group["Update"] = 2, {"MaxParallel": 0}
        group["Networks"] = [{"DynamicPorts": [{"Label": "http"}]}]
        group["Services"] = [{"Name": "shop", "PortLabel": "http", "Provider": "consul", "Checks": [
            {"Name": "page", "Type": "http", "Path": "/", "Interval": 10**9, "Timeout": 10**9}]}]
        self.agent.register(job)
        wait_for("two that are well", lambda: len(self.registry.passing("shop")) == 2)
        port = free_port()
        config = self.folder / "haproxy.cfg"
        config.write_text(f"""
defaults
  mode http
  timeout connect 2s
  timeout client 5s
  timeout server 5s
  retries 2
  option redispatch
resolvers registry
  nameserver r1 127.0.0.1:{self.agent.dns_port}
  accepted_payload_size 8192
  hold valid 1s
  timeout resolve 500ms
  timeout retry 500ms
frontend f
  bind 127.0.0.1:{port}
  default_backend b
backend b
  balance roundrobin
  default-server check inter 500ms resolve-opts allow-dup-ip resolve-prefer ipv4 init-addr none
  server-template shop 5 _shop._tcp.service.consul resolvers registry
""")
        self.run_program("haproxy", "-f", config)
        def seen():
            answers = [page(f"http://127.0.0.1:{port}/") for _ in range(12)]
            good = {a[1].strip() for a in answers if a and a[0] == 200}
            return good, all(a and a[0] == 200 for a in answers)
        wait_for("both copies", lambda: seen() == ({"0", "1"}, True))
        self.agent.request("PUT", "/v1/job/shop/scale", {"Count": 4, "Target": {"Group": "g"}})
        wait_for("four copies", lambda: seen() == ({"0", "1", "2", "3"}, True), 30)
        self.agent.request("PUT", "/v1/job/shop/scale", {"Count": 1, "Target": {"Group": "g"}})
        wait_for("one copy", lambda: len(seen()[0]) == 1 and seen()[1], 30)


@unittest.skipUnless(shutil.which("prometheus"), "no prometheus")
class PrometheusTest(Clients):
    def test_it_scrapes_both_doors(self):
        """Debian's is built without consul_sd and nomad_sd, so it is told where to look; see DiscoveryTest."""
        port = free_port()
        scrape = "\n".join(f"""
  - job_name: {name}
    metrics_path: {path}
    params:
      format: [prometheus]
    static_configs:
      - targets: ["127.0.0.1:{at}"]""" for name, path, at in (("cluster", "/v1/metrics", self.agent.port),
                                                             ("registry", "/v1/agent/metrics", self.agent.catalog_port)))
        (self.folder / "prometheus.yml").write_text(f"global:\n  scrape_interval: 1s\nscrape_configs:{scrape}\n")
        self.run_program("prometheus", f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/data",
                         f"--web.listen-address=127.0.0.1:{port}")
        def health():
            answer = page(f"http://127.0.0.1:{port}/api/v1/targets?state=active")
            targets = json.loads(answer[1])["data"]["activeTargets"] if answer and answer[0] == 200 else []
            return {t["labels"]["job"]: t["health"] for t in targets}
        wait_for("its figures", lambda: health() == {"cluster": "up", "registry": "up"}, 40)


@unittest.skipUnless(os.environ.get("CARAVAN_SOAK") and shutil.which("go"), "for the soak: building it takes minutes")
class DiscoveryTest(Clients):
    """What Prometheus finds by consul_sd and nomad_sd: its own discovery, without the rest of it."""

    def test_it_finds_services_of_both_doors(self):
        program = self.folder / "discovery"
        subprocess.run(["go", "build", "-o", program, "."], check=True, timeout=900,
                       cwd=pathlib.Path(__file__).parents[1] / "clients" / "discovery_go")
        self.registry.put("/v1/agent/service/register", {"Name": "web", "Port": 80, "Address": "127.0.0.9", "Tags": ["a", "b"], "Meta": {"k": "v"}})
        job = shell_job("shop", "sleep 600")
        group = job["TaskGroups"][0]
        group["Networks"] = [{"DynamicPorts": [{"Label": "http"}]}]
        group["Services"] = [{"Name": "shop", "PortLabel": "http", "Provider": "nomad", "Tags": ["t"]}]
        self.agent.register(job)
        def found(*words):
            done = subprocess.run([program, *words], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout
        web = found("consul", f"127.0.0.1:{self.agent.catalog_port}", '_service="web"')
        for label in ('__address__="127.0.0.9:80"', '__meta_consul_service="web"', '__meta_consul_tags=",a,b,"',
                      '__meta_consul_service_metadata_k="v"', '__meta_consul_health="passing"', '__meta_consul_dc="dc1"'):
            self.assertIn(label, web)
        shop = found("nomad", self.agent.address, '_service="shop"')
        for label in ('__meta_nomad_service="shop"', '__meta_nomad_tags=",t,"', '__meta_nomad_namespace="default"', '__meta_nomad_dc="dc1"'):
            self.assertIn(label, shop)


@unittest.skipUnless(shutil.which("patroni") and POSTGRES, "no patroni with PostgreSQL")
class PatroniTest(Clients):
    def start_member(self, name):
        api, database = free_port(), free_port()
        folder = self.folder / name
        folder.mkdir()
        shutil.chown(folder, "postgres")
        config = {
            "scope": "shop", "name": name,
            "restapi": {"listen": f"127.0.0.1:{api}", "connect_address": f"127.0.0.1:{api}"},
            "consul": {"host": f"127.0.0.1:{self.agent.catalog_port}", "register_service": True},
            "bootstrap": {"dcs": {"ttl": 20, "loop_wait": 2, "retry_timeout": 5, "maximum_lag_on_failover": 1048576},
                          "initdb": [{"encoding": "UTF8"}, "no-sync"],
                          "pg_hba": ["host replication replicator 127.0.0.1/32 trust", "host all all 127.0.0.1/32 trust"]},
            "postgresql": {"listen": f"127.0.0.1:{database}", "connect_address": f"127.0.0.1:{database}",
                           "data_dir": str(folder / "data"), "bin_dir": POSTGRES[-1], "pgpass": str(folder / "pgpass"),
                           "authentication": {"replication": {"username": "replicator", "password": "x"},
                                              "superuser": {"username": "postgres", "password": "x"}},
                           "parameters": {"unix_socket_directories": str(folder), "fsync": "off"}}}
        (folder / "patroni.yml").write_text(json.dumps(config))
        process = self.run_program("patroni", folder / "patroni.yml", user="postgres", name=name)
        return process, api, database

    def sql(self, port, text):
        done = subprocess.run([POSTGRES[-1] + "/psql", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-Atc", text],
                              capture_output=True, text=True, timeout=20)
        return done.stdout.strip() if done.returncode == 0 else None

    def test_a_database_fails_over_when_its_leader_is_killed(self):
        """Two PostgreSQL under Patroni: the leader's key, session and service are here."""
        os.chmod(self.folder, 0o755)
        members = {}
        members["one"] = self.start_member("one")
        leads = lambda name: (page(f"http://127.0.0.1:{members[name][1]}/primary") or (0,))[0] == 200
        wait_for("a leader", lambda: leads("one"), 180)  # a database is made
        members["two"] = self.start_member("two")
        follows = lambda name: (page(f"http://127.0.0.1:{members[name][1]}/replica") or (0,))[0] == 200
        wait_for("a follower", lambda: follows("two"), 60)
        self.assertEqual("CREATE TABLE", self.sql(members["one"][2], "create table kept (n int)"))
        self.sql(members["one"][2], "insert into kept values (42)")
        wait_for("the copy", lambda: self.sql(members["two"][2], "select n from kept") == "42")
        wait_for("the service", lambda: sorted(
            i["Service"]["Tags"][0] for i in self.registry.get("/v1/health/service/shop")) in (["master", "replica"], ["primary", "replica"]))
        process = members["one"][0]
        os.killpg(process.pid, signal.SIGKILL)
        subprocess.run(["pkill", "-9", "-u", "postgres", "-f", str(self.folder / "one")], check=False)
        begun = time.monotonic()
        wait_for("another leader", lambda: leads("two"), 60)
        print(f"  failover in {time.monotonic() - begun:.1f} s of a ttl of 20 s")
        self.assertEqual("42", self.sql(members["two"][2], "select n from kept"))
        self.assertEqual("INSERT 0 1", self.sql(members["two"][2], "insert into kept values (43)"))
        self.assertEqual("two", urllib.request.urlopen(f"{self.agent.catalog}/v1/kv/service/shop/leader?raw").read().decode())


if __name__ == "__main__":
    unittest.main()
