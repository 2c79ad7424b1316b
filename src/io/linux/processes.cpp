// SPDX-License-Identifier: Apache-2.0
#include "io/linux/processes.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/core.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "base/text.hpp"

namespace caravan::io::linux_world {
namespace asio = boost::asio;
namespace {

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> list;
  for (const std::string& s : strings)
    list.push_back(const_cast<char*>(s.c_str()));
  list.push_back(nullptr);
  return list;
}

/// State and start time of a process, from /proc/PID/stat; the name in it may hold anything, so
/// what follows its last ')' counts.
bool read_stat(int pid, char& state, std::uint64_t& start_ticks) {
  const std::string path = fmt::format("/proc/{}/stat", pid);
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (!file) return false;
  char buffer[1024];
  const std::size_t n = std::fread(buffer, 1, sizeof buffer - 1, file);
  std::fclose(file);
  const std::string_view text(buffer, n);
  const std::size_t end = text.rfind(')');
  if (end == std::string_view::npos) return false;
  const std::vector<std::string> fields = base::split(base::trim(text.substr(end + 1)), ' ');
  constexpr std::size_t start_field = 19;  // field 22 of the file; the first after the name is 3
  if (fields.size() <= start_field || fields[0].empty()) return false;
  state = fields[0][0];
  start_ticks = static_cast<std::uint64_t>(base::parse_int(fields[start_field]).value_or(0));
  return true;
}

struct SpawnSetup {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  SpawnSetup() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
  }
  ~SpawnSetup() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
};

base::Result<int> spawn(SpawnSetup& setup, const Program& program, short flags) {
  ::posix_spawn_file_actions_addchdir_np(&setup.actions, program.dir.c_str());
  // Sockets of ours are not close-on-exec everywhere, and a child that outlives us would keep our
  // ports.
  ::posix_spawn_file_actions_addclosefrom_np(&setup.actions, 3);
  ::posix_spawnattr_setflags(&setup.attributes, flags);
  const std::vector<char*> argv = pointers(program.argv), env = pointers(program.env);
  pid_t pid = 0;
  const int error =
      ::posix_spawn(&pid, argv[0], &setup.actions, &setup.attributes, argv.data(), env.data());
  if (error != 0)
    return base::fail(base::Code::io,
                      fmt::format("start {}: {}", program.argv[0], std::strerror(error)));
  return pid;
}

struct Pipe {
  int read = -1, write = -1;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) == 0) {
      read = ends[0];
      write = ends[1];
    }
  }
  ~Pipe() {
    close_read();
    close_write();
  }
  void close_read() {
    if (read >= 0) ::close(std::exchange(read, -1));
  }
  void close_write() {
    if (write >= 0) ::close(std::exchange(write, -1));
  }
};

constexpr auto end_look = std::chrono::milliseconds(2);

/// A child that is waited for in the end, however the waiting was left: cancelled, it is killed.
class Child {
 public:
  explicit Child(int pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    kill();
    wait();
  }
  void kill() { ::kill(-pid_, SIGKILL); }
  bool has_ended() {
    if (pid_ > 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = 0;
    return pid_ == 0;
  }
  void wait() {
    while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
  }
  int status() const { return status_; }

 private:
  int pid_, status_ = 0;
};

Task<void> collect(asio::posix::stream_descriptor& from, std::string& into, std::size_t limit) {
  char buffer[16384];
  while (true) {
    boost::system::error_code error;
    const auto target = asio::buffer(buffer, sizeof buffer);
    const std::size_t n =
        co_await from.async_read_some(target, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    into.append(buffer, std::min(n, limit - std::min(limit, into.size())));
  }
}

Task<void> feed(asio::posix::stream_descriptor to, std::string input) {
  boost::system::error_code error;  // a program that does not read its input is fine
  const auto source = asio::buffer(input);
  co_await asio::async_write(to, source, asio::redirect_error(asio::use_awaitable, error));
}

}  // namespace

base::Result<ProcessId> Processes::spawn_detached(const Program& program) {
  SpawnSetup setup;
  for (const int fd : {0, 1, 2})
    ::posix_spawn_file_actions_addopen(&setup.actions, fd, "/dev/null", O_RDWR, 0);
  TRY(const int pid,
      spawn(setup, program, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  ProcessId process{pid, 0};
  char state = 0;
  if (!read_stat(pid, state, process.start_ticks))
    return base::fail(base::Code::io, fmt::format("{} was gone at once", program.argv[0]));
  return process;
}

bool Processes::is_alive(const ProcessId& process) {
  if (process.pid <= 0) return false;
  // Children of ours that have ended wait to be reaped; nobody else does it for detached ones.
  ::waitpid(process.pid, nullptr, WNOHANG);
  char state = 0;
  std::uint64_t start = 0;
  return read_stat(process.pid, state, start) && start == process.start_ticks && state != 'Z' &&
         state != 'X';
}

base::Status Processes::signal(const ProcessId& process, int signal) {
  if (!is_alive(process))
    return base::fail(base::Code::not_found, fmt::format("process {} is gone", process.pid));
  if (::kill(process.pid, signal) != 0)
    return base::fail(base::Code::io,
                      fmt::format("signal process {}: {}", process.pid, std::strerror(errno)));
  return {};
}

Task<base::Result<Finished>> Processes::run(const Program& program, std::string input,
                                            base::Duration timeout, std::size_t output_max) {
  using namespace asio::experimental::awaitable_operators;
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  Pipe in, out, err;
  SpawnSetup setup;
  ::posix_spawn_file_actions_adddup2(&setup.actions, in.read, 0);
  ::posix_spawn_file_actions_adddup2(&setup.actions, out.write, 1);
  ::posix_spawn_file_actions_adddup2(&setup.actions, err.write, 2);
  CO_TRY(const int pid,
         spawn(setup, program,
               POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  Child child(pid);
  in.close_read();
  out.close_write();
  err.close_write();
  asio::posix::stream_descriptor to(executor, std::exchange(in.write, -1));
  asio::posix::stream_descriptor from_out(executor, std::exchange(out.read, -1));
  asio::posix::stream_descriptor from_err(executor, std::exchange(err.read, -1));
  Finished finished;
  asio::steady_timer timer(executor, timeout);
  boost::system::error_code late;
  const auto won = co_await ((feed(std::move(to), std::move(input)) &&
                              collect(from_out, finished.out, output_max) &&
                              collect(from_err, finished.err, output_max)) ||
                             timer.async_wait(asio::redirect_error(asio::use_awaitable, late)));
  // A cancelled wait ends without a word, as if the program had closed its output.
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    co_return base::fail(base::Code::unavailable, program.argv[0] + " was cut short");
  // It has closed its output; its end is looked for rather than waited for, so that a program that
  // lingers holds up nobody else on this lane.
  bool expired = won.index() == 1;
  while (!expired && !child.has_ended()) {
    asio::steady_timer look(executor, end_look);
    co_await look.async_wait(asio::use_awaitable);
    expired = std::chrono::steady_clock::now() > timer.expiry();
  }
  if (expired) {
    child.kill();
    child.wait();
    co_return base::fail(
        base::Code::timeout,
        fmt::format("{} did not end within {}", program.argv[0], base::format_duration(timeout)));
  }
  const int status = child.status();
  finished.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  co_return finished;
}

}  // namespace caravan::io::linux_world
