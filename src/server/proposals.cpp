// SPDX-License-Identifier: Apache-2.0
#include "server/proposals.hpp"

#include <fmt/core.h>

#include "io/request.hpp"

namespace caravan::server {
namespace {

/// A healthy cluster answers in milliseconds; after this the outcome is unknown and the caller told
/// so.
constexpr base::Duration propose_timeout{10'000'000'000};
constexpr base::Duration barrier_timeout{5'000'000'000};
constexpr base::Duration version_patience{2'000'000'000}, version_look{20'000'000};

io::Task<base::Result<std::uint64_t>> propose_there(consensus::Replica& replica, std::string bytes,
                                                    consensus::Priority priority) {
  co_return co_await replica.propose(std::move(bytes), priority, propose_timeout);
}
io::Task<base::Status> barrier_there(consensus::Replica& replica) {
  co_return co_await replica.read_barrier(barrier_timeout);
}

}  // namespace

io::Task<base::Result<std::uint64_t>> Proposals::propose(wire::AnyCommand command,
                                                         consensus::Priority priority) {
  const base::Uuid request = co_await io::take_request();
  co_return co_await propose_for(request, std::move(command), priority);
}

io::Task<base::Result<std::uint64_t>> Proposals::propose_part(wire::AnyCommand command,
                                                              consensus::Priority priority) {
  co_return co_await propose_for(base::Uuid(), std::move(command), priority);
}

io::Task<base::Result<std::uint64_t>> Proposals::propose_for(base::Uuid request,
                                                             wire::AnyCommand command,
                                                             consensus::Priority priority) {
  CO_TRY_VOID(co_await may_be_proposed(command));
  const std::int64_t now = world_.clock.now().unix_ns;
  std::string bytes = wire::encode_command({.time_ns = now, .body = std::move(command)});
  const bool once = !request.is_nil() && knows_requests(*store_.snapshot());
  if (once) {
    wire::ApplyOnce carrier{request, std::move(bytes), {}};
    bytes = wire::encode_command({.time_ns = now, .body = std::move(carrier)});
  }
  const auto lane = world_.executor.lane(io::Lane::main);
  CO_TRY(const consensus::Index at,
         co_await io::on(lane, propose_there(replica_, std::move(bytes), priority)));
  const state::Snapshot tables = store_.snapshot();
  const std::uint64_t index = at + tables->index_ahead;
  const state::Ref<model::DoneRequest> done = once ? tables->request(request) : nullptr;
  if (done && done->index != index) co_return base::fail(base::Code::conflict, done_before);
  co_return index;
}

/// What is asked of a new cluster at once waits until its leader has said what it is at.
io::Task<base::Status> Proposals::may_be_proposed(const wire::AnyCommand& command) {
  const wire::LogVersion needed = wire::version_of(command.kind());
  if (command.as<wire::SetLogVersion>()) co_return base::Status();
  const base::Duration deadline = world_.clock.uptime() + version_patience;
  while (needed > store_.snapshot()->log_version) {
    if (world_.clock.uptime() >= deadline)
      co_return base::fail(
          base::Code::unsupported,
          fmt::format("not before all servers of the cluster have been replaced: this needs log "
                      "version {}, and the cluster is at {}",
                      needed, store_.snapshot()->log_version));
    co_await world_.clock.sleep(version_look);
  }
  co_return base::Status();
}

io::Task<base::Status> Proposals::barrier() {
  const auto lane = world_.executor.lane(io::Lane::main);
  co_return co_await io::on(lane, barrier_there(replica_));
}

}  // namespace caravan::server
