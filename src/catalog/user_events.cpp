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

bool Hearing::hears(const model::UserEvent& event) const {
  if (!event.node_filter.empty()) {
    const std::optional<Pattern> node = patterns_.find(event.node_filter);
    if (!node || !node->matches(node_)) return false;
  }
  if (event.service_filter.empty()) return true;
  const std::optional<Pattern> service = patterns_.find(event.service_filter);
  std::optional<Pattern> tag;
  if (!event.tag_filter.empty()) tag = patterns_.find(event.tag_filter);
  if (!service || (!tag && !event.tag_filter.empty())) return false;
  return has_service(*service, tag ? &*tag : nullptr);
}

}  // namespace caravan::catalog
