// SPDX-License-Identifier: Apache-2.0
#include "driver/supervised.hpp"

#include <csignal>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "driver/process_use.hpp"
#include "io/task.hpp"

namespace caravan::driver {
namespace {

using namespace std::chrono_literals;

/// A supervisor that has claimed its run opens its socket within milliseconds; on a machine that
/// swaps, within this time.
constexpr base::Duration appear_timeout = 10s;
constexpr base::Duration appear_look = 20ms;
constexpr base::Duration connect_timeout = 2s;
constexpr base::Duration answer_timeout = 5s;

struct RunState {
  bool exited = false;
  io::ProcessId process;
  TaskExit exit;
};

/// "1 started PID TICKS NS" or "1 exited CODE SIGNAL NS".
std::optional<RunState> parse_state(std::string_view text) {
  const std::vector<std::string> words = base::split(base::trim(text), ' ');
  if (words.size() < 4 || words[0] != "1") return {};
  const auto number = [&](std::size_t i) { return base::parse_int(words[i]).value_or(0); };
  RunState state;
  state.exited = words[1] == "exited";
  if (state.exited)
    state.exit = {static_cast<int>(number(2)), static_cast<int>(number(3)), false, ""};
  else
    state.process = {static_cast<int>(number(2)), static_cast<std::uint64_t>(number(3))};
  return state;
}

std::string spec_bytes(const TaskSpec& spec, const Command& command) {
  std::string bytes;
  const auto put = [&](std::string_view field) {
    bytes += field;
    bytes += '\0';
  };
  const auto put_list = [&](const std::vector<std::string>& list) {
    put(fmt::format("{}", list.size()));
    for (const std::string& item : list)
      put(item);
  };
  put("2");
  put(command.dir);
  put(spec.log_prefix);
  put(fmt::format("{}", spec.log_files_max));
  put(fmt::format("{}", std::int64_t{spec.log_file_mb_max} * 1024 * 1024));
  put(fmt::format("{}", command.uid));
  put(fmt::format("{}", command.gid));
  put(command.network_namespace);
  put_list(command.cgroups);
  put_list(command.argv);
  put_list(command.env);
  return bytes;
}

/// The supervisor cuts its spec at NUL bytes; a value that holds one would become two fields.
base::Status check_no_nul(const Command& command) {
  const auto bad = [](const std::string& s) { return s.find('\0') != std::string::npos; };
  if (std::ranges::any_of(command.argv, bad) || std::ranges::any_of(command.env, bad))
    return base::invalid("arguments and environment may not contain NUL bytes");
  return {};
}

class SupervisedTask : public TaskHandle {
 public:
  SupervisedTask(io::World& world, std::string folder, io::Logger log)
      : world_(world), folder_(std::move(folder)), log_(std::move(log)) {}

  io::Task<TaskExit> wait() override {
    while (true) {
      if (const std::optional<RunState> state = read_state(); state && state->exited)
        co_return state->exit;
      const base::Status listened = co_await listen();
      if (const std::optional<RunState> state = read_state(); state && state->exited)
        co_return state->exit;
      if (listened) continue;
      if (!is_alive()) co_return lost();
      co_await world_.clock.sleep(appear_look);
    }
  }
  io::Task<base::Status> signal(int signal) override {
    const base::Status told = co_await tell(fmt::format("signal {}\n", signal));
    // A supervisor whose task died of the signal may be gone before it could answer.
    if (const auto state = read_state(); !told && state && state->exited) co_return base::Status();
    co_return told;
  }
  io::Task<base::Status> stop(int signal, base::Duration timeout) override {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count();
    co_return co_await tell(fmt::format("stop {} {}\n", signal, ms));
  }
  base::Result<TaskUsage> usage() override;
  io::Task<void> destroy() override {
    if (const base::Status removed = world_.disk.remove(folder_); !removed)
      log_.warn("cannot remove a run", {{"error", removed.error().message}});
    co_return;
  }

  std::optional<RunState> read_state() {
    const base::Result<std::string> text = world_.disk.read_file(folder_ + "/state");
    return text ? parse_state(*text) : std::nullopt;
  }

