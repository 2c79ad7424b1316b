// SPDX-License-Identifier: Apache-2.0
#include "dns/answers.hpp"

#include <gtest/gtest.h>

#include "dns/message.hpp"
#include "dns/names.hpp"
#include "state/store.hpp"

namespace caravan::dns {
namespace {

using model::Health;

class AnswersTest : public ::testing::Test {
 protected:
  AnswersTest() {
    wire::ChangeCatalog change;
    wire::CatalogPut& put = change.put.emplace_back();
    put.node.name = "n1";
    put.node.address = "127.0.0.1";
    put.node.meta = {{"consul-network-segment", ""}};
    put.services = {service("web1", "web", {"v1", "urlprefix-/web"}, "95.217.186.98", 23708),
                    service("web2", "web", {"v2"}, "95.217.186.98", 20533),
                    service("web3", "web", {"v2"}, "", 20764),
                    service("hostsvc", "hostsvc", {}, "backend.example.com", 80),
                    service("v6", "v6", {}, "2001:db8::5", 80)};
    put.services[0].weights.passing = 5;
    put.checks = {check("c1", "web1", Health::passing), check("c2", "web2", Health::warning),
                  check("c3", "web3", Health::critical)};
    store_.apply(1, wire::encode_command({.time_ns = 1, .body = std::move(change)}));
    tables_ = *store_.snapshot();
    state::Change own(tables_, 2, 0);
    for (const char* ns : {"default", "prod"}) {
      auto shop = std::make_shared<model::ServiceRegistration>();
      shop->id = shop->service_name = "shop";
      shop->ns = ns;
      shop->tags = {"Blue"};
      shop->address = ns == std::string("prod") ? "10.0.0.2" : "10.0.0.1";
      shop->port = 23000;
      own.put(state::Ref<model::ServiceRegistration>(shop));
    }
  }
  static model::CatalogService service(const std::string& id, const std::string& name,
                                       std::vector<std::string> tags, const std::string& address,
                                       int port) {
    model::CatalogService service;
    service.id = id;
    service.name = name;
    service.tags = std::move(tags);
    service.address = address;
    service.port = port;
    return service;
  }
  static model::CatalogCheck check(const std::string& id, const std::string& of, Health health) {
    model::CatalogCheck check;
    check.id = id;
    check.service_id = of;
    check.status = health;
    return check;
  }
  Reply ask(const std::string& name, Type type) {
    Question question;
    question.name = name;
    question.type = type;
    Source source{tables_, settings_, visible_, 7, [this](std::size_t) { return chance_; }};
    source.answers_max = answers_max_;
    return answer(question, source);
  }
  /// "type data" of each, in order.
  static std::vector<std::string> shown(const std::vector<Record>& records) {
    std::vector<std::string> all;
    for (const Record& record : records)
      all.push_back(fmt::format("{} {}{}", static_cast<int>(record.type),
                                record.type == Type::srv ? fmt::format("{} {} {} ", record.priority,
                                                                       record.weight, record.port)
                                                         : "",
                                record.data));
    return all;
  }
  using Lines = std::vector<std::string>;

