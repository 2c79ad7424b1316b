// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>
#include <gtest/gtest.h>

#include "api/audited.hpp"
#include "base/text.hpp"
#include "json/reader.hpp"
#include "sim/world.hpp"

namespace caravan::api {
namespace {

using namespace std::chrono_literals;

const std::string key(32, 'k');

http::Request request_for(const std::string& target) {
  http::Request request;
  request.method = "GET";
  request.target = target;
  request.path = target.substr(0, target.find('?'));
  if (const std::size_t query = target.find('?'); query != std::string::npos)
    request.query = http::Query::parse(target.substr(query + 1)).value();
  request.peer = {"10.0.0.9", 5000, false};
  request.headers.add("X-Token", "s3cr3t-token");
  return request;
}

TEST(AuditEntry, says_who_asked_for_what_and_what_became_of_it) {
  http::Request request = request_for("/v1/jobs?namespace=dev&prefix=w");
  request.headers.add("User-Agent", "curl/8");
  AuditEvent event;
  event.time = base::Instant::from_seconds(1'700'000'000);
  event.asked = &request;
  event.agent = "n1";
  event.token = "s3cr3t-token";
  const json::Value received = json::parse(audit_entry(event, key)).value();
  EXPECT_EQ(*received.at("created_at").as_string(), "2023-11-14T22:13:20Z");
  EXPECT_EQ(*received.at("event_type").as_string(), "audit");
  const json::Value& payload = received.at("payload");
  EXPECT_EQ(*payload.at("stage").as_string(), "OperationReceived");
  EXPECT_EQ(*payload.at("request").at("operation").as_string(), "GET");
  EXPECT_EQ(*payload.at("request").at("endpoint").as_string(), "/v1/jobs");
  EXPECT_EQ(*payload.at("request").at("namespace").at("id").as_string(), "dev");
  EXPECT_EQ(*payload.at("request").at("request_meta").at("remote_address").as_string(),
            "10.0.0.9:5000");
  EXPECT_EQ(*payload.at("request").at("request_meta").at("user_agent").as_string(), "curl/8");
  EXPECT_EQ(*payload.at("request").at("parameters").at("prefix").as_string(), "w");
  EXPECT_TRUE(payload.at("response").is_null());
  event.stage = AuditStage::complete;
  event.status = 403;
  event.error = "Permission denied";
  const json::Value complete = json::parse(audit_entry(event, key)).value();
  EXPECT_EQ(*complete.at("payload").at("stage").as_string(), "OperationComplete");
  EXPECT_EQ(*complete.at("payload").at("response").at("status_code").as_int(), 403);
  EXPECT_EQ(*complete.at("payload").at("response").at("error").as_string(), "Permission denied");
}

TEST(AuditEntry, has_no_secret_in_it) {
  const http::Request request =
      request_for("/v1/kv/a?token=s3cr3t-token&code=s3cr3t-code&index=7&pretty");
  AuditEvent event;
  event.asked = &request;
  event.token = "s3cr3t-token";
  const std::string entry = audit_entry(event, key);
  EXPECT_EQ(entry.find("s3cr3t"), std::string::npos) << entry;
  const std::string hashed = audit_hmac(key, "s3cr3t-token");
  EXPECT_TRUE(hashed.starts_with("hmac-sha256:"));
  EXPECT_NE(hashed, audit_hmac(std::string(32, 'l'), "s3cr3t-token"));
  const json::Value payload = json::parse(entry)->at("payload");
  EXPECT_EQ(*payload.at("auth").at("token").as_string(), hashed);
  EXPECT_EQ(*payload.at("request").at("parameters").at("token").as_string(), hashed);
  EXPECT_EQ(*payload.at("request").at("parameters").at("index").as_string(), "7");
}

TEST(AuditEntry, a_line_stays_one_line) {
  http::Request request = request_for("/v1/x?a=b%0Ac");
  request.headers.add("User-Agent", "evil\nagent\x01");
  AuditEvent event;
  event.asked = &request;
  const std::string entry = audit_entry(event, key);
  EXPECT_EQ(entry.find('\n'), std::string::npos);
  EXPECT_TRUE(json::parse(entry));
}

TEST(AuditFilter, leaves_out_what_matches_all_three) {
  const AuditFilter metrics{{"/v1/metrics", "/v1/agent/*"}, {"*"}, {"GET"}};
  EXPECT_TRUE(metrics.matches("/v1/metrics", "OperationReceived", "GET"));
  EXPECT_TRUE(metrics.matches("/v1/agent/self", "OperationComplete", "GET"));
  EXPECT_FALSE(metrics.matches("/v1/agent/self", "OperationComplete", "PUT"));
  EXPECT_FALSE(metrics.matches("/v1/jobs", "OperationReceived", "GET"));
  EXPECT_TRUE((AuditFilter{{}, {"OperationReceived"}, {}}).matches("/", "OperationReceived", "X"));
}

class AuditLogTest : public testing::Test {
 protected:
  using Script = std::function<void(AuditLog&)>;

  void run(const Script& script, std::vector<AuditFilter> filters = {}) {
    host.boot([&](sim::Host&, io::World& io) -> io::Task<void> {
      auto log =
          AuditLog::open(io, {sink}, filters, key, "n1", io::Logger(io.log, io.clock, "audit"));
      EXPECT_TRUE(log) << log.error().message;
      if (log) script(**log);
      co_return;
    });
    world.run_for(1s);
    host.kill();
  }
  std::vector<std::string> files() {
    std::vector<std::string> names;
    host.boot([&](sim::Host&, io::World& io) -> io::Task<void> {
      for (const io::FileInfo& file : io.disk.list("/audit").value())
        names.push_back(file.name);
      co_return;
    });
    world.run_for(1s);
    host.kill();
    return names;
  }
  std::string content() { return (*host.disk.open("/audit/audit.log", false))->bytes; }

  sim::World world{1};
  sim::Host& host = world.add_host("a");
  AuditSink sink{.path = "/audit/audit.log"};
};

TEST_F(AuditLogTest, goes_on_where_it_ended) {
  for (const char* entry : {"one", "two"})
    run([&](AuditLog& log) { EXPECT_TRUE(log.write(entry)); });
  EXPECT_EQ(content(), "one\ntwo\n");
}

TEST_F(AuditLogTest, half_of_an_entry_does_not_spoil_the_next_one) {
  host.boot([&](sim::Host&, io::World& io) -> io::Task<void> {
    EXPECT_TRUE(io.disk.make_dirs("/audit", 0700));
    EXPECT_TRUE(io.disk.write_file("/audit/audit.log", "one\nhal", 0600, -1, -1));
    co_return;
  });
  world.run_for(1s);
  host.kill();
  run([&](AuditLog& log) { EXPECT_TRUE(log.write("two")); });
  EXPECT_EQ(content(), "one\nhal\ntwo\n");
}

TEST_F(AuditLogTest, full_files_are_put_aside_and_the_oldest_deleted) {
  sink.rotate_bytes = 10;
  sink.files_max = 2;
  for (int i = 0; i < 5; ++i)
    run([&](AuditLog& log) {
      for (int line = 0; line < 2; ++line)
        EXPECT_TRUE(log.write("entry"));
    });
  EXPECT_EQ(content(), "entry\n");
  EXPECT_EQ(files().size(), 3u);
}

TEST_F(AuditLogTest, an_old_file_is_put_aside) {
  sink.rotate_after = 24h;
  host.boot([&](sim::Host&, io::World& io) -> io::Task<void> {
    const auto log =
        AuditLog::open(io, {sink}, {}, key, "n1", io::Logger(io.log, io.clock, "audit")).value();
    EXPECT_TRUE(log->write("monday"));
    co_await io.clock.sleep(24h);
    EXPECT_TRUE(log->write("tuesday"));
    EXPECT_TRUE(log->write("tuesday"));
  });
  world.run_for(25h);
  host.kill();
  EXPECT_EQ(content(), "tuesday\ntuesday\n");
  EXPECT_EQ(files().size(), 2u);
}

TEST_F(AuditLogTest, what_cannot_be_written_is_an_error_only_where_that_is_enforced) {
  host.disk.capacity = 8;
  run([&](AuditLog& log) {
    EXPECT_TRUE(log.write("four"));
    EXPECT_FALSE(log.write("does not fit"));
    host.disk.capacity = 100;
    EXPECT_TRUE(log.write("fits"));
  });
  EXPECT_EQ(content(), "four\nfits\n");
  sink.enforced = false;
  host.disk.capacity = 12;
  run([&](AuditLog& log) { EXPECT_TRUE(log.write("does not fit")); });
}

/// Answers with what it was sent.
class Kept : public http::Responder {
 public:
  io::Task<base::Status> send(http::Response response) override {
    sent.push_back(std::move(response));
    co_return base::Status();
  }
  io::Task<base::Status> begin(http::Response head) override { return send(std::move(head)); }
  io::Task<base::Status> write(std::string_view) override { co_return base::Status(); }
  io::Task<base::Status> end() override { co_return base::Status(); }
  io::Task<base::Result<io::Stream*>> upgrade(http::Headers, std::string&) override {
    co_return nullptr;
  }
  io::Task<void> hung_up() override { co_return; }
  std::vector<http::Response> sent;
};

class AuditedTest : public AuditLogTest {
 protected:
  AuditedTest() {
    face.token_of = [](const http::Request& request) { return header_token(request, "X-Token"); };
    face.refusal = [](const base::Error& error) {
      return http::plain_error(status_of(error.code), error.message);
    };
  }
  std::vector<json::Value> entries() {
    std::vector<json::Value> found;
    for (const std::string& line : base::split(content(), '\n'))
      if (!line.empty()) found.push_back(json::parse(line)->at("payload"));
    return found;
  }

  Face face;
  acl::Gate gate;
  http::Request request = request_for("/v1/jobs");
  Kept kept;
};

TEST_F(AuditedTest, beginning_and_end_have_one_request_id) {
  host.boot([&](sim::Host&, io::World& io) -> io::Task<void> {
    const auto log =
        AuditLog::open(io, {sink}, {}, key, "n1", io::Logger(io.log, io.clock, "audit")).value();
    Audited audited(*log, face, gate, request, kept);
    EXPECT_TRUE(audited.begin_request());
    http::Response refusal = http::plain_error(404, "job not found");
    (void)co_await audited.send(std::move(refusal));
    audited.end_request();
  });
  world.run_for(1s);
  const std::vector<json::Value> found = entries();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].at("request").at("id"), found[1].at("request").at("id"));
  EXPECT_NE(found[0].at("id"), found[1].at("id"));
  EXPECT_EQ(*found[1].at("response").at("status_code").as_int(), 404);
  EXPECT_EQ(*found[1].at("response").at("error").as_string(), "job not found");
}

TEST_F(AuditedTest, a_request_nobody_waited_for_has_an_end_too) {
  host.boot([&](sim::Host&, io::World& io) -> io::Task<void> {
    const auto log =
        AuditLog::open(io, {sink}, {}, key, "n1", io::Logger(io.log, io.clock, "audit")).value();
    Audited audited(*log, face, gate, request, kept);
    EXPECT_TRUE(audited.begin_request());
    audited.end_request();
    co_return;
  });
  world.run_for(1s);
  ASSERT_EQ(entries().size(), 2u);
  EXPECT_EQ(*entries()[1].at("response").at("error").as_string(), "the client went away");
}

TEST_F(AuditedTest, an_answer_that_is_not_written_down_is_not_given) {
  host.boot([&](sim::Host&, io::World& io) -> io::Task<void> {
    const auto log =
        AuditLog::open(io, {sink}, {}, key, "n1", io::Logger(io.log, io.clock, "audit")).value();
    Audited audited(*log, face, gate, request, kept);
    EXPECT_TRUE(audited.begin_request());
    host.disk.capacity = 0;
    EXPECT_FALSE(Audited(*log, face, gate, request, kept).begin_request());
    http::Response response;
    response.body = "secret";
    (void)co_await audited.send(std::move(response));
  });
  world.run_for(1s);
  ASSERT_EQ(kept.sent.size(), 1u);
  EXPECT_EQ(kept.sent[0].status, 500);
  EXPECT_TRUE(kept.sent[0].body.starts_with("the audit log cannot be written, and is enforced"))
      << kept.sent[0].body;
}

}  // namespace
}  // namespace caravan::api
