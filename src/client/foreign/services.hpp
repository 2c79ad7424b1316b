// SPDX-License-Identifier: Apache-2.0
// What this node offers, registered at a Consul agent beside it, and kept in step there: told again
// when it was forgotten, and taken away when nobody here has it any more. Client lane.
#pragma once

#include "client/foreign/agent.hpp"
#include "client/host.hpp"
#include "io/task.hpp"

namespace caravan::client {

/// As the API takes it; checks whose result is told from here have a TTL there.
struct ForeignService {
  std::string id;
  json::Object definition;
  struct Result {
    std::string status, output;
    base::Duration again{0};  // so often it is told, whether it changed or not
    friend bool operator==(const Result&, const Result&) = default;
  };
  std::map<std::string, Result> results;  // by check
};

/// Pure.
std::vector<ForeignService> foreign_services(const CatalogShare& share);
/// The same of a service without checks.
json::Object foreign_definition(const model::CatalogService& service);

class ForeignServices {
 public:
  /// References outlive it.
  ForeignServices(io::World& world, ForeignAgent& agent, io::Logger log);

  void start();
  /// Takes what `own` had away; what tasks have stays, as they go on.
  io::Task<void> stop();
  /// All that `owner` offers from now on.
  void set(const std::string& owner, std::vector<ForeignService> services);
  /// The owner that goes when this agent does.
  static constexpr const char* own = "agent";

 private:
  struct Told {
    json::Object definition;
    std::map<std::string, ForeignService::Result> results;
    std::map<std::string, base::Duration> at;  // of results
  };
  io::Task<void> keep_in_step();
  io::Task<base::Status> compare();
  io::Task<base::Status> tell_all();
  io::Task<base::Status> tell(const ForeignService& service);
  io::Task<base::Status> tell_results(const ForeignService& service);
  io::Task<base::Status> take_away(std::string id);
  std::map<std::string, ForeignService> wanted() const;

  io::World& world_;
  ForeignAgent& agent_;
  io::Logger log_;
  std::map<std::string, std::vector<ForeignService>> by_owner_;
  std::map<std::string, Told> told_;
  base::Duration started_{0}, compared_{0};
  io::Event changed_;
  io::TaskGroup tasks_;
};

}  // namespace caravan::client
