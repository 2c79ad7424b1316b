// SPDX-License-Identifier: Apache-2.0
#include "server/user_events.hpp"

#include "catalog/user_events.hpp"

namespace caravan::server {

io::Task<base::Result<model::UserEvent>> UserEvents::fire(model::UserEvent event) {
  if (const base::Status fine = catalog::check_event(event); !fine) {
    const bool is_large = event.payload.size() > model::user_event_payload_max;
    co_return base::fail(is_large ? base::Code::too_large : base::Code::invalid,
                         fine.error().message);
  }
  event.id = world_.random.uuid();
  wire::FireEvent command;
  command.event = event;
  CO_TRY_VOID(co_await proposals_.propose(std::move(command), consensus::Priority::kv));
  co_return event;
}

}  // namespace caravan::server
