// SPDX-License-Identifier: Apache-2.0
#include "driver/docker/session.hpp"

#include <csignal>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "io/task.hpp"

namespace caravan::driver::docker {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

constexpr base::Duration session_timeout = 30s;
constexpr std::size_t frame_head_bytes = 8, read_bytes = 32 * 1024;
constexpr unsigned char kind_stderr = 2;
/// The engine closes the stream a moment before it knows the exit code.
constexpr base::Duration code_look = 20ms;
constexpr int code_looks = 100;

/// The engine's two kinds of output, taken apart; with a terminal there is one.
class Output {
 public:
  Output(ExecPipe& pipe, bool tty) : pipe_(pipe), tty_(tty) {}

  io::Task<base::Status> take(std::string bytes) {
    if (tty_) co_return co_await pipe_.write_output(false, std::move(bytes));
    heard_ += bytes;
    while (heard_.size() >= frame_head_bytes) {
      std::size_t length = 0;
      for (std::size_t i = 4; i < frame_head_bytes; ++i)
        length = length << 8 | static_cast<unsigned char>(heard_[i]);
      if (heard_.size() < frame_head_bytes + length) break;
      const bool is_stderr = static_cast<unsigned char>(heard_[0]) == kind_stderr;
      std::string piece = heard_.substr(frame_head_bytes, length);
      heard_.erase(0, frame_head_bytes + length);
      CO_TRY_VOID(co_await pipe_.write_output(is_stderr, std::move(piece)));
    }
    co_return base::Status();
  }

 private:
  ExecPipe& pipe_;
  bool tty_;
  std::string heard_;
};

io::Task<void> copy_out(http::Incoming& incoming, ExecPipe& pipe, bool tty) {
  Output output(pipe, tty);
  std::string piece = incoming.take_already_read();
  while (true) {
    if (!piece.empty()) {
      const base::Status sent = co_await output.take(std::move(piece));
      if (!sent) co_return;
    }
    piece.assign(read_bytes, '\0');
    const base::Result<std::size_t> n = co_await incoming.stream().read_some(piece);
    if (!n || *n == 0) co_return;
    piece.resize(*n);
  }
}

/// Returns when the user hangs up.
io::Task<void> copy_in(Api& api, std::string id, http::Incoming& incoming, ExecPipe& pipe) {
  while (true) {
    const base::Result<ExecInput> input = co_await pipe.read_input();
    if (!input) co_return;
    if (input->rows > 0) {
      std::string path = fmt::format("/exec/{}/resize?h={}&w={}", id, input->rows, input->columns);
      (void)co_await api.call("POST", std::move(path));
    }
    if (!input->bytes.empty()) (void)co_await incoming.stream().write(input->bytes);
    if (input->closes) incoming.stream().end_writing();
  }
}

io::Task<base::Result<json::Value>> look(Api& api, std::string id) {
  std::string path = "/exec/" + id + "/json";
  co_return co_await api.call("GET", std::move(path));
}

io::Task<base::Result<int>> exit_code(Api& api, std::string id) {
  for (int i = 0; i < code_looks; ++i) {
    CO_TRY(const json::Value said, co_await look(api, id));
    const bool* running = said.at("Running").as_bool();
    if (running && !*running) co_return static_cast<int>(said.at("ExitCode").number());
    co_await api.world().clock.sleep(code_look);
  }
  co_return base::fail(base::Code::io, "the engine does not tell the command's exit code");
}

/// The engine has no call for this. The process is looked at by its number on this host, and only
/// touched when it is in that container.
io::Task<void> kill(Api& api, std::string container, std::string id) {
  io::Disk& disk = api.world().disk;
  const base::Result<json::Value> said = co_await look(api, id);
  if (!said) co_return;
  const std::string* full = said->at("ContainerID").as_string();
  const int pid = static_cast<int>(said->at("Pid").number());
  const base::Result<std::string> groups = disk.read_file(fmt::format("/proc/{}/cgroup", pid));
  const base::Result<std::string> stat = disk.read_file(fmt::format("/proc/{}/stat", pid));
  if (!full || full->empty() || pid <= 1 || !groups || !stat) co_return;
  if (groups->find(*full) == std::string::npos) co_return;
  // Field 22, counted behind the program's name, which may hold spaces.
  const std::vector<std::string> fields = base::split(stat->substr(stat->rfind(')') + 1), ' ');
  if (fields.size() < 21) co_return;
  const io::ProcessId process{pid,
                              static_cast<std::uint64_t>(base::parse_int(fields[20]).value_or(0))};
  (void)api.world().processes.signal(process, SIGKILL);
}

}  // namespace

io::Task<base::Result<int>> run_in_container(Api& api, std::string container, const ExecSpec& what,
                                             ExecPipe& pipe) {
  const json::Array words(what.command.begin(), what.command.end());
  json::Value body = json::Object{{"AttachStdin", true},
                                  {"AttachStdout", true},
                                  {"AttachStderr", true},
                                  {"Tty", what.tty},
                                  {"Cmd", words}};
  CO_TRY(const json::Value made,
         co_await api.call("POST", "/containers/" + container + "/exec", std::move(body)));
  const std::string* id = made.at("Id").as_string();
  if (!id) co_return base::fail(base::Code::io, "the engine gave the command no id");
  http::Request ask = request("POST", "/exec/" + *id + "/start");
  ask.headers.add("Content-Type", "application/json");
  ask.headers.add("Connection", "Upgrade");
  ask.headers.add("Upgrade", "tcp");
  ask.body = what.tty ? R"({"Detach":false,"Tty":true})" : R"({"Detach":false,"Tty":false})";
  CO_TRY(const std::unique_ptr<http::Incoming> incoming,
         co_await api.open(std::move(ask), session_timeout));
  const auto first =
      co_await (copy_out(*incoming, pipe, what.tty) || copy_in(api, *id, *incoming, pipe));
  if (first.index() == 0) co_return co_await exit_code(api, *id);
  incoming->stream().close();
  co_await kill(api, container, *id);
  co_return base::fail(base::Code::unavailable, "the user hung up");
}

}  // namespace caravan::driver::docker
