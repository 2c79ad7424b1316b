// SPDX-License-Identifier: Apache-2.0
// A small cluster, made up, as lines on terminals of two sizes; keys; who is asked next.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "cli/top/layout.hpp"
#include "cli/top/lines.hpp"
#include "cli/top/screen.hpp"
#include "cli/top/use.hpp"
#include "json/reader.hpp"

namespace caravan::cli::top {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t now = 1'795'183'985 * second;

json::Value parsed(const std::string& text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << value.error().message;
  return value ? *value : json::Value();
}

json::Value node(const char* name, const char* status, const char* eligibility = "eligible") {
  return json::Object{
      {"ID", std::string(name) + "-id"},
      {"Name", name},
      {"Datacenter", "dc1"},
      {"Status", status},
      {"SchedulingEligibility", eligibility},
      {"NodeResources", json::Object{{"Cpu", json::Object{{"CpuShares", 4100}}},
                                     {"Memory", json::Object{{"MemoryMB", 8192}}}}},
      {"ReservedResources", json::Object{{"Cpu", json::Object{{"CpuShares", 100}}}}}};
}

json::Value alloc(const char* id, const char* job, const char* node_name, const char* status) {
  const json::Object asked = {{"Cpu", json::Object{{"CpuShares", 500}}},
                              {"Memory", json::Object{{"MemoryMB", 256}}}};
  return json::Object{
      {"ID", id},
      {"Name", std::string(job) + ".g[0]"},
      {"Namespace", "default"},
      {"NodeID", std::string(node_name) + "-id"},
      {"NodeName", node_name},
      {"JobID", job},
      {"TaskGroup", "g"},
      {"DesiredStatus", "run"},
      {"ClientStatus", status},
      {"ModifyTime", now - 75 * second},
      {"AllocatedResources", json::Object{{"Tasks", json::Object{{"t", asked}}}}}};
}

json::Value job(const char* id, const char* type, int queued = 0, const char* status = "running") {
  const json::Object summary = {{"g", json::Object{{"Queued", queued}}}};
  return json::Object{{"ID", id},
                      {"Namespace", "default"},
                      {"Type", type},
                      {"Status", status},
                      {"JobSummary", json::Object{{"Summary", summary}}}};
}

/// Three nodes, of which one is down; four jobs, of which one lacks a copy and one has failed.
Answers answers() {
  Answers out;
  out.leader = "10.0.0.1:4647";
  out.members = parsed(R"({"ServerRegion": "north", "Members": [
    {"Name": "s1.north", "Addr": "10.0.0.1", "Status": "alive", "Tags": {"region": "north", "port": "4647"}},
    {"Name": "s2.north", "Addr": "10.0.0.2", "Status": "failed", "Tags": {"region": "north", "port": "4647"}},
    {"Name": "s1.south", "Addr": "10.9.0.1", "Status": "alive", "Tags": {"region": "south", "port": "4647"}}]})");
  out.nodes = json::Array{node("alder", "ready"), node("birch", "ready", "ineligible"),
                          node("cedar", "down")};
  out.allocs = json::Array{alloc("a1", "web", "alder", "running"),
                           alloc("a2", "web", "birch", "running"),
                           alloc("a3", "shop", "alder", "failed"),
                           alloc("a4", "cache", "alder", "pending")};
  out.jobs = json::Array{job("cache", "service"), job("old", "batch", 0, "dead"),
                         job("shop", "service", 1), job("web", "service")};
  out.deployments = parsed(R"([
    {"Namespace": "default", "JobID": "web", "Status": "failed", "CreateIndex": 5},
    {"Namespace": "default", "JobID": "web", "Status": "successful", "CreateIndex": 9},
    {"Namespace": "default", "JobID": "cache", "Status": "running", "CreateIndex": 7}])");
  out.evals = parsed(R"([{"Namespace": "default", "JobID": "shop", "Status": "blocked"}])");
  return out;
}

