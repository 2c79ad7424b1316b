// SPDX-License-Identifier: Apache-2.0
// Fields: "2", dir, log prefix, log files, log bytes, uid, gid, network namespace, then counted
// lists: cgroups, argv, env.
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/supervisor.h"

static char* cursor;
static char* end;

static char* field(void) {
  if (cursor >= end) fail("the spec is cut off");
  char* start = cursor;
  cursor += strlen(cursor) + 1;
  return start;
}

static size_t list(char** into, size_t room) {
  const long count = atol(field());
  if (count < 0 || (size_t)count >= room) fail("a list in the spec is too long");
  for (long i = 0; i < count; ++i)
    into[i] = field();
  into[count] = NULL;
  return (size_t)count;
}

void read_spec(struct spec* spec) {
  const int fd = open("spec", O_RDONLY | O_CLOEXEC);
  struct stat info;
  if (fd < 0 || fstat(fd, &info) != 0) fail("cannot read the spec");
  spec->bytes = malloc((size_t)info.st_size + 1);
  if (!spec->bytes || read(fd, spec->bytes, (size_t)info.st_size) != info.st_size)
    fail("cannot read the spec");
  close(fd);
  spec->bytes[info.st_size] = '\0';
  cursor = spec->bytes;
  end = spec->bytes + info.st_size;
  if (strcmp(field(), "2") != 0) fail("the spec is of another version");
  spec->dir = field();
  spec->log_prefix = field();
  spec->log_files_max = atol(field());
  spec->log_bytes_max = atoll(field());
  spec->uid = atol(field());
  spec->gid = atol(field());
  spec->network_namespace = field();
  spec->cgroup_count = list(spec->cgroups, sizeof spec->cgroups / sizeof *spec->cgroups);
  if (list(spec->argv, FIELDS_MAX) == 0) fail("the spec names no program");
  list(spec->envp, FIELDS_MAX);
}
