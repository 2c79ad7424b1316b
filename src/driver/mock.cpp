// SPDX-License-Identifier: Apache-2.0
#include "driver/mock.hpp"

#include <csignal>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "driver/config.hpp"
#include "io/task.hpp"

namespace caravan::driver {
namespace {

struct MockConfig {
  base::Duration run_for{0}, start_block_for{0}, kill_after{0};
  int exit_code = 0, exit_signal = 0;
  std::string exit_error, start_error;
  bool start_error_recoverable = false;
};

base::Result<MockConfig> read(const json::Object& config) {
  ConfigReader reader(config);
  MockConfig mock;
  const auto duration = [&](std::string_view key, base::Duration& into) -> base::Status {
    const std::string text = reader.text(key);
    if (text.empty()) return {};
    TRY(into, base::parse_duration(text));
    return {};
  };
  TRY_VOID(duration("run_for", mock.run_for));
  TRY_VOID(duration("start_block_for", mock.start_block_for));
  TRY_VOID(duration("kill_after", mock.kill_after));
  mock.exit_code = static_cast<int>(reader.number("exit_code", 0));
  mock.exit_signal = static_cast<int>(reader.number("exit_signal", 0));
  mock.exit_error = reader.text("exit_err_msg");
  mock.start_error = reader.text("start_error");
  mock.start_error_recoverable = reader.flag("start_error_recoverable", false);
  TRY_VOID(reader.finish());
  return mock;
}

class MockTask : public TaskHandle {
 public:
  MockTask(io::World& world, MockConfig config, boost::asio::any_io_executor lane)
      : world_(world), config_(std::move(config)), changed_(lane) {
    if (config_.run_for.count() > 0) ends_at_ = world_.clock.uptime() + config_.run_for;
  }

  io::Task<TaskExit> wait() override {
    using namespace boost::asio::experimental::awaitable_operators;
    while (true) {
      const base::Duration now = world_.clock.uptime();
      if (killed_at_ && *killed_at_ <= now) co_return TaskExit{.signal = SIGKILL};
      if (ends_at_ && *ends_at_ <= now)
        co_return TaskExit{config_.exit_code, config_.exit_signal, false, config_.exit_error};
      std::optional<base::Duration> next = ends_at_;
      if (killed_at_) next = next ? std::min(*next, *killed_at_) : *killed_at_;
      if (next)
        co_await (changed_.wait() || world_.clock.sleep(*next - now));
      else
        co_await changed_.wait();
    }
  }
  io::Task<base::Status> signal(int) override { co_return base::Status(); }
  io::Task<base::Status> stop(int, base::Duration timeout) override {
    killed_at_ = world_.clock.uptime() + std::min(config_.kill_after, timeout);
    changed_.notify();
    co_return base::Status();
  }
  base::Result<TaskUsage> usage() override { return TaskUsage(); }
  io::Task<void> destroy() override { co_return; }

 private:
  io::World& world_;
  MockConfig config_;
  io::Event changed_;
  std::optional<base::Duration> ends_at_, killed_at_;
};

}  // namespace

io::Task<Fingerprint> Mock::fingerprint() {
  Fingerprint print;
  print.detected = print.healthy = true;
  print.description = "Healthy";
  print.attributes["driver.mock_driver"] = "1";
  co_return print;
}

int Mock::default_signal() const { return SIGINT; }

base::Status Mock::validate(const json::Object& config) const {
  TRY_VOID(read(config));
  return {};
}

std::string Mock::reserve(const TaskSpec& spec, std::uint64_t run) {
  return fmt::format("{}/{}.{}", spec.alloc_id.to_string(), spec.task, run);
}

io::Task<base::Result<std::unique_ptr<TaskHandle>>> Mock::start(const TaskSpec& spec,
                                                                const std::string&) {
  CO_TRY(MockConfig config, read(spec.config));
  if (config.start_block_for.count() > 0) co_await world_.clock.sleep(config.start_block_for);
  if (!config.start_error.empty()) {
    const base::Code code = config.start_error_recoverable ? base::Code::io : base::Code::invalid;
    co_return base::fail(code, config.start_error);
  }
  const auto lane = co_await boost::asio::this_coro::executor;
  co_return std::make_unique<MockTask>(world_, std::move(config), lane);
}

io::Task<base::Result<std::unique_ptr<TaskHandle>>> Mock::recover(const TaskSpec&,
                                                                  const std::string&) {
  co_return nullptr;
}

}  // namespace caravan::driver
