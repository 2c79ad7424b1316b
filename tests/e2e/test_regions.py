# SPDX-License-Identifier: Apache-2.0
"""S3-9: regions that know each other, send requests on, and share what is one for all of them. Agents of one machine,
with certificates of one authority that name their regions."""
import json
import os
import pathlib
import shutil
import ssl
import socket
import subprocess
import tempfile
import time
import unittest

from agent import Agent, free_port, shell_job, wait_for

GOSSIP_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
OTHER_GOSSIP_KEY = "b3RoZXJvdGhlcm90aGVyMQ=="


class Site(Agent):
    """One agent of a region."""

    def __init__(self, certificates, region, name, role="server", expect=1, join=(), servers=(), acl="",
                 authority="", key=GOSSIP_KEY, certificate=None, client=True):
        super().__init__(os.environ["CARAVAN"])
        self.region, self.name = region, name
        self.rpc, self.serf = free_port(), free_port()
        parts = [f"""
region    = "{region}"
name      = "{name}"
data_dir  = "{self.folder}/data"
bind_addr = "127.0.0.1"
advertise {{
  http = "127.0.0.1"
  rpc  = "127.0.0.1"
  serf = "127.0.0.1"
}}
ports {{
  http = {self.port}
  rpc  = {self.rpc}
  serf = {self.serf}
}}
tls {{
  rpc       = true
  ca_file   = "{certificates}/nomad-agent-ca.pem"
  cert_file = "{certificates}/{certificate or f'{region}-{role}-nomad'}.pem"
  key_file  = "{certificates}/{certificate or f'{region}-{role}-nomad'}-key.pem"
  verify_server_hostname = true
}}
"""]
        if role == "server":
            joins = ", ".join(f'"127.0.0.1:{site.serf}"' for site in join)
            parts.append(f"""
server {{
  enabled              = true
  bootstrap_expect     = {expect}
  encrypt              = "{key}"
  authoritative_region = "{authority}"
  server_join {{
    retry_join = [{joins}]
  }}
}}
""")
        if client:
            known = ", ".join(f'"127.0.0.1:{site.rpc}"' for site in servers)
            parts.append(f"""
client {{
  enabled           = true
  network_interface = "lo"
  servers           = [{known}]
}}
plugin "raw_exec" {{
  config {{
    enabled = true
  }}
}}
""")
        if acl:
            parts.append(acl)
        (self.folder / "agent.hcl").write_text("".join(parts))

    def log(self):
        return (self.folder / "agent.log").read_text(errors="replace")

    def launch(self):
        log = open(self.folder / "agent.log", "ab")
        self.process = subprocess.Popen([self.binary, "agent", "-config", str(self.folder / "agent.hcl"),
                                         "-log-level", "debug"], stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def members(self):
        """Name → status."""
        return {m["Name"]: m["Status"] for m in self.get("/v1/agent/members")["Members"]}

    def remove(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class RegionCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.certificates = pathlib.Path(tempfile.mkdtemp(prefix="caravan-e2e-regions-"))
        cls.addClassCleanup(shutil.rmtree, cls.certificates)
        tls = lambda *words: subprocess.run([os.environ["CARAVAN"], "tls", *words], cwd=cls.certificates, check=True,
                                            capture_output=True, timeout=20)
        tls("ca", "create")
        for region in ("eu", "us"):
            tls("cert", "create", "-server", "-region", region)
            tls("cert", "create", "-client", "-region", region)

    def site(self, *args, start=True, **keys):
        made = Site(self.certificates, *args, **keys)
        self.addCleanup(made.remove)
        if start:
            made.start()
        return made

    def ready(self, site):
        wait_for(f"a node in {site.region}", lambda: [n for n in site.get("/v1/nodes") if n["Status"] == "ready"])


class RegionsTest(RegionCase):
    """One server each, joined by hand."""

    def setUp(self):
        self.eu, self.us = self.site("eu", "e1"), self.site("us", "u1")
        for site in (self.eu, self.us):
            self.ready(site)

    def join(self):
        self.assertEqual(self.eu.get("/v1/regions"), ["eu"])
        said = self.eu.cli("server", "join", f"127.0.0.1:{self.us.serf}").stdout
        self.assertIn("Joined 1 servers successfully", said)
        for site in (self.eu, self.us):
            wait_for("both regions", lambda: site.get("/v1/regions") == ["eu", "us"])

    def test_members_of_all_regions_are_shown_and_each_has_its_leader(self):
        self.join()
        for site in (self.eu, self.us):
            self.assertEqual(site.members(), {"e1.eu": "alive", "u1.us": "alive"})
            peers = site.get("/v1/operator/raft/configuration")["Servers"]
            self.assertEqual([p["Node"] for p in peers], [f"{site.name}.{site.region}"], "consensus is its region's own")
            health = site.get("/v1/operator/autopilot/health")
            self.assertEqual([s["Name"] for s in health["Servers"]], [f"{site.name}.{site.region}"])
            self.assertTrue(health["Healthy"])
            rows = [line.split() for line in site.cli("server", "members").stdout.splitlines()]
            self.assertEqual(rows[0][-1], "Region")
            self.assertEqual(sorted((row[0], row[4], row[-1]) for row in rows[1:]),
                             [("e1.eu", "true", "eu"), ("u1.us", "true", "us")])
            self.assertEqual(site.get("/v1/agent/self")["stats"]["nomad"]["known_regions"], "2")
        time.sleep(3)  # some rounds of autopilot
        self.assertEqual(len(self.eu.get("/v1/operator/raft/configuration")["Servers"]), 1)

    def test_requests_and_streams_reach_the_other_region(self):
        self.join()
        eu, us = self.eu, self.us
        client = self.site("eu", "e2", role="client", servers=[eu])  # an agent without a server
        wait_for("two nodes", lambda: len(eu.get("/v1/nodes")) == 2)
        self.assertEqual(client.members(), eu.members(), "by way of its server")
        script = "i=0; while true; do echo tick $i; i=$((i+1)); sleep 0.2; done"
        path = eu.folder / "job.json"
        path.write_text(json.dumps({"Job": {**shell_job("far", script), "Region": "global"}}))
        said = eu.cli("job", "run", "-detach", "-json", "-region", "us", str(path))
        self.assertEqual(said.returncode, 0)
        self.assertEqual([j["ID"] for j in us.get("/v1/jobs")], ["far"])
        self.assertEqual(eu.get("/v1/jobs"), [])
        alloc = us.running("far")[0]
        self.assertEqual(us.get("/v1/job/far")["Region"], "us")
        for through in (eu, client):
            self.assertEqual([j["ID"] for j in through.get("/v1/jobs?region=us")], ["far"])
            self.assertIn("far", through.cli("job", "status", "-region", "us").stdout)
            logs = wait_for("logs", lambda: through.cli("alloc", "logs", "-region", "us", alloc["ID"]).stdout)
            self.assertIn("tick 0\n", logs)
            done = through.cli("alloc", "exec", "-region", "us", "-task", "t", alloc["ID"], "sh", "-c", "cat; exit 7",
                               check=False, stdin="through the regions\n")
            self.assertEqual((done.stdout, done.returncode), ("through the regions\n", 7))
            self.assertEqual(through.error("GET", "/v1/jobs?region=mars"), (500, "No path to region"))
            self.assertEqual(through.error("PUT", "/v1/jobs?region=mars", {"Job": {}}), (500, "No path to region"))
            self.assertEqual(through.get("/v1/regions"), ["eu", "us"])
        env = {**os.environ, "NOMAD_ADDR": client.address, "NOMAD_REGION": "us"}
        shown = subprocess.run([client.binary, "node", "status"], capture_output=True, text=True, timeout=20, env=env)
        self.assertIn("u1", shown.stdout)

        # Streams: logs that are followed, events, and the monitor of a server there.
        follow = subprocess.Popen([client.binary, "alloc", "logs", "-f", "-region", "us", "-tail", "-n", "1", alloc["ID"]],
                                  stdout=subprocess.PIPE, text=True, env={**os.environ, "NOMAD_ADDR": client.address})
        self.addCleanup(follow.wait)
        self.addCleanup(follow.stdout.close)
        self.addCleanup(follow.kill)
        ticks = [follow.stdout.readline() for _ in range(8)]
        self.assertTrue(all(t.startswith("tick") for t in ticks), ticks)
        events = subprocess.Popen(["curl", "-sN", f"{eu.address}/v1/event/stream?region=us&topic=Job"],
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(events.wait)
        self.addCleanup(events.stdout.close)
        self.addCleanup(events.kill)
        time.sleep(0.5)
        us.register(shell_job("seen", "sleep 1000"))
        keys = (event["Key"] for line in iter(events.stdout.readline, "") for event in json.loads(line).get("Events", []))
        self.assertIn("seen", keys)
        for target in ("u1.us", "leader"):
            heard = subprocess.Popen(["curl", "-sN", f"{eu.address}/v1/agent/monitor?region=us&plain=true&server_id={target}"],
                                     stdout=subprocess.PIPE, text=True)
            self.addCleanup(heard.wait)
            self.addCleanup(heard.stdout.close)
            self.addCleanup(heard.kill)
            time.sleep(0.3)
            us.request("PUT", "/v1/operator/keyring/rotate")
            self.assertIn("root key made", next(t for t in iter(heard.stdout.readline, "") if "root key made" in t))
        # A query that waits wakes up by what happens there.
        index = int(eu.request("GET", "/v1/jobs?region=us")[1]["X-Nomad-Index"])
        waiting = subprocess.Popen(["curl", "-s", f"{eu.address}/v1/jobs?region=us&wait=15s&index={index}"],
                                   stdout=subprocess.PIPE, text=True)
        time.sleep(0.5)
        self.assertIsNone(waiting.poll())
        begun = time.monotonic()
        us.register(shell_job("woken", "sleep 1000"))
        self.assertIn("woken", waiting.communicate(timeout=20)[0])
        self.assertLess(time.monotonic() - begun, 5)

    def test_a_job_says_where_it_goes_X_region(self):
        self.join()
        job = {**shell_job("there", "sleep 1000"), "Region": "us"}
        plan = json.loads(self.eu.request("PUT", "/v1/job/there/plan", {"Job": job, "Diff": True})[0])
        self.assertEqual(plan["Diff"]["Type"], "Added")
        self.eu.register(job)
        self.us.running("there")
        self.assertEqual(self.eu.get("/v1/jobs"), [])
        self.assertEqual(self.eu.error("PUT", "/v1/jobs", {"Job": {**job, "Region": "mars"}}), (500, "No path to region"))
        # What the request says counts more than the file.
        self.eu.request("PUT", "/v1/jobs?region=eu", {"Job": {**job, "ID": "near"}})
        self.assertEqual(self.eu.get("/v1/job/near")["Region"], "eu")

    def test_a_region_that_was_away_comes_back(self):
        self.join()
        self.us.kill()
        wait_for("its loss", lambda: self.eu.members()["u1.us"] == "failed")
        self.assertEqual(self.eu.error("GET", "/v1/jobs?region=us"), (500, "No path to region"))
        self.assertIn('Region "us": Unexpected response code: 500 (No path to region)',
                      self.eu.cli("server", "members").stderr)
        self.assertEqual(self.eu.get("/v1/jobs"), [], "this region goes on")
        self.us.start()  # and nobody joins it by hand
        wait_for("it to be back", lambda: self.eu.members()["u1.us"] == "alive", 60)
        wait_for("both regions there", lambda: self.us.get("/v1/regions") == ["eu", "us"])
        self.assertEqual(self.eu.get("/v1/jobs?region=us"), [])


class ThreeServersTest(RegionCase):
    def test_a_region_of_three_and_one_of_one_by_configuration(self):
        eu = self.site("eu", "e1")
        us = [self.site("us", f"u{i}", expect=3, start=False, client=i == 1) for i in range(3)]
        for site in us:  # each joins one of its own, and one the other region
            path = site.folder / "agent.hcl"
            joins = ", ".join(f'"127.0.0.1:{s.serf}"' for s in (us[0], us[1], us[2], eu))
            path.write_text(path.read_text().replace("retry_join = []", f"retry_join = [{joins}]"))
            site.launch()
        wait_for("a leader", lambda: us[0].status("GET", "/v1/status/leader") == 200)
        wait_for("all members", lambda: sorted(eu.members()) == ["e1.eu", "u0.us", "u1.us", "u2.us"])
        def leader():
            address = us[0].get("/v1/status/leader")
            return next(s for s in us if address == f"127.0.0.1:{s.rpc}")
        self.assertEqual(len(us[0].get("/v1/operator/raft/configuration")["Servers"]), 3)
        self.assertEqual(len(eu.get("/v1/operator/raft/configuration")["Servers"]), 1)
        eu.request("PUT", "/v1/jobs?region=us", {"Job": shell_job("before", "sleep 1000")})
        us[1].running("before")
        # The request goes to any of its servers, and from there to whoever leads.
        gone = leader()
        gone.kill()
        left = [s for s in us if s is not gone]
        wait_for("another leader", lambda: left[0].status("GET", "/v1/status/leader") == 200
                 and left[0].get("/v1/status/leader") != f"127.0.0.1:{gone.rpc}")
        wait_for("its loss", lambda: eu.members()[f"{gone.name}.us"] == "failed")
        eu.request("PUT", "/v1/jobs?region=us", {"Job": shell_job("after", "sleep 1000")})
        self.assertEqual(sorted(j["ID"] for j in eu.get("/v1/jobs?region=us")), ["after", "before"])
        rows = eu.cli("server", "members").stdout
        self.assertEqual(rows.count(" true "), 2, rows)
        self.assertIn("is alive", eu.error("PUT", f"/v1/agent/force-leave?node={left[0].name}.us")[1])
        self.assertEqual(eu.error("PUT", "/v1/agent/force-leave?node=u0")[0], 404, "names of other regions are said whole")
        eu.cli("server", "force-leave", f"{gone.name}.us")
        wait_for("it to have left", lambda: left[0].members()[f"{gone.name}.us"] == "left")


class AccessTest(RegionCase):
    """Replication of what is one for all regions."""

    SECRET = "5f1d2c3b-0000-4000-8000-0123456789ab"

    def setUp(self):
        on = lambda token="": f'acl {{\n  enabled = true\n  replication_token = "{token}"\n}}\n'
        self.eu = self.site("eu", "e1", acl=on(), authority="eu", client=False)
        self.eu.token = json.loads(self.eu.request("PUT", "/v1/acl/bootstrap", {"BootstrapSecret": self.SECRET})[0])["SecretID"]
        self.us = self.site("us", "u1", acl=on(self.SECRET), authority="eu", join=[self.eu])
        self.us.token = self.SECRET
        wait_for("the first token there", lambda: self.us.status("GET", "/v1/acl/policies") == 200)

    def test_what_is_global_is_written_in_one_region_and_counts_in_all(self):
        eu, us = self.eu, self.us
        # Written through the other region, it lands in the authoritative one; a copy comes back.
        rules = 'namespace "*" {\n  policy = "read"\n}\n'
        us.request("PUT", "/v1/acl/policy/reader", {"Name": "reader", "Rules": rules})
        self.assertEqual(eu.get("/v1/acl/policy/reader")["Rules"], rules)
        wait_for("the copy", lambda: us.status("GET", "/v1/acl/policy/reader") == 200)
        role = json.loads(us.request("PUT", "/v1/acl/role", {"Name": "looks", "Policies": [{"Name": "reader"}]})[0])
        made = json.loads(us.request("PUT", "/v1/acl/token", {"Name": "all", "Type": "client", "Global": True,
                                                              "Roles": [{"ID": role["ID"]}]})[0])
        self.assertTrue(made["Global"])
        self.assertEqual(eu.get(f"/v1/acl/token/{made['AccessorID']}")["SecretID"], made["SecretID"])
        wait_for("the token there", lambda: us.status("GET", f"/v1/acl/token/{made['AccessorID']}") == 200)
        for site in (eu, us):
            with site.showing(made["SecretID"]):
                self.assertEqual(site.get("/v1/jobs"), [])
                self.assertEqual(site.status("GET", "/v1/jobs?region=us"), 200)
                self.assertEqual(site.status("PUT", "/v1/jobs", {"Job": shell_job("no", "true")}), 403)
        # A token that is local is its region's.
        local = json.loads(us.request("PUT", "/v1/acl/token", {"Name": "here", "Type": "client", "Policies": ["reader"]})[0])
        with us.showing(local["SecretID"]):
            self.assertEqual(us.status("GET", "/v1/jobs"), 200)
            self.assertEqual(us.error("GET", "/v1/jobs?region=eu"), (403, "ACL token not found"))
        self.assertNotIn(local["AccessorID"], [t["AccessorID"] for t in eu.get("/v1/acl/tokens")])
        # Namespaces and pools, too.
        us.cli("namespace", "apply", "team")
        eu.request("PUT", "/v1/node/pools", {"Name": "large"})
        wait_for("the namespace there", lambda: us.status("GET", "/v1/namespace/team") == 200)
        wait_for("the pool there", lambda: us.status("GET", "/v1/node/pool/large") == 200)
        self.assertEqual(eu.status("GET", "/v1/namespace/team"), 200)
        # One that is used here stays until it is not.
        us.request("PUT", "/v1/jobs", {"Job": {**shell_job("uses", "sleep 1000"), "Namespace": "team"}})
        us.request("DELETE", "/v1/namespace/team")
        self.assertEqual(eu.status("GET", "/v1/namespace/team"), 404)
        time.sleep(2)
        self.assertEqual(us.status("GET", "/v1/namespace/team"), 200)
        us.request("DELETE", "/v1/job/uses?namespace=team&purge=true")
        wait_for("it to go", lambda: us.status("GET", "/v1/namespace/team") == 404, 30)
        self.assertEqual(us.status("PUT", "/v1/acl/bootstrap"), 400, "the authoritative region has its first token")
        # What is revoked ends everywhere.
        us.request("DELETE", f"/v1/acl/token/{made['AccessorID']}")
        self.assertEqual(eu.error("GET", f"/v1/acl/token/{made['AccessorID']}")[0], 404)
        with us.showing(made["SecretID"]):
            wait_for("its end there", lambda: us.status("GET", "/v1/jobs") == 403)
        us.request("DELETE", f"/v1/acl/token/{local['AccessorID']}")
        self.assertEqual(us.status("GET", f"/v1/acl/token/{local['AccessorID']}"), 404)

    def test_copies_hold_while_the_other_region_is_away_and_then_go_on(self):
        eu, us = self.eu, self.us
        eu.request("PUT", "/v1/acl/policy/old", {"Name": "old", "Rules": 'node {\n policy = "read"\n}'})
        wait_for("the copy", lambda: us.status("GET", "/v1/acl/policy/old") == 200)
        eu.kill()
        wait_for("its loss", lambda: us.members()["e1.eu"] == "failed")
        self.assertEqual(us.status("GET", "/v1/acl/policy/old"), 200, "the copies hold")
        self.assertEqual(us.error("PUT", "/v1/acl/policy/new", {"Name": "new", "Rules": ""}), (500, "No path to region"))
        local = json.loads(us.request("PUT", "/v1/acl/token", {"Type": "client", "Policies": ["old"]})[0])
        with us.showing(local["SecretID"]):
            self.assertEqual(us.status("GET", "/v1/nodes"), 200)
        self.assertIn("the copies here hold meanwhile", us.log())
        eu.start()
        eu.request("PUT", "/v1/acl/policy/new", {"Name": "new", "Rules": 'agent {\n policy = "read"\n}'})
        eu.request("DELETE", "/v1/acl/policy/old")
        wait_for("what was written meanwhile", lambda: us.status("GET", "/v1/acl/policy/new") == 200, 60)
        wait_for("what went meanwhile", lambda: us.status("GET", "/v1/acl/policy/old") == 404)

    def test_a_wrong_replication_token_gets_nothing_and_says_why(self):
        bad = 'acl {\n  enabled = true\n  replication_token = "11111111-2222-4333-8444-555555555555"\n}\n'
        site = self.site("us", "u9", acl=bad, authority="eu", join=[self.eu], client=False)
        wait_for("the reason", lambda: "not the secret of a management token" in site.log())
        site.token = self.SECRET
        self.assertEqual(site.error("GET", "/v1/acl/policies"), (403, "ACL token not found"))


class StrangersTest(RegionCase):
    def test_a_server_without_the_gossip_key_or_a_certificate_is_nobody(self):
        eu = self.site("eu", "e1", client=False)
        keyless = self.site("us", "u1", key=OTHER_GOSSIP_KEY, client=False)
        refused = keyless.cli("server", "join", f"127.0.0.1:{eu.serf}", check=False)
        self.assertEqual(refused.returncode, 1)
        other = pathlib.Path(tempfile.mkdtemp(prefix="caravan-e2e-strangers-"))
        self.addCleanup(shutil.rmtree, other)
        for words in (("ca", "create"), ("cert", "create", "-server", "-region", "us")):
            subprocess.run([os.environ["CARAVAN"], "tls", *words], cwd=other, check=True, capture_output=True, timeout=20)
        stranger = Site(other, "us", "u2", client=False)
        self.addCleanup(stranger.remove)
        stranger.start()
        refused = stranger.cli("server", "join", f"127.0.0.1:{eu.serf}", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertEqual((eu.members(), eu.get("/v1/regions")), ({"e1.eu": "alive"}, ["eu"]))

    def test_a_server_cannot_pretend_to_be_of_another_region(self):
        eu = self.site("eu", "e1", client=False)
        # Its configuration says eu, its certificate us.
        liar = self.site("eu", "e2", expect=0, join=[eu], certificate="us-server-nomad", client=False, start=False)
        liar.launch()
        why = "e2 says that it is of region eu, and its certificate is of another one"
        wait_for("it to be refused", lambda: why in eu.log() and why in liar.log())
        self.assertEqual(eu.members(), {"e1.eu": "alive"})
        time.sleep(3)
        self.assertEqual([s["Node"] for s in eu.get("/v1/operator/raft/configuration")["Servers"]], ["e1.eu"])
        # A client whose certificate is of another region comes in nowhere.
        client = self.site("eu", "c1", role="client", servers=[eu], certificate="us-client-nomad", start=False)
        client.launch()
        wait_for("it to be refused", lambda: "a client of another region" in eu.log())
        server = self.site("eu", "c2", role="client", servers=[eu], certificate="us-server-nomad", start=False)
        server.launch()
        wait_for("it to be refused, too", lambda: "a server of another region" in eu.log())
        time.sleep(1)
        self.assertEqual(eu.get("/v1/nodes"), [])

    def test_only_some_purposes_are_open_to_a_server_of_another_region(self):
        eu = self.site("eu", "e1", client=False)
        def shakes(purpose, pair):
            context = ssl.create_default_context(cafile=str(self.certificates / "nomad-agent-ca.pem"))
            context.check_hostname = False
            context.set_alpn_protocols([purpose])
            if pair:
                context.load_cert_chain(self.certificates / f"{pair}.pem", self.certificates / f"{pair}-key.pem")
            try:
                with socket.create_connection(("127.0.0.1", eu.rpc), timeout=5) as raw, context.wrap_socket(raw) as secured:
                    secured.settimeout(1)
                    try:
                        return secured.recv(1) != b""
                    except TimeoutError:
                        return True  # it waits for us
            except OSError:
                return False
        for purpose, pair, expected in (("caravan-raft/1", "eu-server-nomad", True), ("caravan-raft/1", "us-server-nomad", False),
                                        ("caravan-snapshot/1", "us-server-nomad", False), ("caravan-down/1", "us-server-nomad", False),
                                        ("caravan-http/1", "us-server-nomad", True), ("caravan-http/1", "us-client-nomad", False),
                                        ("caravan-up/1", "us-client-nomad", False), ("caravan-http/1", None, False)):
            self.assertEqual(shakes(purpose, pair), expected, (purpose, pair))
