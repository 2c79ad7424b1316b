// SPDX-License-Identifier: Apache-2.0
#include "scenarios/story.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/core.h>

#include "base/text.hpp"
#include "jobspec/jobspec.hpp"
#include "scenarios/site.hpp"
#include "sim/sim_node.hpp"

namespace caravan::scenarios {
namespace {

constexpr std::uint64_t seed = 1;
constexpr const char* end_of_file = ".";

class Story {
 public:
  std::string retell(const std::string& text) {
    std::string told;
    lines_ = base::split(text, '\n');
    bool answer = false;
    for (at_ = 0; at_ < lines_.size(); ++at_) {
      const std::string line = lines_[at_];
      if (!line.starts_with("> ")) {
        if (line.empty() || line.starts_with("#")) answer = false;
        if (!answer) told += line + "\n";
        continue;
      }
      told += line + "\n";
      for (const std::string& said : obey(line.substr(2), told))
        told += said + "\n";
      answer = true;
    }
    while (told.ends_with("\n\n"))
      told.pop_back();
    return told;
  }

 private:
  using Lines = std::vector<std::string>;

  Lines obey(const std::string& line, std::string& told) {
    std::vector<std::string> words = base::split(line, ' ');
    const std::string verb = words[0];
    const std::string what = words.size() > 1 ? words[1] : "";
    if (verb == "node") return add_node(words);
    if (verb == "run") return run(told);
    if (verb == "promote" || verb == "pause" || verb == "resume" || verb == "fail")
      return said(site_.act_on_deployment(what, verb));
    if (verb == "well" || verb == "unwell") return said(site_.judge(what, verb == "well"));
    if (verb == "stop") return said(site_.stop(what));
    if (verb == "pass") return pass(what);
    if (verb == "cut") return site_.cut(what), Lines();
    if (verb == "heal") return site_.heal(what), Lines();
    if (verb == "crash") return site_.crash(what), Lines();
    if (verb == "boot") return site_.boot(what), Lines();
    if (verb == "ineligible") return said(site_.set_eligible(what, false));
    if (verb == "eligible") return said(site_.set_eligible(what, true));
    if (verb == "drain") return said(site_.drain(what, base::parse_duration(words.at(2)).value()));
    if (verb == "preempt") return said(site_.preempt({words.begin() + 1, words.end()}));
    if (verb == "force") return said(site_.force(what));
    if (verb == "dispatch") return dispatch(words);
    if (verb == "gc") return said(site_.collect());
    if (verb == "outage") return site_.outage(base::parse_duration(what).value()), Lines();
    if (verb == "children") return children(what);
    if (verb == "nodes") return nodes();
    if (verb == "job") return job(what);
    if (verb == "allocs") return allocs(what);
    if (verb == "evals") return evals(what);
    if (verb == "deployment") return deployment(what);
    if (verb == "devices") return devices(what);
    if (verb == "events") return events(what);
    if (verb == "services") return services();
    if (verb == "processes") return processes();
    throw std::logic_error(fmt::format("line {}: what is \"{}\"?", at_ + 1, verb));
  }

  static Lines said(const std::string& text) {
    return text.empty() ? Lines() : base::split(text, '\n');
  }

  /// node NAME key=value …: class, dc, pool, cpu, memory, meta.KEY, volume=NAME,
  /// device=VENDOR/TYPE/NAME:COUNT
  Lines add_node(const std::vector<std::string>& words) {
    model::Node node = sim::make_node(words.at(1), fmt::format("10.0.0.{}", ++nodes_ + 1));
    node.datacenter = "dc1";
    for (std::size_t i = 2; i < words.size(); ++i) {
      const std::size_t equals = words[i].find('=');
      const std::string key = words[i].substr(0, equals), value = words[i].substr(equals + 1);
      if (key == "class")
        node.node_class = value;
      else if (key == "dc")
        node.datacenter = value;
      else if (key == "pool")
        node.node_pool = value;
      else if (key == "cpu")
        node.resources.cpu.shares = static_cast<int>(number(value));
      else if (key == "memory")
        node.resources.memory.mb = static_cast<int>(number(value));
      else if (key == "volume")
        node.host_volumes[value] = {"/srv/" + value, false, "", {}};
      else if (key == "device")
        node.resources.devices.push_back(device(words.at(1), value));
      else if (key.starts_with("meta."))
        node.meta[key.substr(5)] = value;
      else
        throw std::logic_error(fmt::format("line {}: what is {}?", at_ + 1, key));
    }
    site_.add_node(std::move(node));
    return {};
  }

