// SPDX-License-Identifier: Apache-2.0
#include "catalog/user_events.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace caravan::catalog {

base::Status check_event(const model::UserEvent& event) {
  if (const std::string wrong = model::user_event_complaint(event); !wrong.empty())
    return base::invalid(wrong);
  for (const auto& [name, filter] :
       {std::pair("node", &event.node_filter), std::pair("service", &event.service_filter),
        std::pair("tag", &event.tag_filter)})
    if (const base::Result<Pattern> read = Pattern::parse(*filter); !read)
      return base::invalid(std::string("Invalid ") + name + " filter: " + read.error().message);
  return {};
}

const Pattern* Hearing::pattern(const std::string& filter) {
  auto [at, is_new] = patterns_.try_emplace(filter);
  if (is_new)
    if (base::Result<Pattern> read = Pattern::parse(filter)) at->second = *std::move(read);
  return at->second ? &*at->second : nullptr;
}

bool Hearing::has_service(const Pattern& service, const Pattern* tag) const {
  const std::string on = base::to_lower(node_);
  bool found = false;
  tables_.catalog_services.from({on, ""}, [&](const model::OnNode& key, const auto& one) {
    if (key.first != on) return false;
    found = service.matches(one->name) &&
            (!tag || std::ranges::any_of(one->tags,
                                         [&](const auto& each) { return tag->matches(each); }));
    return !found;
  });
  return found;
}

bool Hearing::hears(const model::UserEvent& event) {
  if (!event.node_filter.empty()) {
    const Pattern* node = pattern(event.node_filter);
    if (!node || !node->matches(node_)) return false;
  }
  if (event.service_filter.empty()) return true;
  const Pattern* service = pattern(event.service_filter);
  const Pattern* tag = event.tag_filter.empty() ? nullptr : pattern(event.tag_filter);
  if (!service || (!tag && !event.tag_filter.empty())) return false;
  return has_service(*service, tag);
}

}  // namespace caravan::catalog
