// SPDX-License-Identifier: Apache-2.0
#include "server/sessions.hpp"

#include <fmt/core.h>

namespace caravan::server {

using consensus::Priority;

void Sessions::start() {
  clock_.clear();
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(run());
}

io::Task<void> Sessions::stop() {
  if (tasks_) co_await tasks_->stop();
}

io::Task<base::Result<base::Uuid>> Sessions::create(model::Session session) {
  if (const std::string wrong = model::session_complaint(session); !wrong.empty())
    co_return base::fail(base::Code::internal, wrong);
  session.id = world_.random.uuid();
  const base::Uuid id = session.id;
  const std::string node = session.node;
  wire::CreateSession command;
  command.session = std::move(session);
  CO_TRY(const std::uint64_t index, co_await proposals_.propose(std::move(command), Priority::kv));
  if (store_.snapshot()->was_refused(index))
    co_return base::fail(base::Code::busy,
                         fmt::format("node \"{}\" has {} sessions, and may not have more: end some",
                                     node, model::sessions_per_node_max));
  co_return id;
}

io::Task<base::Status> Sessions::destroy(base::Uuid id) {
  wire::DestroySession command;
  command.id = id;
  CO_TRY_VOID(co_await proposals_.propose(std::move(command), Priority::kv));
  co_return base::Status();
}

io::Task<bool> Sessions::renew_there(Sessions& self, state::Ref<model::Session> session) {
  self.clock_.renew(*session, self.world_.clock.uptime());
  co_return true;
}

io::Task<state::Ref<model::Session>> Sessions::renew(base::Uuid id) {
  state::Ref<model::Session> session = store_.snapshot()->session(id);
  if (session)
    (void)co_await io::on(world_.executor.lane(io::Lane::main), renew_there(*this, session));
  co_return session;
}

io::Task<void> Sessions::end_what_is_over() {
  const state::Snapshot tables = store_.snapshot();
  for (const base::Uuid& id : clock_.look(*tables, world_.clock.uptime())) {
    log_.info("a session was not renewed",
              {{"session", id.to_string()}, {"name", tables->session(id)->name}});
    wire::DestroySession command;
    command.id = id;
    (void)co_await proposals_.propose(std::move(command), Priority::control);  // else next time
  }
}

io::Task<void> Sessions::run() {
  while (true) {
    co_await end_what_is_over();
    co_await world_.clock.sleep(session_look_interval);
  }
}

}  // namespace caravan::server
