// SPDX-License-Identifier: Apache-2.0
// Functions that need data. Each asks the DataSource one question. What is absent either makes the
// whole rendering wait, or is a value of its own: the row of the function says which.
#include <fmt/core.h>

#include "base/text.hpp"
#include "expr/template_functions.hpp"
#include "expr/template_run.hpp"

namespace caravan::expr {
namespace {

using Answer = base::Result<Data>;

base::Result<Dependency> dependency_of(const TemplateCall& call, std::string_view kind,
                                       std::size_t arguments) {
  Dependency dependency{std::string(kind), {}};
  for (std::size_t i = 0; i < std::min(arguments, call.size()); ++i) {
    TRY(std::string text, call.text(i));
    dependency.arguments.push_back(std::move(text));
  }
  return dependency;
}

constexpr std::size_t all_arguments = static_cast<std::size_t>(-1);

/// Waits for the data; `empty` stands in for it until then.
Answer needed(const TemplateCall& call, std::string_view kind, Data empty) {
  TRY(const Dependency dependency, dependency_of(call, kind, all_arguments));
  TRY(const Data data, call.run.ask(dependency));
  if (data) return data;
  call.run.wait_for(dependency);
  return empty;
}

Answer optional(const TemplateCall& call, std::string_view kind, Data absent) {
  TRY(const Dependency dependency, dependency_of(call, kind, all_arguments));
  TRY(Data data, call.run.ask(dependency));
  return data ? data : absent;
}

Answer exists(const TemplateCall& call, std::string_view kind) {
  TRY(const Dependency dependency, dependency_of(call, kind, all_arguments));
  TRY(const Data data, call.run.ask(dependency));
  return make_data(data != nullptr);
}

Data no_text() { return make_data(""); }
Data no_list() { return make_data(json::Array()); }

Answer env(const TemplateCall& call) { return optional(call, "env", no_text()); }

// An empty variable counts as an absent one.
Answer env_or_default(const TemplateCall& call) {
  TRY(const Dependency dependency, dependency_of(call, "env", 1));
  TRY(const Data data, call.run.ask(dependency));
  return is_true(data) ? data : call[1];
}

Answer must_env(const TemplateCall& call) {
  TRY(const Dependency dependency, dependency_of(call, "env", 1));
  TRY(const Data data, call.run.ask(dependency));
  if (data) return data;
  return base::invalid(
      fmt::format("variable \"{}\" is not set", base::printable(dependency.arguments[0], 100)));
}

Answer key_or_default(const TemplateCall& call) {
  TRY(const Dependency dependency, dependency_of(call, "key", 1));
  TRY(const Data data, call.run.ask(dependency));
  return is_true(data) ? data : call[1];
}

Answer key(const TemplateCall& call) { return needed(call, "key", no_text()); }
Answer key_exists(const TemplateCall& call) { return exists(call, "key"); }
Answer file(const TemplateCall& call) { return needed(call, "file", no_text()); }
Answer nomad_var(const TemplateCall& call) { return needed(call, "nomadVar", nullptr); }
Answer nomad_var_exists(const TemplateCall& call) { return exists(call, "nomadVar"); }
Answer secret(const TemplateCall& call) { return needed(call, "secret", nullptr); }
Answer secrets(const TemplateCall& call) { return needed(call, "secrets", no_list()); }
Answer pki_cert(const TemplateCall& call) { return needed(call, "pkiCert", nullptr); }
Answer node(const TemplateCall& call) { return needed(call, "node", nullptr); }
Answer ca_leaf(const TemplateCall& call) { return needed(call, "caLeaf", nullptr); }
Answer ca_roots(const TemplateCall& call) { return needed(call, "caRoots", no_list()); }
Answer sockaddr(const TemplateCall& call) { return needed(call, "sockaddr", no_text()); }

// An empty list is an answer; only "not known yet" makes these wait.
Answer list_of(const TemplateCall& call, std::string_view kind) {
  return needed(call, kind, no_list());
}
Answer connect(const TemplateCall& call) { return list_of(call, "connect"); }
Answer datacenters(const TemplateCall& call) { return list_of(call, "datacenters"); }
Answer ls(const TemplateCall& call) { return list_of(call, "ls"); }
Answer nodes(const TemplateCall& call) { return list_of(call, "nodes"); }
Answer nomad_service(const TemplateCall& call) { return list_of(call, "nomadService"); }
Answer nomad_services(const TemplateCall& call) { return list_of(call, "nomadServices"); }
Answer nomad_var_list(const TemplateCall& call) { return list_of(call, "nomadVarList"); }
Answer partitions(const TemplateCall& call) { return list_of(call, "partitions"); }
Answer peerings(const TemplateCall& call) { return list_of(call, "peerings"); }
Answer service(const TemplateCall& call) { return list_of(call, "service"); }
Answer services(const TemplateCall& call) { return list_of(call, "services"); }
Answer tree(const TemplateCall& call) { return list_of(call, "tree"); }

// The "safe" ones wait even for an empty list, lest a deletion by mistake empties a file.
Answer safe_list(const TemplateCall& call, std::string_view kind) {
  TRY(Data data, list_of(call, kind));
  TRY(const Dependency dependency, dependency_of(call, kind, all_arguments));
  if (!is_true(data)) call.run.wait_for(dependency);
  return data;
}
Answer safe_ls(const TemplateCall& call) { return safe_list(call, "ls"); }
Answer safe_tree(const TemplateCall& call) { return safe_list(call, "tree"); }
Answer nomad_var_list_safe(const TemplateCall& call) { return safe_list(call, "nomadVarList"); }

constexpr TemplateFunction rows[] = {
    {"caLeaf", 1, 1, ca_leaf},
    {"caRoots", 0, 0, ca_roots},
    {"connect", 1, -1, connect},
    {"datacenters", 0, 1, datacenters},
    {"env", 1, 1, env},
    {"envOrDefault", 2, 2, env_or_default},
    {"file", 1, 1, file},
    {"key", 1, 1, key},
    {"keyExists", 1, 1, key_exists},
    {"keyOrDefault", 2, 2, key_or_default},
    {"ls", 1, 1, ls},
    {"mustEnv", 1, 1, must_env},
    {"node", 0, 1, node},
    {"nodes", 0, 1, nodes},
    {"nomadService", 1, 3, nomad_service},
    {"nomadServices", 0, 1, nomad_services},
    {"nomadVar", 1, 1, nomad_var},
    {"nomadVarExists", 1, 1, nomad_var_exists},
    {"nomadVarList", 0, 1, nomad_var_list},
    {"nomadVarListSafe", 0, 1, nomad_var_list_safe},
    {"partitions", 0, 0, partitions},
    {"peerings", 0, 1, peerings},
    {"pkiCert", 1, -1, pki_cert},
    {"safeLs", 1, 1, safe_ls},
    {"safeTree", 1, 1, safe_tree},
    {"secret", 1, -1, secret},
    {"secrets", 1, 1, secrets},
    {"service", 1, -1, service},
    {"services", 0, 1, services},
    {"sockaddr", 1, 1, sockaddr},
    {"tree", 1, 1, tree},
};

}  // namespace

std::span<const TemplateFunction> source_template_functions() { return rows; }

}  // namespace caravan::expr
