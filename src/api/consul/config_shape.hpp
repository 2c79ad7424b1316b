// SPDX-License-Identifier: Apache-2.0
// The members that each kind of configuration entry may have, as tables; and reading what strangers
// write by them: names in any case, with underscores or without, and as they are documented
// afterwards. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/config_entry.hpp"

namespace caravan::api::consul {

struct ConfigMember {
  enum class Shape {
    text,
    whole_number,
    number,
    flag,
    duration,      // "10s", or nanoseconds
    texts,         // a list of them
    numbers,       // a list of whole ones
    text_map,      // names of its own → text
    object,        // `inside`
    objects,       // a list of such
    object_map,    // names of its own → such
    free,          // an object that nobody looks into
  };
  std::string_view name;
  Shape shape = Shape::text;
  std::span<const ConfigMember> inside = {};
  std::string_view words = "";  // of a text: the only ones, "a|b"; "" allows any
  bool is_always_shown = false;  // as an empty object when nothing was said
};

/// What an entry of this kind may have besides kind, name and indexes.
std::span<const ConfigMember> config_members(model::ConfigKind kind);

/// The object with the members that the table knows, in its order and under its names; empty ones
/// are left out. Errors: invalid, with the path of the member: one that is not known, or of another
/// shape.
base::Result<json::Object> shaped(json::Object given, std::span<const ConfigMember> members,
                                  const std::string& path);

/// An entry as somebody wrote it. Errors: invalid (naming the member), unsupported (another
/// namespace), too_large.
base::Result<model::ConfigEntry> config_entry_of(json::Object body);
/// Errors: invalid.
base::Result<model::ConfigKind> config_kind_of(std::string_view word);

/// What is wrong with the entry as a whole: members that do not go together, or are missing.
/// Errors: invalid, naming them.
base::Status check_config_entry(const model::ConfigEntry& entry);

/// "" for kinds that count here; of others, why they have no effect yet.
std::string_view config_without_effect(model::ConfigKind kind);

}  // namespace caravan::api::consul
