// SPDX-License-Identifier: Apache-2.0
#include "model/prepared_query.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::model {
namespace {

std::string long_text(const char* member, const std::string& text, std::size_t limit) {
  if (text.size() <= limit) return "";
  return fmt::format("{} is too long: {} bytes are above {}", member, text.size(), limit);
}

std::string long_list(const char* member, const std::vector<std::string>& list) {
  if (list.size() > query_texts_max)
    return fmt::format("{} has too many: {} are above {}", member, list.size(), query_texts_max);
  for (const std::string& text : list)
    if (std::string wrong = long_text(member, text, query_text_max); !wrong.empty()) return wrong;
  return "";
}

std::string long_map(const char* member, const std::map<std::string, std::string>& map) {
  if (map.size() > query_texts_max)
    return fmt::format("{} has too many: {} are above {}", member, map.size(), query_texts_max);
  for (const auto& [key, value] : map)
    for (const std::string* text : {&key, &value})
      if (std::string wrong = long_text(member, *text, query_text_max); !wrong.empty())
        return wrong;
  return "";
}

std::string wrong_sizes(const PreparedQuery& q) {
  for (std::string wrong :
       {long_text("Name", q.name, query_name_max), long_text("Token", q.token, query_text_max),
        long_text("Service.Service", q.service.service, query_text_max),
        long_text("Service.Near", q.service.near, query_text_max),
        long_text("Template.Regexp", q.as_template.regexp, query_text_max),
        long_list("Service.Failover.Datacenters", q.service.failover.datacenters),
        long_list("Service.IgnoreCheckIDs", q.service.ignore_check_ids),
        long_list("Service.Tags", q.service.tags),
        long_map("Service.NodeMeta", q.service.node_meta),
        long_map("Service.ServiceMeta", q.service.service_meta)})
    if (!wrong.empty()) return wrong;
  return "";
}

std::string wrong_template(const PreparedQuery& q) {
  if (q.is_template() && q.as_template.type != query_name_prefix_match)
    return fmt::format("Bad Template.Type '{}': only '{}' is known",
                       base::printable(q.as_template.type, 64), query_name_prefix_match);
  if (!q.is_template() && (!q.as_template.regexp.empty() || q.as_template.remove_empty_tags))
    return "Template.Regexp and Template.RemoveEmptyTags need a Template.Type";
  return "";
}

}  // namespace

std::string prepared_query_complaint(const PreparedQuery& query) {
  if (query.service.service.empty()) return "Must provide a Service name to query";
  if (std::string wrong = wrong_sizes(query); !wrong.empty()) return wrong;
  if (std::string wrong = wrong_template(query); !wrong.empty()) return wrong;
  if (const base::Result<base::Uuid> id = base::Uuid::parse(query.name); id && !query.name.empty())
    return fmt::format("Name '{}' looks like the id of a query", query.name);
  if (query.token == query_hidden_token)
    return "Bad Token '<hidden>': that is what is shown in place of one";
  if (query.service.failover.nearest_n < 0)
    return fmt::format("Bad NearestN '{}', must be >= 0", query.service.failover.nearest_n);
  if (query.dns.ttl.empty()) return "";
  const base::Result<base::Duration> ttl = base::parse_duration(query.dns.ttl);
  if (!ttl)
    return fmt::format("Bad DNS TTL '{}': {}", base::printable(query.dns.ttl, 64),
                       ttl.error().message);
  if (*ttl < base::Duration(0))
    return fmt::format("DNS TTL '{}', must be >=0", base::printable(query.dns.ttl, 64));
  return "";
}

}  // namespace caravan::model
