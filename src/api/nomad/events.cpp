// SPDX-License-Identifier: Apache-2.0
// The stream of events: a line of JSON for every change, an empty object now and then. It ends when
// the reader goes away, takes too long over a line, or falls so far behind that changes it has not
// seen are gone; the last line then says so under "Error".
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "api/acl_shapes.hpp"
#include "api/auth_shapes.hpp"
#include "api/nomad/pages.hpp"
#include "api/shapes.hpp"
#include "base/text.hpp"
#include "io/task.hpp"
#include "wire/json_out.hpp"

namespace caravan::api::nomad {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;
using acl::Capability;
using io::Task;
using server::Event;
using Result = base::Result<Answer>;

constexpr base::Duration heartbeat = 30s;
constexpr base::Duration write_timeout = 40s;  // for one line

constexpr std::string_view known_topics[] = {
    "Job",     "Evaluation", "Allocation", "Deployment", "Node",          "NodePool",
    "Service", "ACLToken",   "ACLPolicy",  "ACLRole",    "ACLAuthMethod", "ACLBindingRule"};

/// What one reader asked for.
struct Subscription {
  std::vector<std::pair<std::string, std::string>> topics;  // topic and key, "*" for any
  std::string ns;
  std::uint64_t after = 0;  // the newest index that it has, or does not want

  bool wants(const Event& event) const {
    if (!event.ns.empty() && ns != "*" && event.ns != ns) return false;
    return std::ranges::any_of(topics, [&](const auto& wanted) {
      const auto& [topic, key] = wanted;
      if (topic != "*" && topic != event.topic) return false;
      return key == "*" || key == event.key ||
             std::ranges::find(event.filter_keys, key) != event.filter_keys.end();
    });
  }
};

base::Result<Subscription> subscription_of(const Call& call) {
  Subscription s;
  s.ns = call.ns();
  for (const std::string& text : call.request.query.all("topic")) {
    const std::vector<std::string> parts = base::split(text, ':');
    if (parts.size() > 2 || parts[0].empty() || parts.back().empty())
      return base::invalid(
          fmt::format("Invalid topic query: error parsing topics: Invalid key value pair for "
                      "topic, topic: {}",
                      base::printable(text, 128)));
    const bool known =
        parts[0] == "*" || std::ranges::find(known_topics, parts[0]) != std::end(known_topics);
    if (!known)
      return base::invalid(fmt::format(
          "Invalid topic query: \"{}\" is none of {}, *", base::printable(parts[0], 64),
          base::join(std::vector<std::string>(std::begin(known_topics), std::end(known_topics)),
                     ", ")));
    s.topics.emplace_back(parts[0], parts.size() > 1 ? parts[1] : "*");
  }
  if (s.topics.empty()) s.topics.emplace_back("*", "*");
  const std::string index = call.request.query.get("index");
  const base::Result<long long> number = base::parse_int(index.empty() ? "0" : index);
  if (!number || *number < 0)
    return base::invalid(
        fmt::format("Unable to parse index: \"{}\" is not a number", base::printable(index, 64)));
  if (*number > 0) s.after = static_cast<std::uint64_t>(*number) - 1;
  return s;
}

struct Payload {
  std::pair<std::string, std::string> operator()(const state::Ref<model::Job>& job) const {
    return {"Job", job_json(*job)};
  }
  std::pair<std::string, std::string> operator()(const state::Ref<model::Evaluation>& e) const {
    return {"Evaluation", eval_json(*e)};
  }
  std::pair<std::string, std::string> operator()(const state::Ref<model::Allocation>& a) const {
    return {"Allocation", alloc_event_json(*a)};
  }
  std::pair<std::string, std::string> operator()(const state::Ref<model::Deployment>& d) const {
    return {"Deployment", deployment_json(*d)};
  }
  std::pair<std::string, std::string> operator()(const state::Ref<model::Node>& node) const {
    return {"Node", node_json(*node)};
  }
  std::pair<std::string, std::string> operator()(const state::Ref<model::NodePool>& pool) const {
    return {"NodePool", wire::to_json(*pool)};
  }
  std::pair<std::string, std::string> operator()(
      const state::Ref<model::ServiceRegistration>& service) const {
    return {"Service", wire::to_json(*service)};
  }
  std::pair<std::string, std::string> operator()(const state::Ref<model::AclToken>& token) const {
    return {"ACLToken", json::to_string(acl_token_stub(*token, nullptr))};
  }
  std::pair<std::string, std::string> operator()(const state::Ref<model::AclPolicy>& policy) const {
    return {"ACLPolicy", json::to_string(acl_policy_json(*policy))};
  }
  std::pair<std::string, std::string> operator()(const state::Ref<model::AclRole>& role) const {
    return {"ACLRole", json::to_string(acl_role_json(*role))};
  }
  std::pair<std::string, std::string> operator()(const state::Ref<model::AuthMethod>& m) const {
    return {"AuthMethod", json::to_string(auth_method_json(*m))};
  }
  std::pair<std::string, std::string> operator()(const state::Ref<model::BindingRule>& rule) const {
    return {"ACLBindingRule", json::to_string(binding_rule_json(*rule))};
  }
};

std::string event_json(const Event& event, std::uint64_t index) {
  const auto [name, object] = std::visit(Payload(), event.object);
  const bool is_job = event.topic == "Job";
  return fmt::format(
      "{{\"Topic\":{},\"Type\":{},\"Key\":{},\"Namespace\":{},\"FilterKeys\":{},\"Index\":{},"
      "\"Payload\":{{\"{}\":{}{}}}}}",
      json::to_string(event.topic), json::to_string(event.type), json::to_string(event.key),
      json::to_string(event.ns), wire::to_json(event.filter_keys), index, name, object,
      is_job && event.deleted ? ",\"Deleted\":true" : "");
}

/// What a caller needs to hear of a topic, in a namespace if it has one.
Capability needed_for(std::string_view topic) {
  if (topic == "Node") return Capability::node_read;
  if (topic == "*" || topic == "NodePool" || topic.starts_with("ACL"))
    return Capability::management;
  return Capability::read_job;
}

/// Errors: denied.
base::Status check_topics(const Subscription& subscription, const acl::Authorized& caller) {
  for (const auto& [topic, key] : subscription.topics) {
    const Capability needed = needed_for(topic);
    const bool everywhere = subscription.ns == "*" && needed == Capability::read_job;
    if (everywhere ? !caller.may_somewhere(needed) : !caller.may(needed, subscription.ns))
      return base::fail(base::Code::denied, acl::permission_denied);
  }
  return {};
}

/// The line of one change, "" when nothing of it is wanted.
std::string line_of(const server::Change& change, const Subscription& subscription,
                    const acl::Authorized& caller) {
  std::vector<std::string> events;
  for (const Event& event : server::events_of(change)) {
    if (subscription.wants(event) && caller.may(needed_for(event.topic), event.ns))
      events.push_back(event_json(event, change.index));
  }
  if (events.empty()) return "";
  return fmt::format("{{\"Index\":{},\"Events\":[{}]}}\n", change.index, base::join(events, ","));
}

class EventPage {
 public:
  EventPage(const Readers& readers, const server::EventLog& log, const acl::Gate& gate)
      : readers_(readers), log_(log), gate_(gate) {}

