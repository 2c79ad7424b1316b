// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "supervisor/supervisor.h"

// Processes that outlive the task's own are given this long to close the pipes.
static const int64_t drain_ns = 2000000000;

int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_BOOTTIME, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t wall_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void write_file(const char* name, const char* text) {
  const int fd = open("new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  const bool whole = write(fd, text, strlen(text)) == (ssize_t)strlen(text) && fsync(fd) == 0;
  close(fd);
  if (!whole || rename("new", name) != 0) return;
  const int folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    fsync(folder);
    close(folder);
  }
}

void write_state(const char* text) { write_file("state", text); }

void fail(const char* what) {
  char text[512];
  snprintf(text, sizeof text, "%s: %s\n", what, strerror(errno));
  write_file("error", text);
  exit(1);
}

static void note_started(const struct task* task) {
  char text[128];
  snprintf(text, sizeof text, "1 started %d %llu %lld\n", task->pid,
           (unsigned long long)task->start_ticks, (long long)wall_ns());
  write_state(text);
}

static void note_exit(const struct task* task) {
  char text[128];
  snprintf(text, sizeof text, "1 exited %d %d %lld\n", task->exit_code, task->exit_signal,
           (long long)wall_ns());
  write_state(text);
}

static int take_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGTERM);  // whoever sends us one means the task; it gets its own
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGPIPE);
  sigprocmask(SIG_BLOCK, &set, NULL);
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int wait_ms(const struct killer* killer, int64_t drain_until) {
  int64_t next = killer->deadline_ns;
  if (drain_until != 0 && (next == 0 || drain_until < next)) next = drain_until;
  if (next == 0) return -1;
  const int64_t left = next - now_ns();
  return left <= 0 ? 0 : (int)(left / 1000000) + 1;
}

static void supervise(struct task* task, struct log* out, struct log* err, struct clients* clients,
                      int signals) {
  struct killer killer = {0};
  bool told = false;
  int64_t drain_until = 0;
  while (!told || task->out >= 0 || task->err >= 0) {
    struct pollfd fds[4 + CLIENTS_MAX] = {{signals, POLLIN, 0},
                                          {clients->listener, POLLIN, 0},
                                          {task->out, POLLIN, 0},
                                          {task->err, POLLIN, 0}};
    for (size_t i = 0; i < clients->count; ++i)
      fds[4 + i] = (struct pollfd){clients->list[i].fd, POLLIN, 0};
    const size_t watched = clients->count;
    if (poll(fds, 4 + watched, wait_ms(&killer, drain_until)) < 0 && errno != EINTR) fail("poll");
    if (fds[2].revents && !copy_to_log(out, task->out)) close(task->out), task->out = -1;
    if (fds[3].revents && !copy_to_log(err, task->err)) close(task->err), task->err = -1;
    if (fds[0].revents) {
      struct signalfd_siginfo info;
      while (read(signals, &info, sizeof info) == (ssize_t)sizeof info) {
      }
      reap(task);
    }
    for (size_t i = watched; i-- > 0;)
      if (fds[4 + i].revents) read_client(clients, i, task, &killer);
    if (fds[1].revents) accept_client(clients);
    const int64_t now = now_ns();
    if (killer.deadline_ns != 0 && now >= killer.deadline_ns) {
      signal_tree(SIGKILL);
      killer.deadline_ns = task->ended ? 0 : now + 100000000;  // until nothing is left
    }
    if (task->ended && !told) {
      // What the task leaves behind ends with it: its name and its ports must be free for the next
      // run.
      signal_tree(SIGKILL);
      note_exit(task);
      tell_exit(clients, task);
      told = true;
      killer.deadline_ns = 0;
      drain_until = now + drain_ns;
    }
    if (told && now >= drain_until) break;
  }
}

int main(int argc, char** argv) {
  if (argc > 2) return network_main(argc, argv);
  if (argc != 2 || chdir(argv[1]) != 0) return 2;
  static struct spec spec;
  read_spec(&spec);
  const int signals = take_signals();
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_NAME, "caravan-super");
  const int claim = open("claim", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (claim < 0) return errno == EEXIST ? 0 : 1;
  close(claim);
  static struct clients clients;
  open_socket(&clients);
  static struct log out, err;
  open_log(&out, &spec, "stdout");
  open_log(&err, &spec, "stderr");
  static struct task task;
  start_task(&spec, &task);
  note_started(&task);
  supervise(&task, &out, &err, &clients, signals);
  unlink("socket");
  return 0;
}
