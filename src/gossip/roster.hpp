// SPDX-License-Identifier: Apache-2.0
// The others, as one member believes them to be: a compact table, since ten thousand members each
// hold ten thousand rows. And the round in which they are probed: everybody once, in an order drawn
// anew each time, so that the time until a dead one is noticed is bounded. (SWIM, section 4.3.)
#pragma once

#include <functional>
#include <vector>

#include "base/time.hpp"
#include "gossip/claim.hpp"
#include "gossip/draw.hpp"

namespace caravan::gossip {

struct Row {
  CardPtr card;
  std::uint64_t incarnation = 0;
  base::Duration heard{
      0};  // by the core's time: when it last spoke to us, or others of it as alive
  base::Duration changed{0};  // since then it has this status
  Status status = Status::alive;

  bool takes_part() const { return status == Status::alive || status == Status::suspect; }
};

class Roster {
 public:
  /// Null when it is not known. Valid until the next add() or forget().
  Row* find(MemberId id);
  const Row* find(MemberId id) const;
  /// Precondition: it is not known. It may be any one's turn, so that many who come at once are not
  /// probed in step.
  Row& add(Row row, Draw& draw);
  /// So many will be known soon.
  void expect(std::size_t members);
  const std::vector<Row>& rows() const { return rows_; }
  std::size_t size() const { return rows_.size(); }
  /// Of those that take part, keep up to date by whoever changes a status.
  std::size_t taking_part = 0;

  /// The next to be probed among those that take part; null when there is none.
  Row* next_in_round(Draw& draw);
  /// Up to `count` different ones for which `fits` holds. Looks at each row at most once, and gives
  /// up early in a large table in which few fit.
  std::vector<const Row*> pick(std::size_t count, Draw& draw,
                               const std::function<bool(const Row&)>& fits) const;
  void forget(const std::function<bool(const Row&)>& gone);

 private:
  std::vector<Row> rows_;
  std::vector<std::pair<MemberId, std::uint32_t>> index_;  // by id: where in rows_
  std::vector<std::uint32_t> round_;                       // of rows_
  std::size_t turn_ = 0;
};

}  // namespace caravan::gossip
