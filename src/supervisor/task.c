// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/supervisor.h"

uint64_t process_start_ticks(pid_t pid) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0) return 0;
  text[n] = '\0';
  char* at = strrchr(text, ')');  // the name before it may hold anything
  if (!at) return 0;
  for (int skipped = 0; skipped < 20; ++skipped) {  // the start time is 20 fields further
    at = strchr(at + 1, ' ');
    if (!at) return 0;
  }
  return strtoull(at + 1, NULL, 10);
}

static void join_cgroups(const struct spec* spec) {
  for (size_t i = 0; i < spec->cgroup_count; ++i) {
    char path[4096];
    snprintf(path, sizeof path, "%s/cgroup.procs", spec->cgroups[i]);
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "0", 1) != 1)
      dprintf(2, "cannot join the cgroup %s: %s\n", path, strerror(errno));
    if (fd >= 0) close(fd);
  }
}

static void become(const struct spec* spec) {
  if (spec->gid >= 0 && (setgroups(0, NULL) != 0 || setgid((gid_t)spec->gid) != 0)) {
    dprintf(2, "cannot change the group: %s\n", strerror(errno));
    _exit(126);
  }
  if (spec->uid >= 0 && setuid((uid_t)spec->uid) != 0) {
    dprintf(2, "cannot change the user: %s\n", strerror(errno));
    _exit(126);
  }
}

static void run_child(const struct spec* spec, int out, int err) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // without us nobody would know how it ended
  setsid();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int s = 1; s < NSIG; ++s)
    signal(s, SIG_DFL);
  dup2(open("/dev/null", O_RDONLY), 0);
  dup2(out, 1);
  dup2(err, 2);
  join_cgroups(spec);
  if (*spec->network_namespace && !enter_namespace(spec->network_namespace)) {
    dprintf(2, "cannot enter %s: %s\n", spec->network_namespace, strerror(errno));
    _exit(126);
  }
  become(spec);
  if (chdir(spec->dir) != 0) {
    dprintf(2, "cannot enter %s: %s\n", spec->dir, strerror(errno));
    _exit(126);
  }
  execvpe(spec->argv[0], spec->argv, spec->envp);
  dprintf(2, "cannot run %s: %s\n", spec->argv[0], strerror(errno));
  _exit(errno == ENOENT ? 127 : 126);
}

void start_task(const struct spec* spec, struct task* task) {
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) fail("cannot make pipes");
  task->pid = fork();
  if (task->pid < 0) fail("cannot fork");
  if (task->pid == 0) run_child(spec, out[1], err[1]);
  close(out[1]);
  close(err[1]);
  fcntl(out[0], F_SETFL, O_NONBLOCK);
  fcntl(err[0], F_SETFL, O_NONBLOCK);
  task->out = out[0];
  task->err = err[0];
  task->start_ticks = process_start_ticks(task->pid);
}

void reap(struct task* task) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid != task->pid) continue;
    task->ended = true;
    task->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    task->exit_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }
}

static int signal_below(pid_t pid, int signal, int depth);

static int signal_children(pid_t parent, int signal, int depth) {
  char path[64], text[65536];
  snprintf(path, sizeof path, "/proc/%d/task/%d/children", parent, parent);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0) return 0;
  text[n] = '\0';
  int count = 0;
  char* rest = NULL;
  for (char* word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
    count += signal_below((pid_t)atol(word), signal, depth);
  return count;
}

static int signal_below(pid_t pid, int signal, int depth) {
  enum { DEPTH_MAX = 64 };  // deeper trees come to us level by level as their parents die
  if (pid <= 0) return 0;
  const int below = depth < DEPTH_MAX ? signal_children(pid, signal, depth + 1) : 0;
  return below + (kill(pid, signal) == 0 ? 1 : 0);
}

int signal_tree(int signal) { return signal_children(getpid(), signal, 0); }
