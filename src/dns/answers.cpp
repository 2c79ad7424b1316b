// SPDX-License-Identifier: Apache-2.0
#include "dns/answers.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/text.hpp"
#include "catalog/nearness.hpp"
#include "catalog/prepared_queries.hpp"
#include "dns/names.hpp"

namespace caravan::dns {
namespace {

using catalog::Instance;

constexpr std::int64_t ttl_max = 0x7fffffff;  // seconds: RFC 2181, 8

class Answerer {
 public:
  Answerer(const Question& question, const Source& source)
      : question_(question), source_(source), settings_(source.settings) {}

  Reply answer() {
    if (const auto address = reversed_address(question_.name)) {
      of_reverse(*address);
    } else {
      std::visit([this](const auto& meaning) { of(meaning); },
                 meaning_of(settings_, question_.name));
    }
    const std::string lower = base::to_lower(question_.name);
    const bool is_domain = lower == settings_.domain;
    if (is_below(lower, settings_.native_domain) && !is_below(lower, settings_.domain))
      domain_ = settings_.native_domain;
    if (reply_.answers.empty() && !is_domain) reply_.authority = {soa()};
    return std::move(reply_);
  }

  std::optional<Unfound> unfound() {
    if (reversed_address(question_.name)) return {};
    const Meaning meaning = meaning_of(settings_, question_.name);
    const auto* asked = std::get_if<OfQuery>(&meaning);
    const auto query = asked ? catalog::find_query(source_.tables, asked->name) : std::nullopt;
    if (!query || !catalog::wants_failover(query->service)) return {};
    if (!found_here(*query).empty()) return {};
    return Unfound{query->service, query->token};
  }

 private:
  void of(const OfNothing&) { reply_.code = Code::no_such_name; }
  void of(const OfElsewhere&) { of(OfNothing()); }  // what is known there was asked before

  void of(const OfDomain&) {
    const bool wants_ns = question_.type == Type::ns || question_.type == Type::any;
    if (question_.type == Type::soa || question_.type == Type::any) reply_.answers.push_back(soa());
    std::vector<Record>& servers = wants_ns ? reply_.answers : reply_.authority;
    for (const Instance& server : catalog::instances(source_.tables, "consul")) {
      if (!sees_node(*server.node)) continue;
      const std::string name = node_name(*server.node);
      servers.push_back(record(settings_.domain, Type::ns, settings_.node_ttl, name));
      add_address(reply_.additional, name, server.node->address, settings_.node_ttl);
    }
  }

  void of(const OfAddress& address) {
    add_address(reply_.answers, question_.name, address.address, settings_.node_ttl);
    keep_what_was_asked();
  }

  void of(const OfNode& named) {
    const catalog::Node node = catalog::find_node(source_.tables, named.node);
    if (!node || !sees_node(*node)) return of(OfNothing());
    add_address(reply_.answers, question_.name, node->address, settings_.node_ttl);
    keep_what_was_asked();
    const bool in_answer = question_.type == Type::txt || question_.type == Type::any;
    if (in_answer || settings_.node_meta_txt)
      add_meta(in_answer ? reply_.answers : reply_.additional, question_.name, *node,
               settings_.node_ttl);
  }

  void of(const OfService& asked) {
    std::vector<Instance> found = catalog::instances(source_.tables, asked.service);
    std::erase_if(found, [&](const Instance& instance) {
      const model::Health health = instance.health();
      return health == model::Health::critical || !sees_service(*instance.service) ||
             !sees_node(*instance.node) ||
             (settings_.only_passing && health != model::Health::passing) ||
             (!asked.tag.empty() && !instance.has_tag(asked.tag));
    });
    if (found.empty()) return of(OfNothing());
    const std::uint32_t ttl = service_ttl(asked.service);
    if (question_.type == Type::srv)
      add_targets(found, ttl, settings_.node_ttl);
    else
      add_addresses(found, ttl);
  }

  void of(const OfQuery& asked) {
    const auto query = catalog::find_query(source_.tables, asked.name);
    if (!query) return of(OfNothing());
    const catalog::Fallback* elsewhere = source_.fallback;
    std::vector<Instance> found = elsewhere ? elsewhere->instances : found_here(*query);
    if (found.empty()) return of(OfNothing());
    if (elsewhere) datacenter_ = elsewhere->datacenter;
    is_sorted_ = !elsewhere && !query->service.near.empty();
    if (is_sorted_) {
      shuffle(found);  // those that are as near as each other
      catalog::Nearness(source_.tables, query->service.near).sort(found, [](const Instance& each) {
        return std::string_view(each.node->name);
      });
    }
    const std::uint32_t ttl = query_ttl(*query);
    if (question_.type == Type::srv)
      add_targets(found, ttl, ttl);
    else
      add_addresses(found, ttl);
  }

