// SPDX-License-Identifier: Apache-2.0
#include "server/key_file.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "crypto/aead.hpp"
#include "io/durable_dirs.hpp"
#include "io/task.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::server {
namespace {

constexpr unsigned private_file = 0600;

}  // namespace

bool KeyFile::exists() const {
  return world_.disk.exists(plain_path()) || world_.disk.exists(closed_path());
}

io::Task<base::Result<std::string>> KeyFile::read_closed(std::string& guard) const {
  CO_TRY(const std::string text, world_.disk.read_file(closed_path()));
  const base::Result<json::Value> closed = json::parse(text);
  const std::string* by = closed ? closed->at("guard").as_string() : nullptr;
  if (!by)
    co_return base::invalid(closed_path() +
                            " is damaged: restore it, or that of another server of the cluster");
  guard = *by;
  const auto found =
      std::ranges::find_if(guards_, [&](const KeyGuard& each) { return each.name() == guard; });
  if (found == guards_.end())
    co_return base::invalid(
        fmt::format("{} is guarded by \"{}\": the configuration needs "
                    "keyring \"{}\" {{ … }} to open it",
                    closed_path(), guard, guard));
  base::Result<std::string> key = co_await open(world_, *found, *closed);
  if (!key)
    co_return base::fail(key.error().code,
                         fmt::format("{}: {}", closed_path(), key.error().message));
  co_return key;
}

io::Task<base::Result<std::string>> KeyFile::read() const {
  std::string guard = "aead", key;
  const bool is_closed = world_.disk.exists(closed_path());
  if (is_closed) {
    CO_TRY(key, co_await read_closed(guard));
  } else {
    CO_TRY(key, world_.disk.read_file(plain_path()));
  }
  if (key.size() != crypto::aead_key_bytes)
    co_return base::invalid(
        fmt::format("{} is damaged: it must have {} bytes. Restore it, or remove it: then a new "
                    "key is made, and what the old ones sealed is lost",
                    is_closed ? closed_path() : plain_path(), crypto::aead_key_bytes));
  const std::string wanted = guards_.empty() ? "aead" : guards_.front().name();
  if (guard != wanted || (is_closed && world_.disk.exists(plain_path())))
    CO_TRY_VOID(co_await keep(key));
  co_return key;
}

/// The new file is there, durably, before the old one goes.
io::Task<base::Status> KeyFile::keep(std::string key) const {
  CO_TRY_VOID(co_await io::make_durable_dirs(world_.disk, folder()));
  if (!is_guarded()) {
    CO_TRY_VOID(co_await world_.disk.replace_file(plain_path(), key, private_file));
    if (world_.disk.exists(closed_path())) co_return world_.disk.remove(closed_path());
    co_return base::Status();
  }
  CO_TRY(json::Object closed, co_await close(world_, guards_.front(), std::move(key)));
  const std::string text = json::to_string(json::Value(std::move(closed)));
  CO_TRY_VOID(co_await world_.disk.replace_file(closed_path(), text, private_file));
  if (world_.disk.exists(plain_path())) co_return world_.disk.remove(plain_path());
  co_return base::Status();
}

}  // namespace caravan::server
