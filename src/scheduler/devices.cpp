// SPDX-License-Identifier: Apache-2.0
#include "scheduler/devices.hpp"

#include <cstdlib>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::scheduler {
namespace {

constexpr const char* ids_target = "${device.ids}";

bool is_target(const std::string& text) { return text.starts_with("${") && text.ends_with("}"); }

bool is_set_operand(const std::string& op) { return op.starts_with("set_contains"); }

bool compares_texts(const std::string& op) {
  return op == "regexp" || op == "version" || op == "semver" || is_set_operand(op);
}

model::DeviceAttribute of_text(std::string text) {
  model::DeviceAttribute attribute;
  attribute.text = std::move(text);
  return attribute;
}

std::string ids_of(const model::NodeDeviceResource& devices) {
  std::vector<std::string> ids;
  for (const model::NodeDevice& instance : devices.instances)
    ids.push_back(instance.id);
  return base::join(ids, ",");
}

/// What "${device.…}" is of a group; nothing when it does not have it.
std::optional<model::DeviceAttribute> resolve(const std::string& target,
                                              const model::NodeDeviceResource& devices) {
  const std::string_view name = std::string_view(target).substr(2, target.size() - 3);
  if (name == "device.vendor") return of_text(devices.vendor);
  if (name == "device.type") return of_text(devices.type);
  if (name == "device.model") return of_text(devices.name);
  if (name == "device.ids") return of_text(ids_of(devices));
  constexpr std::string_view prefix = "device.attr.";
  if (!name.starts_with(prefix)) return {};
  const auto found = devices.attributes.find(std::string(name.substr(prefix.size())));
  if (found == devices.attributes.end()) return {};
  return found->second;
}

bool holds_order(int order, const std::string& op) {
  if (op == "=" || op == "==" || op == "is") return order == 0;
  if (op == "!=" || op == "not") return order != 0;
  if (op == "<") return order < 0;
  if (op == "<=") return order <= 0;
  if (op == ">") return order > 0;
  return op == ">=" && order >= 0;
}

}  // namespace

bool DeviceChoice::Rule::holds(const model::NodeDeviceResource& devices) const {
  const auto value = [&](const std::string& side) {
    return is_target(side) ? resolve(side, devices) : std::optional(model::parse_attribute(side));
  };
  const std::optional<model::DeviceAttribute> a = value(left);
  if (operand == "is_set") return a.has_value();
  if (operand == "is_not_set") return !a.has_value();
  const std::optional<model::DeviceAttribute> b =
      is_target(right) ? resolve(right, devices) : std::optional(literal);
  if (operand == "!=" || operand == "not") {
    if (!a || !b) return a.has_value() != b.has_value();
  } else if (!a || !b) {
    return false;
  }
  if (compares_texts(operand)) {
    const std::string text = model::to_string(*a);
    return comparison ? comparison->holds(text)
                      : Comparison(operand, model::to_string(*b)).holds(text);
  }
  const std::optional<int> order = model::compare(*a, *b);
  return order && holds_order(*order, operand);
}

bool DeviceChoice::Request::may_be(const model::NodeDeviceResource& devices) const {
  if (name.type != devices.type) return false;
  if (!name.vendor.empty() && name.vendor != devices.vendor) return false;
  if (!name.name.empty() && name.name != devices.name) return false;
  return std::ranges::all_of(constraints, [&](const Rule& r) { return r.holds(devices); });
}

bool DeviceChoice::Request::names(const std::string& id) const {
  return std::ranges::all_of(constraints, [&](const Rule& rule) {
    if (rule.left != ids_target || !is_set_operand(rule.operand)) return true;
    const std::vector<std::string> named = base::split(rule.right, ',');
    return std::ranges::any_of(named,
                               [&](const std::string& one) { return base::trim(one) == id; });
  });
}

