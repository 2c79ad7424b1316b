// SPDX-License-Identifier: Apache-2.0
#include "api/once.hpp"

#include <gtest/gtest.h>

namespace caravan::api {
namespace {

http::Request put(std::string target, std::string body) {
  http::Request request;
  request.method = "PUT";
  request.target = target;
  request.path = target.substr(0, target.find('?'));
  if (const std::size_t at = target.find('?'); at != std::string::npos)
    request.query = http::Query::parse(target.substr(at + 1)).value();
  request.body = std::move(body);
  return request;
}

TEST(OnceId, is_of_the_key_the_caller_and_the_whole_request) {
  const base::Uuid id = once_id(put("/v1/kv/a?cas=1", "x"), "key", "token");
  EXPECT_EQ(id, once_id(put("/v1/kv/a?cas=1", "x"), "key", "token"));
  EXPECT_NE(id, once_id(put("/v1/kv/a?cas=1", "x"), "key2", "token"));
  EXPECT_NE(id, once_id(put("/v1/kv/a?cas=1", "x"), "key", "another"));
  EXPECT_NE(id, once_id(put("/v1/kv/a?cas=2", "x"), "key", "token"));
  EXPECT_NE(id, once_id(put("/v1/kv/a?cas=1", "y"), "key", "token"));
}

TEST(Question, is_asked_in_the_name_of_the_caller) {
  http::Request request = put("/v1/kv/a%20b?cas=1&token=secret", "x");
  request.headers.add("X-Nomad-Token", "t");
  request.headers.add("Content-Length", "1");
  const Once once{"key", once_id(request, "key", "t"), 17};
  const http::Request question = question_about(request, once);
  EXPECT_EQ(question.method, "GET");
  EXPECT_EQ(question.path, "/v1/agent/request/" + once.id.to_string());
  EXPECT_EQ(question.query.get("since"), "17");
  EXPECT_EQ(question.query.get("of"), "/v1/kv/a%20b");
  EXPECT_EQ(question.headers.get("X-Nomad-Token"), "t");
  EXPECT_EQ(question.headers.get("X-Consul-Token"), "secret");
  EXPECT_FALSE(question.headers.contains("Content-Length"));
  EXPECT_EQ(question.body, "");
}

}  // namespace
}  // namespace caravan::api
