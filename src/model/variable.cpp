// SPDX-License-Identifier: Apache-2.0
#include "model/variable.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/core.h>

namespace caravan::model {
namespace {

bool may_stand_in_path(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '~' ||
         c == '/';
}

/// Below "nomad/" only what workloads read is kept, and templates of jobs.
bool is_reserved(const std::string& path) {
  constexpr std::string_view reserved = "nomad/", templates = "nomad/job-templates/";
  if (!path.starts_with(reserved)) return path == "nomad";
  if (path == "nomad/jobs" || path.starts_with("nomad/jobs/")) return false;
  if (path == "nomad/sentinel" || path.starts_with("nomad/sentinel/")) return false;
  if (!path.starts_with(templates)) return true;
  const std::string_view name = std::string_view(path).substr(templates.size());
  return name.empty() || name.find('/') != std::string_view::npos;
}

}  // namespace

std::string path_complaint(const std::string& path) {
  if (path.empty()) return "missing required Path";
  if (path.size() > variable_path_max || !std::ranges::all_of(path, may_stand_in_path))
    return fmt::format(
        "invalid path \"{}\": 1 to {} letters, digits, \"-\", \"_\", \"~\" and \"/\"",
        path.substr(0, variable_path_max), variable_path_max);
  if (path.front() == '/' || path.back() == '/')
    return fmt::format("invalid path \"{}\": it begins or ends with a slash", path);
  if (is_reserved(path))
    return fmt::format(
        "only paths at \"nomad/jobs\" or below, \"nomad/sentinel\" or below, and "
        "\"nomad/job-templates/<name>\" are open below \"nomad\"; got \"{}\"",
        path);
  return "";
}

std::string items_complaint(const VariableItems& items) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : items) {
    if (name.empty()) return "an item has no name";
    bytes += name.size() + value.size();
  }
  if (bytes > variable_bytes_max)
    return fmt::format("variables are limited to {} KiB in total size, and this has {} bytes",
                       variable_bytes_max / 1024, bytes);
  return "";
}

std::string lock_complaint(const VariableLock& lock) {
  if (lock.ttl < lock_ttl_min || lock.ttl > lock_ttl_max)
    return "Lock.TTL: must be between 10s and 24h";
  if (lock.delay < base::Duration(0) || lock.delay > lock_ttl_max)
    return "Lock.LockDelay: must be between 0s and 24h";
  return "";
}

}  // namespace caravan::model
