// SPDX-License-Identifier: Apache-2.0
// From a question and a snapshot to the answer: names of services, nodes and addresses below our
// domain, and addresses the other way round. Pure, but for the order of what has none.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalog/failover.hpp"
#include "dns/record.hpp"
#include "state/tables.hpp"

namespace caravan::dns {

struct Settings {
  std::string domain = "consul.";        // in small letters, with its dot
  std::string native_domain = "nomad.";  // of services that only jobs have; "": none
  std::string datacenter = "dc1";
  std::uint32_t node_ttl = 0;                        // seconds, as all below
  std::map<std::string, std::uint32_t> service_ttl;  // by name; "*" for all others
  bool only_passing = false;
  int a_record_limit = 0;  // 0: none
  bool node_meta_txt = true;
  std::uint32_t soa_refresh = 3600, soa_retry = 600, soa_expire = 86400, soa_minimum = 0;
};

/// Whether a name is ours to answer. The names of addresses (in-addr.arpa) are when we know them.
bool is_ours(const Settings& settings, const std::string& name);

/// What whoever shows no token may see: nobody can show one by DNS. What is not set hides nothing.
struct Visible {
  using Named = std::function<bool(const std::string& name)>;
  Named node, service, ns;  // a namespace hides its native services
};

/// What the answer is made of besides the question.
struct Source {
  const state::Tables& tables;
  const Settings& settings;
  const Visible& visible;
  std::uint32_t serial = 0;                       // the time, in seconds
  std::function<std::size_t(std::size_t)> below;  // a number below another one, by chance
  /// What the token of this secret may see, in whose name a prepared query may be executed; not
  /// set: all of it.
  std::function<Visible(const std::string& secret)> visible_to = {};
  /// Of a service's instances no more are told: they do not fit into the packet.
  std::size_t answers_max = std::numeric_limits<std::size_t>::max();
  /// When set, what the query that is asked has found elsewhere, which is answered with.
  const catalog::Fallback* fallback = nullptr;
};

/// A query that finds nothing here and wants other datacenters to be asked, in the name of whom.
struct Unfound {
  model::QueryService query;
  std::string secret;  // its own; "": that of who asks
};
/// Nothing for any other question. Of a name that is_ours().
std::optional<Unfound> unfound_query(const Question& question, const Source& source);

/// Of a name that is_ours(). An address whose name nobody knows has no such name.
Reply answer(const Question& question, const Source& source);

}  // namespace caravan::dns
