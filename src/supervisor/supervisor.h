// SPDX-License-Identifier: Apache-2.0
// The supervisor: one small static program per running task. It owns the task's pipes, rotates its
// logs, keeps its exit status and kills all of it when asked, so that the agent may be stopped,
// killed or replaced at any moment and no task notices. It links nothing but libc.
//
// Folder (argv[1]), made by the agent:
//   spec    what to run; NUL-terminated fields, see spec.c
//   claim   whoever creates it first decides: the supervisor, then it starts the task; or an agent
//   that
//           recovers and finds no supervisor, then none will start any more
//   socket  the protocol of protocol.c
//   state   "1 started PID TICKS NS" then "1 exited CODE SIGNAL NS"; synced before anybody is told
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { FIELDS_MAX = 4096, CLIENTS_MAX = 16, LINE_MAX_BYTES = 256 };

struct spec {
  char* bytes;  // the file; the others point into it
  char* argv[FIELDS_MAX];
  char* envp[FIELDS_MAX];
  char* cgroups[16];  // folders whose cgroup.procs takes the task
  size_t cgroup_count;
  const char* dir;
  const char* log_prefix;         // "<alloc>/alloc/logs/<task>"; "" sends output to /dev/null
  long uid, gid;                  // -1 = as we are
  const char* network_namespace;  // the task enters it; "" = the host's
  long log_files_max;
  long long log_bytes_max;
};

// Errors end the program with a line in `<folder>/error`.
void fail(const char* what);
void read_spec(struct spec* spec);

struct task {
  pid_t pid;
  uint64_t start_ticks;
  int out, err;  // our ends of the pipes, -1 when closed
  bool ended;
  int exit_code, exit_signal;
};

void start_task(const struct spec* spec, struct task* task);
uint64_t process_start_ticks(pid_t pid);
// Sends a signal to every process below us. Returns how many there were.
int signal_tree(int signal);
// Reaps children; notes the end of the task itself.
void reap(struct task* task);

void write_state(const char* text);
int64_t now_ns(void);

// The other trade of this program: network.c.
int network_main(int argc, char** argv);
bool enter_namespace(const char* path);

struct log {
  const struct spec* spec;
  const char* kind;  // "stdout", "stderr"
  int fd;
  long number;
  long long size;
};
void open_log(struct log* log, const struct spec* spec, const char* kind);
// Moves what is in the pipe into the log. False at its end.
bool copy_to_log(struct log* log, int pipe);

struct killer {
  int64_t deadline_ns;  // 0 = none; then everything below us is killed
};
struct clients {
  int listener;
  struct client {
    int fd;
    char line[LINE_MAX_BYTES];
    size_t used;
  } list[CLIENTS_MAX];
  size_t count;
};
void open_socket(struct clients* clients);
void accept_client(struct clients* clients);
void read_client(struct clients* clients, size_t index, const struct task* task,
                 struct killer* killer);
void tell_exit(struct clients* clients, const struct task* task);
