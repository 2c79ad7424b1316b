// SPDX-License-Identifier: Apache-2.0
// Files <prefix>.stdout.0, .1, …: the number only grows, the oldest are deleted. A file is left at
// a line end where one comes soon, so that lines are not torn.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/supervisor.h"

enum { BUFFER_BYTES = 64 * 1024 };

static void log_path(const struct log* log, long number, char* path, size_t room) {
  snprintf(path, room, "%s.%s.%ld", log->spec->log_prefix, log->kind, number);
}

static void open_number(struct log* log) {
  char path[4096];
  if (log->spec->log_prefix[0] == '\0') {
    log->fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    return;
  }
  log_path(log, log->number, path, sizeof path);
  // Whoever owns the folder may have put a link there; logs are never written through one.
  log->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
  struct stat info;
  log->size = log->fd >= 0 && fstat(log->fd, &info) == 0 ? info.st_size : 0;
}

void open_log(struct log* log, const struct spec* spec, const char* kind) {
  *log = (struct log){.spec = spec, .kind = kind, .fd = -1, .number = 0};
  char path[4096];
  struct stat info;
  if (spec->log_prefix[0] != '\0') {
    // A task that is started again goes on where the last run stopped.
    for (long n = 0, misses = 0; misses <= spec->log_files_max; ++n) {
      log_path(log, n, path, sizeof path);
      if (stat(path, &info) == 0)
        log->number = n, misses = 0;
      else
        ++misses;
    }
  }
  open_number(log);
}

static void rotate(struct log* log) {
  char path[4096];
  close(log->fd);
  ++log->number;
  log_path(log, log->number - log->spec->log_files_max, path, sizeof path);
  unlink(path);
  open_number(log);
}

static void append(struct log* log, const char* bytes, size_t n) {
  while (n > 0 && log->fd >= 0) {
    const ssize_t written = write(log->fd, bytes, n);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;  // a full disk loses output, not the task
    bytes += written;
    n -= (size_t)written;
    log->size += written;
  }
}

bool copy_to_log(struct log* log, int pipe) {
  static char buffer[BUFFER_BYTES];
  const ssize_t n = read(pipe, buffer, sizeof buffer);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  if (n == 0) return false;
  size_t at = 0;
  while (at < (size_t)n) {
    const size_t left = (size_t)n - at;
    const long long room = log->spec->log_bytes_max - log->size;
    if (log->spec->log_prefix[0] == '\0' || (long long)left <= room) {
      append(log, buffer + at, left);
      break;
    }
    size_t fits = room > 0 ? (size_t)room : 0;
    const char* line_end = memrchr(buffer + at, '\n', fits);
    if (line_end) fits = (size_t)(line_end - (buffer + at)) + 1;
    append(log, buffer + at, fits);
    at += fits;
    rotate(log);
  }
  return true;
}
