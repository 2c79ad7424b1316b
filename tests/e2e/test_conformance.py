# SPDX-License-Identifier: Apache-2.0
"""Every recorded request of a real Nomad is asked again, and the form of each answer is compared.

conformance/differs.txt names what is allowed to differ and why; what is named there and does not
differ any more is an error too, so that it stays true."""
import http.client
import json
import pathlib
import re
import sys
import time
import unittest

from agent import AgentCase

FOLDER = pathlib.Path(__file__).parents[1] / "conformance"
sys.path.insert(0, str(FOLDER))
from recording import Ids, parsed, recordings  # noqa: E402

SETTLE_SECONDS = 4
# Jobs that the recorded agent had been given by other means, and an answer that shows each.
JOBS = {"everywhere": 237, "failing": 110, "once": 111, "nightly": 46, "wrap": 47}
JOBS_BEFORE = 32


def allowed():
    """number or "*" → patterns; number → reason, for those that are not there yet."""
    patterns, absent = {}, {}
    for line in (FOLDER / "differs.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        number, what = line.split(maxsplit=1)
        if what.startswith(("not yet:", "not comparable:")):
            absent[int(number)] = what
        else:
            patterns.setdefault(number if number == "*" else int(number), []).append(what.split("  # ")[0].strip())
    return patterns, absent


def with_native_services(value):
    """The recorded jobs name no provider, which means a registry that was not there either."""
    if isinstance(value, dict):
        if "Checks" in value and "PortLabel" in value:
            value["Provider"] = "nomad"
        for inner in value.values():
            with_native_services(inner)
    elif isinstance(value, list):
        for inner in value:
            with_native_services(inner)
    return value


class ConformanceTest(AgentCase):
    def ask(self, method, path, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.agent.port, timeout=15)
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode(errors="replace")
        finally:
            connection.close()

    def unexpected(self, recording, answer, patterns):
        found = recording.differences(*answer)
        rules = patterns.get("*", []) + patterns.get(recording.number, [])
        return [line for line in found if not any(re.search(rule, line) for rule in rules)]

    def answer_of(self, recording, ids, patterns):
        """Asks; what only reads may come a moment later to where the recorded agent was."""
        body = recording.body
        if body and (job := parsed(body)) is not None:
            body = json.dumps(with_native_services(job))
        path = ids.translated(recording.path)
        until = time.monotonic() + SETTLE_SECONDS
        while True:
            sent = body and ids.translated(body)
            answer = self.ask(recording.method, path, sent, recording.headers)
            settled = recording.method != "GET" or not self.unexpected(recording, answer, patterns)
            if settled or time.monotonic() > until:
                return answer
            time.sleep(0.2)

    def register_others(self, all_of_them):
        by_number = {r.number: r for r in all_of_them}
        for name, number in JOBS.items():
            shown = parsed(by_number[number].answer)
            job = with_native_services(shown.get("Job", shown))
            job["Stop"] = False
            code, text = self.agent.error("PUT", "/v1/jobs", {"Job": job})
            self.assertEqual(code, 200, text)

    def test_the_recorded_answers(self):
        patterns, absent = allowed()
        ids, known = Ids(), recordings(FOLDER / "recorded")
        for recording in known:
            if recording.number == JOBS_BEFORE:
                self.register_others(known)
            with self.subTest(recording.name):
                if recording.number in absent:
                    path = ids.translated(recording.path)
                    answer = self.ask(recording.method, path, recording.body, recording.headers)
                    self.assertTrue(recording.differences(*answer), f"it is there: {absent[recording.number]}")
                    continue
                answer = self.answer_of(recording, ids, patterns)
                if answer[0] == 200:
                    ids.learn(parsed(recording.answer), parsed(answer[2]))
                if differs := self.unexpected(recording, answer, patterns):
                    self.fail("\n  ".join([f"{recording.method} {recording.path}", *differs]))
