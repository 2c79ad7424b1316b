// SPDX-License-Identifier: Apache-2.0
// The ingress of one machine, put together: what is registered becomes routes, routes become the
// data plane's, and what came of it is shown at a port for operators.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>

#include "http/server.hpp"
#include "ingress/catalog_feed.hpp"
#include "ingress/certificate_store.hpp"
#include "ingress/data_plane.hpp"

namespace caravan::ingress {

struct Places {
  std::string folder;   // for all that the data plane needs; it outlives this process
  std::string program;  // HAProxy, "": where it usually is
  io::Address admin;    // port 0: no page for operators
  bool admin_is_open = false;  // to others than this machine; `/health` always is
  CertificateSources certificates;
};

/// The names that tags want the ingress itself to have in the registry, whenever they or its
/// health change. Client lane.
using Offer = std::function<void(std::set<std::string> names, bool is_up)>;

class Ingress {
 public:
  /// References outlive it.
  Ingress(io::World& world, Settings settings, Places places, Ask ask, Offer offer,
          io::Logger log);
  ~Ingress();
  /// Errors: not_found (no HAProxy), invalid, io (the admin's address is in use). Main lane.
  io::Task<base::Status> start();
  /// `with_data_plane`: what is under way may end, then nobody answers any more; else it goes on
  /// without us.
  io::Task<void> stop(bool with_data_plane);

 private:
  struct Shown;
  io::Task<void> begin();
  io::Task<void> halt(bool with_data_plane);
  io::Task<void> look_after_certificates();
  void take(std::vector<Instance> instances);
  void show();
  void offer_names();
  std::shared_ptr<const Shown> shown() const;
  io::Task<void> answer(const http::Request& request, http::Responder& responder);
  io::Task<http::Response> page(const http::Request& request);
  io::Task<http::Response> metrics();

  io::World& world_;
  const Settings settings_;
  const Places places_;
  const Offer offer_;
  io::Logger log_;
  CertificateStore store_;
  std::unique_ptr<DataPlane> plane_;
  CatalogFeed feed_;
  RoutingTable table_;                   // client lane
  std::pair<std::set<std::string>, bool> offered_;  // client lane
  std::unique_ptr<io::TaskGroup> tasks_;  // client lane
  std::unique_ptr<http::Server> admin_;
  mutable std::mutex mutex_;  // guards shown_
  std::shared_ptr<const Shown> shown_;
};

}  // namespace caravan::ingress