DeviceChoice::Rule DeviceChoice::rule(const std::string& left, const std::string& operand,
                                      const std::string& right) {
  Rule rule{left, operand, right, nullptr, {}};
  if (is_target(right)) return rule;
  rule.literal = model::parse_attribute(right);
  if (compares_texts(operand)) rule.comparison = std::make_shared<Comparison>(operand, right);
  return rule;
}

DeviceChoice::DeviceChoice(const model::TaskGroup& group) {
  for (const model::Task& task : group.tasks)
    for (const model::RequestedDevice& device : task.resources.devices) {
      Request& request = requests_.emplace_back();
      request.task = task.name;
      request.text =
          device.count == 1 ? device.name : fmt::format("{} {}", device.count, device.name);
      request.name = model::parse_device_name(device.name).value_or(model::DeviceName());
      request.count = device.count;
      for (const model::Constraint& c : device.constraints) {
        request.constraints.push_back(rule(c.left, c.operand, c.right));
        names_instances_ = names_instances_ || c.left == ids_target || c.right == ids_target;
      }
      for (const model::Affinity& a : device.affinities) {
        request.affinities.push_back(rule(a.left, a.operand, a.right));
        request.affinities.back().weight = a.weight;
        affinity_weights_ += std::abs(a.weight);
        names_instances_ = names_instances_ || a.left == ids_target || a.right == ids_target;
      }
    }
  for (std::size_t i = 0; i < requests_.size(); ++i)
    requests_[i].place = i;
  std::ranges::sort(requests_, [](const Request& a, const Request& b) {
    const auto says = [](const Request& r) {
      return std::tuple(!r.name.name.empty(), !r.name.vendor.empty(), r.constraints.size());
    };
    return says(a) != says(b) ? says(a) > says(b) : a.place < b.place;
  });
}

std::string DeviceChoice::describe() const {
  std::vector<std::string> texts;
  for (const Request& request : requests_)
    texts.push_back(request.text);
  return base::join(texts, ", ");
}

/// The first instances that are free and well, if there are enough.
std::optional<model::AllocatedDevice> DeviceChoice::take(const Request& request,
                                                         const model::NodeDeviceResource& devices,
                                                         const std::vector<std::string>& held,
                                                         const std::vector<std::string>& taken) {
  model::AllocatedDevice given{request.task, devices.vendor, devices.type, devices.name, {}, {}};
  const std::string group = model::device_group(devices);
  for (const model::NodeDevice& instance : devices.instances) {
    if (static_cast<std::int64_t>(given.ids.size()) == request.count) break;
    if (!instance.healthy || !request.names(instance.id)) continue;
    const std::string key = model::device_key(group, instance.id);
    if (std::ranges::binary_search(held, key) || std::ranges::find(taken, key) != taken.end())
      continue;
    given.ids.push_back(instance.id);
  }
  if (static_cast<std::int64_t>(given.ids.size()) < request.count) return {};
  return given;
}

std::optional<DeviceChoice::Given> DeviceChoice::choose(
    const model::Node& node, const std::vector<std::string>& held) const {
  Given all;
  std::vector<std::string> taken;
  for (const Request& request : requests_) {
    std::optional<model::AllocatedDevice> best;
    int best_affinity = 0;
    for (const model::NodeDeviceResource& devices : node.resources.devices) {
      if (!request.may_be(devices)) continue;
      int affinity = 0;
      for (const Rule& rule : request.affinities)
        if (rule.holds(devices)) affinity += rule.weight;
      if (best && affinity <= best_affinity) continue;
      std::optional<model::AllocatedDevice> given = take(request, devices, held, taken);
      if (!given) continue;
      best = std::move(given);
      best_affinity = affinity;
    }
    if (!best) return {};
    for (const std::string& id : best->ids)
      taken.push_back(model::device_key(model::device_group(*best), id));
    all.affinity += best_affinity;
    all.devices.push_back(*std::move(best));
  }
  return all;
}

}  // namespace caravan::scheduler
