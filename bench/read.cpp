// SPDX-License-Identifier: Apache-2.0
// Reads over HTTP from a real agent: the list of 3,000 jobs, one job, the instances of a large
// service, how soon the last of a thousand that wait for a job hears of its change, and jobs
// registered.
#include <csignal>
#include <filesystem>
#include <fstream>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/core.h>

#include "bench/cases.hpp"
#include "bench/http_load.hpp"
#include "bench/site.hpp"

namespace caravan::bench {
namespace {

constexpr std::uint16_t port = 24'646;
constexpr int readers = 64, instances = 1'000;
constexpr double seconds = 3;

/// `caravan agent -dev` from beside this program.
class Agent {
 public:
  Agent() {
    const std::filesystem::path binary =
        std::filesystem::read_symlink("/proc/self/exe").parent_path() / "caravan";
    if (!std::filesystem::exists(binary)) wrong(binary.string() + " is not built");
    const std::string config = folder_.path() + "/agent.hcl";
    std::ofstream(config) << fmt::format(
        "ports {{ http = {}\n rpc = {}\n serf = {} }}\n"
        "limits {{ http_max_conns_per_client = 10000 }}\n"
        "server {{ heartbeat_grace = \"300s\" }}\n"
        "client {{ cpu_total_compute = 1000000 }}\n",
        port, port + 1, port + 2);
    pid_ = ::fork();
    if (pid_ != 0) return;
    const std::string log = folder_.path() + "/log";
    (void)!freopen(log.c_str(), "w", stdout);
    (void)!freopen(log.c_str(), "w", stderr);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::execl(binary.c_str(), "caravan", "agent", "-dev", "-config", config.c_str(), nullptr);
    ::_exit(1);
  }
  ~Agent() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

 private:
  Folder folder_;
  pid_t pid_ = 0;
};

std::string group(int count, const std::string& service) {
  return fmt::format(
      R"({{"Name":"app","Count":{},"EphemeralDisk":{{"SizeMB":10}},{}"Tasks":[{{"Name":"t",)"
      R"("Driver":"mock_driver","Config":{{"run_for":"1h"}},"Resources":{{"CPU":1,"MemoryMB":10}},)"
      R"("LogConfig":{{"MaxFiles":1,"MaxFileSizeMB":1}}}}]}})",
      count,
      service.empty()
          ? ""
          : fmt::format(R"("Services":[{{"Name":"{}","Provider":"nomad"}}],)", service));
}

std::string job(const std::string& id, const std::string& group, int change = 0) {
  return fmt::format(R"({{"Job":{{"ID":"{}","Meta":{{"change":"{}"}},"TaskGroups":[{}]}}}})", id,
                     change, group);
}

void put_job(HttpLoad& http, const std::string& id, const std::string& group, int change = 0) {
  const HttpLoad::Answer answer = http.ask("PUT", "/v1/jobs", job(id, group, change));
  if (answer.status != 200) wrong("a job is refused: " + answer.body);
}

template <class Done>
void until(const char* what, Done done) {
  for (const double limit = now() + 60; !done(); ::usleep(20'000))
    if (now() > limit) wrong(fmt::format("{} did not come", what));
}

void report(const Options& options, const std::string& name, int connections,
            const Samples& samples, double took) {
  Report report;
  report.name = name;
  report.nodes = 1;
  report.placed = static_cast<long>(samples.size());
  report.count = connections;
  report.seconds = took;
  report.steps = samples;
  print(report, options);
}

void measure(const Options& options, HttpLoad& http, const std::string& name, int connections,
             const std::function<std::string()>& next_request) {
  if (!options.only.empty() && options.only != name) return;
  (void)http.load(next_request, connections, 0.3);
  const double begin = now();
  const Samples samples = http.load(next_request, connections, seconds);
  report(options, "read " + name, connections, samples, now() - begin);
}

void measure(const Options& options, HttpLoad& http, const std::string& name,
             const std::string& target) {
  measure(options, http, name, readers,
          [request = HttpLoad::request_for("GET", target)] { return request; });
}

/// Every request a new job.
void measure_register(const Options& options, HttpLoad& http, int connections) {
  int number = 0;
  measure(options, http, "register", connections, [&] {
    const std::string id = fmt::format("new-{}-{}", connections, ++number);
    return HttpLoad::request_for("PUT", "/v1/jobs", job(id, group(0, "")));
  });
}

void watch(const Options& options, HttpLoad& http) {
  if (!options.only.empty() && options.only != "watchers") return;
  for (int run = 1; run <= options.runs; ++run) {
    const std::uint64_t index = http.ask("GET", "/v1/job/job-1").index;
    const Samples samples =
        http.wake(fmt::format("/v1/job/job-1?index={}", index), options.count.value_or(1'000),
                  [&] { put_job(http, "job-1", group(0, ""), run); });
    report(options, "read watchers", static_cast<int>(samples.size()), samples,
           samples.quantile(1));
  }
}

}  // namespace

void run_read(const Options& options) {
  const Agent agent;
  HttpLoad http(port);
  until("the agent's first answer", [&] { return http.ask("GET", "/v1/regions").status == 200; });
  until("a leader", [&] { return http.ask("GET", "/v1/status/leader").body.size() > 4; });
  const int jobs = options.jobs.value_or(3'000);
  for (int n = 0; n < jobs; ++n)
    put_job(http, fmt::format("job-{}", n), group(0, ""));
  measure(options, http, "jobs", "/v1/jobs");
  measure(options, http, "job", "/v1/job/job-1");
  watch(options, http);
  measure_register(options, http, 1);
  measure_register(options, http, readers);
  if (!options.only.empty() && options.only != "service") return;
  put_job(http, "large", group(instances, "large"));
  until("every instance", [&] {
    const std::string body = http.ask("GET", "/v1/service/large").body;
    return std::ranges::count(body, '{') >= instances;
  });
  measure(options, http, "service", "/v1/service/large");
}

}  // namespace caravan::bench
