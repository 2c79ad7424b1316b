// SPDX-License-Identifier: Apache-2.0
// What the pages about access have in common.
#pragma once

#include "api/route.hpp"
#include "server/access.hpp"

namespace caravan::api::nomad {

/// A handler that refuses while access control is off.
inline Handler while_on(const server::Access& access, Handler handler) {
  return [&access, handler = std::move(handler)](Call& call) -> io::Task<base::Result<Answer>> {
    if (access.is_on()) return handler(call);
    return []() -> io::Task<base::Result<Answer>> {
      co_return base::invalid("ACL support disabled");
    }();
  };
}

/// A list of names, or of links to something with a name, as bodies have them. Errors: invalid.
base::Result<std::vector<std::string>> names_in(const json::Value& list, const char* what);

inline std::unexpected<base::Error> denied() {
  return base::fail(base::Code::denied, acl::permission_denied);
}

}  // namespace caravan::api::nomad
