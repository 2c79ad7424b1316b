// SPDX-License-Identifier: Apache-2.0
#include "server/variables.hpp"

#include "crypto/aead.hpp"
#include "io/random_bytes.hpp"
#include "wire/binary.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;
using wire::LockStep;

/// The shortest time of a lock is ten seconds.
constexpr base::Duration lock_look_interval = 1s;

/// What a box is bound to: it opens at no other place.
std::string bound_of(const model::VariableKey& key) {
  return "variable " + key.first + '\0' + key.second;
}

}  // namespace

void Variables::start() {
  held_.clear();
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(run());
}

io::Task<void> Variables::stop() {
  if (tasks_) co_await tasks_->stop();
}

base::Result<model::VariableItems> Variables::open(const state::Tables& tables,
                                                   const model::Variable& variable) const {
  TRY(const std::string bytes,
      ring_.open(tables, variable.key_id, variable.sealed, bound_of(variable.key())));
  TRY(model::VariableContent content, wire::decode<model::VariableContent>(bytes));
  return std::move(content.items);
}

base::Result<keyring::Box> Variables::reseal(const state::Tables& tables,
                                             const model::Variable& variable) const {
  const std::string bound = bound_of(variable.key());
  TRY(const std::string bytes, ring_.open(tables, variable.key_id, variable.sealed, bound));
  return ring_.seal(tables, bytes, bound,
                    io::random_bytes(world_.random, crypto::aead_nonce_bytes));
}

io::Task<base::Result<VariableReply>> Variables::propose(wire::AnyCommand command,
                                                         model::VariableKey key, base::Uuid held) {
  CO_TRY(const std::uint64_t index, co_await proposals_.propose(std::move(command)));
  const state::Snapshot tables = store_.snapshot();
  co_return VariableReply{tables->variable(key), tables->was_refused(index), index, held};
}

io::Task<base::Result<VariableReply>> Variables::put(VariableWrite write) {
  if (const std::string wrong = model::path_complaint(write.key.second); !wrong.empty())
    co_return base::invalid(wrong);
  if (write.items)
    if (const std::string wrong = model::items_complaint(*write.items); !wrong.empty())
      co_return base::invalid(wrong);
  const bool acquires = write.step == LockStep::acquire;
  if (acquires)
    if (const std::string wrong = model::lock_complaint(write.lock); !wrong.empty())
      co_return base::invalid(wrong);
  wire::PutVariable command;
  command.expected_index = write.expected_index;
  command.lock_id = write.lock.id;
  command.step = write.step;
  std::tie(command.variable.ns, command.variable.path) = write.key;
  const state::Snapshot before = store_.snapshot();
  if (!before->name_space(write.key.first))
    co_return base::invalid("namespace \"" + write.key.first + "\" does not exist");
  if (write.items || !before->variable(write.key)) {
    const model::VariableContent content{write.items.value_or(model::VariableItems()), {}};
    CO_TRY(keyring::Box box, ring_.seal(*before, wire::encode(content), bound_of(write.key),
                                        io::random_bytes(world_.random, crypto::aead_nonce_bytes)));
    command.variable.key_id = box.key_id;
    command.variable.sealed = std::move(box.bytes);
  }
  if (acquires) {
    command.variable.lock = write.lock;
    if (write.lock.id.is_nil()) command.variable.lock->id = world_.random.uuid();
  }
  const base::Uuid held = acquires ? command.variable.lock->id : write.lock.id;
  co_return co_await propose(std::move(command), std::move(write.key), held);
}

io::Task<base::Result<VariableReply>> Variables::remove(model::VariableKey key,
                                                        std::optional<std::uint64_t> expected_index,
                                                        base::Uuid lock_id) {
  if (!store_.snapshot()->variable(key)) {
    const bool expects_one = expected_index.value_or(0) != 0 || !lock_id.is_nil();
    co_return VariableReply{nullptr, expects_one, 0, {}};
  }
  wire::DeleteVariable command{key.first, key.second, expected_index, lock_id, {}};
  co_return co_await propose(std::move(command), std::move(key), lock_id);
}

io::Task<bool> Variables::renew_there(Variables& self, model::VariableKey key, base::Uuid lock_id,
                                      base::Duration ttl) {
  self.held_[std::move(key)] = {lock_id, self.world_.clock.uptime() + ttl};
  co_return true;
}

io::Task<base::Result<VariableReply>> Variables::renew(model::VariableKey key, base::Uuid lock_id) {
  const state::Snapshot tables = store_.snapshot();
  VariableReply reply{tables->variable(key), false, tables->index, lock_id};
  reply.is_conflict = !reply.variable || !reply.variable->lock || lock_id.is_nil() ||
                      reply.variable->lock->id != lock_id;
  if (!reply.is_conflict)
    (void)co_await io::on(world_.executor.lane(io::Lane::main),
                          renew_there(*this, key, lock_id, reply.variable->lock->ttl));
  co_return reply;
}

io::Task<void> Variables::lose_what_is_over() {
  const state::Snapshot tables = store_.snapshot();
  const base::Duration now = world_.clock.uptime();
  std::erase_if(held_,
                [&](const auto& entry) { return !tables->locked_variables.find(entry.first); });
  std::vector<state::Ref<model::Variable>> over;
  tables->locked_variables.each([&](const model::VariableKey& key, const state::Nothing&) {
    const state::Ref<model::Variable> variable = tables->variable(key);
    const auto known = held_.find(key);
    if (known == held_.end() || known->second.id != variable->lock->id)
      held_[key] = {variable->lock->id, now + variable->lock->ttl};  // a new leader begins anew
    else if (known->second.until <= now)
      over.push_back(variable);
  });
  for (const state::Ref<model::Variable>& variable : over) {
    wire::PutVariable command;
    command.variable.ns = variable->ns;
    command.variable.path = variable->path;
    command.lock_id = variable->lock->id;
    command.step = LockStep::lose;
    log_.info("a lock was not renewed", {{"namespace", variable->ns}, {"path", variable->path}});
    (void)co_await proposals_.propose(std::move(command));  // else with the next look
  }
}

io::Task<void> Variables::run() {
  while (true) {
    co_await lose_what_is_over();
    co_await world_.clock.sleep(lock_look_interval);
  }
}

}  // namespace caravan::server
