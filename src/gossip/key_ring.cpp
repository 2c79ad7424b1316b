// SPDX-License-Identifier: Apache-2.0
#include "gossip/key_ring.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/text.hpp"
#include "crypto/aead.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::gossip {
namespace {

constexpr char plain_mark = 1, sealed_mark = 2;

std::string draw_nonce(io::Random& random) {
  std::array<std::uint8_t, crypto::aead_nonce_bytes> bytes;
  random.fill(bytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

base::Result<std::string> parse_key(std::string_view text) {
  auto key = base::base64_decode(text);
  if (!key) return base::invalid("the gossip key is not base64");
  if (!crypto::is_aead_key_size(key->size()))
    return base::invalid(
        fmt::format("the gossip key has {} bytes; it must have 16, 24 or 32", key->size()));
  return *std::move(key);
}

base::Result<KeyRing> KeyRing::of(const std::vector<std::string>& keys) {
  if (keys.size() > keys_max)
    return base::invalid(fmt::format("{} gossip keys; at most {} can be", keys.size(), keys_max));
  KeyRing ring;
  for (const std::string& text : keys) {
    TRY(std::string key, parse_key(text));
    if (std::ranges::find(ring.keys_, key) == ring.keys_.end())
      ring.keys_.push_back(std::move(key));
  }
  return ring;
}

base::Result<KeyRing> KeyRing::parse(std::string_view text) {
  TRY(const json::Value value, json::parse(text));
  const json::Array* list = value.as_array();
  if (!list) return base::invalid("is not a list of keys");
  std::vector<std::string> keys;
  for (const json::Value& each : *list) {
    const std::string* key = each.as_string();
    if (!key) return base::invalid("is not a list of keys");
    keys.push_back(*key);
  }
  return of(keys);
}

std::string KeyRing::to_text() const {
  json::Array keys;
  for (const std::string& key : list())
    keys.push_back(key);
  return json::to_string(json::Value(std::move(keys)));
}

std::vector<std::string> KeyRing::list() const {
  std::vector<std::string> all;
  for (const std::string& key : keys_)
    all.push_back(base::base64_encode(key));
  return all;
}

std::string KeyRing::primary() const { return empty() ? "" : base::base64_encode(keys_.front()); }

base::Status KeyRing::install(std::string_view text) {
  TRY(std::string key, parse_key(text));
  if (empty())
    return base::invalid("gossip is not encrypted here: set server.encrypt on all servers first");
  if (std::ranges::find(keys_, key) != keys_.end()) return {};
  if (keys_.size() >= keys_max)
    return base::fail(base::Code::too_large,
                      fmt::format("{} gossip keys are installed already; remove one", keys_max));
  keys_.push_back(std::move(key));
  return {};
}

base::Status KeyRing::use(std::string_view text) {
  TRY(const std::string key, parse_key(text));
  const auto found = std::ranges::find(keys_, key);
  if (found == keys_.end())
    return base::fail(base::Code::not_found, "the gossip key is not installed; install it first");
  std::rotate(keys_.begin(), found, found + 1);
  return {};
}

base::Status KeyRing::remove(std::string_view text) {
  TRY(const std::string key, parse_key(text));
  if (!keys_.empty() && keys_.front() == key)
    return base::fail(base::Code::conflict,
                      "the gossip key is the one in use; use another one first");
  std::erase(keys_, key);
  return {};
}

std::string KeyRing::seal(std::string_view plain, std::string_view bound,
                          io::Random& random) const {
  if (empty()) return plain_mark + std::string(plain);
  const std::string nonce = draw_nonce(random);
  return sealed_mark + crypto::seal(keys_.front(), nonce, plain, bound);
}

base::Result<std::string> KeyRing::open(std::string_view sealed, std::string_view bound) const {
  const char mark = sealed.empty() ? '\0' : sealed.front();
  if (!sealed.empty()) sealed.remove_prefix(1);
  if (mark != plain_mark && mark != sealed_mark)
    return base::fail(base::Code::denied, "a gossip message has no known form");
  if (empty() && mark == plain_mark) return std::string(sealed);
  if (empty())
    return base::fail(
        base::Code::denied,
        "encrypted gossip reached a server without a key: set server.encrypt on both");
  if (mark == plain_mark)
    return base::fail(
        base::Code::denied,
        "gossip in the clear reached a server with a key: set server.encrypt on both");
  for (const std::string& key : keys_)
    if (auto plain = crypto::open(key, sealed, bound)) return *std::move(plain);
  return base::fail(
      base::Code::denied,
      "gossip reached a server that lacks its key: server.encrypt differs between the two");
}

}  // namespace caravan::gossip