  /// In the name that it is executed in.
  std::vector<Instance> found_here(const model::PreparedQuery& query) {
    Visible of_token;
    if (!query.token.empty() && source_.visible_to) {
      of_token = source_.visible_to(query.token);
      visible_ = &of_token;
    }
    std::vector<Instance> found = catalog::selected(source_.tables, query.service);
    std::erase_if(found, [&](const Instance& instance) {
      return !sees_service(*instance.service) || !sees_node(*instance.node);
    });
    visible_ = &source_.visible;
    return found;
  }

  void of(const OfNative& asked) {
    if (visible_->ns && !visible_->ns(asked.ns)) return of(OfNothing());
    auto found = source_.tables.services_named(asked.ns, asked.service);
    std::erase_if(found, [&](const auto& service) {
      const auto is_asked = [&](const std::string& tag) {
        return base::to_lower(tag) == asked.tag;
      };
      return !asked.tag.empty() && std::ranges::none_of(service->tags, is_asked);
    });
    if (found.empty()) return of(OfNothing());
    const std::uint32_t ttl = service_ttl(asked.service);
    std::set<std::string> told;
    each_in_turn(found, [&](const auto& service) {
      if (question_.type == Type::srv)
        add_native_target(*service, ttl);
      else if (is_asked(service->address) && told.insert(service->address).second)
        add_address(reply_.answers, question_.name, service->address, ttl);
    });
    keep_what_was_asked();
  }

  /// In an order by chance, if they are not sorted, until there are as many answers as can be told.
  template <class T, class Use>
  void each_in_turn(std::vector<T>& list, Use use) {
    for (std::size_t i = 0; i < list.size() && reply_.answers.size() < source_.answers_max; ++i) {
      if (!is_sorted_) std::swap(list[i], list[i + source_.below(list.size() - i)]);
      use(list[i]);
    }
  }

  template <class T>
  void shuffle(std::vector<T>& list) {
    for (std::size_t i = list.size(); i > 1; --i)
      std::swap(list[i - 1], list[source_.below(i)]);
  }

  void add_native_target(const model::ServiceRegistration& service, std::uint32_t ttl) {
    const std::optional<std::string> digits = digits_of(service.address);
    const std::string target = digits ? fmt::format("{}.addr.{}", *digits, settings_.native_domain)
                                      : with_dot(service.address);
    Record srv = record(question_.name, Type::srv, ttl, target);
    srv.port = service.port;
    reply_.answers.push_back(std::move(srv));
    if (digits) add_address(reply_.additional, target, service.address, ttl);
  }

  void of_reverse(const std::string& address) {
    source_.tables.catalog_nodes.each([&](const std::string&, const catalog::Node& node) {
      if (node->address == address && reply_.answers.empty() && sees_node(*node))
        reply_.answers.push_back(
            record(question_.name, Type::ptr, settings_.node_ttl, node_name(*node)));
    });
    std::set<std::string> names;
    source_.tables.catalog_services.each([&](const auto&, const catalog::Service& service) {
      if (service->address == address && sees_service(*service))
        names.insert(
            fmt::format("{}.service.{}.{}", service->name, settings_.datacenter, settings_.domain));
    });
    for (const std::string& name : names)
      reply_.answers.push_back(record(question_.name, Type::ptr, service_ttl(""), name));
    if (reply_.answers.empty()) reply_.code = Code::no_such_name;
  }

  /// An address that several instances share is told once.
  void add_addresses(std::vector<Instance>& found, std::uint32_t ttl) {
    std::set<std::string> told;
    std::vector<std::string> named;
    for (const Instance& each : found)
      if (!is_ipv4(each.address()) && !is_ipv6(each.address())) named.push_back(each.address());
    if (!named.empty()) {
      const std::string& name = named[is_sorted_ ? 0 : source_.below(named.size())];
      reply_.answers = {record(question_.name, Type::cname, ttl, with_dot(name))};
      return;
    }
    each_in_turn(found, [&](const Instance& instance) {
      const std::string& address = instance.address();
      if (is_asked(address) && told.insert(address).second)
        add_address(reply_.answers, question_.name, address, ttl);
    });
    keep_what_was_asked();
    const auto limit = static_cast<std::size_t>(settings_.a_record_limit);
    if (limit > 0 && reply_.answers.size() > limit) reply_.answers.resize(limit);
  }

