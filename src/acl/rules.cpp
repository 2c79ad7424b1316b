// SPDX-License-Identifier: Apache-2.0
#include "acl/rules.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "hcl/parser.hpp"
#include "hcl/reader.hpp"

namespace caravan::acl {
namespace {

constexpr std::size_t label_max = 128;
constexpr std::string_view letters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-*";

/// Blocks of the registry's rules, which are about a name, and what they are called in JSON.
struct Named {
  std::string_view block;
  Realm realm;
  const char *json, *json_of_prefixes;
};
constexpr Named named_blocks[] = {{"key", Realm::key, "Keys", "KeyPrefixes"},
                                  {"session", Realm::session, "Sessions", "SessionPrefixes"},
                                  {"service", Realm::service, "Services", "ServicePrefixes"},
                                  {"node", Realm::catalog_node, "Nodes", "NodePrefixes"},
                                  {"agent", Realm::catalog_agent, "Agents", "AgentPrefixes"},
                                  {"event", Realm::event, "Events", "EventPrefixes"},
                                  {"query", Realm::query, "Queries", "QueryPrefixes"}};
/// Those that are also there without a name, and then about the cluster.
bool has_two_forms(std::string_view block) { return block == "node" || block == "agent"; }

class RuleReader {
 public:
  explicit RuleReader(hcl::Run& run) : run_(run) {}

  Rules read(hcl::View view) {
    hcl::BodyReader body(view, run_, true);
    Rules rules;
    for (const hcl::BlockView& block : body.blocks("namespace", 1))
      rules.namespaces.push_back(name_space(block));
    for (const hcl::BlockView& block : body.blocks("node_pool", 1))
      rules.node_pools.push_back(labelled(block, Realm::node_pool, "_"));
    for (const hcl::BlockView& block : body.blocks("host_volume", 1))
      rules.host_volumes.push_back(labelled(block, Realm::host_volume, ""));
    for (const auto& [name, realm] :
         {std::pair("agent", Realm::agent), std::pair("node", Realm::node),
          std::pair("operator", Realm::oper), std::pair("quota", Realm::quota),
          std::pair("plugin", Realm::plugin)})
      if (const std::optional<hcl::BlockView> block = has_two_forms(name) || realm == Realm::oper
                                                          ? only(body.form(name, 0))
                                                          : body.block(name))
        rules.cluster |= alone(*block, realm);
      else if (realm == Realm::oper && body.has_attribute(name))
        rules.cluster |= coarse_in(body, name, realm);
    for (const Named& kind : named_blocks)
      add_named(body, kind, rules.names);
    for (const char* name : {"acl", "keyring", "mesh", "peering"})
      refuse_word(body, name);
    if (const std::optional<hcl::BlockView> block = body.block("sentinel"))
      run_.error(block->header, "Not built", "There are no Sentinel policies here.");
    body.finish();
    return rules;
  }

 private:
  NamespaceGrant name_space(const hcl::BlockView& block) {
    hcl::BodyReader body(block.inside, run_, true);
    NamespaceGrant grant;
    grant.pattern = label(block, "");
    grant.capabilities = granted(body, Realm::space);
    if (const std::optional<hcl::BlockView> variables = body.block("variables")) {
      hcl::BodyReader inside(variables->inside, run_, true);
      for (const hcl::BlockView& path : inside.blocks("path", 1))
        grant.variables.push_back(variable_path(path));
      inside.finish();
    }
    body.finish();
    if (grant.capabilities.none() && grant.variables.empty()) says_nothing(block);
    return grant;
  }

  Grant variable_path(const hcl::BlockView& block) {
    hcl::BodyReader body(block.inside, run_, true);
    Grant grant{block.labels[0].text, fine(body, Realm::variable)};
    body.finish();
    if (grant.pattern.empty())
      run_.error(block.header, "No path", "A path, or a glob such as \"app/*\", is needed.");
    if (grant.capabilities.none())
      run_.error(block.header, "No capabilities", "capabilities must name at least one.");
    return grant;
  }

  Grant labelled(const hcl::BlockView& block, Realm realm, std::string_view more_letters) {
    hcl::BodyReader body(block.inside, run_, true);
    Grant grant{label(block, more_letters), granted(body, realm)};
    body.finish();
    if (grant.capabilities.none()) says_nothing(block);
    return grant;
  }

