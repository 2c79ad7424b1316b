// SPDX-License-Identifier: Apache-2.0
// Network namespaces, on behalf of an agent that has many threads and must never move one of them.
//
//   make-namespace PATH   a new one with its loopback up, pinned at PATH; there already: fine
//   drop-namespace PATH   unpins it; gone already: fine
//   locked FILE PROGRAM   runs PROGRAM with FILE locked, to its end even when the agent dies
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "supervisor/supervisor.h"

static const long namespace_magic = 0x6e736673;  // "nsfs" of linux/magic.h

static int complain(const char* what, const char* path) {
  dprintf(2, "%s %s: %s\n", what, path, strerror(errno));
  return 1;
}

static bool is_namespace(const char* path) {
  struct statfs info;
  return statfs(path, &info) == 0 && (long)info.f_type == namespace_magic;
}

static bool raise_loopback(void) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = {0};
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  const bool done = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  if (fd >= 0) close(fd);
  return done;
}

static int make_namespace(const char* path) {
  if (is_namespace(path)) return 0;
  char folder[4096];
  snprintf(folder, sizeof folder, "%s", path);
  char* slash = strrchr(folder, '/');
  if (slash) *slash = '\0';
  if (slash && mkdir(folder, 0755) != 0 && errno != EEXIST) return complain("cannot make", folder);
  const int pin = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0444);
  if (pin < 0) return complain("cannot make", path);
  close(pin);
  if (unshare(CLONE_NEWNET) != 0) return complain("cannot make a network namespace for", path);
  if (!raise_loopback()) return complain("cannot raise the loopback of", path);
  if (mount("/proc/self/ns/net", path, NULL, MS_BIND, NULL) != 0)
    return complain("cannot pin a network namespace at", path);
  return 0;
}

static int drop_namespace(const char* path) {
  if (umount2(path, MNT_DETACH) != 0 && errno != EINVAL && errno != ENOENT)
    return complain("cannot unmount", path);
  if (unlink(path) != 0 && errno != ENOENT) return complain("cannot remove", path);
  return 0;
}

static int run_locked(const char* file, char** program) {
  const int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return complain("cannot open", file);
  // Who waits dies with the agent: it would do its part after the next agent has undone the whole.
  // Who has the lock goes on, and the next agent waits for it.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() == 1) return 1;  // the agent is dead already
  while (flock(fd, LOCK_EX) != 0)
    if (errno != EINTR) return complain("cannot lock", file);
  prctl(PR_SET_PDEATHSIG, 0);
  fcntl(fd, F_SETFD, 0);  // held until the program and what it started have ended
  execv(program[0], program);
  return complain("cannot run", program[0]);
}

bool enter_namespace(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  const bool entered = fd >= 0 && setns(fd, CLONE_NEWNET) == 0;
  const int error = errno;
  if (fd >= 0) close(fd);
  errno = error;
  return entered;
}

int network_main(int argc, char** argv) {
  if (argc == 3 && strcmp(argv[1], "make-namespace") == 0) return make_namespace(argv[2]);
  if (argc == 3 && strcmp(argv[1], "drop-namespace") == 0) return drop_namespace(argv[2]);
  if (argc >= 4 && strcmp(argv[1], "locked") == 0) return run_locked(argv[2], argv + 3);
  dprintf(2, "caravan-supervisor: unknown arguments\n");
  return 2;
}
