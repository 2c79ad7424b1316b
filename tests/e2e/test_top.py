# SPDX-License-Identifier: Apache-2.0
"""`top`: one picture as text, and the live view in a terminal of its own."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import unittest

from agent import Agent, shell_job, wait_for

BINARY = os.environ["CARAVAN"]
PATIENCE_SECONDS = 60  # for what takes a moment on a machine that has nothing else to do
SEQUENCE = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])")


class Terminal:
    """Runs a program in a pseudo terminal and keeps what its screen shows."""

    def __init__(self, words, rows=24, columns=80, **environment):
        self.mine, self.its = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.its)
        env = {**os.environ, "TERM": "xterm-256color", **environment}
        self.process = subprocess.Popen(words, stdin=self.its, stdout=self.its, stderr=self.its,
                                        env=env, start_new_session=True)
        self.written = ""
        self.closing = False
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while not self.closing:
            if select.select([self.mine], [], [], 0.1)[0]:
                self.written += os.read(self.mine, 65536).decode(errors="replace")

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        fcntl.ioctl(self.mine, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys):
        os.write(self.mine, keys.encode())

    def screen(self):
        """The lines as a terminal without line wrap shows them, for the few sequences that are used."""
        lines, row, column, place = {}, 1, 0, 0
        written = self.written + "\x1b[m"
        for found in SEQUENCE.finditer(written):
            for letter in written[place:found.start()]:
                line = lines.get(row, "").ljust(column)
                lines[row] = line[:column] + letter + line[column + 1:]
                column = min(column + 1, self.columns - 1)
            place = found.end()
            what, letter = found.groups()
            if letter == "H":  # what lies outside is moved to the edge
                row, column = min(int((what or "1").split(";")[0]), self.rows), 0
            elif letter == "K":
                lines[row] = "" if what == "2" else lines.get(row, "")[:column]
            elif letter == "J":
                lines = {} if what == "2" else {n: line[:column] if n == row else line for n, line in lines.items() if n <= row}
        return "\n".join(lines.get(n, "") for n in range(1, self.rows + 1)).rstrip("\n")

    def wait_for(self, what, pattern):
        try:
            wait_for(what, lambda: re.search(pattern, self.screen()), PATIENCE_SECONDS)
        except AssertionError as late:
            raise AssertionError(f"{late}; the screen shows\n{self.screen()}") from None

    def end(self):
        return self.process.wait(timeout=PATIENCE_SECONDS)

    def settings_now(self):
        return termios.tcgetattr(self.its)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.closing = True
        self.reader.join()
        os.close(self.its)
        os.close(self.mine)


class TopTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(BINARY)
        cls.agent.start()
        cls.agent.register(shell_job("web", "sleep 600", count=2))
        cls.agent.running("web", 2)
        cls.agent.register({**shell_job("elsewhere", "sleep 600"), "Datacenters": ["nowhere"]})
        wait_for("the end of the rollout", lambda: cls.agent.get("/v1/job/web/deployment")["Status"] == "successful", PATIENCE_SECONDS)
        wait_for("a blocked evaluation", lambda: cls.agent.get("/v1/evaluations?status=blocked"))

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def top(self, *more, rows=24, columns=80, **environment):
        words = [self.agent.binary, "top", "-address", self.agent.address, "-interval", "200ms", *more]
        terminal = Terminal(words, rows, columns, **environment)
        self.addCleanup(terminal.close)
        return terminal

    def assert_given_back(self, terminal):
        self.assertEqual(terminal.settings_now(), terminal.before)
        wait_for("the terminal's own screen", lambda: terminal.written.endswith("\x1b[?1049l"), PATIENCE_SECONDS)
        self.assertIn("\x1b[?25h", terminal.written)  # the cursor

    def test_one_picture_as_text_and_as_json(self):
        shown = self.agent.cli("top", "-once").stdout
        node = self.agent.get("/v1/nodes")[0]
        self.assertRegex(shown, r"servers 1/1 alive +nodes 1/1 ready")
        self.assertRegex(shown, r"allocations 2 running +0 pending +0 failed")
        self.assertIn("evaluations 1 blocked", shown)
        self.assertRegex(shown, rf"{node['Name']} +ready +dc1 +40/\d+ +\[#    \] +32M/")
        self.assertRegex(shown, r"(?s)elsewhere +service +pending +0/1 +- +- .*web +service +running +2/2 ")
        self.assertRegex(shown, r"web .* [0-9.]+[KM]/32M ")  # what its tasks use was asked
        self.assertNotIn("\x1b", shown)
        self.assertEqual(self.agent.cli("top").stdout.splitlines()[0], shown.splitlines()[0])  # a pipe is no terminal

        data = json.loads(self.agent.cli("top", "-once", "-json").stdout)
        jobs = {job["ID"]: job for job in data["Jobs"]}
        self.assertEqual((jobs["web"]["Health"], jobs["web"]["Groups"]), ("well", {"g": {"Desired": 2, "Running": 2}}))
        self.assertEqual(jobs["elsewhere"]["Health"], "bad")
        self.assertEqual((data["Nodes"][0]["AllocatedCPU"], data["EvaluationsBlocked"]), (40, 1))
        self.assertEqual(len(data["Allocations"]), 2)

    def test_what_it_is_told_wrongly(self):
        for words in (["-interval", "soon"], ["-interval", "1ms"], ["word"]):
            self.assertEqual(self.agent.cli("top", *words, check=False).returncode, 1, words)
        done = self.agent.cli("top", "-once", "-address", "http://127.0.0.1:9", check=False)
        self.assertEqual((done.returncode, "Is an agent running there?" in done.stderr), (1, True))

    def test_the_live_view_follows_keys_and_gives_the_terminal_back(self):
        top = self.top()
        top.wait_for("the jobs", r"(?s)NODE .*JOB .*elsewhere +service +pending.*web +service +running +2/2")
        self.assertNotEqual(top.settings_now(), top.before)
        top.press("a")
        top.wait_for("the allocations", r"ALLOCATION .*\n(.*\n)?web\.g\[0\]")
        top.press("n")
        top.wait_for("the nodes alone", r"nodes 1-1 of 1")
        top.press("j/WEB\r")
        top.wait_for("a filter", r"jobs 1-1 of 1 by trouble, with \"WEB\"")
        top.press("\x1bs")
        top.wait_for("another order, and all rows", r"jobs 1-2 of 2 by cpu")
        top.press("?")
        top.wait_for("help", r"Any key goes back")
        top.press(" p")
        top.wait_for("a pause", r"PAUSED")
        top.press("q")
        self.assertEqual(top.end(), 0)
        self.assert_given_back(top)

    def test_sizes_change_and_nothing_goes_beyond_them(self):
        top = self.top(rows=10, columns=40)
        top.wait_for("a small picture", r"elsewhere")
        for line in top.screen().split("\n"):
            self.assertLessEqual(len(line), 40, line)
        self.assertLessEqual(len(top.screen().split("\n")), 10)
        top.resize(30, 120)
        top.process.send_signal(signal.SIGWINCH)
        top.wait_for("a large picture", r"GROUPS")
        top.resize(1, 1)
        top.process.send_signal(signal.SIGWINCH)
        wait_for("a tiny picture", lambda: len(top.screen()) <= 1, PATIENCE_SECONDS)
        self.assertIsNone(top.process.poll())

    def test_signals_give_the_terminal_back(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            top = self.top()
            top.wait_for("the jobs", r"JOB ")
            top.process.send_signal(number)
            self.assertEqual(top.end(), 128 + number)
            self.assert_given_back(top)

    def test_colours_only_where_they_are_wanted(self):
        red = "\x1b[31m"
        coloured = self.top()
        coloured.wait_for("what is not well", r"elsewhere")
        self.assertIn(red, coloured.written)
        for plain in (self.top(NO_COLOR="1"), self.top("-no-color")):
            plain.wait_for("what is not well", r"elsewhere")
            self.assertNotIn(red, plain.written)


class LostAgentTest(unittest.TestCase):
    def top(self):
        top = Terminal([self.agent.binary, "top", "-address", self.agent.address, "-interval", "200ms"])
        self.addCleanup(top.close)
        return top

    def test_the_last_picture_stays_until_the_agent_is_back(self):
        self.agent = Agent(BINARY)
        self.agent.start()
        self.addCleanup(self.agent.close)
        self.agent.register(shell_job("web", "sleep 600"))
        self.agent.running("web")
        top = self.top()

        def comes_back():
            wait_for("a fresh picture", lambda: "no answer" not in top.screen() and "web" in top.screen(), PATIENCE_SECONDS)
        top.wait_for("the job", r"web +service +running +1/1")
        self.agent.kill()
        top.wait_for("the line about it", r"no answer since \d\d:\d\d:\d\d \(.*\):\s+.*(refused|reset|closed|end)")
        self.assertRegex(top.screen(), r"web +service +running +1/1")
        self.agent.start()
        comes_back()

        self.agent.process.send_signal(signal.SIGSTOP)  # it takes connections, and says nothing
        try:
            top.wait_for("the line about it", r"(?s)no answer since .*within 5s")
            other = self.top()
            other.wait_for("a question", r"asking the cluster")
            other.press("q")
            self.assertEqual(other.end(), 0)
        finally:
            self.agent.process.send_signal(signal.SIGCONT)
        comes_back()
        top.press("\x03")
        self.assertEqual(top.end(), 0)
        self.assertEqual(top.settings_now(), top.before)


class TokenTest(unittest.TestCase):
    def test_a_picture_is_what_the_token_may_see(self):
        agent = Agent(BINARY, "acl {\n  enabled = true\n}")
        agent.start()
        self.addCleanup(agent.close)
        refused = agent.cli("top", "-once", check=False)
        self.assertEqual((refused.returncode, "403" in refused.stderr, refused.stdout), (1, True, ""))
        management = json.loads(agent.request("PUT", "/v1/acl/bootstrap")[0])["SecretID"]
        agent.token = management
        agent.register(shell_job("web", "sleep 600"))
        agent.running("web")
        agent.request("PUT", "/v1/acl/policy/r", {"Name": "r", "Rules": 'namespace "default" { policy = "read" }'})
        made = agent.request("PUT", "/v1/acl/token", {"Name": "x", "Type": "client", "Policies": ["r"]})[0]
        with agent.showing(json.loads(made)["SecretID"]):
            shown = agent.cli("top", "-once").stdout
        self.assertIn("not for this token: nodes, servers", shown)
        self.assertNotIn("nodes 0/0", shown)
        self.assertRegex(shown, r"web +service +running +1/1")
