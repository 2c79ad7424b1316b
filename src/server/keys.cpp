// SPDX-License-Identifier: Apache-2.0
#include "server/keys.hpp"

#include <optional>

#include "crypto/aead.hpp"
#include "io/durable_dirs.hpp"
#include "keyring/root_key.hpp"

namespace caravan::server {
namespace {

/// How often it is looked whether a key has come of age.
constexpr base::Duration look_interval{600'000'000'000};
/// And after a proposal that did not go through.
constexpr base::Duration retry_interval{1'000'000'000};
constexpr std::size_t seed_bytes = 32;

std::string path_in(const std::string& data_dir) {
  return data_dir + "/keystore/key-encryption-key";
}

/// Optional only because a value that comes from another lane must have a default.
io::Task<std::optional<crypto::SigningKey>> draw_rsa() { co_return crypto::SigningKey::make_rsa(); }

}  // namespace

Keys::Keys(io::World& world, state::Store& store, Proposals& proposals, std::string data_dir,
           KeysConfig config, io::Logger log)
    : world_(world),
      store_(store),
      proposals_(proposals),
      data_dir_(std::move(data_dir)),
      config_(config),
      log_(std::move(log)) {}

io::Task<base::Status> Keys::load() {
  if (!has_key(world_, data_dir_))
    CO_TRY_VOID(co_await keep_key(world_, data_dir_, random_bytes(crypto::aead_key_bytes)));
  const std::string path = path_in(data_dir_);
  CO_TRY(std::string kek, world_.disk.read_file(path));
  if (kek.size() != crypto::aead_key_bytes)
    co_return base::invalid(path +
                            " is damaged: it must have 32 bytes. Restore it, or remove it: "
                            "then a new key is made, and what the old ones sealed is lost");
  ring_.unlock(std::move(kek));
  co_return base::Status();
}

bool Keys::has_key(io::World& world, const std::string& data_dir) {
  return world.disk.exists(path_in(data_dir));
}

io::Task<base::Status> Keys::keep_key(io::World& world, const std::string& data_dir,
                                      std::string key) {
  CO_TRY_VOID(co_await io::make_durable_dirs(world.disk, data_dir + "/keystore"));
  co_return co_await world.disk.replace_file(path_in(data_dir), key, 0600);
}

void Keys::start() {
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(run());
}

io::Task<void> Keys::stop() {
  if (tasks_) co_await tasks_->stop();
}

std::string Keys::random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  world_.random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  return bytes;
}

io::Task<crypto::SigningKey> Keys::make_signer() {
  if (config_.signing == crypto::SigningAlgorithm::eddsa)
    co_return crypto::SigningKey::from_seed(random_bytes(seed_bytes));
  co_return *co_await io::on(world_.executor.lane(io::Lane::pool), draw_rsa());
}

/// Whether there is an active key that this server can open and that is not too old.
bool Keys::has_usable_key() const {
  const base::Instant now = world_.clock.now();
  bool usable = false;
  store_.snapshot()->root_keys.each(
      [&](const base::Uuid& id, const state::Ref<wire::RootKey>& key) {
        if (!key->active || base::Instant{key->create_time_ns} + config_.rotation <= now) return;
        if (const auto opened = keyring::open(*key, ring_.kek()))
          usable = true;
        else
          log_.error("the root key does not open here; making a new one",
                     {{"key", id.to_string()}, {"error", opened.error().message}});
      });
  return usable;
}

io::Task<base::Result<base::Uuid>> Keys::rotate() {
  const keyring::RootKey key{world_.random.uuid(), random_bytes(crypto::aead_key_bytes),
                             co_await make_signer()};
  wire::UpsertRootKey command;
  command.key = keyring::seal(key, ring_.kek(), random_bytes(crypto::aead_nonce_bytes),
                              random_bytes(crypto::aead_nonce_bytes), world_.clock.now().unix_ns);
  CO_TRY_VOID(co_await proposals_.propose(std::move(command)));
  log_.info("root key made", {{"key", key.id.to_string()}});
  co_return key.id;
}

io::Task<void> Keys::run() {
  while (true) {
    if (has_usable_key()) {
      co_await world_.clock.sleep(look_interval);
      continue;
    }
    const auto made = co_await rotate();
    if (made) continue;
    log_.warn("no root key could be made", {{"error", made.error().message}});
    co_await world_.clock.sleep(retry_interval);
  }
}

}  // namespace caravan::server
