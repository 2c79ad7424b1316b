// SPDX-License-Identifier: Apache-2.0
// What a job may say of the identities of its tasks.
#include <set>

#include "model/identity.hpp"
#include "model/rules.hpp"

namespace caravan::model::rules {
namespace {

/// So long that nobody means it, and far from the end of 64-bit nanoseconds.
constexpr base::Duration ttl_max = std::chrono::hours(24 * 365 * 100);
constexpr std::size_t name_bytes_max = 128;

bool is_name(std::string_view name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return !name.empty() && name.size() <= name_bytes_max && std::ranges::all_of(name, is_plain);
}

void check_one(Complaints& c, const std::string& at, const Task& task,
               const WorkloadIdentity& identity) {
  static const std::set<std::string> modes = {"", "noop", "signal", "restart"};
  if (!modes.contains(identity.change_mode))
    c.add("{}.ChangeMode: \"{}\" is none of noop, signal, restart", at,
          base::printable(identity.change_mode, 64));
  if ((identity.change_mode == "signal") == identity.change_signal.empty())
    c.add("{}.ChangeSignal: it goes with the change mode signal, and that one needs it", at);
  if (!identity.filepath.empty() && !identity.file) c.add("{}.Filepath: it needs file = true", at);
  if (climbs_out(task.name + "/" + identity.filepath))
    c.add("{}.Filepath: \"{}\" leaves the allocation", at, base::printable(identity.filepath, 64));
  c.not_negative(at + ".TTL", identity.ttl);
  if (identity.ttl > ttl_max)
    c.add("{}.TTL: {} is above 100 years", at, base::format_duration(identity.ttl));
}

}  // namespace

void check_identities(Complaints& c, const std::string& at, const Task& task) {
  if (task.identity) {
    check_one(c, at + ".Identity", task, *task.identity);
    if (task.identity->ttl > base::Duration(0))
      c.add("{}.Identity.TTL: the default identity lasts as long as its allocation", at);
  }
  if (task.identities.size() > identities_max)
    c.add("{}.Identities: {} are more than {}", at, task.identities.size(), identities_max);
  std::set<std::string> names = {default_identity_name};
  std::set<std::string> paths;
  for (std::size_t i = 0; i < task.identities.size(); ++i) {
    const WorkloadIdentity& identity = task.identities[i];
    const std::string where = fmt::format("{}.Identities[{}]", at, i);
    if (!is_name(identity.name))
      c.add("{}.Name: \"{}\" is not 1 to {} letters, digits, - and _", where,
            base::printable(identity.name, 64), name_bytes_max);
    else if (!names.insert(identity.name).second)
      c.add("{}.Name: the task has two identities \"{}\"", where, identity.name);
    check_one(c, where, task, identity);
  }
  for (const WorkloadIdentity& identity : delivered_identities(task))
    if (identity.file && !paths.insert(identity_path(identity)).second)
      c.add("{}.Identities: two of them go into the file {}", at,
            base::printable(identity_path(identity), 64));
}

}  // namespace caravan::model::rules