UseByAlloc uses() {
  return {{"a1", {.cpu_mhz = 120.0, .memory_bytes = 100.0 * 1024 * 1024}},
          {"a2", {.memory_bytes = 20.0 * 1024 * 1024}}};
}

Picture picture() { return picture_of(answers(), uses(), "", ""); }

std::string shown(const Frame& frame) {
  std::vector<std::string> lines;
  for (const Line& line : frame.lines)
    lines.push_back(line.text);
  return base::join(lines, "\n");
}

std::vector<std::string> names(Table table, Order order, const std::string& filter = "") {
  Sheet sheet = sheet_of(picture(), table, now);
  arrange(sheet, order, filter);
  std::vector<std::string> out;
  for (const SheetRow& row : sheet.rows)
    out.push_back(row.cells[0]);
  return out;
}

using Names = std::vector<std::string>;

TEST(Top, APictureOnAUsualTerminal) {
  const Picture cluster = picture();
  EXPECT_EQ("\n" + shown(frame_of(&cluster, View(), 24, 80, now)), R"(
region north  leader s1.north  servers 1/2 alive  nodes 1/3 ready
allocations 2 running  1 pending  1 failed  evaluations 1 blocked
NODE   STATUS      DC     CPU MHZ            MEMORY           MEM USE  ALLOCS
cedar  down        dc1     0/4000  [     ]    0B/8G  [     ]        -       0
birch  ineligible  dc1   500/4000  [#    ]  256M/8G  [#    ]      20M       1
alder  ready       dc1  1000/4000  [#    ]  512M/8G  [#    ]     100M       1
JOB    TYPE     STATUS   RUN  CPU MHZ     MEMORY  DEPLOYMENT  GROUPS
shop   service  running  0/1        -          -  -           g 0/1
cache  service  running  0/1    -/500     -/256M  running     g 0/1
web    service  running  2/2   -/1000  120M/512M  successful  g 2/2
old    batch    dead     0/0        -          -  -           g 0/0












jobs 1-4 of 4 by trouble   j/a/n  s sort  / filter  p pause  ? help  q quit)");
}

TEST(Top, APictureOnASmallTerminal) {
  const Picture cluster = picture();
  EXPECT_EQ("\n" + shown(frame_of(&cluster, View(), 10, 40, now)), R"(
region north  leader s1.north
servers 1/2 alive  nodes 1/3 ready
allocations 2 running  1 pending
1 failed  evaluations 1 blocked
JOB    STATUS   RUN  DEPLOYMENT
shop   running  0/1  -
cache  running  0/1  running
web    running  2/2  successful
old    dead     0/0  -
jobs 1-4 of 4 by trouble   ? help)");
}

TEST(Top, APictureAsText) {
  EXPECT_EQ("\n" + plain_text(picture(), now), R"(
region north  leader s1.north  servers 1/2 alive  nodes 1/3 ready
allocations 2 running  1 pending  1 failed  evaluations 1 blocked

NODE   STATUS      DC     CPU MHZ            MEMORY           CPU USE  MEM USE  ALLOCS
cedar  down        dc1     0/4000  [     ]    0B/8G  [     ]        -        -       0
birch  ineligible  dc1   500/4000  [#    ]  256M/8G  [#    ]        -      20M       1
alder  ready       dc1  1000/4000  [#    ]  512M/8G  [#    ]      120     100M       1

JOB    TYPE     STATUS   RUN  CPU MHZ     MEMORY  DEPLOYMENT  GROUPS
shop   service  running  0/1        -          -  -           g 0/1
cache  service  running  0/1    -/500     -/256M  running     g 0/1
web    service  running  2/2   -/1000  120M/512M  successful  g 2/2
old    batch    dead     0/0        -          -  -           g 0/0
)");
}

TEST(Top, EverySizeIsKept) {
  const Picture cluster = picture();
  for (const Table table : {Table::jobs, Table::allocs, Table::nodes})
    for (std::size_t rows = 1; rows < 30; ++rows)
      for (std::size_t columns = 1; columns < 130; columns += 3) {
        View view = {.table = table, .failure = "GET \"http://x\": refused\nIs it there?"};
        const Frame frame = frame_of(&cluster, view, rows, columns, now);
        EXPECT_LE(frame.lines.size(), rows);
        for (const Line& line : frame.lines)
          EXPECT_LE(line.text.size(), columns) << line.text;
        view.help = true;
        EXPECT_LE(frame_of(&cluster, view, rows, columns, now).lines.size(), rows);
        EXPECT_LE(frame_of(nullptr, View(), rows, columns, now).lines.size(), rows);
      }
}

TEST(Top, WhatHurtsStandsOnTopUnlessAnotherOrderIsAskedFor) {
  EXPECT_EQ(names(Table::nodes, Order::trouble), (Names{"cedar", "birch", "alder"}));
  EXPECT_EQ(names(Table::jobs, Order::trouble), (Names{"shop", "cache", "web", "old"}));
  EXPECT_EQ(names(Table::jobs, Order::name), (Names{"cache", "old", "shop", "web"}));
  EXPECT_EQ(names(Table::jobs, Order::cpu), (Names{"web", "cache", "old", "shop"}));
  EXPECT_EQ(names(Table::allocs, Order::memory, "WEB.G"), (Names{"web.g[0]", "web.g[0]"}));
  EXPECT_EQ(names(Table::jobs, Order::name, "nothing"), Names());
}

TEST(Top, ASumOfUseWithoutAllItsPartsIsNone) {
  const Picture cluster = picture();
  const JobRow& web = cluster.jobs[3];
  EXPECT_EQ(web.use.memory_bytes, 120.0 * 1024 * 1024);
  EXPECT_EQ(web.use.cpu_mhz, std::nullopt);  // a2's was not measured
  EXPECT_EQ(cluster.nodes[0].use.cpu_mhz, 120.0);
}

TEST(Top, OtherNamespacesCountForTheirNodesOnly) {
  const Picture other = picture_of(answers(), {}, "", "other");
  EXPECT_EQ(other.allocs.size(), 0u);
  EXPECT_EQ(other.allocs_running, 0u);
  EXPECT_EQ(other.nodes[0].running, 1u);
  EXPECT_EQ(picture_of(answers(), {}, "", "*").allocs.size(), 4u);
}

TEST(Top, WhatTheTokenMayNotSeeIsNamed) {
  Answers some = answers();
  some.nodes = {};
  some.refused = {"nodes"};
  const std::string text = plain_text(picture_of(some, {}, "", ""), now);
  EXPECT_NE(text.find("not for this token: nodes"), std::string::npos);
  EXPECT_EQ(text.find("nodes 0/0"), std::string::npos);
}

TEST(Top, KeysAreReadFromTheirSequences) {
  EXPECT_EQ(presses_of("q\x1b[A\x1bOB\x1b[6~\x1b[1;5C\r\x7f"),
            (std::vector<Press>{{Key::text, "q"},
                                {Key::up, ""},
                                {Key::down, ""},
                                {Key::page_down, ""},
                                {Key::enter, ""},
                                {Key::erase, ""}}));
  EXPECT_EQ(presses_of("\x1b"), (std::vector<Press>{{Key::escape, ""}}));
  EXPECT_EQ(presses_of("é"), (std::vector<Press>{{Key::text, "é"}}));
}

TEST(Top, KeysChooseWhatIsShown) {
  View view;
  const auto press = [&](std::string_view bytes) {
    bool goes_on = true;
    for (const Press& each : presses_of(bytes))
      goes_on = follow(view, each);
    return goes_on;
  };
  EXPECT_TRUE(press("as"));
  EXPECT_EQ(view.table, Table::allocs);
  EXPECT_EQ(view.order, Order::cpu);
  EXPECT_TRUE(press("/qé\x7f"));  // in a filter q is a letter
  EXPECT_EQ(view.filter, "q");
  EXPECT_TRUE(press("\r"));
  EXPECT_FALSE(view.typing);
  EXPECT_TRUE(press("\x1b"));
  EXPECT_EQ(view.filter, "");
  view.page = 10;
  EXPECT_TRUE(press("\x1b[6~\x1b[B\x1b[A\x1b[5~\x1b[A"));
  EXPECT_EQ(view.offset, 0u);
  EXPECT_FALSE(press("q"));
  EXPECT_FALSE(press("/\x03"));
}

TEST(Top, ScrollingEndsWithTheLastRow) {
  const Picture cluster = picture();
  const Frame frame = frame_of(&cluster, {.offset = 1000}, 6, 80, now);
  EXPECT_EQ(frame.offset + frame.page, cluster.jobs.size());
}

TEST(Top, TheLastPictureStaysUnderTheReasonWhyItIsOld) {
  const Picture cluster = picture();
  const View view = {.failure = "GET \"http://x\": refused\nIs it there?",
                     .failing_since_ns = now - 12 * second};
  const Frame frame = frame_of(&cluster, view, 24, 80, now);
  EXPECT_NE(frame.lines[0].text.find("(12s ago):  GET \"http://x\": refused"), std::string::npos);
  EXPECT_NE(shown(frame).find("shop"), std::string::npos);
}

TEST(Top, EveryAllocationIsAskedInItsTurn) {
  UseBook book;
  EXPECT_EQ(book.next({"c", "a", "b"}, 2), (Names{"a", "b"}));
  book.note("a", Use{.cpu_mhz = 1});
  book.note("b", Use{.cpu_mhz = 2});
  EXPECT_EQ(book.next({"a", "b", "c"}, 2), (Names{"c", "a"}));
  book.note("a", std::nullopt);
  EXPECT_EQ(book.known().size(), 1u);
  EXPECT_EQ(book.next({"d"}, 2), Names{"d"});
  EXPECT_TRUE(book.known().empty());  // b has ended
}

TEST(Top, OnlyWhatWasMeasuredIsUse) {
  const Use use = use_of(parsed(R"({"ResourceUsage": {
    "MemoryStats": {"RSS": 4096, "Usage": 8192, "Measured": ["RSS"]},
    "CpuStats": {"TotalTicks": 0, "Measured": []}}})"));
  EXPECT_EQ(use, (Use{.memory_bytes = 8192.0}));
}

TEST(Top, NamesCannotWriteOnTheTerminal) {
  EXPECT_EQ(cut("a\x1b[2J\nb", 80), "a?[2J?b");
  EXPECT_EQ(cut("a\xc2\x9b" "2J", 80), "a?2J");
  EXPECT_EQ(cut("größer", 4), "grö~");
}

TEST(Top, SizesHaveFiveCharactersAtMost) {
  for (const auto& [bytes, text] : std::vector<std::pair<double, std::string>>{
           {0, "0B"}, {999, "999B"}, {1000, "1K"}, {1536, "1.5K"}, {10 * 1024, "10K"},
           {1023.0 * 1024 * 1024, "1G"}, {24.0 * 1024 * 1024 * 1024, "24G"}})
    EXPECT_EQ(short_bytes(bytes), text);
}

TEST(Top, ADrawingErasesWhatWasThere) {
  EXPECT_EQ(drawing({{"a"}, {"b", Tone::bad}}, 3, true),
            "\x1b[1;1H\x1b[2Ka\x1b[2;1H\x1b[2K\x1b[31mb\x1b[0m\x1b[3;1H\x1b[J");
  EXPECT_EQ(drawing({{"a", Tone::bad}}, 1, false), "\x1b[1;1H\x1b[2K\x1b[1ma\x1b[0m");
}

}  // namespace
}  // namespace caravan::cli::top
