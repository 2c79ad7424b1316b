// SPDX-License-Identifier: Apache-2.0
// holder NAMESPACE READY: enters a network namespace, creates the file READY, and stays until it is
// asked to end. A container that runs it lends the namespace to other containers: engines join a
// network by the process of a container, not by a path.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int failed(const char* what, const char* path) {
  fprintf(stderr, "cannot %s %s: %s\n", what, path, strerror(errno));
  return 1;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int space = open(argv[1], O_RDONLY | O_CLOEXEC);
  if (space < 0) return failed("open", argv[1]);
  if (setns(space, CLONE_NEWNET) != 0) return failed("enter", argv[1]);
  close(space);
  const int ready = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (ready < 0) return failed("create", argv[2]);
  close(ready);
  // That was all that power was needed for.
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[2] = {{0}};
  if (syscall(SYS_capset, &header, none) != 0) return failed("drop", "capabilities");
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  sigprocmask(SIG_BLOCK, &ends, NULL);
  int got = 0;
  sigwait(&ends, &got);
  return 0;
}