  Task<Result> stream(Call& call) {
    if (!log_.enabled())
      co_return base::invalid(
          "the event broker is disabled by server.enable_event_broker in the configuration");
    CO_TRY(Subscription subscription, subscription_of(call));
    CO_TRY_VOID(check_topics(subscription, call.caller));
    subscription.after = std::max(subscription.after, log_.begin());
    http::Response head;
    head.headers.add("Content-Type", "application/json");
    head.headers.add("Cache-Control", "no-cache");
    Answer answer;
    answer.sent = true;
    CO_TRY_VOID(co_await call.responder.begin(std::move(head)));
    const auto ended = co_await (tell(call, subscription) || call.responder.hung_up());
    (void)ended;
    co_return answer;
  }

 private:
  /// False when the reader took too long, or is gone.
  Task<bool> write(Call& call, std::string line) {
    const auto raced = co_await (call.responder.write(line) || readers_.clock.sleep(write_timeout));
    co_return raced.index() == 0 && std::get<0>(raced).has_value();
  }

  Task<void> tell(Call& call, Subscription subscription) {
    bool going = co_await write(call, "{}\n");
    while (going) {
      const std::uint64_t ticket = readers_.watches.ticket();
      // The token may have ended since, and its policies may have changed.
      const base::Result<acl::Authorized> caller =
          gate_.who(header_token(call.request, "X-Nomad-Token"));
      if (!caller || !check_topics(subscription, *caller)) {
        going = co_await write(call, "{\"Error\":\"Permission denied\"}\n");
        break;
      }
      const server::EventLog::Next next = log_.after(subscription.after);
      if (next.missed) {
        going = co_await write(call,
                               "{\"Error\":\"this reader is too slow: events that it has "
                               "not seen are gone; subscribe anew\"}\n");
        break;
      }
      if (next.change) {
        subscription.after = next.change->index;
        std::string line = line_of(*next.change, subscription, *caller);
        if (!line.empty()) going = co_await write(call, std::move(line));
        continue;
      }
      std::vector<std::string> keys = {server::events_key};
      const base::Result<bool> touched =
          co_await readers_.watches.wait(std::move(keys), ticket, heartbeat);
      if (!touched) break;
      if (!*touched) going = co_await write(call, "{}\n");
    }
    if (going) (void)co_await call.responder.end();  // the reader may be gone; nobody else cares
  }

  Readers readers_;
  const server::EventLog& log_;
  const acl::Gate& gate_;
};

}  // namespace

std::vector<Route> event_routes(const Readers& readers, const server::EventLog& log,
                                const acl::Gate& gate) {
  const auto page = std::make_shared<EventPage>(readers, log, gate);
  const Need topics{Capability::anyone, Scope::handler,
                    "by topic: Node node:read; NodePool, ACL* and * management; else "
                    "namespace:read-job"};
  return {{"GET", "/v1/event/stream", topics, [page](Call& call) { return page->stream(call); }}};
}

}  // namespace caravan::api::nomad
