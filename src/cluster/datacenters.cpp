// SPDX-License-Identifier: Apache-2.0
#include "cluster/datacenters.hpp"

#include <algorithm>
#include <set>

namespace caravan::cluster {

std::vector<std::string> other_datacenters(const View& view) {
  std::set<std::string> others, ours;
  for (const Member& member : view.members) {
    if (view.is_ours(member))
      ours.insert(member.info.datacenter);
    else if (member.status != MemberStatus::left && !member.info.datacenter.empty())
      others.insert(member.info.datacenter);
  }
  std::vector<std::string> all;
  std::ranges::set_difference(others, ours, std::back_inserter(all));
  return all;
}

std::vector<rpc::Whom> servers_in(const View& view, std::string_view datacenter) {
  std::vector<rpc::Whom> all;
  for (const Member& member : view.members) {
    if (member.info.datacenter != datacenter) continue;
    if (view.is_ours(member)) return {};
    if (member.status == MemberStatus::alive) all.push_back(member.whom());
  }
  const auto first = std::ranges::min_element(all, {}, &rpc::Whom::region);
  const std::string region = first == all.end() ? "" : first->region;
  std::erase_if(all, [&](const rpc::Whom& whom) { return whom.region != region; });
  return all;
}

}  // namespace caravan::cluster
