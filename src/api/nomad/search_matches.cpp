// SPDX-License-Identifier: Apache-2.0
#include "api/nomad/search_matches.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include <fmt/core.h>

#include "base/text.hpp"
#include "json/writer.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using state::Tables;
using Use =
    std::function<void(const std::string& id, const std::string& name, const std::string& ns)>;

/// Kinds of objects, and how to walk over those that may begin with a prefix.
struct Context {
  const char* name;
  Capability needed;
  void (*each)(const Tables& tables, const std::string& prefix, const Use& use);
};

/// The lowest id that begins so; nothing when no id does.
std::optional<base::Uuid> lowest_with(const std::string& prefix) {
  const std::string nil = "00000000-0000-0000-0000-000000000000";
  if (prefix.size() > nil.size()) return {};
  const base::Result<base::Uuid> id = base::Uuid::parse(prefix + nil.substr(prefix.size()));
  if (!id) return {};
  return *id;
}

/// Calls `visit(id, object)` for those of a table whose id begins with the prefix, and no others.
template <class Id, class Value, class Visit>
void each_id(const state::Tree<Id, Value>& table, const std::string& prefix, Visit visit) {
  const std::optional<base::Uuid> first = lowest_with(prefix);
  if (!first) return;
  table.from(Id(*first), [&](const Id& id, const Value& value) {
    const std::string text = id.to_string();
    if (!text.starts_with(prefix)) return false;
    visit(text, value);
    return true;
  });
}

const Context contexts[] = {
    {"allocs", Capability::read_job,
     [](const Tables& t, const std::string& prefix, const Use& use) {
       each_id(t.allocs, prefix,
               [&](const auto& id, const auto& a) { use(id, a->name(), a->job->ns); });
     }},
    {"jobs", Capability::list_jobs,
     [](const Tables& t, const std::string&, const Use& use) {
       t.jobs.each([&](const auto& id, const auto& job) { use(id.id, job->name, id.ns); });
     }},
    {"nodes", Capability::node_read,
     [](const Tables& t, const std::string& prefix, const Use& use) {
       each_id(t.nodes, prefix, [&](const auto& id, const auto& node) { use(id, node->name, ""); });
     }},
    {"node_pools", Capability::pool_read,
     [](const Tables& t, const std::string&, const Use& use) {
       for (const auto& pool : t.all_node_pools())
         use(pool->name, pool->name, "");
     }},
    {"evals", Capability::read_job,
     [](const Tables& t, const std::string& prefix, const Use& use) {
       each_id(t.evals, prefix, [&](const auto& id, const auto& eval) { use(id, "", eval->ns); });
     }},
    {"deployment", Capability::read_job,
     [](const Tables& t, const std::string& prefix, const Use& use) {
       each_id(t.deployments, prefix, [&](const auto& id, const auto& d) { use(id, "", d->ns); });
     }},
    {"scaling_policy", Capability::read_job,
     [](const Tables& t, const std::string&, const Use& use) {
       t.scaling_policies.each(
           [&](const auto& id, const auto& p) { use(id, "", p->target.at("Namespace")); });
     }},
    {"namespaces", Capability::see_namespace,
     [](const Tables& t, const std::string&, const Use& use) {
       for (const auto& space : t.all_namespaces())
         use(space->name, space->name, space->name);
     }},
    {"vars", Capability::variable_list,
     [](const Tables& t, const std::string&, const Use& use) {
       t.variables.each([&](const model::VariableKey& key, const auto&) {
         use(key.second, key.second, key.first);
       });
     }},
};

/// Kinds that are known and have nothing in them, because they are not built.
constexpr std::string_view empty_contexts[] = {"plugins", "volumes", "host_volumes"};

struct Match {
  std::string text;
  std::vector<std::string> scope;
  std::size_t at = 0;  // where in the text it was found
  friend bool operator<(const Match& a, const Match& b) {
    return std::tie(a.at, a.text, a.scope) < std::tie(b.at, b.text, b.scope);
  }
};

/// Keeps the first matches of each kind, and remembers that there were more.
class Found {
 public:
  void name(const std::string& context) { (void)by_context_[context]; }
  void add(const std::string& context, Match match) {
    std::set<Match>& list = by_context_[context];
    list.insert(std::move(match));
    if (list.size() <= matches_max) return;
    list.erase(std::prev(list.end()));
    truncated_.insert(context);
  }

