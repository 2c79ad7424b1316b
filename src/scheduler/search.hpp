// SPDX-License-Identifier: Apache-2.0
// The feasible nodes of one group, the best one first, while copies of it are placed one after the
// other. Exact: the best of all nodes is found, each time.
//
// A node's score has parts of its own (how full it is, copies on it, affinity), which change only
// when something changes on the node, and a part that it shares with all nodes in the same place
// (spread). So nodes stand in lists, one for each place and number of own parts, each a heap by the
// sum of the own parts: within a list the best stays the best whatever the spread says, and the
// best of all is the best of the lists' first ones. A list holds only as many nodes as there are
// copies to be placed there, and remembers the best that it left out; so k copies on n nodes cost
// O(n + k · (log k + lists)).
//
// Equal scores are ordered by a draw from the evaluation, so that equal nodes share the load.
#pragma once

#include "scheduler/feasible.hpp"
#include "scheduler/score.hpp"
#include "scheduler/spread.hpp"

namespace caravan::scheduler {

class Search {
 public:
  struct Found {
    Row row;
    double score;
    model::PlacementScore parts;
  };

  /// References outlive it. `salt` draws the order of equals.
  Search(Fleet& fleet, const Copies& copies, const model::Job& job, const model::TaskGroup& group,
         Algorithm algorithm, std::uint64_t salt);

  /// The best node for one more copy, if any has room. `avoid`: nodes that count as worse this
  /// time. `expected`: about so many more will be asked for.
  std::optional<Found> best(const std::vector<Row>& avoid, std::size_t expected);
  /// What that node would score; nothing when it will not do.
  std::optional<Found> look_at(Row row);
  /// Whether that node would do if there were room on it.
  bool could_serve(Row row);
  /// What it would score with `freed` more to give, which makes room; `preemption` is the score of
  /// what ends for it. Precondition: could_serve().
  Found with_freed(Row row, const model::Footprint& freed, double preemption, bool avoided) const;
  /// Which of two wins; equals are ordered by the draw.
  bool is_better(const Found& a, const Found& b) const {
    return a.score != b.score ? a.score > b.score : tie_of(a.row) > tie_of(b.row);
  }
  /// The node turned out not to do (its ports), until something changes on it.
  void reject(Row row, std::string dimension);
  /// Something was placed there, or stopped.
  void changed(Row row);

  Feasibility& feasibility() { return feasibility_; }
  const model::Footprint& need() const { return need_; }
  const model::TaskGroup& group() const { return group_; }
  /// What is shared by all copies: the nodes that were looked at, filtered, full, and the best of
  /// those that remained; without those best when 0 are expected.
  std::shared_ptr<const model::AllocMetric> metrics(std::size_t expected);
  /// The same as it stands now, when nothing was found: every node with its reason, or one.
  model::AllocMetric why_not();
  model::AllocMetric why_not(Row row);

 private:
  struct Own {  // a node's own parts
    double fit = 0, anti_affinity = 0, affinity = 0, preemption = 0, devices = 0;
    int parts = 1;
    double sum() const { return fit + anti_affinity + affinity + preemption + devices; }
  };
  struct Entry {
    double sum;
    std::uint64_t tie;
    Row row;
    std::uint32_t version;  // of the row when it was entered
    bool operator<(const Entry& other) const {
      return sum != other.sum ? sum < other.sum : tie < other.tie;
    }
  };
  struct List {
    std::vector<Entry> heap;
    std::optional<Entry> left_out;  // the best that was
    std::uint32_t head = no_head;   // where its head stands
  };
  static constexpr std::uint32_t no_head = ~std::uint32_t(0);
  /// The first of a list that has any, with what is asked of it again and again.
  struct Head {
    Entry top;
    std::uint32_t list;
    std::uint32_t place;
    int parts;
  };

  bool fits(const Seat& seat) const;
  bool is_candidate(Row row);
  bool is_distinct(Row row) const;
  Own own(Row row) const;
  void add_devices(Row row, Own& own) const;
  std::uint32_t place_of(Row row) const;
  std::uint64_t tie_of(Row row) const;
  Found found(Row row, const Own& parts, bool avoided) const;
  void find_places();
  void update_places();
  void fill(std::size_t wanted);
  void enter(Row row);
  void offer(List& list, Row row, double sum, std::size_t wanted);
  void add_head(std::uint32_t number);
  bool settle(Head& head, const std::vector<Row>& avoid, std::vector<Row>& aside);
  bool find_best(const std::vector<Row>& avoid, std::vector<Row>& aside, std::optional<Row>& best);
  bool has_room(Row row);
  int affinity(Row row) const;

  void add_affinities(const std::vector<model::Affinity>& affinities);
  int full_dimension(const Seat& seat) const;
  void note_full(Row row);
  model::AllocMetric filtered();
  void add_full(model::AllocMetric& metric);
  void note_node(model::AllocMetric& metric, Row row);
  std::string distinct_reason(Row row) const;

  Fleet& fleet_;
  const Copies& copies_;
  const model::Job& job_;
  const model::TaskGroup& group_;
  const std::uint64_t salt_;
  const Algorithm algorithm_;
  const model::Footprint need_;
  Feasibility feasibility_;

  // Ten to the share that one copy takes of a node, for each size of node.
  struct Shrink {
    double cpu, memory;
  };
  std::vector<Shrink> shrink_;  // by size
  struct AffinityRule {
    const model::Affinity* affinity;
    const Column* column = nullptr;  // null: each node has to be asked
    std::vector<bool> matching;      // by value
  };
  std::vector<AffinityRule> affinities_;
  int affinity_weights_ = 0;
  const DeviceChoice* devices_ = nullptr;  // null: none have affinities
  std::uint32_t parts_max_ = 3;            // own parts of a node, preemption apart
  std::vector<SpreadScale> spreads_;
  struct Limit {
    const Tally* tally;
    int most;
  };
  std::vector<Limit> limits_;  // distinct_property
  bool distinct_in_job_ = false, distinct_in_group_ = false;

  // Places: nodes that agree in everything that spreads and limits look at.
  bool places_by_row_ = false;
  std::vector<std::uint32_t> place_;  // by row or by kind
  struct Place {
    std::uint32_t member = 0;  // one of its rows or kinds
    double spread = 0;
    bool open = true;  // no limit is reached
  };
  std::vector<Place> places_;
  std::uint64_t places_seen_ = ~std::uint64_t(0);  // the copies' changes when they were updated

  const std::vector<int>& copies_here_;  // of the group, by row
  bool filled_ = false;
  std::size_t capacity_ = 0;             // of each list
  std::vector<List> lists_;              // place * parts_max_ + parts - 1
  std::vector<Head> heads_;              // of the lists that have entries, in no order
  std::vector<std::uint32_t> versions_;  // by row
  std::map<Row, std::string> rejected_;
  std::vector<std::uint32_t> full_[4];  // nodes without room at first, by kind: see full_dimension
  std::shared_ptr<const model::AllocMetric> metrics_;
};

}  // namespace caravan::scheduler
