// SPDX-License-Identifier: Apache-2.0
#include "sim/supervisor_program.hpp"

#include <csignal>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

struct Spec {
  std::string network_namespace;
  std::vector<std::string> argv, env;
  std::string of(const std::string& name) const {
    for (const std::string& pair : env)
      if (pair.starts_with(name + "=")) return pair.substr(name.size() + 1);
    return "";
  }
};

Spec parse_spec(const std::string& bytes) {
  const std::vector<std::string> fields = base::split(bytes, '\0');
  std::size_t at = 7;  // "2", dir, log prefix, log files, log bytes, uid, gid
  const auto list = [&] {
    std::vector<std::string> items(std::stoul(fields.at(at++)));
    for (std::string& item : items)
      item = fields.at(at++);
    return items;
  };
  Spec spec;
  spec.network_namespace = fields.at(at++);
  (void)list();  // cgroups
  spec.argv = list();
  spec.env = list();
  return spec;
}

struct Run {
  Run(Process& process, Ledger& ledger)
      : process(process), ledger(ledger), changed(process.life->executor) {}
  ~Run() { leave(); }
  Process& process;
  Ledger& ledger;
  io::Event changed;
  std::list<Ledger::Entry>::iterator entry = ledger.live.end();
  std::vector<std::shared_ptr<io::Stream>> listeners;
  bool stubborn = false, ended = false, told = false;
  int code = 0, signal = 0;

  void leave() {
    if (entry != ledger.live.end()) ledger.live.erase(entry);
    entry = ledger.live.end();
  }
  void end(int with_code, int with_signal) {
    if (ended) return;
    ended = true;
    code = with_code;
    signal = with_signal;
    leave();
    changed.notify();
  }
  void take(int number) {
    if (!stubborn || number == SIGKILL) end(0, number);
  }
};
using RunPtr = std::shared_ptr<Run>;

void end_after(const RunPtr& run, base::Duration delay, int code, int signal) {
  const std::weak_ptr<Run> weak = run;
  run->process.life->after(delay, [weak, code, signal] {
    if (const RunPtr still = weak.lock()) still->end(code, signal);
  });
}

std::string answer(const RunPtr& run, const std::string& line) {
  const std::vector<std::string> words = base::split(line, ' ');
  const auto number = [&](std::size_t i) { return i < words.size() ? std::stoi(words[i]) : 0; };
  const io::ProcessId& id = run->process.id;
  if (words[0] == "hello") {
    const std::string us = fmt::format("hello 1 {} {} ", id.pid, id.start_ticks);
    return us + (run->ended ? fmt::format("exited {} {}\n", run->code, run->signal) : "running\n");
  }
  if (words[0] == "signal" || words[0] == "stop") {
    run->take(number(1));
    if (words[0] == "stop") end_after(run, std::chrono::milliseconds(number(2)), 0, SIGKILL);
    return "ok\n";
  }
  return "error unknown command\n";
}

io::Task<void> serve(RunPtr run, std::shared_ptr<io::Stream> stream) {
  std::string heard;
  char buffer[256];
  for (;;) {
    const auto n = co_await stream->read_some(buffer);
    if (!n || *n == 0) co_return;
    heard.append(buffer, *n);
    for (std::size_t end; (end = heard.find('\n')) != std::string::npos;) {
      const std::string line = heard.substr(0, end);
      heard.erase(0, end + 1);
      const std::string said = answer(run, line);
      const base::Status written = co_await stream->write(said);
      if (!written) co_return;
      if (line.starts_with("hello") && !run->told) run->listeners.push_back(stream);
    }
  }
}

io::Task<void> accept_all(RunPtr run, std::shared_ptr<io::Listener> listener) {
  for (;;) {
    auto stream = co_await listener->accept();
    if (!stream) co_return;
    run->process.life->tasks.spawn(serve(run, std::move(*stream)));
  }
}

void begin(const RunPtr& run, const Spec& spec) {
  const std::string& what = spec.argv.at(0);
  const std::string& network = spec.network_namespace;
  if (!network.empty() && !run->ledger.is_network(network) && run->ledger.violation.empty())
    run->ledger.violation = fmt::format("a task is started in {}, which is not whole", network);
  run->stubborn = what == "/sim/stubborn";
  run->entry = run->ledger.add({spec.of("NOMAD_ALLOC_ID"), spec.of("NOMAD_TASK_NAME"),
                                spec.of("NOMAD_JOB_ID"), spec.of("GENERATION")});
  if (what != "/sim/run") return;
  const auto length = base::parse_duration(spec.argv.at(1));
  end_after(run, length.value_or(base::Duration(1s)), std::stoi(spec.argv.at(2)), 0);
}

io::Task<int> supervise(Process& process, Ledger& ledger) {
  io::World& io = process.world();
  const std::string folder = process.program.argv.at(1);
  const base::Result<std::string> bytes = io.disk.read_file(folder + "/spec");
  if (!bytes) co_return 2;
  const Spec spec = parse_spec(*bytes);
  const base::Duration slow = io.random.jitter(base::Duration(1ms), 20);
  co_await io.clock.sleep(slow);  // fork and exec
  const base::Result<bool> claimed = io.disk.create_exclusively(folder + "/claim");
  if (!claimed || !*claimed) co_return claimed ? 0 : 1;
  auto listener = co_await io.network.listen(io::Address::unix_socket(folder + "/socket"));
  if (!listener) {
    (void)co_await io.disk.replace_file(folder + "/error", "cannot open the socket\n", 0600);
    co_return 1;
  }
  const auto run = std::make_shared<Run>(process, ledger);
  begin(run, spec);
  process.life->tasks.spawn(accept_all(run, std::move(*listener)));
  const auto wall = [&io] { return io.clock.now().unix_ns; };
  const std::string started =
      fmt::format("1 started {} {} {}\n", process.id.pid, process.id.start_ticks, wall());
  (void)co_await io.disk.replace_file(folder + "/state", started, 0600);
  while (!run->ended)
    co_await process.life->wait(run->changed);
  const std::string over = fmt::format("1 exited {} {} {}\n", run->code, run->signal, wall());
  (void)co_await io.disk.replace_file(folder + "/state", over, 0600);
  run->told = true;
  const std::string farewell = fmt::format("exit {} {}\n", run->code, run->signal);
  for (const auto& stream : run->listeners)
    (void)co_await stream->write(farewell);
  const base::Duration drain = io.random.jitter(base::Duration(1ms), 100);
  co_await io.clock.sleep(drain);
  (void)io.disk.remove(folder + "/socket");
  co_return 0;
}

}  // namespace

std::list<Ledger::Entry>::iterator Ledger::add(Entry entry) {
  for (const Entry& other : live)
    if (other.alloc == entry.alloc && other.task == entry.task && violation.empty())
      violation = fmt::format("task {} of {} ({}) runs twice", entry.task, entry.alloc, entry.job);
  // The order of the pairs of make_job.
  begun.insert({entry.alloc, entry.task});
  if (entry.task == "second" && !begun.contains({entry.alloc, "work"}) && violation.empty())
    violation = fmt::format("the second task of {} ({}) is started first", entry.alloc, entry.job);
  ++started;
  return live.insert(live.end(), std::move(entry));
}

ProgramMain supervisor_program(Ledger& ledger) {
  return [&ledger](Process& process) { return supervise(process, ledger); };
}

}  // namespace caravan::sim