  /// Of the nodes of the cluster as a whole; with a label it is about one in the registry.
  std::optional<hcl::BlockView> only(std::vector<hcl::BlockView> blocks) {
    if (blocks.empty()) return std::nullopt;
    if (blocks.size() > 1)
      run_.error(blocks[1].header, fmt::format("Duplicate {} block", blocks[1].type),
                 "Only one without a label is allowed here.");
    return std::move(blocks.front());
  }

  /// Names are what they are, without stars: a second kind of block says "all that begin so".
  void add_named(hcl::BodyReader& outer, const Named& kind, std::vector<NameGrant>& grants) {
    const std::string name(kind.block);
    for (const bool is_prefix : {false, true})
      for (const hcl::BlockView& block : is_prefix             ? outer.blocks(name + "_prefix", 1)
                                         : has_two_forms(name) ? outer.form(name, 1)
                                                               : outer.blocks(name, 1)) {
        hcl::BodyReader body(block.inside, run_, true);
        NameGrant grant{kind.realm, block.labels[0].text, is_prefix,
                        coarse_in(body, "policy", kind.realm)};
        if (grant.capabilities.none()) says_nothing(block);
        if (kind.realm == Realm::service) grants.push_back(intentions(body, grant));
        body.finish();
        grants.push_back(std::move(grant));
      }
  }

  /// Who may see a service sees who may connect to it, unless the rule says something else.
  NameGrant intentions(hcl::BodyReader& body, const NameGrant& service) {
    NameGrant grant{Realm::intention, service.name, service.is_prefix, {}};
    const bool sees = service.capabilities.test(bit(Capability::service_read));
    grant.capabilities = body.has_attribute("intentions")
                             ? coarse_in(body, "intentions", Realm::intention)
                             : *coarse(Realm::intention, sees ? "read" : "deny");
    return grant;
  }

  /// What the registry's peers let a policy say and this one does not know: denied it is anyway.
  void refuse_word(hcl::BodyReader& body, const char* name) {
    if (!body.has_attribute(name)) return;
    const std::optional<hcl::Value> value = body.attribute(name);
    const std::string* word = value ? value->as_string() : nullptr;
    if (word && *word == "deny") return;
    run_.error(body.raw(name)->name_range, fmt::format("Not built: {}", name),
               std::string(name) == "acl"
                   ? "Only tokens of type management (the policy global-management) may do that."
                   : "No policy grants that here.");
  }

  Capabilities alone(const hcl::BlockView& block, Realm realm) {
    hcl::BodyReader body(block.inside, run_, true);
    Capabilities set =
        realm == Realm::oper ? granted(body, realm) : coarse_in(body, "policy", realm);
    body.finish();
    if (set.none()) says_nothing(block);
    return set;
  }

  std::string label(const hcl::BlockView& block, std::string_view more_letters) {
    const std::string& text = block.labels[0].text;
    if (text.empty() || text.size() > label_max ||
        text.find_first_not_of(std::string(letters) + std::string(more_letters)) !=
            std::string::npos)
      run_.error(block.header, "Invalid name",
                 fmt::format("\"{}\" is not 1 to {} letters, digits, dashes and '*'.",
                             base::printable(text, label_max), label_max));
    return text;
  }

  Capabilities granted(hcl::BodyReader& body, Realm realm) {
    return coarse_in(body, "policy", realm) | fine(body, realm);
  }

  /// Of the attribute that says a coarse word.
  Capabilities coarse_in(hcl::BodyReader& body, std::string_view name, Realm realm) {
    const std::optional<hcl::Value> value = body.attribute(name);
    if (!value) return {};
    const std::string* word = value->as_string();
    const std::optional<Capabilities> set = coarse(realm, word ? *word : "");
    if (set) return *set;
    unknown_word(body, name, word, coarse_words(realm));
    return {};
  }

  Capabilities fine(hcl::BodyReader& body, Realm realm) {
    Capabilities set;
    const std::optional<hcl::Value> value = body.attribute("capabilities");
    if (!value) return set;
    const hcl::Value::List* list = value->as_list();
    if (!list) {
      unknown_word(body, "capabilities", nullptr, words_of(realm));
      return set;
    }
    for (const hcl::Value& each : *list) {
      const std::string* word = each.as_string();
      if (const auto capability = capability_of(realm, word ? *word : ""))
        set.set(bit(*capability));
      else
        unknown_word(body, "capabilities", word, words_of(realm));
    }
    return with_implied(set);
  }

