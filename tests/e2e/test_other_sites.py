# SPDX-License-Identifier: Apache-2.0
"""A page of another site, in the browser of somebody who can reach an agent, gets nothing done there."""
import base64
import http.client
import json
import os
import unittest

from agent import Agent, shell_job, wait_for


class OtherSiteTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(os.environ["CARAVAN"], catalog=True)
        cls.agent.start()
        wait_for("a leader", lambda: cls.agent.status("GET", "/v1/status/leader") == 200)
        wait_for("the registry", lambda: cls.sent("GET", "/v1/status/leader", port=cls.agent.catalog_port)[0] == 200)

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    @classmethod
    def sent(cls, method, path, body=None, port=None, **headers):
        """Status and text of what a browser may send without asking first."""
        connection = http.client.HTTPConnection("127.0.0.1", port or cls.agent.port, timeout=15)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, "" if answer.status == 101 else answer.read().decode()
        finally:
            connection.close()

    def test_it_may_not_change_anything(self):
        job = json.dumps({"Job": shell_job("theirs", "sleep 1000")})
        for origin in ("https://evil.example", "http://127.0.0.1", f"http://127.0.0.1:{self.agent.port + 1}", "null"):
            status, why = self.sent("POST", "/v1/jobs", job, Origin=origin, Content_Type="text/plain")
            self.assertEqual((403, True), (status, "a page of another site" in why), origin)
        self.assertEqual(403, self.sent("POST", "/v1/kv/x", "y", self.agent.catalog_port, Origin="https://evil.example")[0])
        self.assertEqual(403, self.sent("PUT", "/v1/kv/x", "y", self.agent.catalog_port, Origin="https://evil.example")[0])
        made_up = "11111111-2222-3333-4444-555555555555"  # tokens count for nothing here
        self.assertEqual(403, self.sent("POST", f"/v1/kv/x?token={made_up}", "y", self.agent.catalog_port, Origin="https://evil.example")[0])
        self.assertEqual([], self.agent.get("/v1/jobs"))

    def test_it_may_not_talk_to_tasks(self):
        self.agent.register(shell_job("ours", "sleep 1000"))
        running = lambda: [a for a in self.agent.allocs("ours") if a["ClientStatus"] == "running"]
        (alloc,) = wait_for("a task", running)
        path = f"/v1/client/allocation/{alloc['ID']}/exec?task=t&tty=false&command=%5B%22true%22%5D"
        socket = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13",
                  "Sec_WebSocket_Key": base64.b64encode(bytes(16)).decode()}
        self.assertEqual(403, self.sent("GET", path, Origin="https://evil.example", **socket)[0])
        offered = "caravan.exec, caravan.token.11111111-2222-3333-4444-555555555555"
        self.assertEqual(403, self.sent("GET", path, Origin="https://evil.example", Sec_WebSocket_Protocol=offered, **socket)[0])
        self.assertEqual(101, self.sent("GET", path, Origin=self.agent.address, **socket)[0])
        self.assertEqual(101, self.sent("GET", path, **socket)[0])
        self.agent.request("DELETE", "/v1/job/ours?purge=true")

    def test_who_is_not_another_site_may(self):
        put = lambda **headers: self.sent("PUT", "/v1/kv/mine", "x", self.agent.catalog_port, **headers)[0]
        ours = f"127.0.0.1:{self.agent.catalog_port}"
        self.assertEqual(200, put())
        self.assertEqual(200, put(Origin=f"http://{ours}"))
        self.assertEqual(200, put(Origin="https://caravan.example", X_Forwarded_Host="Caravan.example"), "a proxy in between")
        self.assertEqual(200, self.sent("GET", "/v1/jobs", Origin="https://evil.example")[0], "a browser does not let it read the answer")


class ClosedTest(unittest.TestCase):
    """With access control on."""

    def test_it_has_no_token_and_is_lent_none(self):
        agent = Agent(os.environ["CARAVAN"], "acl {\n  enabled = true\n}", catalog=True)
        agent.start()
        self.addCleanup(agent.close)
        wait_for("a leader", lambda: agent.status("GET", "/v1/status/leader") == 200)
        secret = agent.token = json.loads(agent.request("PUT", "/v1/acl/bootstrap")[0])["SecretID"]
        def put(key, **headers):
            return OtherSiteTest.sent("PUT", f"/v1/kv/{key}", "x", agent.catalog_port, **headers)[0]
        given = json.dumps({"Token": secret})
        wait_for("the default token", lambda: OtherSiteTest.sent("PUT", "/v1/agent/token/default", given, agent.catalog_port, X_Consul_Token=secret)[0] == 200)
        self.assertEqual(200, put("ours"), "the agent's default token is lent")
        evil = {"Origin": "https://evil.example"}
        self.assertEqual(403, put("theirs", **evil))
        self.assertEqual(403, put("theirs", X_Consul_Token="11111111-2222-3333-4444-555555555555", **evil))
        self.assertEqual(404, OtherSiteTest.sent("GET", "/v1/kv/theirs", port=agent.catalog_port)[0])
        self.assertEqual(200, put("theirs", X_Consul_Token=secret, **evil), "shows a token that counts")


if __name__ == "__main__":
    unittest.main()
