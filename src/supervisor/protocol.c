// SPDX-License-Identifier: Apache-2.0
// Version 1, lines of text. The agent says:
//   hello 1            → "hello 1 PID TICKS running" or "hello 1 PID TICKS exited CODE SIGNAL"
//   signal N           → "ok"; to the task's process
//   stop N MS          → "ok"; signal N to the task now, SIGKILL to all of it after MS milliseconds
// and hears "exit CODE SIGNAL" once, when the task has ended.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "supervisor/supervisor.h"

static void say(int fd, const char* text) {
  // An agent that does not listen must not hold us up; it asks again when it comes back.
  (void)!send(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void open_socket(struct clients* clients) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strcpy(address.sun_path,
         "socket");  // relative: the folder's path may be longer than a socket's may be
  clients->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const mode_t before = umask(0077);
  if (clients->listener < 0 ||
      bind(clients->listener, (struct sockaddr*)&address, sizeof address) != 0 ||
      listen(clients->listener, CLIENTS_MAX) != 0)
    fail("cannot open the socket");
  umask(before);
}

void accept_client(struct clients* clients) {
  const int fd = accept4(clients->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  if (clients->count == CLIENTS_MAX) {
    close(fd);
    return;
  }
  clients->list[clients->count++] = (struct client){.fd = fd};
}

static void drop(struct clients* clients, size_t index) {
  close(clients->list[index].fd);
  clients->list[index] = clients->list[--clients->count];
}

static void answer(int fd, const char* line, const struct task* task, struct killer* killer) {
  char text[LINE_MAX_BYTES];
  int number = 0;
  long milliseconds = 0;
  if (strncmp(line, "hello ", 6) == 0) {
    if (task->ended)
      snprintf(text, sizeof text, "hello 1 %d %llu exited %d %d\n", task->pid,
               (unsigned long long)task->start_ticks, task->exit_code, task->exit_signal);
    else
      snprintf(text, sizeof text, "hello 1 %d %llu running\n", task->pid,
               (unsigned long long)task->start_ticks);
    say(fd, text);
  } else if (sscanf(line, "signal %d", &number) == 1) {
    if (!task->ended) kill(task->pid, number);
    say(fd, "ok\n");
  } else if (sscanf(line, "stop %d %ld", &number, &milliseconds) == 2) {
    if (!task->ended) kill(task->pid, number);
    const int64_t deadline = now_ns() + (int64_t)milliseconds * 1000000;
    if (killer->deadline_ns == 0 || deadline < killer->deadline_ns) killer->deadline_ns = deadline;
    say(fd, "ok\n");
  } else {
    say(fd, "error unknown command\n");
  }
}

void read_client(struct clients* clients, size_t index, const struct task* task,
                 struct killer* killer) {
  struct client* client = &clients->list[index];
  const ssize_t n =
      read(client->fd, client->line + client->used, sizeof client->line - 1 - client->used);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return drop(clients, index);
  client->used += (size_t)n;
  client->line[client->used] = '\0';
  for (char* end; (end = strchr(client->line, '\n'));) {
    *end = '\0';
    answer(client->fd, client->line, task, killer);
    client->used -= (size_t)(end + 1 - client->line);
    memmove(client->line, end + 1, client->used + 1);
  }
  if (client->used == sizeof client->line - 1) drop(clients, index);  // no line of ours is so long
}

void tell_exit(struct clients* clients, const struct task* task) {
  char text[LINE_MAX_BYTES];
  snprintf(text, sizeof text, "exit %d %d\n", task->exit_code, task->exit_signal);
  for (size_t i = 0; i < clients->count; ++i)
    say(clients->list[i].fd, text);
}