  void unknown_word(hcl::BodyReader& body, std::string_view name, const std::string* word,
                    const std::vector<std::string>& known) {
    const hcl::Attribute* attribute = body.raw(name);
    run_.error(attribute->name_range, fmt::format("Invalid {}", name),
               fmt::format("{} is none of {}.",
                           word ? "\"" + base::printable(*word, 64) + "\"" : "This value",
                           base::join(known, ", ")));
  }
  void says_nothing(const hcl::BlockView& block) {
    run_.error(block.header, "Empty block", "It grants and denies nothing: set policy.");
  }

  hcl::Run& run_;
};

json::Array words(const Capabilities& set, Realm realm) {
  json::Array list;
  for (std::size_t i = 0; i < capability_count; ++i)
    if (const auto capability = static_cast<Capability>(i);
        set.test(i) && realm_of(capability) == realm)
      list.push_back(word_of(capability));
  return list;
}

json::Object grant_json(const Grant& grant, Realm realm) {
  return {
      {"Name", grant.pattern}, {"Policy", ""}, {"Capabilities", words(grant.capabilities, realm)}};
}

json::Value grants_json(const std::vector<Grant>& grants, Realm realm) {
  if (grants.empty()) return nullptr;
  json::Array list;
  for (const Grant& grant : grants)
    list.push_back(grant_json(grant, realm));
  return list;
}

/// The coarse word whose capabilities these are.
json::Value coarse_json(const Capabilities& set, Realm realm) {
  Capabilities own;
  for (std::size_t i = 0; i < capability_count; ++i)
    if (set.test(i) && realm_of(static_cast<Capability>(i)) == realm) own.set(i);
  if (own.none()) return nullptr;
  for (const std::string& word : coarse_words(realm))
    if (coarse(realm, word) == own) return json::Object{{"Policy", word}};
  return json::Object{{"Policy", ""}, {"Capabilities", words(own, realm)}};
}

json::Value names_json(const std::vector<NameGrant>& grants, bool is_prefix, Realm realm) {
  json::Array list;
  for (const NameGrant& grant : grants)
    if (grant.is_prefix == is_prefix && grant.realm == realm)
      list.push_back(json::Object{{"Name", grant.name},
                                  {"Policy", coarse_json(grant.capabilities, realm).at("Policy")}});
  return list.empty() ? json::Value() : json::Value(std::move(list));
}

}  // namespace

base::Result<Rules> parse_rules(const std::string& name, const std::string& text) {
  hcl::Diagnostics diagnostics;
  const hcl::File file = hcl::parse(name, text, hcl::Dialect::plain, diagnostics);
  Rules rules;
  if (!diagnostics.has_errors()) {
    hcl::Run run(diagnostics);
    const hcl::Scope scope;
    rules = RuleReader(run).read({file.body.get(), &scope});
  }
  if (diagnostics.has_errors()) return base::invalid(diagnostics.summary());
  if (rules.empty()) return base::invalid(name + ": an empty policy: it grants and denies nothing");
  return rules;
}

json::Value rules_json(const Rules& rules) {
  json::Value spaces;
  if (!rules.namespaces.empty()) {
    json::Array list;
    for (const NamespaceGrant& grant : rules.namespaces) {
      json::Object shown = grant_json(grant, Realm::space);
      json::Value variables;
      if (!grant.variables.empty()) {
        json::Array paths;
        for (const Grant& path : grant.variables)
          paths.push_back(
              json::Object{{"PathSpec", path.pattern},
                           {"Capabilities", words(path.capabilities, Realm::variable)}});
        variables = json::Object{{"Paths", std::move(paths)}};
      }
      shown["Variables"] = std::move(variables);
      list.push_back(std::move(shown));
    }
    spaces = std::move(list);
  }
  json::Object shown{{"Namespaces", std::move(spaces)},
                     {"NodePools", grants_json(rules.node_pools, Realm::node_pool)},
                     {"HostVolumes", grants_json(rules.host_volumes, Realm::host_volume)},
                     {"Agent", coarse_json(rules.cluster, Realm::agent)},
                     {"Node", coarse_json(rules.cluster, Realm::node)},
                     {"Operator", coarse_json(rules.cluster, Realm::oper)},
                     {"Quota", coarse_json(rules.cluster, Realm::quota)},
                     {"Plugin", coarse_json(rules.cluster, Realm::plugin)}};
  // Of the registry, and so not in every policy's answer.
  for (const bool is_prefix : {false, true})
    for (const Named& kind : named_blocks)
      if (json::Value names = names_json(rules.names, is_prefix, kind.realm); !names.is_null())
        shown[is_prefix ? kind.json_of_prefixes : kind.json] = std::move(names);
  return shown;
}

}  // namespace caravan::acl
