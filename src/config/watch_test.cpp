// SPDX-License-Identifier: Apache-2.0
#include "config/watch.hpp"

#include <gtest/gtest.h>

#include "config/consul_form.hpp"
#include "config/watch_definition.hpp"
#include "model/user_event.hpp"

namespace caravan::config {
namespace {

using Shows = WatchQuestion::Shows;

struct Read {
  std::vector<WatchDefinition> watches;
  std::string wrong;
};

Read read(const std::string& file, const std::string& text) {
  ConsulForm form;
  hcl::Diagnostics diagnostics;
  apply(form, file, text, diagnostics);
  if (diagnostics.has_errors()) return {{}, diagnostics.render()};
  Read result;
  std::vector<KeyProblem> problems;
  result.watches = watch_definitions(form.watches, problems);
  for (const KeyProblem& problem : problems)
    result.wrong += (result.wrong.empty() ? "" : "; ") + problem.key + ": " + problem.what;
  return result;
}

std::string refusal(const std::string& entry) {
  return read("a.hcl", "watches = [{" + entry + "}]").wrong;
}

TEST(Watches, StandInFilesOfBothForms) {
  const Read hcl = read("a.hcl", R"(
watches = [
  { type = "key", key = "a/b", handler_type = "script", args = ["/bin/on-change", "-v"] },
  { type = "service", service = "web", tag = "v1", passingonly = true, token = "t", datacenter = "dc2",
    handler_type = "http",
    http_handler_config = { path = "https://hook/x", method = "PUT", timeout = "5s",
                            header = { "X-One" = ["a", "b"] }, tls_skip_verify = true } },
])");
  EXPECT_EQ(hcl.wrong, "");
  const Read json = read("a.json", R"({"watches": [
    {"type": "key", "key": "a/b", "args": ["/bin/on-change", "-v"]},
    {"type": "service", "service": "web", "tag": ["v1"], "passingonly": true, "token": "t", "datacenter": "dc2",
     "handler_type": "http",
     "http_handler_config": {"path": "https://hook/x", "method": "PUT", "timeout": "5s",
                             "header": {"X-One": ["a", "b"]}, "tls_skip_verify": true}}]})");
  EXPECT_EQ(json.wrong, "");
  EXPECT_EQ(hcl.watches, json.watches);
  ASSERT_EQ(hcl.watches.size(), 2);
  const auto& hook = std::get<WatchHook>(hcl.watches[1].handler);
  EXPECT_EQ(hook.headers.size(), 2);
  EXPECT_EQ(hook.timeout, std::chrono::seconds(5));
}

TEST(Watches, AnOldHandlerIsALineForTheShell) {
  const Read old = read("a.json", R"({"watches": [{"type": "nodes", "handler": "cat > /tmp/x"}]})");
  ASSERT_EQ(old.watches.size(), 1);
  EXPECT_EQ(std::get<WatchScript>(old.watches[0].handler).args,
            (std::vector<std::string>{"/bin/sh", "-c", "cat > /tmp/x"}));
}

TEST(Watches, WhatIsWrongIsSaidWithItsPath) {
  EXPECT_EQ(refusal(R"(type = "key", args = ["x"])"),
            "watches[0]: Must specify key for watches of type key");
  EXPECT_TRUE(refusal(R"(type = "x", args = ["x"])").starts_with("watches[0]: Unsupported watch"));
  EXPECT_EQ(refusal(R"(type = "nodes")"),
            "watches[0].args: is needed: the program that is told, and its arguments");
  EXPECT_EQ(refusal(R"(type = "nodes", args = ["x"], keey = "a")"),
            "watches[0].keey: is nothing of a watch of type nodes");
  EXPECT_EQ(refusal(R"(type = "checks", state = "well", args = ["x"])"),
            "watches[0]: Invalid state \"well\": it is any, passing, warning or critical");
  EXPECT_EQ(refusal(R"(type = "nodes", handler_type = "http")"),
            "watches[0].http_handler_config: is needed for handlers of type http");
  EXPECT_EQ(refusal(R"(type = "nodes", handler_type = "http",
                       http_handler_config = { path = "ftp://x", timeout = "soon" })"),
            "watches[0].http_handler_config.path: \"ftp://x\" is no http:// or https:// address; "
            "watches[0].http_handler_config.timeout: \"soon\" is no duration up to 10m0s");
  EXPECT_EQ(refusal(R"(type = "nodes", args = [1])"),
            "watches[0].args: is no list of strings; watches[0].args: is needed: the program that is "
            "told, and its arguments");
}

TEST(Watching, HandsOnWhatIsAnotherThanBefore) {
  Watching keys(WatchQuestion{"/v1/kv/a", {}, Shows::first_row});
  const json::Value one = json::Array{json::Object{{"Key", "a"}}};
  EXPECT_EQ(keys.see({}, 3), "null");
  EXPECT_EQ(keys.index(), 3);
  EXPECT_EQ(keys.see(one, 5), R"({"Key":"a"})");
  EXPECT_FALSE(keys.see(one, 7));
  EXPECT_EQ(keys.index(), 7);
  EXPECT_FALSE(keys.see(one, 2));
  EXPECT_EQ(keys.index(), 0);
}

TEST(Watching, OfEventsOnlyTheNewOnesAreHandedOn) {
  const char* ids[] = {"11111111-0000-0000-0000-000000000001",
                       "22222222-0000-0000-0000-000000000002"};
  const auto index_of = [&](int i) { return model::user_event_index(*base::Uuid::parse(ids[i])); };
  const json::Value first = json::Array{json::Object{{"ID", ids[0]}}};
  const json::Value both = json::Array{json::Object{{"ID", ids[0]}}, json::Object{{"ID", ids[1]}}};
  Watching events(WatchQuestion{"/v1/event/list", {}, Shows::new_events});
  events.skip(first, index_of(0));
  EXPECT_FALSE(events.see(first, index_of(0)));
  events.lose_track();
  EXPECT_EQ(events.see(both, index_of(1)), R"([{"ID":"22222222-0000-0000-0000-000000000002"}])");
}

}  // namespace
}  // namespace caravan::config