  /// VENDOR/TYPE/NAME:COUNT, with ids that name the node.
  static model::NodeDeviceResource device(const std::string& node, const std::string& text) {
    const std::size_t colon = text.rfind(':');
    const model::DeviceName name = model::parse_device_name(text.substr(0, colon)).value();
    model::NodeDeviceResource group{name.vendor, name.type, name.name, {}, {}, {}};
    for (long long i = 0; i < number(text.substr(colon + 1)); ++i)
      group.instances.push_back({fmt::format("{}-{}", node, i), true, "", {}, {}});
    return group;
  }

  static long long number(const std::string& text) { return base::parse_int(text).value(); }

  /// The file follows, up to a line with one dot.
  Lines run(std::string& told) {
    std::string source;
    while (++at_ < lines_.size() && lines_[at_] != end_of_file) {
      source += lines_[at_] + "\n";
      told += lines_[at_] + "\n";
    }
    told += std::string(end_of_file) + "\n";
    jobspec::ParseInput input;
    input.source = source;
    const jobspec::Parsed parsed = jobspec::parse(input);
    if (!parsed.job) return said(std::string(base::trim(parsed.diagnostics.render())));
    return said(site_.submit(*parsed.job, source));
  }

  Lines services() {
    Lines lines;
    site_.state()->services.each([&](const auto&, const auto& service) {
      lines.push_back(fmt::format("{} of {}: {}", service->service_name,
                                  site_.state()->alloc(service->alloc_id)->name(),
                                  base::join(service->tags, " ")));
    });
    std::ranges::sort(lines);
    return lines;
  }

  /// What runs on the machines, whatever the servers know.
  Lines processes() {
    Lines lines;
    for (const sim::Ledger::Entry& entry : site_.processes().live) {
      const auto alloc = site_.state()->alloc(base::AllocId::parse(entry.alloc).value());
      lines.push_back(fmt::format("{} of {} on {}", entry.task, alloc->name(),
                                  site_.node_name(alloc->node_id)));
    }
    std::ranges::sort(lines);
    return lines;
  }

  Lines pass(const std::string& time) {
    site_.pass(base::parse_duration(time).value());
    return {};
  }

  /// dispatch JOB key=value …: metadata, and `payload`, `token` and `prefix`
  Lines dispatch(const std::vector<std::string>& words) {
    server::DispatchRequest request;
    for (std::size_t i = 2; i < words.size(); ++i) {
      const std::size_t equals = words[i].find('=');
      const std::string key = words[i].substr(0, equals), value = words[i].substr(equals + 1);
      if (key == "payload")
        request.payload = value;
      else if (key == "token")
        request.idempotency_token = value;
      else if (key == "prefix")
        request.id_prefix = value;
      else
        request.meta[key] = value;
    }
    return said(site_.dispatch(words.at(1), std::move(request)));
  }

  Lines children(const std::string& id) {
    const state::Snapshot state = site_.state();
    Lines lines;
    for (const auto& child : state->children_of({"default", id}))
      lines.push_back(fmt::format("{} {}", child->id, model::name_of(child->status)));
    if (const auto summary = state->summary({"default", id}))
      lines.push_back(fmt::format("{} pending, {} running, {} dead", summary->children.pending,
                                  summary->children.running, summary->children.dead));
    return lines;
  }

  Lines nodes() {
    Lines lines;
    site_.state()->nodes.each([&](const auto&, const auto& node) {
      lines.push_back(fmt::format("{} {}{}{}", node->name, model::name_of(node->status),
                                  node->eligible ? "" : " ineligible",
                                  node->drain ? " draining" : ""));
    });
    std::ranges::sort(lines);
    return lines;
  }

  Lines job(const std::string& id) {
    const state::Ref<model::Job> job = site_.state()->job({"default", id});
    if (!job) return {"there is no such job"};
    return {fmt::format("{} {} version {}{}{}", model::name_of(job->type),
                        model::name_of(job->status), job->version, job->stable ? ", stable" : "",
                        job->stop ? ", stopped" : "")};
  }

