// SPDX-License-Identifier: Apache-2.0
// How one of the APIs that share our state talks: where its clients put a token, what they call a
// place, and which headers and words they expect around an answer. The routes are not part of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "acl/authorized.hpp"
#include "api/forward.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "http/message.hpp"
#include "state/tables.hpp"

namespace caravan::api {

/// What a handler gives back; the face adds the headers that every answer has.
struct Answer {
  std::string body;                                // JSON unless content_type says otherwise
  std::shared_ptr<const http::SharedBody> shared;  // when set, the body
  std::string content_type = "application/json";
  http::Headers headers;    // besides those that every answer has
  std::uint64_t index = 0;  // 0: no header of it
  bool is_read = false;     // adds what is known of the leader
  std::string next_token;
  std::string digest;         // of the body, as a header; "" says nothing
  base::Duration max_age{0};  // how long it may be kept; 0 says nothing about it
  int status = 200;
  bool sent = false;  // the handler has answered by itself
  std::string place;  // when set, nothing else is: that place has to answer
};

struct Face {
  /// What a forwarded request carries in `face_header`; the first face of all has none.
  std::string name;
  /// The parameter by which a request names a place, the one that is served here, and what is said
  /// of those that cannot be reached.
  std::string place_parameter, place;
  base::Error no_such_place;
  bool names_datacenters = false;  // places are; else they are regions
  std::string region;              // this one
  /// The region where what is one for all of them is written; "" when that is here.
  std::string authority;
  /// Paths behind which all that is left is one name, slashes included.
  std::vector<std::string_view> whole_rests;
  /// A path behind which a name may have slashes, and more follow it; "" when there is none.
  std::string_view slashed_names;

  std::string (*token_of)(const http::Request& request);
  /// What stands around an answer.
  void (*dress)(http::Response& response, const Answer& answer, const http::Request& request,
                const Whereabouts& at);
  http::Response (*refusal)(const base::Error& error);
  /// The answer to a request that was carried out before; `asked`: its path.
  base::Result<Answer> (*again)(const state::Tables& tables, const model::DoneRequest& done,
                                std::string_view asked, const acl::Authorized& caller);
  /// `methods`: those that the path has, none when there is no such path.
  http::Response (*no_route)(const http::Request& request, const std::vector<std::string>& methods);
};

/// The first that came with a request of: the header `own`, and "Authorization: Bearer". "" when
/// none did.
std::string header_token(const http::Request& request, std::string_view own);

/// The HTTP status that a kind of error has where nothing else is said.
int status_of(base::Code code);

}  // namespace caravan::api
