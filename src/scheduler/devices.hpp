// SPDX-License-Identifier: Apache-2.0
// Which of a node's devices one more copy of a group would get. Each request of its tasks is served
// by instances of one group of devices: of those that match and have enough left, the one whose
// attributes match the request's affinities best. Requests that say more choose first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/allocation.hpp"
#include "scheduler/constraint.hpp"

namespace caravan::scheduler {

class DeviceChoice {
 public:
  struct Given {
    std::vector<model::AllocatedDevice> devices;
    int affinity = 0;  // the weights of the affinities that match
  };

  /// The group outlives it.
  explicit DeviceChoice(const model::TaskGroup& group);

  /// Nothing is asked for.
  bool is_empty() const { return requests_.empty(); }
  /// "nvidia/gpu, 2 xilinx/fpga": what is asked for, in words.
  std::string describe() const;
  /// The node has all that, whoever holds it now.
  bool could_serve(const model::Node& node) const { return choose(node, {}).has_value(); }
  /// `held`: device_key of the instances that are taken, sorted. Nothing when there are too few
  /// left. Pure.
  std::optional<Given> choose(const model::Node& node, const std::vector<std::string>& held) const;
  /// The sum of the affinities' weights, without their signs; 0 when there are none.
  int affinity_weights() const { return affinity_weights_; }
  /// A constraint names instances, which nodes of one class do not share.
  bool names_instances() const { return names_instances_; }

 private:
  /// One comparison with what a group of devices says of itself.
  struct Rule {
    std::string left, operand, right;
    std::shared_ptr<const Comparison> comparison;  // for what compares texts
    model::DeviceAttribute literal;                // `right`, when it is no "${…}"
    int weight = 0;                                // of an affinity
    bool holds(const model::NodeDeviceResource& devices) const;
  };
  struct Request {
    std::string task, text;
    model::DeviceName name;
    std::int64_t count = 1;
    std::size_t place = 0;  // in the job
    std::vector<Rule> constraints, affinities;
    bool may_be(const model::NodeDeviceResource& devices) const;
    /// The instance is one of those that the constraints on ids name.
    bool names(const std::string& id) const;
  };

  static Rule rule(const std::string& left, const std::string& operand, const std::string& right);
  static std::optional<model::AllocatedDevice> take(const Request& request,
                                                    const model::NodeDeviceResource& devices,
                                                    const std::vector<std::string>& held,
                                                    const std::vector<std::string>& taken);

  std::vector<Request> requests_;  // those that say more first
  int affinity_weights_ = 0;
  bool names_instances_ = false;
};

}  // namespace caravan::scheduler
