# SPDX-License-Identifier: Apache-2.0
"""The registry's own door: what every request there has in common."""
import os
import unittest
import urllib.error
import urllib.request

from agent import Agent


def ask(agent, path, method="GET"):
    """Returns status, headers and body."""
    request = urllib.request.Request(agent.catalog + path, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers, refusal.read().decode()


class CatalogDoorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(os.environ["CARAVAN"], catalog=True)
        cls.agent.start()

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def test_who_leads(self):
        status, _, body = ask(self.agent, "/v1/status/leader")
        self.assertEqual(200, status)
        self.assertRegex(body, r'^"127\.0\.0\.1:\d+"$')
        self.assertEqual("[" + body + "]", ask(self.agent, "/v1/status/peers?dc=dc1")[2])

    def test_words_of_refusals(self):
        self.assertEqual((500, "No path to datacenter"),
                         ask(self.agent, "/v1/status/leader?dc=elsewhere")[::2])
        self.assertEqual((404, ""), ask(self.agent, "/v1/nothing/here")[::2])
        status, headers, body = ask(self.agent, "/v1/status/leader", "POST")
        self.assertEqual((405, "method POST not allowed"), (status, body))
        self.assertEqual("OPTIONS,GET", headers["Allow"])

    def test_the_other_api_is_not_answered_here(self):
        self.assertEqual(404, ask(self.agent, "/v1/jobs")[0])