  void add_targets(std::vector<Instance>& found, std::uint32_t ttl, std::uint32_t meta_ttl) {
    each_in_turn(found, [&](const Instance& instance) {
      const std::string& address = instance.address();
      const std::optional<std::string> digits = digits_of(address);
      const std::string target =
          instance.service->address.empty() ? node_name(*instance.node)
          : digits ? fmt::format("{}.addr.{}.{}", *digits, datacenter_, settings_.domain)
                   : with_dot(address);
      Record srv = record(question_.name, Type::srv, ttl, target);
      const bool warns = instance.health() == model::Health::warning;
      srv.weight = warns ? instance.service->weights.warning : instance.service->weights.passing;
      srv.port = instance.service->port;
      reply_.answers.push_back(std::move(srv));
      if (digits) add_address(reply_.additional, target, address, ttl);
      if (settings_.node_meta_txt)
        add_meta(reply_.additional, node_name(*instance.node), *instance.node, meta_ttl);
    });
  }

  void add_meta(std::vector<Record>& to, const std::string& name, const model::CatalogNode& node,
                std::uint32_t ttl) {
    for (const auto& [key, value] : node.meta)
      to.push_back(record(name, Type::txt, ttl,
                          key.starts_with("rfc1035-") ? value : key + "=" + value));
  }

  void add_address(std::vector<Record>& to, const std::string& name, const std::string& address,
                   std::uint32_t ttl) {
    if (is_ipv4(address))
      to.push_back(record(name, Type::a, ttl, address));
    else if (is_ipv6(address))
      to.push_back(record(name, Type::aaaa, ttl, address));
    else if (!address.empty())
      to.push_back(record(name, Type::cname, ttl, with_dot(address)));
  }

  bool is_asked(const std::string& address) const {
    if (question_.type == Type::a) return !is_ipv6(address);
    return question_.type != Type::aaaa || !is_ipv4(address);
  }

  /// Of one family when one was asked for; a text is asked of a service as its address is.
  void keep_what_was_asked() {
    const Type type = question_.type;
    if (type != Type::a && type != Type::aaaa) return;
    std::erase_if(reply_.answers, [&](const Record& each) {
      return each.type != type && each.type != Type::cname;
    });
  }

  Record soa() const {
    Record soa = record(domain_, Type::soa, settings_.soa_minimum, "");
    soa.serial = source_.serial;
    soa.refresh = settings_.soa_refresh;
    soa.retry = settings_.soa_retry;
    soa.expire = settings_.soa_expire;
    soa.minimum = settings_.soa_minimum;
    return soa;
  }

  std::uint32_t service_ttl(const std::string& service) const {
    const auto own = settings_.service_ttl.find(service);
    if (own != settings_.service_ttl.end()) return own->second;
    const auto all = settings_.service_ttl.find("*");
    return all == settings_.service_ttl.end() ? 0 : all->second;
  }

  /// Of a query that says nothing about it, as of its service.
  std::uint32_t query_ttl(const model::PreparedQuery& query) const {
    const auto own = base::parse_duration(query.dns.ttl);
    if (query.dns.ttl.empty() || !own) return service_ttl(base::to_lower(query.service.service));
    const std::int64_t seconds = own->count() / 1'000'000'000;
    return static_cast<std::uint32_t>(std::min<std::int64_t>(seconds, ttl_max));
  }

  bool sees_node(const model::CatalogNode& node) const {
    return !visible_->node || visible_->node(node.name);
  }
  bool sees_service(const model::CatalogService& service) const {
    return !visible_->service || visible_->service(service.name);
  }
  std::string node_name(const model::CatalogNode& node) const {
    return fmt::format("{}.node.{}.{}", node.name, datacenter_, settings_.domain);
  }
  static std::string with_dot(const std::string& name) {
    return name.ends_with('.') ? name : name + ".";
  }
  static Record record(std::string name, Type type, std::uint32_t ttl, std::string data) {
    Record made;
    made.name = std::move(name);
    made.type = type;
    made.ttl = ttl;
    made.data = std::move(data);
    return made;
  }

  const Question& question_;
  const Source& source_;
  const Settings& settings_;
  const Visible* visible_ = &source_.visible;
  std::string domain_ = settings_.domain;          // that the name is below
  std::string datacenter_ = settings_.datacenter;  // where what is answered stands
  bool is_sorted_ = false;                 // else chance says who comes first
  Reply reply_;
};

}  // namespace

bool is_ours(const Settings& settings, const std::string& name) {
  const std::string lower = base::to_lower(name);
  return is_below(lower, settings.domain) || is_below(lower, settings.native_domain) ||
         reversed_address(name).has_value();
}

std::optional<Unfound> unfound_query(const Question& question, const Source& source) {
  return Answerer(question, source).unfound();
}

Reply answer(const Question& question, const Source& source) {
  return Answerer(question, source).answer();
}

}  // namespace caravan::dns