 private:
  bool is_alive() {
    const std::optional<RunState> state = read_state();
    return state && !state->exited && world_.processes.is_alive(state->process);
  }
  /// The supervisor died without a last word; what it ran died with it.
  TaskExit lost() {
    if (const std::optional<RunState> state = read_state(); state && state->exited)
      return state->exit;
    const base::Result<std::string> error = world_.disk.read_file(folder_ + "/error");
    return {.error = error ? std::string(base::trim(*error)) : "the task's supervisor is gone"};
  }
  /// Stays connected until the task ends. Errors: io when there is nobody.
  io::Task<base::Status> listen() {
    const io::Address address = io::Address::unix_socket(folder_ + "/socket");
    CO_TRY(const std::unique_ptr<io::Stream> stream,
           co_await world_.network.connect(address, connect_timeout));
    CO_TRY_VOID(co_await stream->write("hello 1\n"));
    std::string heard;
    char buffer[256];
    while (heard.find("exit") == std::string::npos) {
      CO_TRY(const std::size_t n, co_await stream->read_some(buffer));
      if (n == 0) co_return base::fail(base::Code::io, "the supervisor hung up");
      heard.append(buffer, n);
    }
    co_return base::Status();
  }
  io::Task<base::Status> say(std::string line) {
    const io::Address address = io::Address::unix_socket(folder_ + "/socket");
    CO_TRY(const std::unique_ptr<io::Stream> stream,
           co_await world_.network.connect(address, connect_timeout));
    CO_TRY_VOID(co_await stream->write(line));
    std::string heard;
    char buffer[256];
    while (heard.find('\n') == std::string::npos) {
      CO_TRY(const std::size_t n, co_await stream->read_some(buffer));
      if (n == 0) co_return base::fail(base::Code::io, "the supervisor hung up");
      heard.append(buffer, n);
    }
    if (!heard.starts_with("ok"))
      co_return base::fail(base::Code::io, "the supervisor said: " + heard);
    co_return base::Status();
  }
  io::Task<base::Status> tell(std::string line) {
    using namespace boost::asio::experimental::awaitable_operators;
    auto raced = co_await (say(std::move(line)) || world_.clock.sleep(answer_timeout));
    if (raced.index() == 1)
      co_return base::fail(base::Code::timeout, "the task's supervisor does not answer");
    co_return std::get<0>(raced);
  }

  io::World& world_;
  std::string folder_;
  io::Logger log_;
};

base::Result<TaskUsage> SupervisedTask::usage() {
  const std::optional<RunState> state = read_state();
  if (!state || state->exited) return base::fail(base::Code::not_found, "the task is not running");
  return read_process_use(world_.disk, state->process.pid);
}

}  // namespace

Supervisors::Supervisors(io::World& world, std::string program, std::string folder, io::Logger log)
    : world_(world),
      program_(std::move(program)),
      folder_(std::move(folder)),
      log_(std::move(log)) {}

std::string Supervisors::reserve(const TaskSpec& spec, std::uint64_t run) const {
  // Names of tasks may be long, and a socket's path may not.
  return fmt::format("{:016x}.{}", base::hash64(spec.task, base::hash64(spec.alloc_id.to_string())),
                     run);
}

io::Task<base::Result<std::unique_ptr<TaskHandle>>> Supervisors::start(const TaskSpec& spec,
                                                                       const std::string& run,
                                                                       Command command) {
  CO_TRY_VOID(check_no_nul(command));
  const std::string folder = folder_ + "/" + run;
  CO_TRY_VOID(world_.disk.make_dirs(folder, 0700));
  const std::string bytes = spec_bytes(spec, command);
  CO_TRY_VOID(co_await world_.disk.replace_file(folder + "/spec", bytes, 0600));
  const io::Program program{{program_, folder}, {}, "/"};
  CO_TRY(const io::ProcessId supervisor, world_.processes.spawn_detached(program));
  auto task = std::make_unique<SupervisedTask>(world_, folder, log_);
  const base::Duration deadline = world_.clock.uptime() + appear_timeout;
  base::Duration look = 1ms;  // usually it is there at once
  while (!task->read_state()) {
    const base::Result<std::string> error = world_.disk.read_file(folder + "/error");
    if (error) co_return base::fail(base::Code::io, std::string(base::trim(*error)));
    const bool over = !world_.processes.is_alive(supervisor) && !task->read_state();
    if (over || world_.clock.uptime() > deadline)
      co_return base::fail(base::Code::io, "the task's supervisor did not start");
    co_await world_.clock.sleep(look);
    look = std::min<base::Duration>(look * 2, appear_look);
  }
  co_return task;
}

io::Task<base::Result<std::unique_ptr<TaskHandle>>> Supervisors::recover(const std::string& run) {
  const std::string folder = folder_ + "/" + run;
  if (!world_.disk.exists(folder + "/spec")) co_return nullptr;  // it did not come to a supervisor
  auto task = std::make_unique<SupervisedTask>(world_, folder, log_);
  if (task->read_state()) co_return task;
  // Nothing says that it began. Whoever makes the claim decides, here or in a supervisor just
  // starting.
  const base::Result<bool> claimed = world_.disk.create_exclusively(folder + "/claim");
  if (!claimed) co_return std::unexpected(claimed.error());
  if (*claimed) {
    (void)world_.disk.remove(folder);
    co_return nullptr;
  }
  const base::Duration deadline = world_.clock.uptime() + appear_timeout;
  while (!task->read_state() && world_.clock.uptime() < deadline) {
    if (world_.disk.exists(folder + "/error")) break;
    co_await world_.clock.sleep(appear_look);
  }
  co_return task;  // without a state by now, wait() says that it was lost
}

}  // namespace caravan::driver
