// SPDX-License-Identifier: Apache-2.0
// What the registry's pages about access have in common.
#pragma once

#include "api/consul/acl_shapes.hpp"
#include "api/route.hpp"
#include "server/access.hpp"

namespace caravan::api::consul {

/// A handler that says so where access control is off.
inline Handler while_on(const server::Access& access, Handler handler) {
  return [&access, handler = std::move(handler)](Call& call) -> io::Task<base::Result<Answer>> {
    if (access.is_on()) return handler(call);
    return []() -> io::Task<base::Result<Answer>> {
      Answer answer;
      answer.status = 401;
      answer.content_type = "text/plain; charset=utf-8";
      answer.body = "ACL support disabled";
      co_return answer;
    }();
  };
}

}  // namespace caravan::api::consul
