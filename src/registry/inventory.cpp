// SPDX-License-Identifier: Apache-2.0
#include "registry/inventory.hpp"

#include <algorithm>

namespace caravan::registry {

void Inventory::touch_service(const std::string& id) {
  touched_.services.insert(id);
  // Checks are told with the name and the tags of their service.
  const std::set<std::string>& own = own_checks_of(id);
  touched_.checks.insert(own.begin(), own.end());
}

void Inventory::put(model::CatalogService service) {
  const std::string id = service.id;
  service.node = node_;
  services_.insert_or_assign(id, std::move(service));
  touch_service(id);
}

OwnCheck& Inventory::put(CheckDefinition definition, base::Duration now) {
  const std::string id = definition.id;
  if (const auto before = checks_.find(id); before != checks_.end()) forget_check(before->second);
  const OwnCheck check(std::move(definition), now);
  const CheckDefinition& d = check.definition();
  checks_of_[d.service_id].insert(id);
  if (d.kind == CheckKind::alias) aliases_.insert(id);
  if (d.deregister_after.count() > 0) ending_.insert(id);
  touch_check(id);
  return checks_.insert_or_assign(id, check).first->second;
}

/// In what is found by something else than its id.
void Inventory::forget_check(const OwnCheck& check) {
  const CheckDefinition& d = check.definition();
  const auto of = checks_of_.find(d.service_id);
  of->second.erase(d.id);
  if (of->second.empty()) checks_of_.erase(of);
  aliases_.erase(d.id);
  ending_.erase(d.id);
}

bool Inventory::erase_check(const std::string& id) {
  const auto found = checks_.find(id);
  if (found == checks_.end()) return false;
  forget_check(found->second);
  checks_.erase(found);
  touch_check(id);
  return true;
}

bool Inventory::erase_service(const std::string& id) {
  if (services_.erase(id) == 0) return false;
  touch_service(id);
  for (const std::string& check : std::set<std::string>(own_checks_of(id)))
    erase_check(check);
  return true;
}

void Inventory::set_guests(const std::string& owner, std::vector<model::CatalogService> services,
                           std::vector<model::CatalogCheck> checks) {
  Touched& all = guests_[owner];
  touched_.services.insert(all.services.begin(), all.services.end());
  touched_.checks.insert(all.checks.begin(), all.checks.end());
  std::map<std::string, model::CatalogCheck> before;
  for (const std::string& id : all.services)
    guest_services_.erase(id);
  for (const std::string& id : all.checks)
    before.insert(guest_checks_.extract(id));
  all = {};
  for (model::CatalogCheck& check : checks) {
    check.node = node_;
    // Other words alone are not told, as of our own checks; the first ones are: a check that never
    // passed would not say why.
    const auto known = before.find(check.id);
    if (known != before.end() && known->second.status == check.status &&
        !known->second.output.empty())
      check.output = known->second.output;
    const auto service = std::ranges::find(services, check.service_id, &model::CatalogService::id);
    if (service == services.end()) continue;
    check.service_name = service->name;
    check.service_tags = service->tags;
    all.checks.insert(check.id);
    const std::string id = check.id;
    guest_checks_.insert_or_assign(id, std::move(check));
  }
  for (model::CatalogService& service : services) {
    service.node = node_;
    all.services.insert(service.id);
    const std::string id = service.id;
    guest_services_.insert_or_assign(id, std::move(service));
  }
  touched_.services.insert(all.services.begin(), all.services.end());
  touched_.checks.insert(all.checks.begin(), all.checks.end());
  if (all.services.empty() && all.checks.empty()) guests_.erase(owner);
}

OwnCheck* Inventory::own_check(const std::string& id) {
  const auto found = checks_.find(id);
  return found == checks_.end() ? nullptr : &found->second;
}

const std::set<std::string>& Inventory::own_checks_of(const std::string& service) const {
  static const std::set<std::string> none;
  const auto found = checks_of_.find(service);
  return found == checks_of_.end() ? none : found->second;
}

const model::CatalogService* Inventory::service(const std::string& id) const {
  if (const auto own = services_.find(id); own != services_.end()) return &own->second;
  const auto guest = guest_services_.find(id);
  return guest == guest_services_.end() ? nullptr : &guest->second;
}

std::optional<model::CatalogCheck> Inventory::check(const std::string& id, Words words) const {
  if (const auto guest = guest_checks_.find(id); guest != guest_checks_.end()) return guest->second;
  const auto own = checks_.find(id);
  if (own == checks_.end()) return {};
  model::CatalogCheck check =
      words == Words::told ? own->second.told(node_) : own->second.shown(node_);
  if (const auto service = services_.find(check.service_id); service != services_.end()) {
    check.service_name = service->second.name;
    check.service_tags = service->second.tags;
  }
  return check;
}

std::vector<model::CatalogCheck> Inventory::checks_of(const std::string& service) const {
  std::vector<model::CatalogCheck> all;
  for (const std::string& id : own_checks_of(service))
    all.push_back(*check(id, Words::newest));
  for (const auto& [id, check] : guest_checks_)
    if (check.service_id == service) all.push_back(check);
  return all;
}

std::map<std::string, model::CatalogService> Inventory::services() const {
  std::map<std::string, model::CatalogService> all = services_;
  all.insert(guest_services_.begin(), guest_services_.end());
  return all;
}

std::map<std::string, model::CatalogCheck> Inventory::checks(Words words) const {
  std::map<std::string, model::CatalogCheck> all = guest_checks_;
  for (const auto& [id, own] : checks_)
    all.emplace(id, *check(id, words));
  return all;
}

}  // namespace caravan::registry
