# SPDX-License-Identifier: Apache-2.0
"""A cluster that is what a git repository says."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from agent import Agent, free_port, wait_for

JOB = """job "{name}" {{
  group "app" {{
    count = {count}
    task "main" {{
      driver = "raw_exec"
      config {{
        command = "/bin/sleep"
        args    = ["1000"]
      }}
    }}
  }}
}}
"""


class Repository:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="caravan-e2e-git-"))
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words):
        done = subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(self.folder), *words],
                              check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, path, text):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def job(self, name, count=1):
        self.write(f"jobs/{name}.nomad", JOB.format(name=name, count=count))

    def remove(self, path):
        (self.folder / path).unlink()

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "--quiet", "--allow-empty", "-m", "a change")
        return self.git("rev-parse", "HEAD")

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class FollowingTest(unittest.TestCase):
    def setUp(self):
        self.repository = Repository()
        self.addCleanup(self.repository.close)

    def begin(self, extra="", agent_extra=""):
        block = f'gitops {{\n  url = "{self.repository.folder}"\n  interval = "1s"\n{extra}\n}}\n'
        self.agent = Agent(os.environ["CARAVAN"], block + agent_extra)
        self.addCleanup(self.close_agent)
        self.agent.start()
        return self.agent

    def close_agent(self):
        self.repository.close()  # or it would bring back what is ended
        self.agent.kill()
        (self.agent.folder / "agent.hcl").write_text((self.agent.folder / "agent.hcl").read_text().split("gitops {")[0])
        self.agent.start()
        self.agent.close()

    def jobs(self):
        return sorted(job["ID"] for job in self.agent.get("/v1/jobs") if not job["Stop"])

    def status(self):
        return self.agent.get("/v1/gitops/status")

    def problems(self):
        return {problem["File"]: problem["Message"] for problem in self.status().get("Problems", [])}

    def at(self, commit):
        return wait_for(f"commit {commit[:8]}", lambda: self.status().get("Revision") == commit)

    def test_what_is_committed_runs_S4_3(self):
        self.repository.job("whoami", 2)
        self.repository.job("fabio")
        commit = self.repository.commit()
        agent = self.begin()
        wait_for("both jobs", lambda: self.jobs() == ["fabio", "whoami"])
        job = agent.get("/v1/job/whoami")
        self.assertEqual(job["Meta"], {"nomoporater": "true", "uid": "nomoporator"})
        source = agent.get("/v1/job/whoami/submission?version=0")
        self.assertEqual((source["Source"], source["Format"]), (JOB.format(name="whoami", count=2), "hcl2"))
        self.at(commit)
        done = subprocess.run([agent.binary, "gitops", "status", f"-address={agent.address}"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(commit, done.stdout)
        # Nothing is written while nothing changes.
        version, index = job["Version"], agent.get("/v1/job/whoami")["JobModifyIndex"]
        before = self.status()["Time"]
        wait_for("another cycle", lambda: self.status()["Time"] > before)
        after = agent.get("/v1/job/whoami")
        self.assertEqual((after["Version"], after["JobModifyIndex"]), (version, index))

    def test_drift_is_mended_S4_4(self):
        repository = self.repository
        repository.job("whoami")
        repository.job("other")
        repository.commit()
        agent = self.begin()
        wait_for("both jobs", lambda: self.jobs() == ["other", "whoami"])
        agent.request("DELETE", "/v1/job/whoami")
        wait_for("its return", lambda: self.jobs() == ["other", "whoami"])
        repository.job("whoami", 3)
        repository.commit()
        wait_for("three of it", lambda: agent.get("/v1/job/whoami")["TaskGroups"][0]["Count"] == 3)
        by_hand = agent.get("/v1/job/whoami")
        by_hand["TaskGroups"][0]["Count"] = 1
        agent.register(by_hand)
        wait_for("three again", lambda: agent.get("/v1/job/whoami")["TaskGroups"][0]["Count"] == 3)
        repository.write("jobs/broken.nomad", 'job "broken" {\n  group {\n')
        repository.write("jobs/twice.nomad", JOB.format(name="whoami", count=7))
        repository.job("third")
        repository.commit()
        wait_for("the third", lambda: "third" in self.jobs())
        wait_for("two complaints", lambda: len(self.problems()) == 2)
        self.assertIn("Failed to parse file", self.problems()["jobs/broken.nomad"])
        twice = self.problems().keys() & {"jobs/whoami.nomad", "jobs/twice.nomad"}
        self.assertEqual([self.problems()[file] for file in twice], ["Skipping duplicate job [whoami]"])

    def test_what_is_no_longer_there_ends_and_nothing_else_S4_4(self):
        repository = self.repository
        repository.job("whoami")
        repository.job("other")
        repository.commit()
        agent = self.begin()
        wait_for("both jobs", lambda: self.jobs() == ["other", "whoami"])
        agent.register({**agent.get("/v1/job/whoami"), "ID": "mine", "Name": "mine", "Meta": None})
        repository.write("jobs/other.nomad", "this is broken now")
        repository.remove("jobs/whoami.nomad")
        repository.commit()
        wait_for("its end", lambda: agent.status("GET", "/v1/job/whoami") == 404)
        self.assertEqual(self.jobs(), ["mine", "other"])

    def test_without_delete_a_job_stays_S4_4(self):
        self.repository.job("whoami")
        self.repository.job("other")
        self.repository.commit()
        self.begin("  delete = false")
        wait_for("both jobs", lambda: self.jobs() == ["other", "whoami"])
        self.repository.remove("jobs/whoami.nomad")
        self.at(self.repository.commit())
        self.assertEqual(self.jobs(), ["other", "whoami"])

    def test_variables_and_what_others_keep_in_them_S4_5(self):
        repository = self.repository
        repository.job("whoami")
        repository.write("app.vars.yml", "path: nomad/jobs/whoami\nitems:\n  user: me\n  port: 80\n")
        repository.commit()
        agent = self.begin()
        def items():
            if agent.status("GET", "/v1/var/nomad/jobs/whoami") != 200:
                return None
            return agent.get("/v1/var/nomad/jobs/whoami")["Items"]
        wait_for("the variable", lambda: items() == {"user": "me", "port": "80", "nomoporator": "port,user"})
        agent.request("PUT", "/v1/var/nomad/jobs/whoami", {"Path": "nomad/jobs/whoami", "Items": {**items(), "theirs": "1"}})
        repository.write("app.vars.yml", "path: nomad/jobs/whoami\nitems:\n  user: you\n")
        repository.commit()
        wait_for("the change", lambda: items() == {"user": "you", "theirs": "1", "nomoporator": "user",
                                                   "nomoporatorOldKeys": "port,user"})
        repository.remove("app.vars.yml")
        repository.commit()
        wait_for("only theirs", lambda: items() == {"theirs": "1"})

    def test_a_remote_that_is_gone_changes_nothing(self):
        self.repository.job("whoami")
        commit = self.repository.commit()
        agent = self.begin()
        self.at(commit)
        away = self.repository.folder.with_suffix(".away")
        self.repository.folder.rename(away)
        self.addCleanup(shutil.rmtree, away, True)
        wait_for("a complaint", lambda: "going on with the commit before" in self.problems().get("", ""))
        self.assertEqual(self.status()["Revision"], commit)
        agent.kill()
        agent.start()
        agent.request("DELETE", "/v1/job/whoami")
        wait_for("its return by the commit that is known", lambda: self.jobs() == ["whoami"])
        self.assertEqual(self.status()["Revision"], commit)
        away.rename(self.repository.folder)
        wait_for("no complaint", lambda: not self.status()["Problems"])

    def test_a_hostile_repository(self):
        repository = self.repository
        repository.job("whoami")
        (repository.folder / "secret.nomad").symlink_to("/etc/shadow")
        (repository.folder / "out").symlink_to("/etc")
        repository.write("huge.nomad", "#" * (2 << 20))
        repository.write("bomb.vars.yml", "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [" + ",".join([f"*{chr(97 + i)}"] * 9) + "]\n" for i in range(9)))
        repository.write(".gitattributes", "* filter=evil\n")
        repository.write(".gitmodules", '[submodule "x"]\n  path = x\n  url = file:///etc\n')
        repository.write("jobs/deep/" * 20 + "deep.nomad", JOB.format(name="deep", count=0))
        commit = repository.commit()
        self.begin()
        self.at(commit)
        wait_for("the good jobs", lambda: self.jobs() == ["deep", "whoami"])
        problems = self.problems()
        self.assertEqual(problems["secret.nomad"], "a link; only files are read")
        self.assertEqual(problems["huge.nomad"], "2097152 bytes; at most 1048576 are read")
        self.assertIn("bomb.vars.yml", problems)

    def test_a_token_is_needed_where_access_is_controlled(self):
        self.repository.job("whoami")
        self.repository.commit()
        agent = Agent(os.environ["CARAVAN"], "acl {\n  enabled = true\n}\n" + f'gitops {{\n  url = "{self.repository.folder}"\n  interval = "1s"\n}}\n')
        self.addCleanup(agent.kill)
        agent.start()
        wait_for("a leader", lambda: agent.status("GET", "/v1/status/leader") == 200)
        agent.token = json.loads(agent.request("PUT", "/v1/acl/bootstrap")[0])["SecretID"]
        wait_for("a complaint", lambda: any("ermission denied" in p["Message"]
                                            for p in agent.get("/v1/gitops/status").get("Problems", [])))
        self.assertEqual(agent.get("/v1/jobs"), [])
        with agent.showing(""):
            self.assertEqual(agent.status("GET", "/v1/gitops/status"), 403)

    def test_what_is_wrong_with_the_block_is_said_at_the_start(self):
        agent = Agent(os.environ["CARAVAN"], 'gitops {\n  url = "ext::sh -c id"\n}\n')
        self.addCleanup(shutil.rmtree, agent.folder, True)
        done = subprocess.run([agent.binary, "agent", "-config", str(agent.folder / "agent.hcl")], capture_output=True,
                              text=True, timeout=20)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('gitops: url: "ext::sh -c id" is neither', done.stdout + done.stderr)


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.repository = Repository()
        self.addCleanup(self.repository.close)
        self.agent = Agent(os.environ["CARAVAN"])
        self.addCleanup(self.agent.close)
        self.agent.start()

    def run_cli(self, *words):
        return subprocess.run([self.agent.binary, "gitops", *words], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "NOMAD_ADDR": self.agent.address})

    def test_a_folder_once(self):
        self.repository.job("whoami")
        self.repository.write("jobs/broken.nomad", "nonsense")
        done = self.run_cli("bootstrap", "fs", "-base-dir", str(self.repository.folder))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("Applying job [whoami][jobs/whoami.nomad]", done.stdout)
        self.assertIn("[jobs/broken.nomad] Failed to parse file", done.stdout)
        self.repository.remove("jobs/broken.nomad")
        self.assertEqual(self.run_cli("bootstrap", "fs", "-base-dir", str(self.repository.folder)).returncode, 0)

    def test_a_repository_once_and_its_end(self):
        self.repository.job("whoami")
        self.repository.job("other")
        self.repository.commit()
        once = ("bootstrap", "git", "--url", str(self.repository.folder), "--watch=false")
        self.assertEqual(self.run_cli(*once).returncode, 0)
        self.repository.remove("jobs/whoami.nomad")
        self.repository.commit()
        self.assertEqual(self.run_cli(*once, "--delete=false").returncode, 0)
        self.assertEqual(self.agent.status("GET", "/v1/job/whoami"), 200)
        self.assertIn("Deleting job [whoami]", self.run_cli(*once).stdout)
        self.assertEqual(self.agent.status("GET", "/v1/job/whoami"), 404)

    def test_the_leader_follows_what_a_variable_says(self):
        self.repository.job("whoami")
        commit = self.repository.commit()
        port = free_port()
        daemon = subprocess.Popen(["git", "daemon", f"--port={port}", "--listen=127.0.0.1", "--reuseaddr", "--export-all",
                                   f"--base-path={self.repository.folder.parent}"], stderr=subprocess.DEVNULL)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.terminate)
        wait_for("a root key", lambda: self.agent.get("/v1/operator/keyring/keys"))
        self.assertIn("No repository is followed", self.run_cli("status").stdout)
        done = self.run_cli("bootstrap", "git", "-cluster", "-interval", "1s", "-url",
                            f"git://127.0.0.1:{port}/{self.repository.folder.name}")
        self.assertEqual(done.returncode, 0, done.stderr)
        wait_for("the commit", lambda: self.agent.get("/v1/gitops/status").get("Revision") == commit)
        self.assertEqual([job["ID"] for job in self.agent.get("/v1/jobs")], ["whoami"])
        self.agent.request("DELETE", "/v1/var/caravan/gitops")
        wait_for("nothing to follow", lambda: "No repository is followed" in self.run_cli("status").stdout)
        self.agent.request("PUT", "/v1/var/caravan/gitops", {"Path": "caravan/gitops", "Items": {"url": "/etc"}})
        wait_for("a refusal", lambda: "files of this machine" in self.run_cli("status").stdout)

    def test_bad_words(self):
        for words, said in ((("bootstrap", "git"), "either url"), (("bootstrap", "git", "-url", "/x", "-watch=maybe"), "-watch"),
                            (("bootstrap", "git", "-url", "https://x/y", "-branch", "a b"), "no branch's name")):
            done = self.run_cli(*words)
            self.assertEqual(done.returncode, 1, words)
            self.assertIn(said, done.stderr)


if __name__ == "__main__":
    unittest.main()
