// SPDX-License-Identifier: Apache-2.0
#include "cli/consul/semaphore_value.hpp"

#include <fmt/core.h>

#include "cli/consul/kv.hpp"
#include "cli/format.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::cli::consul {
namespace {

bool is_marked(const json::Value& row) { return row.at("Flags").as_unsigned() == semaphore_flags; }

/// "a/b/" of "a/b/.lock".
std::string folder_of(const std::string& lock_key) {
  return lock_key.substr(0, lock_key.rfind('/') + 1);
}

/// The official clients write an object, the guide shows a list.
std::set<std::string> named_in(const json::Value& holders) {
  std::set<std::string> all;
  if (const json::Object* object = holders.as_object())
    for (const auto& [session, holds] : *object)
      if (holds.as_bool() && *holds.as_bool()) all.insert(session);
  for (const std::string& session : texts(holders))
    all.insert(session);
  return all;
}

base::Result<SemaphoreValue> read_value(const json::Value& row, const std::string& lock_key,
                                        int limit) {
  if (!is_marked(row))
    return base::invalid(
        fmt::format("{} is no semaphore, but a lock for one holder or something else: choose "
                    "another prefix",
                    lock_key));
  TRY(const std::string bytes, value_of(row));
  const base::Result<json::Value> read = json::parse(bytes);
  const std::int64_t* made_for = read ? read->at("Limit").as_int() : nullptr;
  if (!made_for)
    return base::invalid(fmt::format("{}: its value is not that of a semaphore", lock_key));
  if (*made_for != limit)
    return base::invalid(fmt::format(
        "{} is for {} holders, and -n says {}: all who use a prefix have to say the same",
        lock_key, *made_for, limit));
  return SemaphoreValue{.limit = limit,
                        .holders = named_in(read->at("Holders")),
                        .index = static_cast<std::uint64_t>(integer(row, "ModifyIndex"))};
}

}  // namespace

base::Result<SemaphoreValue> semaphore_value(const json::Array& rows, const std::string& lock_key,
                                             int limit) {
  SemaphoreValue value{.limit = limit};
  std::set<std::string> alive;
  for (const json::Value& row : rows) {
    const std::string key = text(row, "Key"), session = text(row, "Session");
    if (key == lock_key) {
      TRY(value, read_value(row, lock_key, limit));
    } else if (!session.empty() && key == folder_of(lock_key) + session) {
      alive.insert(session);
    }
  }
  std::erase_if(value.holders, [&](const std::string& one) { return !alive.contains(one); });
  return value;
}

std::string to_text(const SemaphoreValue& value) {
  json::Object holders;
  for (const std::string& session : value.holders)
    holders[session] = true;
  return json::to_string(
      json::Object{{"Limit", value.limit}, {"Holders", std::move(holders)}});
}

std::vector<const json::Value*> dead_contenders(const json::Array& rows,
                                                const std::string& lock_key) {
  std::vector<const json::Value*> dead;
  for (const json::Value& row : rows)
    if (text(row, "Key") != lock_key && is_marked(row) && text(row, "Session").empty())
      dead.push_back(&row);
  return dead;
}

}  // namespace caravan::cli::consul
