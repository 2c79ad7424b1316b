// SPDX-License-Identifier: Apache-2.0
#include "server/rekeying.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;

/// Before each look: a write that was sealed before the rotation may still be on its way.
constexpr base::Duration rekey_look_interval = 1s;
/// One command seals so much anew, and no more: others wait for the log, too.
constexpr std::size_t rekey_bytes_max = 256 * 1024;

/// A part of what is still sealed with the key. What does not open is left where it is.
wire::ResealVariables next_part(const state::Tables& tables, const Variables& variables,
                                const base::Uuid& key, bool& is_damaged) {
  wire::ResealVariables part;
  std::size_t bytes = 0;
  tables.variables.from(
      {}, [&](const model::VariableKey& at, const state::Ref<model::Variable>& variable) {
        if (variable->key_id != key) return true;
        base::Result<keyring::Box> box = variables.reseal(tables, *variable);
        if (!box) {
          is_damaged = true;
          return true;
        }
        bytes += box->bytes.size();
        part.key_id = box->key_id;
        part.variables.push_back(
            {at.first, at.second, std::move(box->bytes), variable->modify_index, {}});
        return bytes < rekey_bytes_max;
      });
  return part;
}

}  // namespace

void Rekeying::start() {
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(run());
}

io::Task<void> Rekeying::stop() {
  if (tasks_) co_await tasks_->stop();
}

io::Task<base::Status> Rekeying::step(wire::RootKey key) {
  bool is_damaged = false;
  wire::ResealVariables part = next_part(*store_.snapshot(), variables_, key.id, is_damaged);
  if (!part.variables.empty()) {
    CO_TRY_VOID(co_await proposals_.propose(std::move(part)));
    co_return base::Status();
  }
  CO_TRY_VOID(co_await connect_.reseal(key.id));
  if (is_damaged)
    log_.error("some variables do not open and stay as they are", {{"key", key.id.to_string()}});
  wire::UpsertRootKey done{.key = std::move(key)};
  done.key.rekeying = false;
  CO_TRY_VOID(co_await proposals_.propose(std::move(done)));
  co_return base::Status();
}

io::Task<void> Rekeying::run() {
  while (true) {
    co_await world_.clock.sleep(rekey_look_interval);
    std::vector<state::Ref<wire::RootKey>> keys;
    store_.snapshot()->root_keys.each([&](const base::Uuid&, const auto& key) {
      if (key->rekeying) keys.push_back(key);
    });
    for (const state::Ref<wire::RootKey>& key : keys) {
      const base::Status done = co_await step(*key);
      if (!done) log_.warn("variables could not be sealed anew", {{"error", done.error().message}});
    }
  }
}

}  // namespace caravan::server
