// SPDX-License-Identifier: Apache-2.0
// What one policy says, read from its text. The language is HCL or JSON:
//
//   namespace "<name or glob>" {
//     policy       = "read"
//     capabilities = ["submit-job"]
//     variables { path "<path or glob>" { capabilities = ["read"] } }
//   }
//   node_pool "<name or glob>" { … }   host_volume "<name or glob>" { … }
//   agent { policy }  node { policy }  operator { policy capabilities }  quota { policy }
//   plugin { policy }
//   key "<name>" { policy }      key_prefix "<beginning>" { policy }
//   session "<node>" { policy }  session_prefix "<beginning>" { policy }
//   service "<name>" { policy intentions }  service_prefix "<beginning>" { policy intentions }
//   node "<name>" { policy }     node_prefix "<beginning>" { policy }
//   agent "<name>" { policy }    agent_prefix "<beginning>" { policy }
//   event "<name>" { policy }    event_prefix "<beginning>" { policy }
//   query "<name>" { policy }    query_prefix "<beginning>" { policy }
//   operator = "<policy>"        as its block
#pragma once

#include <string>
#include <vector>

#include "acl/capability.hpp"
#include "base/result.hpp"
#include "json/value.hpp"

namespace caravan::acl {

/// What is granted on things whose name matches.
struct Grant {
  std::string pattern;  // '*' stands for any run of characters
  Capabilities capabilities;
};

struct NamespaceGrant : Grant {
  std::vector<Grant> variables;  // by path
};

/// What is granted in the registry on one name, or on all that begin so.
struct NameGrant {
  Realm realm = Realm::none;
  std::string name;
  bool is_prefix = false;
  Capabilities capabilities;
};

struct Rules {
  std::vector<NamespaceGrant> namespaces;
  std::vector<Grant> node_pools, host_volumes;
  std::vector<NameGrant> names;
  Capabilities cluster;  // agent, node, operator, quota, plugin; denials among them

  /// Nothing is said.
  bool empty() const {
    return namespaces.empty() && node_pools.empty() && host_volumes.empty() && names.empty() &&
           cluster.none();
  }
};

/// Errors: invalid; each on a line of its own, "name:line:column: what; why".
base::Result<Rules> parse_rules(const std::string& name, const std::string& text);

/// As the API shows them under "RulesJSON".
json::Value rules_json(const Rules& rules);

}  // namespace caravan::acl