  state::Store store_;
  state::Tables tables_;
  Settings settings_;
  std::size_t chance_ = 0, answers_max_ = 100;
  Visible visible_;
};

TEST_F(AnswersTest, an_address_that_instances_share_is_told_once) {
  EXPECT_EQ(shown(ask("web.service.consul.", Type::a).answers), Lines({"1 95.217.186.98"}));
  EXPECT_EQ(shown(ask("WEB.Service.dc1.Consul.", Type::a).answers), Lines({"1 95.217.186.98"}));
  EXPECT_TRUE(ask("web.service.consul.", Type::aaaa).answers.empty());
  EXPECT_EQ(ask("web.service.consul.", Type::aaaa).code, Code::ok);
  EXPECT_EQ(shown(ask("v6.service.consul.", Type::aaaa).answers), Lines({"28 2001:db8::5"}));
}

TEST_F(AnswersTest, srv_names_each_instance_with_its_weight_and_what_is_critical_is_not_told) {
  const Reply reply = ask("web.service.consul.", Type::srv);
  EXPECT_EQ(shown(reply.answers), Lines({"33 1 5 23708 5fd9ba62.addr.dc1.consul.",
                                         "33 1 1 20533 5fd9ba62.addr.dc1.consul."}));
  EXPECT_EQ(shown(reply.additional), Lines({"1 95.217.186.98", "16 consul-network-segment=",
                                            "1 95.217.186.98", "16 consul-network-segment="}));
  settings_.only_passing = true;
  EXPECT_EQ(ask("web.service.consul.", Type::srv).answers.size(), 1u);
}

TEST_F(AnswersTest, chance_says_which_are_told_when_not_all_fit) {
  answers_max_ = 1;
  EXPECT_EQ(shown(ask("web.service.consul.", Type::srv).answers),
            Lines({"33 1 5 23708 5fd9ba62.addr.dc1.consul."}));
  chance_ = 1;
  EXPECT_EQ(shown(ask("web.service.consul.", Type::srv).answers),
            Lines({"33 1 1 20533 5fd9ba62.addr.dc1.consul."}));
}

TEST_F(AnswersTest, tags_and_the_forms_of_rfc_2782) {
  const Lines one = {"33 1 5 23708 5fd9ba62.addr.dc1.consul."};
  EXPECT_EQ(shown(ask("v1.web.service.consul.", Type::srv).answers), one);
  EXPECT_EQ(shown(ask("_web._v1.service.consul.", Type::srv).answers), one);
  EXPECT_EQ(ask("_web._tcp.service.consul.", Type::srv).answers.size(), 2u);
  EXPECT_EQ(ask("_web._tcp.consul.", Type::srv).answers.size(), 2u);
  EXPECT_EQ(ask("v9.web.service.consul.", Type::srv).code, Code::no_such_name);
}

TEST_F(AnswersTest, a_service_behind_a_name_is_an_alias_of_it) {
  EXPECT_EQ(shown(ask("hostsvc.service.consul.", Type::a).answers),
            Lines({"5 backend.example.com."}));
  EXPECT_EQ(shown(ask("hostsvc.service.consul.", Type::srv).answers),
            Lines({"33 1 1 80 backend.example.com."}));
}

TEST_F(AnswersTest, a_prepared_query_is_a_name_with_its_own_time_to_live) {
  auto query = std::make_shared<model::PreparedQuery>();
  query->id.bytes[15] = 1;
  query->name = "Near";
  query->service.service = "web";
  query->service.tags = {"v1"};
  query->dns.ttl = "10s";
  state::Change(tables_, 2, 0).put(state::Ref<model::PreparedQuery>(query));
  for (const char* name : {"near.query.consul.", "near.query.dc1.consul.", "_near._tcp.query.consul.",
                           "00000000-0000-0000-0000-000000000001.query.consul."}) {
    const Reply reply = ask(name, Type::srv);
    EXPECT_EQ(shown(reply.answers), Lines({"33 1 5 23708 5fd9ba62.addr.dc1.consul."})) << name;
    EXPECT_EQ(shown(reply.additional), Lines({"1 95.217.186.98", "16 consul-network-segment="}));
    for (const Record& record : reply.additional)
      EXPECT_EQ(record.ttl, 10U);
  }
  EXPECT_EQ(shown(ask("near.query.consul.", Type::a).answers), Lines({"1 95.217.186.98"}));
  auto any = std::make_shared<model::PreparedQuery>(*query);
  any->name = "any";
  any->id.bytes[15] = 2;
  any->service.tags = {};
  any->service.near = "elsewhere";
  state::Change(tables_, 3, 0).put(state::Ref<model::PreparedQuery>(any));
  EXPECT_EQ(ask("any.query.consul.", Type::srv).answers.size(), 2U);
  EXPECT_EQ(ask("far.query.consul.", Type::a).code, Code::no_such_name);
  EXPECT_EQ(ask("near.query.dc2.consul.", Type::a).code, Code::no_such_name);
}

TEST_F(AnswersTest, a_name_of_another_datacenter_says_so) {
  const auto other = [&](const std::string& name) { return datacenter_asked(settings_, name); };
  for (const char* name : {"web.service.dc2.consul.", "n.n.node.dc2.consul.", "q.query.DC2.consul.",
                           "7f000001.addr.dc2.consul.", "v1.web.service.dc2.dc.consul."})
    EXPECT_EQ(other(name), "dc2") << name;
  for (const char* name :
       {"web.service.consul.", "web.service.dc1.consul.", "web.service.dc1.dc.consul.", "consul.",
        "web.other.dc2.consul.", "service.dc2.consul.", "dc2.consul.", "web.service.dc2.nomad.",
        "1.0.0.127.in-addr.arpa.", "_web._tcp.consul."})
    EXPECT_EQ(other(name), "") << name;
  EXPECT_EQ(other("web.service.dc.consul."), "dc");
  EXPECT_EQ(shown(ask("v6.service.dc1.dc.consul.", Type::aaaa).answers),
            Lines({"28 2001:db8::5"}));
}

TEST_F(AnswersTest, a_query_that_finds_nothing_here_looks_elsewhere_if_it_says_so) {
  auto query = std::make_shared<model::PreparedQuery>();
  query->id.bytes[15] = 1;
  query->name = "q";
  query->token = "its own";
  query->service.service = "none";
  query->service.failover.datacenters = {"dc2"};
  query->dns.ttl = "10s";
  const auto put = [&] {
    state::Change(tables_, 2, 0).put(
        state::Ref<model::PreparedQuery>(std::make_shared<model::PreparedQuery>(*query)));
  };
  put();
  Question question;
  question.name = "q.query.consul.";
  question.type = Type::srv;
  Source source{tables_, settings_, visible_, 7, [](std::size_t) { return 0; }};
  const auto unfound = unfound_query(question, source);
  ASSERT_TRUE(unfound);
  EXPECT_EQ(unfound->query, query->service);
  EXPECT_EQ(unfound->secret, "its own");

  const std::vector<catalog::Instance> there = catalog::instances(tables_, "web");
  const catalog::Fallback found{"dc2", {there[0]}, 1}, nothing{"", {}, 1};
  source.fallback = &found;
  const Reply reply = answer(question, source);
  EXPECT_EQ(shown(reply.answers), Lines({"33 1 5 23708 5fd9ba62.addr.dc2.consul."}));
  EXPECT_EQ(reply.answers[0].ttl, 10U);
  EXPECT_EQ(reply.additional[1].name, "n1.node.dc2.consul.");
  source.fallback = &nothing;
  EXPECT_EQ(answer(question, source).code, Code::no_such_name);

  source.fallback = nullptr;
  query->service.service = "web";
  put();
  EXPECT_FALSE(unfound_query(question, source)) << "there is something here";
  query->service.service = "none";
  query->service.failover = {};
  put();
  EXPECT_FALSE(unfound_query(question, source)) << "it wants no other datacenter";
  question.name = "web.service.consul.";
  EXPECT_FALSE(unfound_query(question, source)) << "it is no query";
}

TEST_F(AnswersTest, nodes_addresses_and_the_way_back) {
  const Reply node = ask("n1.node.consul.", Type::a);
  EXPECT_EQ(shown(node.answers), Lines({"1 127.0.0.1"}));
  EXPECT_EQ(shown(node.additional), Lines({"16 consul-network-segment="}));
  EXPECT_EQ(ask("n1.node.dc1.consul.", Type::any).answers.size(), 2u);
  EXPECT_EQ(shown(ask("5fd9ba62.addr.dc1.consul.", Type::a).answers), Lines({"1 95.217.186.98"}));
  EXPECT_EQ(shown(ask("20010db8000000000000000000000005.addr.consul.", Type::aaaa).answers),
            Lines({"28 2001:db8::5"}));
  EXPECT_EQ(shown(ask("1.0.0.127.in-addr.arpa.", Type::ptr).answers),
            Lines({"12 n1.node.dc1.consul."}));
  EXPECT_EQ(shown(ask("98.186.217.95.in-addr.arpa.", Type::ptr).answers),
            Lines({"12 web.service.dc1.consul."}));
}

TEST_F(AnswersTest, what_is_not_there_has_no_such_name_and_says_who_knows) {
  for (const char* name : {"nosuch.service.consul.", "web.service.dc9.consul.", "x.consul.",
                           "none.node.consul.", "xyz.addr.consul.", "service.consul."}) {
    const Reply reply = ask(name, Type::a);
    EXPECT_EQ(reply.code, Code::no_such_name) << name;
    ASSERT_EQ(reply.authority.size(), 1u) << name;
    EXPECT_EQ(reply.authority[0].type, Type::soa);
    EXPECT_EQ(reply.authority[0].serial, 7u);
  }
  EXPECT_FALSE(is_ours(settings_, "example.com."));
  EXPECT_FALSE(is_ours(settings_, "notconsul."));
}

TEST_F(AnswersTest, nonsense_is_answered_too) {
  for (const char* name : {"..consul.", ".service.consul.", "_.service.consul.", "a..b.consul.",
                           "\\000.service.consul.", ".in-addr.arpa.", "x.ip6.arpa."})
    if (is_ours(settings_, name)) EXPECT_NE(ask(name, Type::a).code, Code::ok) << name;
}

TEST_F(AnswersTest, services_that_only_jobs_have_are_below_a_domain_of_their_own) {
  EXPECT_EQ(shown(ask("shop.service.nomad.", Type::a).answers),
            std::vector<std::string>{"1 10.0.0.1"});
  EXPECT_EQ(shown(ask("blue.shop.service.prod.ns.nomad.", Type::a).answers),
            std::vector<std::string>{"1 10.0.0.2"});
  const Reply reply = ask("_shop._tcp.nomad.", Type::srv);
  ASSERT_EQ(reply.answers.size(), 1u);
  EXPECT_EQ(reply.answers[0].port, 23000);
  EXPECT_EQ(reply.answers[0].data, "0a000001.addr.nomad.");
  EXPECT_EQ(shown(reply.additional), std::vector<std::string>{"1 10.0.0.1"});
  EXPECT_EQ(shown(ask("0a000001.addr.nomad.", Type::a).answers),
            std::vector<std::string>{"1 10.0.0.1"});
  const Reply none = ask("red.shop.service.nomad.", Type::a);
  EXPECT_EQ(none.code, Code::no_such_name);
  ASSERT_EQ(none.authority.size(), 1u);
  EXPECT_EQ(none.authority[0].name, "nomad.");
  settings_.native_domain.clear();
  EXPECT_FALSE(is_ours(settings_, "shop.service.nomad."));
}

TEST_F(AnswersTest, what_strangers_may_not_see_is_not_there) {
  visible_.service = [](const std::string& name) { return name == "web"; };
  EXPECT_FALSE(ask("web.service.consul.", Type::a).answers.empty());
  EXPECT_EQ(ask("v6.service.consul.", Type::aaaa).code, Code::no_such_name);
  visible_.node = [](const std::string&) { return false; };
  EXPECT_EQ(ask("web.service.consul.", Type::a).code, Code::no_such_name);
  EXPECT_EQ(ask("n1.node.consul.", Type::a).code, Code::no_such_name);
  EXPECT_TRUE(ask("1.0.0.127.in-addr.arpa.", Type::ptr).answers.empty());
  visible_.ns = [](const std::string& ns) { return ns == "prod"; };
  EXPECT_EQ(ask("shop.service.nomad.", Type::a).code, Code::no_such_name);
  EXPECT_EQ(ask("shop.service.prod.ns.nomad.", Type::a).code, Code::ok);
}

}  // namespace
}  // namespace caravan::dns