  Lines allocs(const std::string& id) {
    auto list = site_.state()->allocs_of_job({"default", id});
    // Those of one plan come in no order of their own.
    const auto place = [&](const auto& alloc) {
      return std::tuple(alloc->name(), alloc->create_index, site_.node_name(alloc->node_id));
    };
    std::ranges::sort(list, {}, place);
    Lines lines;
    for (const auto& alloc : list) {
      const state::Ref<model::Allocation> winner = site_.state()->alloc(alloc->preempted_by);
      const std::string why =
          winner ? "Preempted by " + winner->name() : alloc->desired_description;
      const std::string reason = why.empty() ? "" : " (" + why + ")";
      lines.push_back(fmt::format(
          "{} v{} on {}: wanted {}{}, is {}{}", alloc->name(), alloc->job->version,
          site_.node_name(alloc->node_id), model::name_of(alloc->desired_status), reason,
          model::name_of(alloc->client_status), alloc->is_canary() ? ", a canary" : ""));
    }
    return lines;
  }

  /// Who has which.
  Lines devices(const std::string& id) {
    Lines lines;
    for (const auto& alloc : site_.state()->allocs_of_job({"default", id}))
      for (const model::AllocatedDevice& given : alloc->devices)
        if (!alloc->client_terminal())
          lines.push_back(fmt::format("{} {}: {} {}", alloc->name(), given.task,
                                      model::device_group(given), base::join(given.ids, ",")));
    std::ranges::sort(lines);
    return lines;
  }

  Lines evals(const std::string& id) {
    auto list = site_.state()->evals_of_job({"default", id});
    std::ranges::sort(list, {}, [](const auto& eval) { return eval->create_index; });
    Lines lines;
    for (const auto& eval : list) {
      lines.push_back(fmt::format("{}: {}", eval->triggered_by, model::name_of(eval->status)));
      for (const auto& [group, metric] : eval->failed_groups)
        for (const std::string& why : reasons(metric))
          lines.push_back(fmt::format("  {}: {}", group, why));
    }
    return lines;
  }

  static Lines reasons(const model::AllocMetric& metric) {
    Lines lines;
    for (const auto& [what, count] : metric.constraint_filtered)
      lines.push_back(fmt::format("{} filtered by {}", count, what));
    for (const auto& [what, count] : metric.dimension_exhausted)
      lines.push_back(fmt::format("{} exhausted: {}", count, what));
    if (metric.nodes_evaluated == 0) lines.emplace_back("no node was looked at");
    return lines;
  }

  Lines deployment(const std::string& id) {
    auto list = site_.state()->deployments_of_job({"default", id});
    std::ranges::sort(list, {}, [](const auto& d) { return d->create_index; });
    Lines lines;
    for (const auto& d : list) {
      lines.push_back(fmt::format("v{} {}: {}", d->job_version, model::name_of(d->status),
                                  d->status_description));
      for (const auto& [group, state] : d->groups)
        lines.push_back(fmt::format("  {}: {} wanted, {} placed, {} healthy, {} unhealthy", group,
                                    state.desired_total, state.placed_allocs, state.healthy_allocs,
                                    state.unhealthy_allocs) +
                        canaries(state));
    }
    return lines;
  }

  static std::string canaries(const model::DeploymentState& state) {
    if (state.desired_canaries == 0) return "";
    return fmt::format(", {}/{} canaries{}", state.placed_canaries.size(), state.desired_canaries,
                       state.promoted ? ", promoted" : "");
  }

  /// The tasks' stories of all allocations of a job.
  Lines events(const std::string& id) {
    auto list = site_.state()->allocs_of_job({"default", id});
    std::ranges::sort(list, {}, [](const auto& alloc) { return alloc->create_index; });
    Lines lines;
    for (const auto& alloc : list)
      for (const auto& [task, state] : alloc->task_states)
        for (const model::TaskEvent& event : state.events)
          lines.push_back(
              fmt::format("{} {}: {}: {}", alloc->name(), task, event.type, event.display_message));
    return lines;
  }

  Site site_{seed};
  Lines lines_;
  std::size_t at_ = 0;
  int nodes_ = 0;
};

}  // namespace

std::string retell(const std::string& text) { return Story().retell(text); }

}  // namespace caravan::scenarios
