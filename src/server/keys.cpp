// SPDX-License-Identifier: Apache-2.0
#include "server/keys.hpp"

#include <optional>

#include "crypto/aead.hpp"
#include "io/random_bytes.hpp"
#include "keyring/root_key.hpp"
#include "state/root_key_use.hpp"

namespace caravan::server {
namespace {

/// How often it is looked whether a key's time has come.
constexpr base::Duration key_look_interval{5'000'000'000};
/// And after a proposal that did not go through.
constexpr base::Duration retry_interval{1'000'000'000};
constexpr std::size_t seed_bytes = 32;

/// Optional only because a value that comes from another lane must have a default.
io::Task<std::optional<crypto::SigningKey>> draw_rsa() { co_return crypto::SigningKey::make_rsa(); }

}  // namespace

Keys::Keys(io::World& world, state::Store& store, Proposals& proposals, std::string data_dir,
           KeysConfig config, io::Logger log)
    : world_(world),
      store_(store),
      proposals_(proposals),
      config_(std::move(config)),
      file_(world, std::move(data_dir), config_.guards),
      log_(std::move(log)) {}

io::Task<base::Status> Keys::load() {
  if (!file_.exists())
    CO_TRY_VOID(co_await file_.keep(io::random_bytes(world_.random, crypto::aead_key_bytes)));
  CO_TRY(std::string kek, co_await file_.read());
  ring_.unlock(std::move(kek));
  co_return base::Status();
}

void Keys::start() {
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(run());
}

io::Task<void> Keys::stop() {
  if (tasks_) co_await tasks_->stop();
}

io::Task<crypto::SigningKey> Keys::make_signer(crypto::SigningAlgorithm signing) {
  if (signing == crypto::SigningAlgorithm::eddsa)
    co_return crypto::SigningKey::from_seed(io::random_bytes(world_.random, seed_bytes));
  co_return *co_await io::on(world_.executor.lane(io::Lane::pool), draw_rsa());
}

/// Whether there is an active key, and this server can open it.
bool Keys::opens() const {
  const state::Snapshot tables = store_.snapshot();
  if (keyring::active_key_id(*tables).is_nil()) return false;
  const auto key = ring_.active(*tables);
  if (!key)
    log_.error("the root key does not open here; making a new one",
               {{"error", key.error().message}});
  return key.has_value();
}

io::Task<base::Result<base::Uuid>> Keys::rotate(Rotation how) {
  const bool is_ahead = !how.publish.is_zero();
  if (is_ahead && how.full)
    co_return base::invalid(
        "full: variables are sealed anew with a key that is active at once, not with one that is "
        "published first");
  if (is_ahead && how.publish <= world_.clock.now())
    co_return base::invalid("publish_time: it is over");
  const keyring::RootKey key{world_.random.uuid(),
                             io::random_bytes(world_.random, crypto::aead_key_bytes),
                             co_await make_signer(how.signing.value_or(config_.signing))};
  wire::UpsertRootKey command;
  command.key = keyring::seal(
      key, ring_.kek(), io::random_bytes(world_.random, crypto::aead_nonce_bytes),
      io::random_bytes(world_.random, crypto::aead_nonce_bytes), world_.clock.now().unix_ns);
  command.key.active = !is_ahead;
  command.key.publish_time_ns = how.publish.unix_ns;
  command.rekey = how.full;
  CO_TRY_VOID(co_await proposals_.propose(std::move(command)));
  log_.info("root key made", {{"key", key.id.to_string()}});
  co_return key.id;
}

io::Task<base::Result<std::uint64_t>> Keys::remove(base::Uuid id, bool force) {
  const state::Snapshot tables = store_.snapshot();
  const state::Ref<wire::RootKey>* key = tables->root_keys.find(id);
  if (!key) co_return base::fail(base::Code::not_found, "root key not found");
  if ((*key)->active)
    co_return base::invalid("active root key cannot be deleted - call rotate first");
  const std::string use = force ? "" : state::root_key_use(*tables, **key);
  if (!use.empty())
    co_return base::fail(base::Code::conflict, "root key in use, cannot delete: " + use);
  wire::DeleteRootKey command{.id = id, .force = force};
  CO_TRY(const std::uint64_t index, co_await proposals_.propose(std::move(command)));
  if (store_.snapshot()->was_refused(index))
    co_return base::fail(base::Code::conflict, "root key in use, cannot delete");
  log_.info("root key removed", {{"key", id.to_string()}});
  co_return index;
}

io::Task<base::Status> Keys::take(keyring::KeyStep step) {
  if (step.kind == keyring::KeyStep::Kind::activate) {
    wire::UpsertRootKey command;
    command.key = *step.key;
    command.key.active = true;
    CO_TRY_VOID(co_await proposals_.propose(std::move(command)));
    log_.info("root key active", {{"key", step.key->id.to_string()}});
    co_return base::Status();
  }
  Rotation how;
  how.publish = step.publish;
  CO_TRY_VOID(co_await rotate(how));
  co_return base::Status();
}

io::Task<void> Keys::run() {
  while (true) {
    const keyring::KeyStep step =
        keyring::next_step(*store_.snapshot(), opens(), world_.clock.now(), config_.rotation);
    if (step.kind == keyring::KeyStep::Kind::nothing) {
      co_await world_.clock.sleep(key_look_interval);
      continue;
    }
    const base::Status taken = co_await take(step);
    if (taken) continue;
    log_.warn("the root keys could not be changed", {{"error", taken.error().message}});
    co_await world_.clock.sleep(retry_interval);
  }
}

}  // namespace caravan::server
