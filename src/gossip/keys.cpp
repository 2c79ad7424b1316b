// SPDX-License-Identifier: Apache-2.0
#include "gossip/keys.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/text.hpp"
#include "io/task.hpp"

namespace caravan::gossip {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration challenge_life = 10s;
constexpr std::size_t challenges_max = 64;
constexpr std::size_t challenge_bytes = 16;
constexpr int file_mode = 0600;
constexpr const char* request_bound = "caravan gossip key request";
constexpr const char* answer_bound = "caravan gossip key answer ";

std::string name_of(KeyChange::Kind kind) {
  constexpr std::array names = {"list", "install", "use", "remove"};
  return names[static_cast<std::size_t>(kind)];
}

base::Status apply(KeyRing& ring, const KeyChange& change) {
  switch (change.kind) {
    case KeyChange::Kind::list:
      return {};
    case KeyChange::Kind::install:
      return ring.install(change.key);
    case KeyChange::Kind::use:
      return ring.use(change.key);
    case KeyChange::Kind::remove:
      return ring.remove(change.key);
  }
  return {};
}

}  // namespace

io::Task<base::Result<std::vector<std::string>>> Keys::change(KeyChange change) {
  if (change.kind == KeyChange::Kind::list) co_return ring_.list();
  if (writing_) co_return base::fail(base::Code::busy, "another change of the gossip keys goes on");
  KeyRing changed = ring_;
  CO_TRY_VOID(apply(changed, change));
  struct Writing {
    bool& flag;
    ~Writing() { flag = false; }
  } const writing{writing_};
  writing_ = true;
  CO_TRY_VOID(co_await world_.disk.replace_file(path_, changed.to_text(), file_mode));
  ring_ = std::move(changed);
  log_.info("the gossip keys changed",
            {{"change", name_of(change.kind)}, {"keys", fmt::format("{}", ring_.list().size())}});
  co_return ring_.list();
}

std::string Keys::draw_challenge() {
  const base::Duration now = world_.clock.uptime();
  std::erase_if(challenges_, [&](const auto& entry) { return entry.second < now; });
  if (challenges_.size() >= challenges_max) challenges_.erase(challenges_.begin());
  std::array<std::uint8_t, challenge_bytes> bytes;
  world_.random.fill(bytes);
  std::string challenge(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  challenges_[challenge] = now + challenge_life;
  return challenge;
}

base::Status Keys::accept(const std::string& challenge) {
  const auto found = challenges_.find(challenge);
  const bool known = found != challenges_.end() && found->second >= world_.clock.uptime();
  if (found != challenges_.end()) challenges_.erase(found);
  if (!known)
    return base::fail(base::Code::denied,
                      "a change of gossip keys was asked for too late, or twice");
  return {};
}

std::string Keys::seal_request(const KeyChange& change, const std::string& challenge) const {
  const std::string plain = static_cast<char>(change.kind) + challenge + change.key;
  return ring_.seal(plain, request_bound, world_.random);
}

io::Task<base::Result<std::string>> Keys::answer(std::string sealed) {
  if (ring_.empty())
    co_return base::invalid("gossip is not encrypted here: set server.encrypt on all servers");
  CO_TRY(const std::string plain, ring_.open(sealed, request_bound));
  const auto kind = plain.empty() ? 0xff : static_cast<std::uint8_t>(plain[0]);
  if (plain.size() < 1 + challenge_bytes || kind > static_cast<int>(KeyChange::Kind::remove))
    co_return base::invalid("a request for gossip keys is damaged");
  const std::string challenge = plain.substr(1, challenge_bytes);
  CO_TRY_VOID(accept(challenge));
  // Sealed with the key that the other side is known to have.
  const KeyRing before = ring_;
  KeyChange wanted{static_cast<KeyChange::Kind>(kind), plain.substr(1 + challenge_bytes)};
  CO_TRY(const std::vector<std::string> keys, co_await change(std::move(wanted)));
  co_return before.seal(base::join(keys, "\n"), answer_bound + challenge, world_.random);
}

base::Result<std::vector<std::string>> Keys::open_answer(const std::string& sealed,
                                                         const std::string& challenge) const {
  TRY(const std::string plain, ring_.open(sealed, answer_bound + challenge));
  return base::split(plain, '\n');
}

io::Task<base::Result<KeyRing>> load_key_ring(io::World& world, std::string path,
                                              std::string configured, io::Logger log) {
  const base::Result<std::string> text = world.disk.read_file(path);
  if (text) {
    auto ring = KeyRing::parse(*text);
    if (!ring) co_return base::invalid(fmt::format("{}: {}", path, ring.error().message));
    const std::vector<std::string> keys = ring->list();
    if (!configured.empty() && std::ranges::find(keys, configured) == keys.end())
      log.warn("server.encrypt is not among the gossip keys in use, and is ignored",
               {{"keys", path}});
    co_return *std::move(ring);
  }
  if (text.error().code != base::Code::not_found) co_return std::unexpected(text.error());
  if (configured.empty()) co_return KeyRing();
  CO_TRY(KeyRing ring, KeyRing::of({configured}));
  CO_TRY_VOID(co_await world.disk.replace_file(path, ring.to_text(), file_mode));
  co_return ring;
}

}  // namespace caravan::gossip