  std::string json(bool with_scope) const {
    std::vector<std::string> matches, truncations;
    for (const auto& [context, list] : by_context_) {
      json::Array shown;
      for (const Match& match : list) {
        if (!with_scope) {
          shown.push_back(match.text);
          continue;
        }
        json::Array scope(match.scope.begin(), match.scope.end());
        shown.push_back(json::Object{{"ID", match.text}, {"Scope", scope}});
      }
      matches.push_back(fmt::format("\"{}\":{}", context,
                                    shown.empty() ? "null" : json::to_string(json::Value(shown))));
      truncations.push_back(fmt::format("\"{}\":{}", context, truncated_.contains(context)));
    }
    return fmt::format("\"Matches\":{{{}}},\"Truncations\":{{{}}}", base::join(matches, ","),
                       base::join(truncations, ","));
  }

 private:
  std::map<std::string, std::set<Match>> by_context_;
  std::set<std::string> truncated_;
};

bool visible(const SearchQuestion& q, Capability needed, const std::string& ns,
             const std::string& id = "") {
  if (!ns.empty() && q.ns != "*" && ns != q.ns) return false;
  const acl::Realm realm = acl::realm_of(needed);
  if (realm == acl::Realm::variable) return q.caller->may_variable(needed, ns, id);
  return q.caller->may(needed, realm == acl::Realm::node_pool ? id : ns);
}

/// What jobs are made of, each under its own kind.
void search_job(const model::Job& job,
                const std::function<void(const char* kind, const std::string& text,
                                         std::vector<std::string> scope)>& look) {
  for (const model::TaskGroup& group : job.groups) {
    look("groups", group.name, {job.ns, job.id});
    for (const model::Service& service : group.services)
      look("services", service.name, {job.ns, job.id, group.name});
    for (const model::Task& task : group.tasks) {
      look("tasks", task.name, {job.ns, job.id, group.name});
      for (const model::Service& service : task.services)
        look("services", service.name, {job.ns, job.id, group.name, task.name});
      const json::Value config(task.config);
      for (const auto& [key, kind] :
           {std::pair("image", "images"), std::pair("command", "commands")})
        if (const std::string* text = config.at(key).as_string())
          look(kind, *text, {job.ns, job.id, group.name, task.name});
    }
  }
}

}  // namespace

bool is_search_context(std::string_view name) {
  return std::ranges::find(empty_contexts, name) != std::end(empty_contexts) ||
         std::ranges::any_of(contexts, [&](const Context& c) { return c.name == name; });
}

std::string search_contexts() {
  std::vector<std::string> names;
  for (const Context& context : contexts)
    names.emplace_back(context.name);
  names.insert(names.end(), std::begin(empty_contexts), std::end(empty_contexts));
  return "[" + base::join(names, " ") + "]";
}

std::string prefix_matches(const Tables& tables, const SearchQuestion& q) {
  Found found;
  const auto wanted = [&](std::string_view name) {
    return q.context == "all" || q.context == name;
  };
  for (const std::string_view name : empty_contexts)
    if (wanted(name)) found.name(std::string(name));
  for (const Context& context : contexts) {
    if (!wanted(context.name)) continue;
    found.name(context.name);
    context.each(tables, q.text,
                 [&](const std::string& id, const std::string&, const std::string& ns) {
                   if (id.starts_with(q.text) && visible(q, context.needed, ns, id))
                     found.add(context.name, {id, {}});
                 });
  }
  return found.json(false);
}

std::string fuzzy_matches(const Tables& tables, const SearchQuestion& q) {
  Found found;
  const std::string text = base::to_lower(q.text);
  const auto look = [&](const char* kind, const std::string& name, std::vector<std::string> scope) {
    const std::size_t at = base::to_lower(name).find(text);
    if (at != std::string::npos) found.add(kind, {name, std::move(scope), at});
  };
  const bool all = q.context == "all";
  for (const Context& context : contexts) {
    if (!all && q.context != context.name) continue;
    context.each(tables, "",
                 [&](const std::string& id, const std::string& name, const std::string& ns) {
                   if (!visible(q, context.needed, ns, id)) return;
                   // Objects without a name are found by the beginning of their id.
                   if (name.empty()) {
                     if (id.starts_with(text)) found.add(context.name, {id, {}, 0});
                     return;
                   }
                   std::vector<std::string> scope;
                   if (!ns.empty() && id != ns) scope.push_back(ns);
                   if (id != name || std::string_view(context.name) == "jobs") scope.push_back(id);
                   look(context.name, name, std::move(scope));
                 });
  }
  if (!all && q.context != "jobs") return found.json(true);
  tables.jobs.each([&](const base::JobId& id, const state::Ref<model::Job>& job) {
    if (visible(q, Capability::read_job, id.ns)) search_job(*job, look);
  });
  return found.json(true);
}

}  // namespace caravan::api::nomad
