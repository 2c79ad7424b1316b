// SPDX-License-Identifier: Apache-2.0
// A task's identities: had before it starts, and renewed while it runs.
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <csignal>
#include <fmt/core.h>

#include "client/signals.hpp"
#include "client/task_runner.hpp"
#include "driver/raw_exec.hpp"

namespace caravan::client {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

/// Servers that did not answer are asked again after this time.
constexpr base::Duration identity_retry = 2s;

}  // namespace

/// A user that the node knows owns the files. Else, where a container brings its own users, any of
/// them must be able to read them.
TokenFileMode TaskRunner::token_files() const {
  const std::string user = make_env().interpolate(task().user);
  if (!user.empty())
    if (const auto ids = driver::user_ids(host_.world.disk, user))
      return {static_cast<int>(ids->first), static_cast<int>(ids->second), 0600};
  return {-1, -1, driver().has_own_root() ? 0644u : 0600u};
}

/// Waits for the servers only when a token was never had: a task that is started anew must not
/// depend on them.
io::Task<base::Status> TaskRunner::obtain_identities() {
  if (identities_.empty()) co_return base::Status();
  const TokenFileMode files = token_files();
  std::string told;
  while (true) {
    const auto raced = co_await (identities_.update(files) || until_killed());
    if (raced.index() == 1) co_return base::fail(base::Code::unavailable, "the task was stopped");
    const auto& updated = std::get<0>(raced);
    if (updated || !identities_.lacks()) break;
    const std::string& why = updated.error().message;
    if (why != std::exchange(told, why)) co_await note(event::waiting_for_identity(why));
    if (!killing_) co_await (command_.wait() || host_.world.clock.sleep(identity_retry));
  }
  co_return identities_.write(files);
}

io::Task<void> TaskRunner::watch_identities(driver::TaskHandle& handle) {
  while (true) {
    const std::optional<base::Instant> due = identities_.due();
    if (!due) co_await forever();
    const base::Duration left = *due - host_.world.clock.now();
    co_await host_.world.clock.sleep(std::max(left, base::Duration(0s)));
    const auto renewed = co_await identities_.update(token_files());
    if (renewed) {
      co_await save();
      co_await after_renewal(handle, *renewed);
      continue;
    }
    host_.log.warn("cannot renew a task's identities",
                   {{"task", name_}, {"error", renewed.error().message}});
    co_await host_.world.clock.sleep(identity_retry);
  }
}

/// Several that are renewed together act once; a restart makes the rest needless.
io::Task<void> TaskRunner::after_renewal(driver::TaskHandle& handle,
                                         std::vector<model::WorkloadIdentity> renewed) {
  const auto reason = [](const model::WorkloadIdentity& identity) {
    return fmt::format("Identity[{}]: new Identity token acquired", identity.name);
  };
  for (const model::WorkloadIdentity& identity : renewed) {
    if (identity.change_mode != "restart") continue;
    restart(reason(identity));
    co_await forever();
  }
  for (const model::WorkloadIdentity& identity : renewed) {
    if (identity.change_mode != "signal") continue;
    const int number = signal_number(identity.change_signal).value_or(SIGHUP);
    co_await note(event::signaling(number, reason(identity)));
    (void)co_await handle.signal(number);
  }
}

}  // namespace caravan::client
