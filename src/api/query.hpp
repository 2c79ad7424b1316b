// SPDX-License-Identifier: Apache-2.0
// What reads have in common: waiting for an index, filters, prefixes and pages.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/route.hpp"
#include "api/shared_answers.hpp"
#include "json/writer.hpp"
#include "server/watches.hpp"
#include "state/store.hpp"

namespace caravan::api {

/// What every page of the API reads from.
struct Readers {
  state::Store& store;
  server::Watches& watches;
  io::Clock& clock;
  std::shared_ptr<SharedAnswers> shared = std::make_shared<SharedAnswers>();
};

/// One answer from one snapshot. `index` is what the header says.
struct View {
  std::string body;
  std::uint64_t index = 0;
  std::string next_token = "";
  /// What a blocking query compares, when that is not `index`: of what does not exist the header
  /// says how far the state has come, and a reader waits until it exists.
  std::optional<std::uint64_t> changed = {};
  int status = 200;
};
using Look = std::function<base::Result<View>(const state::Tables&)>;

/// Answers at once, or, with ?index=N, when the view's index has passed N or the time is over.
/// `keys`: what to watch for. Errors: invalid ("Invalid index", "Invalid wait time"), and those of
/// `look`.
io::Task<base::Result<Answer>> read(const Readers& readers, const Call& call,
                                    std::vector<std::string> keys, Look look);
/// The same when others may be given the same answer.
io::Task<base::Result<Answer>> read(const Readers& readers, const Call& call,
                                    std::vector<std::string> keys, Sharing sharing, Look look);
/// The request without what says when to answer and who asks: part of a key for sharing.
std::string shared_target(const Call& call);

/// One row of a list: what it is sorted and paged by, and its JSON.
struct Row {
  std::string key;
  std::string json;
};

/// Applies ?filter, ?reverse, ?per_page and ?next_token; rows come in order of their keys.
/// Errors: invalid.
base::Result<View> list(const Call& call, std::vector<Row> rows, std::uint64_t index);

/// ?prefix= of ids: hex digits and dashes. Errors: invalid.
base::Result<std::string> id_prefix(const Call& call);

/// The `namespace` parameter as a list understands it: "*" matches all in which the caller may do
/// what the route needs.
bool in_namespace(const Call& call, const std::string& ns);

/// Reads ":id" as an id. Errors: invalid.
template <class SomeId>
base::Result<SomeId> id_param(const Call& call, const char* what) {
  const std::string& text = call.param("id");
  const base::Result<SomeId> id = SomeId::parse(text);
  if (!id || id->is_nil())
    return base::invalid(std::string(what) +
                         " lookup failed: " + (id ? "the id is empty" : id.error().message));
  return *id;
}

/// A boolean parameter: absent is `otherwise`, bare or "true"/"1" is true. Errors: invalid.
base::Result<bool> flag(const Call& call, const char* name, bool otherwise);

/// The parameter `cas`: the index that what is written must still have. Errors: invalid.
base::Result<std::optional<std::uint64_t>> expected_index(const Call& call);

/// An answer with this body.
Answer json_answer(const json::Value& value);

/// The body as an object. Errors: invalid ("Request body is empty", or where the JSON is broken).
base::Result<json::Value> body_object(const Call& call);

}  // namespace caravan::api
