// SPDX-License-Identifier: Apache-2.0
#include "io/dialog.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/core.h>

#include "io/linux/processes.hpp"

namespace caravan::io::linux_world {
namespace asio = boost::asio;
namespace {

using Descriptor = asio::posix::stream_descriptor;

constexpr std::size_t piece_bytes = 16 * 1024;

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> list;
  for (const std::string& s : strings)
    list.push_back(const_cast<char*>(s.c_str()));
  list.push_back(nullptr);
  return list;
}

base::Status system_error(const char* what) {
  return base::fail(base::Code::io, fmt::format("{}: {}", what, std::strerror(errno)));
}

Task<base::Result<std::string>> read_from(Descriptor& from) {
  std::string bytes(piece_bytes, '\0');
  boost::system::error_code error;
  const auto target = asio::buffer(bytes);
  const std::size_t n =
      co_await from.async_read_some(target, asio::redirect_error(asio::use_awaitable, error));
  if (error && error != asio::error::eof && error.value() != EIO)
    co_return base::fail(base::Code::io, error.message());
  bytes.resize(error ? 0 : n);  // a terminal whose program has gone says EIO
  co_return bytes;
}

class Running : public io::Dialog {
 public:
  explicit Running(asio::any_io_executor executor)
      : in_(executor), out_(executor), err_(executor), exit_(executor) {}
  ~Running() override {
    if (pid_ <= 0 || ended_) return;
    ::kill(-pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  base::Status start(const Program& program, bool tty);

  Task<base::Result<std::string>> read_out() override { return read_from(tty_ ? in_ : out_); }
  Task<base::Result<std::string>> read_err() override {
    if (tty_) co_return std::string();
    co_return co_await read_from(err_);
  }
  Task<base::Status> write(std::string_view bytes) override {
    boost::system::error_code error;
    const auto source = asio::buffer(bytes);
    co_await asio::async_write(in_, source, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return base::fail(base::Code::io, error.message());
    co_return base::Status();
  }
  Task<void> close_input() override {
    if (tty_)
      (void)co_await write("\x04");
    else
      in_.close();
  }
  void hang_up() override {
    if (!ended_) ::kill(-pid_, SIGHUP);
  }
  void resize(int rows, int columns) override {
    const winsize size{static_cast<unsigned short>(rows), static_cast<unsigned short>(columns), 0,
                       0};
    if (tty_) ::ioctl(in_.native_handle(), TIOCSWINSZ, &size);
  }
  Task<base::Result<int>> wait() override {
    boost::system::error_code error;
    if (!ended_)
      co_await exit_.async_wait(Descriptor::wait_read,
                                asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return base::fail(base::Code::io, error.message());
    int status = 0;
    if (!ended_ && ::waitpid(pid_, &status, 0) == pid_) {
      ended_ = true;
      code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    co_return code_;
  }

 private:
  base::Status open_terminal(posix_spawn_file_actions_t& actions);
  base::Status open_pipes(posix_spawn_file_actions_t& actions, int (&theirs)[3]);

  Descriptor in_, out_, err_, exit_;  // in_ is both ways when it is a terminal
  pid_t pid_ = 0;
  bool tty_ = false, ended_ = false;
  int code_ = 0;
};

base::Status Running::open_terminal(posix_spawn_file_actions_t& actions) {
  const int ours = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (ours < 0) return system_error("open a terminal");
  in_.assign(ours);
  char name[128];
  if (::grantpt(ours) != 0 || ::unlockpt(ours) != 0 || ::ptsname_r(ours, name, sizeof name) != 0)
    return system_error("open a terminal");
  // The first terminal that a session's leader opens becomes its controlling one.
  for (const int fd : {0, 1, 2})
    ::posix_spawn_file_actions_addopen(&actions, fd, name, O_RDWR, 0);
  return {};
}

base::Status Running::open_pipes(posix_spawn_file_actions_t& actions, int (&theirs)[3]) {
  Descriptor* ours[] = {&in_, &out_, &err_};
  for (const int fd : {0, 1, 2}) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("make a pipe");
    theirs[fd] = ends[fd == 0 ? 0 : 1];
    ours[fd]->assign(ends[fd == 0 ? 1 : 0]);
    ::posix_spawn_file_actions_adddup2(&actions, theirs[fd], fd);
  }
  return {};
}

base::Status Running::start(const Program& program, bool tty) {
  tty_ = tty;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  ::posix_spawn_file_actions_addchdir_np(&actions, program.dir.c_str());
  int theirs[3] = {-1, -1, -1};
  base::Status ready = tty ? open_terminal(actions) : open_pipes(actions, theirs);
  const std::vector<char*> argv = pointers(program.argv), env = pointers(program.env);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  if (ready)
    if (const int error =
            ::posix_spawn(&pid_, argv[0], &actions, &attributes, argv.data(), env.data());
        error != 0) {
      pid_ = 0;
      ready = base::fail(base::Code::io,
                         fmt::format("start {}: {}", program.argv[0], std::strerror(error)));
    }
  for (const int fd : theirs)
    if (fd >= 0) ::close(fd);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (!ready) return ready;
  const int watched = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (watched < 0) return system_error("watch a program");
  exit_.assign(watched);
  return {};
}

}  // namespace

base::Result<std::unique_ptr<io::Dialog>> Processes::converse(asio::any_io_executor executor,
                                                              const Program& program, bool tty) {
  auto running = std::make_unique<Running>(std::move(executor));
  TRY_VOID(running->start(program, tty));
  return running;
}

}  // namespace caravan::io::linux_world

namespace caravan::io {

base::Result<std::unique_ptr<Dialog>> Processes::converse(boost::asio::any_io_executor,
                                                          const Program&, bool) {
  return base::fail(base::Code::unsupported, "programs of this world cannot be talked to");
}

}  // namespace caravan::io
