// SPDX-License-Identifier: Apache-2.0
#include "registry/own_check.hpp"

namespace caravan::registry {

using model::Health;

OwnCheck::OwnCheck(CheckDefinition definition, base::Duration now)
    : definition_(std::move(definition)), status_(definition_.initial) {
  next_ = definition_.kind == CheckKind::ttl ? now + definition_.ttl : now;
  if (status_ == Health::critical) critical_since_ = now;
}

void OwnCheck::set(Health status, base::Duration now) {
  status_ = status;
  if (status != Health::critical)
    critical_since_.reset();
  else if (!critical_since_)
    critical_since_ = now;
}

bool OwnCheck::note(Health found, std::string output, base::Duration now) {
  const auto most = static_cast<std::size_t>(definition_.output_max);
  if (output.size() > most) output.resize(most);
  const Health before = status_;
  if (definition_.kind == CheckKind::ttl) next_ = now + definition_.ttl;
  const checks::Thresholds thresholds{definition_.success_before_passing,
                                      definition_.failures_before_warning,
                                      definition_.failures_before_critical};
  const Health after = tally_.note(found, thresholds, before);
  if (after != before || after == found) set(after, now);
  output_ = std::move(output);
  return tell_words(before != status_, now);
}

bool OwnCheck::tell_words(bool at_once, base::Duration now) {
  const bool is_time = output_ != told_output_ && now - words_told_ >= words_interval;
  if (!at_once && !is_time) return false;
  told_output_ = output_;
  words_told_ = now;
  return true;
}

void OwnCheck::resume(Health status, std::string output, base::Duration now) {
  output_ = told_output_ = std::move(output);
  words_told_ = now;
  set(status, now);
}

bool OwnCheck::expire(base::Duration now) {
  next_ = now + definition_.ttl;
  if (status_ == Health::critical) return false;
  output_ = "TTL expired";
  set(Health::critical, now);
  return tell_words(true, now);
}

bool OwnCheck::wants_end(base::Duration now) const {
  const base::Duration after = definition_.deregister_after;
  return after.count() > 0 && critical_since_ && now - *critical_since_ >= after;
}

std::optional<base::Duration> OwnCheck::due() const {
  if (definition_.kind == CheckKind::ttl || is_probed()) return next_;
  return {};
}

model::CatalogCheck OwnCheck::shown(const std::string& node) const {
  model::CatalogCheck check;
  check.node = node;
  check.id = definition_.id;
  check.name = definition_.name;
  check.status = status_;
  check.notes = definition_.notes;
  check.output = output_;
  check.service_id = definition_.service_id;
  check.type = definition_.kind == CheckKind::maintenance
                   ? "maintenance"
                   : std::string(model::name_of(definition_.kind));
  return check;
}

model::CatalogCheck OwnCheck::told(const std::string& node) const {
  model::CatalogCheck check = shown(node);
  check.output = told_output_;
  return check;
}

}  // namespace caravan::registry
