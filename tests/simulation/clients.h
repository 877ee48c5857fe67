#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "random.h"
#include "shop.h"

namespace purvey::simulation {

/// A batch on its way to the server.
struct Message {
  size_t batch = 0;
};

/// The senders of a shop's events and the network before the server.
///
/// Each source puts its events into batches, sends them when they have happened, and sends a batch
/// again when no answer came or the server was too busy; of the acknowledged ones a fifth again,
/// later. The network loses, doubles and reorders.
class Clients {
 public:
  /// `shop` must outlive it.
  Clients(const std::vector<ShopEvent>& shop, Random random);

  /// Sends what is due.
  void send(int64_t now, Random& random);
  /// When something is due next, if anything ever is.
  std::optional<int64_t> next_sending() const;

  bool has_requests() const { return !requests_.empty(); }
  Message take_request(Random& random);
  /// Of the server: it may get lost.
  void answer(size_t batch, int status, Random& random);
  bool has_answers() const { return !answers_.empty(); }
  /// What is wrong with the answer, if anything is.
  std::optional<std::string> take_answer(Random& random, int64_t now);
  /// The server is gone: requests and answers under way may be, too.
  void lose_connections(Random& random);

  bool is_anything_under_way() const { return has_requests() || has_answers(); }
  bool are_done() const;

  std::string body(size_t batch) const;
  const std::vector<const ShopEvent*>& events(size_t batch) const { return batches_[batch].events; }

 private:
  struct Batch {
    std::vector<const ShopEvent*> events;
    bool has_good = false;  ///< an event that is not rejected
    int64_t due = 0;
    bool is_answered = false;
    bool is_to_be_repeated = false;
  };
  struct Answer {
    size_t batch;
    int status;
  };

  std::vector<Batch> batches_;
  std::vector<Message> requests_;
  std::vector<Answer> answers_;
};

}  // namespace purvey::simulation
